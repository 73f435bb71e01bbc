//! Words, numbers and punctuation marks, with byte offsets.

use crate::stance::Span;

/// What a token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Letters, with digits, inner apostrophes ("didn't") or abbreviation points ("U.S.").
    Word,
    /// Digits with separators ("1,500", "2.5").
    Number,
    /// A possessive ending: `'s`, `’s`, or the apostrophe after a plural.
    Possessive,
    /// One character that is neither.
    Punctuation,
}

/// One token.
#[derive(Debug, Clone, Copy)]
pub struct Token {
    /// Where it stands in the text.
    pub span: Span,
    /// Where its lower-cased form stands among those of the document.
    pub(super) lower: Span,
    /// What it is made of.
    pub kind: TokenKind,
    /// Whether it starts with an upper-case letter.
    pub capitalised: bool,
}

/// Splits `text` into tokens. With them comes the text that their lower-cased forms stand in: first all of it with ASCII
/// letters made small, in which most tokens have the place they have in the text; then those of the others.
pub(super) fn tokenize(text: &str) -> (Vec<Token>, String) {
    let mut lower = String::with_capacity(text.len() + text.len() / 8);
    lower.push_str(text);
    lower.make_ascii_lowercase();
    let mut tokens = Vec::with_capacity(text.len() / 5);
    let mut at = 0;
    loop {
        at += text.as_bytes()[at..].iter().take_while(|&&byte| byte == b' ').count();
        if let Some(length) = plain_word(&text.as_bytes()[at..]) {
            let span = Span::new(at, at + length);
            let capitalised = text.as_bytes()[at].is_ascii_uppercase();
            tokens.push(Token { span, lower: span, kind: TokenKind::Word, capitalised });
            at += length;
            continue;
        }
        let Some(first) = text[at..].chars().next() else { break };
        if first.is_whitespace() || first.is_control() {
            at += first.len_utf8();
            continue;
        }
        let (length, kind) = next_token(text, at, first, tokens.last());
        tokens.push(make_token(text, at, length, kind, &mut lower));
        at += length;
    }
    (tokens, lower)
}

/// By byte: whether it is an ASCII letter or digit.
const IS_ALPHANUMERIC: [bool; 256] = {
    let mut is_alphanumeric = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        is_alphanumeric[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    is_alphanumeric
};

/// The length of a word of ASCII letters and digits, if nothing follows that might belong to it: what most tokens are, told
/// in a look at each byte.
fn plain_word(rest: &[u8]) -> Option<usize> {
    let length = rest.iter().take_while(|&&byte| IS_ALPHANUMERIC[usize::from(byte)]).count();
    let stops = match rest.get(length) {
        Some(&byte) => byte.is_ascii() && byte != b'\'' && (byte != b'.' || length > 1),
        None => true,
    };
    (stops && rest.first()?.is_ascii_alphabetic()).then_some(length)
}

fn make_token(text: &str, at: usize, length: usize, kind: TokenKind, lower: &mut String) -> Token {
    let span = Span::new(at, at + length);
    let surface = &text[span.range()];
    let lower = if surface.is_ascii() {
        span
    } else {
        let start = lower.len();
        lower.extend(surface.chars().flat_map(char::to_lowercase).map(straight_apostrophe));
        Span::new(start, lower.len())
    };
    Token { span, lower, kind, capitalised: surface.chars().next().is_some_and(char::is_uppercase) }
}

fn straight_apostrophe(character: char) -> char {
    if character == '’' { '\'' } else { character }
}

fn next_token(text: &str, at: usize, first: char, before: Option<&Token>) -> (usize, TokenKind) {
    let rest = &text[at..];
    if is_apostrophe(first)
        && let Some(length) = possessive(text, at, before)
    {
        return (length, TokenKind::Possessive);
    }
    if first.is_alphabetic() || is_mark(first) {
        return (word(rest), TokenKind::Word);
    }
    if first.is_numeric() {
        return (number(rest), TokenKind::Number);
    }
    (first.len_utf8(), TokenKind::Punctuation)
}

fn is_apostrophe(character: char) -> bool {
    matches!(character, '\'' | '’')
}

/// Combining marks continue a word: Latin diacritics, and the marks of Indic and Arabic scripts are alphabetic already.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}')
}

