//! A request of the contract into what the pipeline takes, or every reason why not, together.
//!
//! Knows no socket; the command line validates by the same code.

use jiff::civil::Date;
use prost::Message;

use crate::classify::Request;
use crate::party::Registry;
use crate::proto::{self, Article, BatchClassifyRequest, ClassifyRequest, party::Id};
use crate::stance::{PartyCode, Target};
use crate::text::OffsetEncoding;

use super::error::{Error, Violation};
use super::language;

/// Most code points of `article.text`.
pub const MAX_TEXT: usize = 200_000;
/// Most code points of `article.title`, `article.uri` and `issue`.
pub const MAX_LINE: usize = 2_000;
/// Most requests of a batch.
pub const MAX_BATCH: usize = 256;
/// Most bytes of a batch as it travels: below what the decoder takes, so that a larger one meets our own error.
pub const MAX_BATCH_BYTES: usize = 3 << 20;
/// Most code points of the id of a message of a stream.
pub const MAX_ID: usize = 256;
/// Most `holders`.
pub const MAX_HOLDERS: usize = 300;

/// Most violations that are reported: details travel in HTTP/2 headers, which clients bound to 8 kB.
const MAX_VIOLATIONS: usize = 16;
/// Years of `article.publish_date`.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2100;

/// A request that was checked.
#[derive(Debug)]
pub struct Valid<'a> {
    /// What the pipeline is asked.
    pub request: Request<'a>,
    /// The unit of every offset in the answer.
    pub encoding: OffsetEncoding,
}

/// Checks a request.
///
/// # Errors
/// [`Error::Invalid`] with all bad fields; only if there is none, [`Error::LanguageUnsupported`].
pub fn validate<'a>(registry: &Registry, request: &'a ClassifyRequest) -> Result<Valid<'a>, Error> {
    let mut check = Check { registry, violations: vec![] };
    let mut valid = Request::default();
    match &request.article {
        Some(article) => check.article(article, &mut valid),
        None => check.refuse("article", "REQUIRED", "is required"),
    }
    check.line("issue", &request.issue);
    valid.issue = (!request.issue.trim().is_empty()).then_some(request.issue.as_str());
    valid.target = request.target.as_ref().and_then(|target| check.party("target", target)).map(Target::Party);
    valid.holders = check.holders(&request.holders);
    valid.min_confidence = check.confidence(request.min_confidence);
    valid.include_uncounted = request.include_uncounted;
    valid.explain = request.explain;
    let encoding = check.encoding(request.offset_encoding);
    if !check.violations.is_empty() {
        return Err(Error::Invalid(check.violations));
    }
    let code = request.article.as_ref().map_or("", |article| &article.language_code);
    language::check(code, valid.text)?;
    Ok(Valid { request: valid, encoding })
}

/// Checks a batch as a whole; each of its requests is checked and answered by itself.
pub(super) fn validate_batch(batch: &BatchClassifyRequest) -> Result<(), Error> {
    let (count, bytes) = (batch.requests.len(), batch.encoded_len());
    let (reason, description) = if count == 0 {
        ("REQUIRED", format!("must hold 1 to {MAX_BATCH} requests"))
    } else if count > MAX_BATCH {
        ("TOO_MANY", format!("has {count} entries, the limit is {MAX_BATCH}"))
    } else if bytes > MAX_BATCH_BYTES {
        ("TOO_LARGE", format!("has {bytes} bytes in all, the limit is {MAX_BATCH_BYTES}"))
    } else {
        return Ok(());
    };
    Err(Error::Invalid(vec![Violation { field: "requests".to_owned(), reason, description }]))
}

/// A value of the caller's as it may be shown: short, and without control characters.
pub(super) fn quoted(value: &str) -> String {
    const SHOWN: usize = 32;
    let mut escaped = value.chars().flat_map(char::escape_debug);
    let shown: String = escaped.by_ref().take(SHOWN).collect();
    if escaped.next().is_some() { shown + "..." } else { shown }
}

/// The checks of one request and what they found.
struct Check<'r> {
    registry: &'r Registry,
    violations: Vec<Violation>,
}

