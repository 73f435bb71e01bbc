//! Parties of the contract from codes of the domain. Knows no stance.

use crate::party::Registry;
use crate::proto::{self, party::Id};

/// The party of a bare code, as in `--target CN` or `--target NATO`.
///
/// Codes of regions are two letters or three digits (CLDR), and no bloc's code is: `G7` has a digit.
#[must_use]
pub fn party_of_code(code: &str) -> proto::Party {
    let of = |length: usize, kind: fn(&u8) -> bool| code.len() == length && code.as_bytes().iter().all(kind);
    let is_region = of(2, u8::is_ascii_alphabetic) || of(3, u8::is_ascii_digit);
    let id = if is_region { Id::RegionCode(code.to_owned()) } else { Id::BlocCode(code.to_owned()) };
    proto::Party { id: Some(id), display_name: String::new() }
}

/// The party of a code that the pipeline gave, with its name.
pub(super) fn party_message(registry: &Registry, code: &str) -> proto::Party {
    let Some(party) = registry.party(code) else { return party_of_code(code) };
    let id = if party.is_region { Id::RegionCode(code.to_owned()) } else { Id::BlocCode(code.to_owned()) };
    proto::Party { id: Some(id), display_name: party.name.clone() }
}
