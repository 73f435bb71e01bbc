//! Offsets of annotation tools into byte offsets.
//!
//! doccano counts code points. Label Studio counts code points today and counted UTF-16 units once, and an export
//! does not tell which; it carries the words of each span, though, by which `label_studio` tries both.

use std::ops::Range;

use crate::text::OffsetEncoding;

/// The bytes of `start..end`, counted in `encoding`; `None` if that is no stretch of whole characters.
pub(super) fn bytes(text: &str, start: usize, end: usize, encoding: OffsetEncoding) -> Option<Range<usize>> {
    let range = byte(text, start, encoding)?..byte(text, end, encoding)?;
    (!range.is_empty()).then_some(range)
}

fn byte(text: &str, offset: usize, encoding: OffsetEncoding) -> Option<usize> {
    let width = |character: char| match encoding {
        OffsetEncoding::Utf8 => character.len_utf8(),
        OffsetEncoding::Utf16 => character.len_utf16(),
        OffsetEncoding::CodePoint => 1,
    };
    let mut units = 0;
    for (at, character) in text.char_indices() {
        if units >= offset {
            return (units == offset).then_some(at);
        }
        units += width(character);
    }
    (units == offset).then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_in_the_tools_unit() {
        let text = "a😀é.";
        let table = [
            ("code points", 1, 3, OffsetEncoding::CodePoint, Some("😀é")),
            ("UTF-16", 1, 4, OffsetEncoding::Utf16, Some("😀é")),
            ("to the end", 3, 4, OffsetEncoding::CodePoint, Some(".")),
            ("inside a surrogate pair", 2, 4, OffsetEncoding::Utf16, None),
            ("past the end", 0, 5, OffsetEncoding::CodePoint, None),
            ("empty", 2, 2, OffsetEncoding::CodePoint, None),
            ("reversed", 3, 1, OffsetEncoding::CodePoint, None),
        ];
        for (name, start, end, encoding, want) in table {
            assert_eq!(bytes(text, start, end, encoding).map(|range| &text[range]), want, "{name}");
        }
    }
}
