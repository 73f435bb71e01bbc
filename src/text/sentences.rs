//! Sentences that tile the text: lines first, then `sentencex` within a line, then the sentences
//! within each quotation.

use memchr::{memchr2, memchr3};
use sentencex::languages::{English, Language};

use crate::stance::Span;

/// Longest stretch handed to the splitter at once, in bytes: its cost is not linear in the length of a line.
const LONGEST_STRETCH: usize = 20_000;

/// Cuts `text` into stretches that tile it, each holding one sentence with its surrounding white space.
pub(super) fn tile(text: &str) -> Vec<Span> {
    let mut tiles = Vec::new();
    for line in lines(text) {
        for stretch in bounded(text, line) {
            split_prose(text, stretch, &mut tiles);
        }
    }
    tiles
}

/// Lines with their line ends; a run of blank lines belongs to the line before it.
fn lines(text: &str) -> Vec<Span> {
    let mut lines: Vec<Span> = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let end = memchr2(b'\n', b'\r', &text.as_bytes()[start..]).map_or(text.len(), |at| start + at + 1);
        match lines.last_mut() {
            Some(last) if text[start..end].trim_start().is_empty() => last.end = end as u32,
            _ => lines.push(Span::new(start, end)),
        }
        start = end;
    }
    lines
}

/// Cuts a stretch that is too long at white space, or anywhere if there is none.
fn bounded(text: &str, line: Span) -> Vec<Span> {
    let mut parts = Vec::new();
    let (mut start, end) = (line.start as usize, line.end as usize);
    while end - start > LONGEST_STRETCH {
        let limit = text.floor_char_boundary(start + LONGEST_STRETCH);
        let cut = text[start..limit].rfind(char::is_whitespace).filter(|&at| at > 0).map_or(limit, |at| start + at);
        parts.push(Span::new(start, cut));
        start = cut;
    }
    parts.push(Span::new(start, end));
    parts
}

fn split_prose(text: &str, stretch: Span, tiles: &mut Vec<Span>) {
    let first = tiles.len();
    for piece in Language::segment(&English {}, &text[stretch.range()]) {
        let start = piece.as_ptr() as usize - text.as_ptr() as usize;
        let piece = Span::new(start, start + piece.len());
        split_quotations(text, piece, tiles);
    }
    join_blank(text, first, stretch, tiles);
}

/// The splitter keeps a quotation whole; its sentences are cut at ends followed by a capital.
fn split_quotations(text: &str, piece: Span, tiles: &mut Vec<Span>) {
    let mut start = piece.start as usize;
    let surface = &text[piece.range()];
    if surface.contains(['"', '“', '”']) && may_end_inside(surface) {
        for cut in inner_boundaries(surface) {
            tiles.push(Span::new(start, piece.start as usize + cut));
            start = piece.start as usize + cut;
        }
    }
    tiles.push(Span::new(start, piece.end as usize));
}

/// Marks beyond ASCII that end no sentence.
const MARKS: [char; 7] = ['“', '”', '‘', '’', '–', '—', '\u{a0}'];

/// Whether anything but the end may end a sentence: most quotations are told to be one in a look at their bytes.
fn may_end_inside(surface: &str) -> bool {
    let inside = surface.trim_end_matches(|character: char| !character.is_alphanumeric());
    let is_mark =
        |character: char| !character.is_ascii() && !character.is_alphanumeric() && !MARKS.contains(&character);
    memchr3(b'.', b'!', b'?', inside.as_bytes()).is_some() || !inside.is_ascii() && inside.contains(is_mark)
}

/// Boundaries inside quotations: where the splitter sees one once the marks are out of its way.
fn inner_boundaries(surface: &str) -> Vec<usize> {
    let unmarked: String = surface.chars().map(|c| if matches!(c, '"' | '“' | '”') { '\u{2060}' } else { c }).collect();
    let mut boundaries = Vec::new();
    let (mut at, mut shift) = (0, 0);
    for piece in Language::segment(&English {}, &unmarked) {
        // `"` is one byte, its stand-in three: count back to offsets of the surface.
        let marks = surface[at - shift..].char_indices();
        let mut consumed = 0;
        let mut length = 0;
        for (_, character) in marks {
            if consumed >= piece.len() {
                break;
            }
            consumed += if matches!(character, '"' | '“' | '”') { 3 } else { character.len_utf8() };
            length += character.len_utf8();
        }
        at += piece.len();
        shift += piece.len() - length.min(piece.len());
        boundaries.push(at - shift);
    }
    boundaries.pop();
    boundaries.retain(|&cut| starts_sentence(&surface[cut..]));
    boundaries
}

fn starts_sentence(rest: &str) -> bool {
    let mut characters = rest.chars().filter(|c| !c.is_whitespace());
    match characters.next() {
        Some('"' | '“') => characters.next().is_some_and(char::is_uppercase),
        Some(first) => first.is_uppercase(),
        None => false,
    }
}

/// Joins stretches of white space to the one before, and makes sure that the tiles cover `stretch`.
fn join_blank(text: &str, first: usize, stretch: Span, tiles: &mut Vec<Span>) {
    let mut joined: Vec<Span> = Vec::with_capacity(tiles.len() - first);
    let mut at = stretch.start;
    for tile in tiles.drain(first..) {
        let tile = Span { start: at, end: tile.end.max(at) };
        at = tile.end;
        match joined.last_mut() {
            Some(last) if text[tile.range()].trim().is_empty() => last.end = tile.end,
            _ => joined.push(tile),
        }
    }
    match joined.last_mut() {
        Some(last) => last.end = stretch.end,
        None => joined.push(stretch),
    }
    tiles.append(&mut joined);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_news() {
        let cases: &[(&str, &str, &[&str])] = &[
            (
                "abbreviation",
                "The U.S. said Mr. Smith left. It is so.",
                &["The U.S. said Mr. Smith left.", "It is so."],
            ),
            ("initials", "George W. Bush spoke. J. Doe left.", &["George W. Bush spoke.", "J. Doe left."]),
            ("lines", "Title here\r\nText is. \n\n  • A bullet\n", &["Title here", "Text is.", "• A bullet"]),
            ("in a quotation", "“No. We stand.” It ended.", &["“No.", "We stand.”", "It ended."]),
            (
                "straight quotation",
                "\"No. We stand,\" he said. \"Yes.\"",
                &["\"No.", "We stand,\" he said.", "\"Yes.\""],
            ),
        ];
        for (name, text, want) in cases {
            let got: Vec<&str> = tile(text).iter().map(|span| text[span.range()].trim()).collect();
            assert_eq!(got, *want, "{name}");
        }
    }
}
