//! What chance explains of a difference between two models, by approximate randomisation (Yeh, "More accurate tests
//! for the statistical significance of result differences", COLING 2000).
//!
//! Were the models equally good, it would not matter which of them read which article. So the two readings of each
//! article are exchanged, or not, by a fixed sequence of bits, a thousand times over. The margin of a figure is the
//! difference that only two of a hundred such exchanges exceed, one on each side. This rather than the bootstrap,
//! because it stays honest where few articles differ: with fewer than seven nothing is called a difference.

use super::counts::Counts;

/// How often the readings are exchanged.
const ROUNDS: usize = 1_000;
/// How many of the rounds may exceed the margin.
const BEYOND: usize = ROUNDS / 50;
/// Where the sequence of bits starts; fixed, so that a comparison gives the same answer every time.
const SEED: u64 = 0x5EED;

/// What the baseline and the model found, in one article or in many.
pub(super) type Readings = [Counts; 2];

/// The sums over all articles, as they are and as they are when readings are exchanged.
pub(super) struct Exchanges {
    pub(super) real: Readings,
    exchanged: Vec<Readings>,
}

impl Exchanges {
    pub(super) fn of(articles: &[&Readings]) -> Self {
        let mut bits = Bits(SEED);
        let exchanged = (0..ROUNDS).map(|_| sum(articles, || bits.next())).collect();
        Self { real: sum(articles, || false), exchanged }
    }

    /// The largest difference that may be chance.
    pub(super) fn margin(&self, difference: impl Fn(&Readings) -> f64) -> f64 {
        let mut by_chance: Vec<f64> = self.exchanged.iter().map(|round| difference(round).abs()).collect();
        by_chance.sort_by(f64::total_cmp);
        by_chance[ROUNDS - 1 - BEYOND]
    }
}

/// The counts of all articles, those of a pair exchanged where `exchange` says so.
fn sum(articles: &[&Readings], mut exchange: impl FnMut() -> bool) -> Readings {
    let mut sums = Readings::default();
    for readings in articles {
        let first = usize::from(exchange());
        sums[0] += &readings[first];
        sums[1] += &readings[1 - first];
    }
    sums
}

/// A fixed sequence of bits that looks like chance: `SplitMix64` (Steele, Lea and Flood, OOPSLA 2014).
struct Bits(u64);

impl Bits {
    fn next(&mut self) -> bool {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) >> 63 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::made_up::article;
    use super::*;

    /// Recall of the model less that of the baseline.
    fn difference([baseline, model]: &Readings) -> f64 {
        model.rows.recall() - baseline.rows.recall()
    }

    #[test]
    fn the_margin_of_many_articles_is_that_of_a_fair_coin() {
        // In each of 100 articles one model finds the only row and the other does not. The difference of recall is
        // then that of 100 coins, (heads - tails) / 100, with a standard deviation of 0.1; 98 of 100 are within 2.33.
        let one = [Counts::of(&article(1, &[]), 0.5), Counts::of(&article(1, &[(0, 0.9)]), 0.5)];
        let exchanges = Exchanges::of(&vec![&one; 100]);
        let margin = exchanges.margin(difference);
        assert!((0.20..=0.26).contains(&margin), "{margin}");
        assert!((difference(&exchanges.real) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn bits_are_even_and_do_not_hang_on_the_one_before() {
        let mut bits = Bits(SEED);
        let drawn: Vec<bool> = (0..10_000).map(|_| bits.next()).collect();
        let ones = drawn.iter().filter(|bit| **bit).count();
        let alike = drawn.windows(2).filter(|pair| pair[0] == pair[1]).count();
        for count in [ones, alike] {
            assert!((4_850..5_150).contains(&count), "{ones} ones, {alike} like the one before");
        }
    }
}
