//! Whether a text is in a language that is read. Refuses only what is surely not English: a refusal of
//! English text costs an answer, reading another language costs nothing but an empty one.

use whatlang::{Lang, Script};

use super::error::Error;
use super::request::quoted;

/// As much of a text as is looked at; a language shows in less.
const LOOKED_AT: usize = 6_000;
/// Fewest letters on which another script is believed; a sentence of Chinese has not many more.
const FOREIGN_LETTERS: usize = 10;
/// Fewest letters, in all and in lower-case words, on which another language in Latin script is believed.
const LATIN_LETTERS: usize = 100;
/// The same, in words that begin in lower case: names say nothing of the language around them.
const PLAIN_LETTERS: usize = 60;
/// From this share of English function words on, a text is English whatever else is in it.
const ENGLISH_SHARE: f64 = 0.08;

/// Words that English uses much and no other language in Latin script does: not "on" (French), "at" (Danish),
/// "is" (Dutch) or "was" (German).
const ENGLISH: &[&str] = &[
    "the", "of", "and", "to", "that", "with", "said", "from", "which", "this", "would", "been", "their", "were", "are",
    "but", "they", "who", "after", "against", "between", "have", "its", "she", "him", "has", "not", "over",
];

/// Whether `code` is well formed as a BCP 47 tag.
pub(super) fn is_tag(code: &str) -> bool {
    let subtag = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let primary = code.split('-').next().unwrap_or_default();
    let alphabetic = primary.len() >= 2 && primary.bytes().all(|byte| byte.is_ascii_alphabetic());
    code.len() <= 64 && alphabetic && code.split('-').all(subtag)
}

/// Refuses what is not English: by the code if there is one, else by looking at the text.
pub(super) fn check(code: &str, text: &str) -> Result<(), Error> {
    if code.is_empty() {
        return match recognise(text) {
            Some((language, name)) => Err(Error::LanguageUnsupported { language, name }),
            None => Ok(()),
        };
    }
    let primary = code.split('-').next().unwrap_or_default();
    if primary.eq_ignore_ascii_case("en") || primary.eq_ignore_ascii_case("eng") {
        return Ok(());
    }
    Err(Error::LanguageUnsupported { language: quoted(code), name: format!("marked \"{}\"", quoted(code)) })
}

/// Code and name of the language, if it is surely not English.
fn recognise(text: &str) -> Option<(String, String)> {
    let text = &text[..text.floor_char_boundary(LOOKED_AT)];
    let script = whatlang::detect_script(text)?;
    if script == Script::Latin { recognise_latin(text) } else { recognise_script(text, script) }
}

fn recognise_script(text: &str, script: Script) -> Option<(String, String)> {
    let letters = text.chars().filter(|character| character.is_alphabetic());
    let (latin, foreign): (Vec<char>, Vec<char>) = letters.partition(|&character| is_latin(character));
    if foreign.len() < FOREIGN_LETTERS || foreign.len() < latin.len() {
        return None;
    }
    let language = whatlang::detect(text).map(|info| named(info.lang()));
    Some(language.unwrap_or_else(|| (String::new(), format!("in {} script", script.name()))))
}

fn recognise_latin(text: &str) -> Option<(String, String)> {
    let words = || text.split(|character: char| !character.is_alphanumeric() && character != '\'' && character != '’');
    let plain: Vec<&str> = words().filter(|word| word.starts_with(char::is_lowercase)).collect();
    let letters: usize = plain.iter().map(|word| word.chars().count()).sum();
    let all = text.chars().filter(|character| character.is_alphabetic()).count();
    if all < LATIN_LETTERS || letters < PLAIN_LETTERS {
        return None;
    }
    let english = plain.iter().filter(|word| ENGLISH.contains(word)).count();
    if english as f64 >= ENGLISH_SHARE * plain.len() as f64 {
        return None;
    }
    let info = whatlang::detect(&plain.join(" "))?;
    (info.is_reliable() && info.lang() != Lang::Eng).then(|| named(info.lang()))
}

fn named(language: Lang) -> (String, String) {
    (language.code().to_owned(), language.eng_name().to_owned())
}

/// Latin letters, with and without accents.
fn is_latin(character: char) -> bool {
    matches!(character, 'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_surely_not_english() {
        let table = [
            ("cmn", "中国外交部长王毅表示，中国支持和平谈判。"),
            ("rus", "Россия осудила новые санкции."),
            ("ara", "أدانت وزارة الخارجية العقوبات الجديدة"),
            ("jpn", "日本政府はロシアの行動を強く非難した。"),
            ("kor", "한국 정부는 북한의 미사일 발사를 규탄했다."),
            (
                "fra",
                "La Chine a condamné mardi les sanctions américaines contre la Russie. Le ministère des Affaires \
                     étrangères a appelé toutes les parties à la retenue.",
            ),
            (
                "spa",
                "El gobierno de México condenó el martes las sanciones contra Venezuela. El ministro de Relaciones \
                     Exteriores pidió a todas las partes que vuelvan a la mesa de negociaciones.",
            ),
            (
                "deu",
                "Die Bundesregierung hat den Angriff auf die Ukraine scharf verurteilt. Der Außenminister forderte \
                     alle Seiten auf, zu den Verhandlungen zurückzukehren.",
            ),
        ];
        for (code, text) in table {
            assert_eq!(recognise(text).map(|(code, _)| code).as_deref(), Some(code), "{text}");
        }
    }

    #[test]
    fn never_refuses_english() {
        let names = "Albania Algeria Andorra Angola Argentina Armenia Austria Azerbaijan Bahamas Bahrain ".repeat(100);
        let mixed = "The ministry said that 中国外交部 (the foreign ministry of China) rejected the report.";
        let officials = "Emmanuel Macron, Olaf Scholz, Giorgia Meloni, Pedro Sánchez, Ursula von der Leyen, Recep Tayyip \
                         Erdoğan, Mahmoud Abbas, Luiz Inácio Lula da Silva, Nicolás Maduro, Andrés Manuel López Obrador \
                         met in Rio de Janeiro.";
        let telegraphic = "sanctions widened; talks stalled; ambassador expelled; embassy closed; troops massed near border; \
                           markets fell; oil rose; analysts warned; leaders silent; borders shut; flights cancelled";
        let quoting = "France's president said “La France condamne avec la plus grande fermeté cette attaque contre un pays \
                       souverain et appelle toutes les parties à la retenue” in Paris, and the chancellor agreed with him.";
        for text in [&names, mixed, officials, telegraphic, quoting, "China backs Russia.", "", "UN", "😀", "Москва!"]
        {
            assert_eq!(recognise(text), None, "{text}");
        }
    }

    #[test]
    fn tags() {
        for (tag, want) in [("en", true), ("en-GB-oxendict", true), ("EN", true), ("fr", true), ("zh-Hant-TW", true)] {
            assert_eq!(is_tag(tag), want, "{tag}");
        }
        for tag in ["", "e", "en_US", "en US", "en-", "-en", "anglaise!", "en-toolongsubtag", "é", "12"] {
            assert!(!is_tag(tag), "{tag}");
        }
    }
}