fn is_word_character(character: char) -> bool {
    character.is_alphanumeric() || is_mark(character)
}

/// The length of a possessive ending at `at`, glued to the word before it; a bare apostrophe only after an "s", for after
/// other letters it closes a quotation.
fn possessive(text: &str, at: usize, before: Option<&Token>) -> Option<usize> {
    let before = before.filter(|token| token.kind == TokenKind::Word && token.span.end as usize == at)?;
    let mut characters = text[at..].chars();
    let apostrophe = characters.next()?.len_utf8();
    match characters.next() {
        Some('s' | 'S') if !characters.next().is_some_and(is_word_character) => Some(apostrophe + 1),
        Some(next) if is_word_character(next) => None,
        _ if before.span.end > before.span.start + 1 && text[..at].ends_with(['s', 'S']) => Some(apostrophe),
        _ => None,
    }
}

fn word(rest: &str) -> usize {
    if let Some(length) = abbreviation(rest) {
        return length;
    }
    let mut characters = rest.char_indices().peekable();
    let mut end = 0;
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|&(_, next)| next);
        let inner_apostrophe = is_apostrophe(character)
            && next.is_some_and(char::is_alphabetic)
            && !ends_as_possessive(&rest[at + character.len_utf8()..]);
        if !is_word_character(character) && !inner_apostrophe {
            break;
        }
        end = at + character.len_utf8();
    }
    end
}

fn ends_as_possessive(after_apostrophe: &str) -> bool {
    let mut characters = after_apostrophe.chars();
    matches!(characters.next(), Some('s' | 'S')) && !characters.next().is_some_and(is_word_character)
}

/// "U.S.", "U.N.", "D.P.R.K.": single letters, each followed by a point, at least two.
fn abbreviation(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut end = 0;
    while end + 1 < bytes.len() && bytes[end].is_ascii_alphabetic() && bytes[end + 1] == b'.' {
        end += 2;
    }
    let glued = rest[end..].chars().next().is_some_and(is_word_character);
    match (end, glued) {
        (0 | 2, _) => None,
        // "U.S.A" or "U.Syria": the last letter belongs to it only if it stands alone.
        (_, true) => {
            let mut after = rest[end..].chars();
            let last = after.next()?;
            (!after.next().is_some_and(is_word_character)).then_some(end + last.len_utf8())
        }
        _ => Some(end),
    }
}

fn number(rest: &str) -> usize {
    let mut characters = rest.char_indices().peekable();
    let mut end = 0;
    while let Some((at, character)) = characters.next() {
        let separator = matches!(character, '.' | ',') && characters.peek().is_some_and(|&(_, next)| next.is_numeric());
        if !is_word_character(character) && !separator {
            break;
        }
        end = at + character.len_utf8();
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        tokenize(text).0.iter().map(|token| &text[token.span.range()]).collect()
    }

    #[test]
    fn splits_words() {
        let cases: &[(&str, &str, &[&str])] = &[
            ("possessive", "China’s ministers' vote", &["China", "’s", "ministers", "'", "vote"]),
            ("contraction", "didn't we’ll", &["didn't", "we’ll"]),
            ("abbreviation", "The U.S. and U.S.A said", &["The", "U.S.", "and", "U.S.A", "said"]),
            ("abbreviated possessive", "U.S.'s", &["U.S.", "'s"]),
            ("hyphen", "U.S.-backed", &["U.S.", "-", "backed"]),
            ("number", "1,500.5 men, 20th", &["1,500.5", "men", ",", "20th"]),
            ("accents", "l’Élysée Côte", &["l’Élysée", "Côte"]),
            ("quotes", "“No,” he", &["“", "No", ",", "”", "he"]),
            ("nul", "a\0b", &["a", "b"]),
        ];
        for (name, text, want) in cases {
            assert_eq!(split(text), *want, "{name}");
        }
    }
}
