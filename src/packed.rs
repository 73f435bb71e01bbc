//! Texts that `build.rs` packed into the binary.

/// The packed file of this name.
macro_rules! packed {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".zst"))
    };
}

pub(crate) use packed;

/// The text of a packed file.
///
/// # Panics
/// Never: a test unpacks all of them.
pub(crate) fn unpack(packed: &[u8]) -> String {
    let bytes = zstd::decode_all(packed).expect("what the build packed is whole");
    String::from_utf8(bytes).expect("what the build packed is text")
}
