//! Callers' bearer tokens: a file of names and hashes, never of tokens.
//!
//! A token is 32 random bytes, so a plain SHA-256 is enough: there is nothing to guess, and no salt or slow hash
//! would add to it. Knows no call.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use super::reload::{FileError, FromFiles, Reloads};

/// Random bytes of a new token.
const TOKEN_BYTES: usize = 32;
/// Most characters of a name.
const MAX_NAME: usize = 64;

/// Who may call.
#[derive(Debug)]
pub struct Tokens(Vec<(String, [u8; 32])>);

/// Reads the file of tokens; it is read again when it changes.
///
/// # Errors
/// [`FileError`] if it cannot be read, a line is not as it should be, or there is no line.
pub fn open_tokens(path: &Path) -> Result<FromFiles<Tokens>, FileError> {
    let path: PathBuf = path.to_owned();
    FromFiles::open(Reloads::Tokens, vec![path.clone()], move |contents| {
        Tokens::parse(&contents[0]).map_err(|reason| FileError::new(&path, reason))
    })
}

/// A new token, and the line of the file that lets it in. The token is shown once and kept nowhere.
///
/// # Errors
/// The system's if it gives no random bytes, or a name that is not allowed.
pub fn issue_token(name: &str) -> Result<(String, String), String> {
    if !is_name(name) {
        return Err(format!("{name:?} is no name: {NAME_RULE}"));
    }
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| format!("the system gives no random bytes: {error}"))?;
    let token = hex(&bytes);
    let line = format!("{name} {}", hex(&Sha256::digest(token.as_bytes())));
    Ok((token, line))
}

const NAME_RULE: &str = "1 to 64 letters, digits, '-', '_' or '.'";

fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=MAX_NAME).contains(&name.len()) && name.chars().all(allowed)
}

impl Tokens {
    /// One token a line: its name, a space, the SHA-256 in hexadecimal. Lines that begin with `#` are comments.
    fn parse(content: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(content).map_err(|_| "is not UTF-8")?;
        let mut tokens = vec![];
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            // The line is not shown: somebody may have put the token itself there.
            let wrong = || format!("line {number}: must be a name ({NAME_RULE}) and 64 hexadecimal digits");
            let (name, hash) = line.split_once(char::is_whitespace).ok_or_else(wrong)?;
            let hash = unhex(hash.trim()).filter(|_| is_name(name)).ok_or_else(wrong)?;
            tokens.push((name.to_owned(), hash));
        }
        if tokens.is_empty() { Err("has no token; nobody could call".to_owned()) } else { Ok(Self(tokens)) }
    }

    /// The name that a token belongs to. Takes the same time for every token that is handed in.
    pub(super) fn caller(&self, token: &str) -> Option<&str> {
        let hash = Sha256::digest(token.as_bytes());
        let (mut found, mut at) = (Choice::from(0), 0_u64);
        for (index, (_, known)) in (0_u64..).zip(&self.0) {
            let same = hash.as_slice().ct_eq(known);
            at.conditional_assign(&index, same);
            found |= same;
        }
        let (name, _) = self.0.get(usize::try_from(at).ok()?)?;
        bool::from(found).then_some(name)
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 2 * bytes.len() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_callers() {
        let (first, one) = issue_token("press-desk").unwrap();
        let (second, two) = issue_token("archive").unwrap();
        let tokens = Tokens::parse(format!("# who may call\n\n{one}\n  {two}  \r\n").as_bytes()).unwrap();
        assert_eq!(tokens.caller(&first), Some("press-desk"));
        assert_eq!(tokens.caller(&second), Some("archive"));
        for stranger in ["", "x", &first[1..], &second.to_uppercase()] {
            assert_eq!(tokens.caller(stranger), None, "{stranger:?}");
        }
        assert!(!one.contains(&first), "the file would hold the token itself");
    }

    #[test]
    fn tells_the_line_that_is_wrong_without_showing_it() {
        let hash = "0".repeat(64);
        let table = [
            ("", "has no token"),
            ("# only a comment\n", "has no token"),
            ("secret-token-itself\n", "line 1: must be"),
            (&format!("ok {hash}\nshort {}", &hash[1..]), "line 2: must be"),
            (&format!("a/b {hash}"), "line 1: must be"),
            (&format!("ok {}g", &hash[1..]), "line 1: must be"),
        ];
        for (content, want) in table {
            let told = Tokens::parse(content.as_bytes()).expect_err(content);
            assert!(told.contains(want) && !told.contains("secret"), "{content:?}: {told}");
        }
    }
}
