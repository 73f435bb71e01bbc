//! What is done with arbitrary bytes, and what must hold whatever they are. A panic is a finding.
//!
//! `cargo fuzz` runs these on bytes that it invents, `tests/fuzzed.rs` on the seeds and on every past failure.

// Each fuzz target and the test use a part of this.
#![allow(dead_code)]

pub(crate) mod classify;
pub(crate) mod corpus;
mod folder;
pub(crate) mod model;
pub(crate) mod parties;
pub(crate) mod settings;

/// Fields of an input, which are separated by NUL bytes; as many as asked for, the last with all that remains.
fn fields<const COUNT: usize>(data: &[u8]) -> [&[u8]; COUNT] {
    let mut parts = data.splitn(COUNT, |&byte| byte == 0);
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}