impl Check<'_> {
    fn refuse(&mut self, field: &str, reason: &'static str, description: impl Into<String>) {
        if self.violations.len() < MAX_VIOLATIONS {
            self.violations.push(Violation { field: field.to_owned(), reason, description: description.into() });
        }
    }

    fn article<'a>(&mut self, article: &'a Article, valid: &mut Request<'a>) {
        self.line("article.title", &article.title);
        self.text(&article.text);
        valid.date = self.date(&article.publish_date);
        if !article.language_code.is_empty() && !language::is_tag(&article.language_code) {
            let code = quoted(&article.language_code);
            let wanted = format!("must be a BCP 47 tag such as \"en\" or \"en-US\", not \"{code}\"");
            self.refuse("article.language_code", "INVALID_LANGUAGE_CODE", wanted);
        }
        self.line("article.uri", &article.uri);
        valid.speaker = article.speaker.as_ref().and_then(|speaker| self.known("article.speaker", speaker));
        valid.title = &article.title;
        valid.text = &article.text;
    }

    fn text(&mut self, text: &str) {
        let length = code_points_above(text, MAX_TEXT);
        if let Some(length) = length {
            let wanted = format!("has {length} code points, the limit is {MAX_TEXT}");
            self.refuse("article.text", "TEXT_TOO_LONG", wanted);
        } else if text.trim().is_empty() {
            self.refuse("article.text", "TEXT_EMPTY", "must hold more than white space");
        }
    }

    fn line(&mut self, field: &str, value: &str) {
        if let Some(length) = code_points_above(value, MAX_LINE) {
            self.refuse(field, "TOO_LONG", format!("has {length} code points, the limit is {MAX_LINE}"));
        }
    }

    fn date(&mut self, value: &str) -> Option<Date> {
        let field = "article.publish_date";
        if value.is_empty() {
            return None;
        }
        let date = parse_date(value);
        match date {
            None => {
                let wanted = format!("must be a day as YYYY-MM-DD, not \"{}\"", quoted(value));
                self.refuse(field, "INVALID_DATE", wanted);
            }
            Some(date) if !YEARS.contains(&date.year()) => {
                let wanted = format!("must lie from 1900-01-01 to 2100-12-31, not on {date}");
                self.refuse(field, "DATE_OUT_OF_RANGE", wanted);
            }
            Some(_) => {}
        }
        date
    }

    fn holders(&mut self, holders: &[proto::Party]) -> Vec<PartyCode> {
        if holders.len() > MAX_HOLDERS {
            self.refuse("holders", "TOO_MANY", format!("has {} entries, the limit is {MAX_HOLDERS}", holders.len()));
            return vec![];
        }
        let parties = holders.iter().enumerate();
        parties.filter_map(|(index, holder)| self.party(&format!("holders[{index}]"), holder)).collect()
    }

    fn confidence(&mut self, value: f64) -> Option<f64> {
        if !(0.0..=1.0).contains(&value) {
            self.refuse("min_confidence", "OUT_OF_RANGE", format!("must lie from 0 to 1, not at {value}"));
        }
        (value > 0.0).then_some(value)
    }

    fn encoding(&mut self, number: i32) -> OffsetEncoding {
        match proto::OffsetEncoding::try_from(number) {
            Ok(proto::OffsetEncoding::Unspecified | proto::OffsetEncoding::Utf8) => OffsetEncoding::Utf8,
            Ok(proto::OffsetEncoding::Utf16) => OffsetEncoding::Utf16,
            Ok(proto::OffsetEncoding::CodePoint) => OffsetEncoding::CodePoint,
            Err(_) => {
                let wanted = format!("has no value numbered {number}");
                self.refuse("offset_encoding", "UNKNOWN_ENUM_VALUE", wanted);
                OffsetEncoding::Utf8
            }
        }
    }

    fn party(&mut self, field: &str, party: &proto::Party) -> Option<PartyCode> {
        self.known(field, party).map(PartyCode::from)
    }

    /// The code of a party that the registry knows as what the caller says it is.
    fn known<'a>(&mut self, field: &str, party: &'a proto::Party) -> Option<&'a str> {
        let (code, is_region) = match &party.id {
            Some(Id::RegionCode(code)) => (code, true),
            Some(Id::BlocCode(code)) => (code, false),
            None => {
                self.refuse(field, "REQUIRED", "must have a region_code or a bloc_code");
                return None;
            }
        };
        let (name, reason, other) = if is_region {
            ("region_code", "UNKNOWN_REGION", "bloc_code")
        } else {
            ("bloc_code", "UNKNOWN_BLOC", "region_code")
        };
        let hint = match self.registry.party(code) {
            Some(known) if known.is_region == is_region => return Some(code),
            Some(_) => format!("; it is a {other}"),
            None if self.registry.party(&code.to_ascii_uppercase()).is_some() => "; codes are upper case".to_owned(),
            None => String::new(),
        };
        self.refuse(&format!("{field}.{name}"), reason, format!("\"{}\" is not known{hint}", quoted(code)));
        None
    }
}

/// The number of code points, if it is above `limit`.
pub(super) fn code_points_above(value: &str, limit: usize) -> Option<usize> {
    let length = if value.len() > limit { value.chars().count() } else { 0 };
    (length > limit).then_some(length)
}

/// A day in the form `YYYY-MM-DD` and no other: jiff's own parser takes more forms than the contract.
fn parse_date(value: &str) -> Option<Date> {
    let shape = value.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    if !shape.eq(*b"0000-00-00") {
        return None;
    }
    Date::new(value[..4].parse().ok()?, value[5..7].parse().ok()?, value[8..].parse().ok()?).ok()
}
