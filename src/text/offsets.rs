//! Byte offsets converted to the caller's unit, once, at the edge.

/// The unit in which a caller counts offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OffsetEncoding {
    /// Bytes of the UTF-8 form.
    #[default]
    Utf8,
    /// UTF-16 code units.
    Utf16,
    /// Unicode code points.
    CodePoint,
}

/// Distance in bytes between two checkpoints of an [`OffsetMap`].
const STRIDE: usize = 256;

/// Converts byte offsets of one text to another unit.
///
/// Keeps a checkpoint every 256 bytes, so that a conversion reads at most that much text.
#[derive(Debug)]
pub struct OffsetMap<'t> {
    text: &'t str,
    encoding: OffsetEncoding,
    /// `(byte, units before it)`, ascending.
    checkpoints: Vec<(usize, usize)>,
}

impl<'t> OffsetMap<'t> {
    /// A map for `text`; costs nothing for [`OffsetEncoding::Utf8`].
    #[must_use]
    pub fn new(text: &'t str, encoding: OffsetEncoding) -> Self {
        let mut checkpoints = vec![(0, 0)];
        if encoding != OffsetEncoding::Utf8 {
            let (mut units, mut last) = (0, 0);
            for (byte, character) in text.char_indices() {
                if byte >= last + STRIDE {
                    checkpoints.push((byte, units));
                    last = byte;
                }
                units += width(character, encoding);
            }
        }
        Self { text, encoding, checkpoints }
    }

    /// The number of units before byte `offset`.
    ///
    /// An offset past the end counts as the end; one inside a character counts as the character's end.
    #[must_use]
    pub fn convert(&self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        if self.encoding == OffsetEncoding::Utf8 {
            return offset;
        }
        let after = self.checkpoints.partition_point(|&(byte, _)| byte <= offset);
        let (start, units) = self.checkpoints[after - 1];
        let between = self.text[start..].char_indices().take_while(|&(at, _)| start + at < offset);
        units + between.map(|(_, character)| width(character, self.encoding)).sum::<usize>()
    }
}

fn width(character: char, encoding: OffsetEncoding) -> usize {
    match encoding {
        OffsetEncoding::Utf8 => character.len_utf8(),
        OffsetEncoding::Utf16 => character.len_utf16(),
        OffsetEncoding::CodePoint => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_every_unit() {
        let text = "é€😀x".repeat(300);
        for encoding in [OffsetEncoding::Utf8, OffsetEncoding::Utf16, OffsetEncoding::CodePoint] {
            let map = OffsetMap::new(&text, encoding);
            let mut units = 0;
            for (byte, character) in text.char_indices() {
                assert_eq!(map.convert(byte), units, "{encoding:?} at byte {byte}");
                units += width(character, encoding);
            }
            assert_eq!(map.convert(text.len()), units);
            assert_eq!(map.convert(usize::MAX), units);
        }
    }
}
