//! Lines of a file, none longer than a limit: what is longer is skipped, not stored.

use std::io::{self, BufRead};

/// Most bytes of a line: a text at its limit, all escaped as surrogate pairs, has 2.4 MB.
pub(super) const MAX_LINE: usize = 8 << 20;

/// A line without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// The bytes.
    Whole(Vec<u8>),
    /// More than [`MAX_LINE`] bytes; they were skipped.
    TooLong,
}

/// The next line and how many bytes it took, or `None` at the end.
pub(super) fn next(input: &mut dyn BufRead) -> io::Result<Option<(Line, u64)>> {
    next_within(input, MAX_LINE)
}

fn next_within(input: &mut dyn BufRead, limit: usize) -> io::Result<Option<(Line, u64)>> {
    let (mut line, mut taken) = (vec![], 0);
    loop {
        let buffer = match input.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = buffer.iter().position(|&byte| byte == b'\n');
        let length = end.unwrap_or(buffer.len());
        // One byte more than the limit is kept, and tells that there was more.
        line.extend_from_slice(&buffer[..length.min(limit + 1 - line.len())]);
        let ended = end.is_some() || buffer.is_empty();
        let consumed = length + usize::from(end.is_some());
        input.consume(consumed);
        taken += consumed as u64;
        if ended {
            let whole = if line.len() > limit { Line::TooLong } else { Line::Whole(line) };
            return Ok((taken > 0).then_some((whole, taken)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lines_of_any_length() {
        for capacity in [1, 2, 3, 100] {
            let text: &[u8] = b"abc\n\nabcd\nabcdefghi\nab";
            let mut input = io::BufReader::with_capacity(capacity, text);
            let mut lines = vec![];
            while let Some((line, _)) = next_within(&mut input, 4).unwrap() {
                lines.push(line);
            }
            let whole = |text: &str| Line::Whole(text.as_bytes().to_vec());
            let want = vec![whole("abc"), whole(""), whole("abcd"), Line::TooLong, whole("ab")];
            assert_eq!(lines, want, "buffer of {capacity}");
        }
    }
}
