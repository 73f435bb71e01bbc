//! Direct quotations: curly or straight, across sentences, and across paragraphs where each
//! paragraph opens anew and only the last one closes.

use crate::stance::Span;

use super::tokens::Token;

/// A direct quotation, from its opening to its closing mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    /// The whole of it in the text, marks included.
    pub span: Span,
    /// First token inside the marks.
    pub first_token: usize,
    /// One past the last token inside the marks.
    pub last_token: usize,
}

/// Finds the quotations among `tokens`. A quotation never crosses the end of its paragraph.
///
/// Straight marks alternate; a curly opening mark opens and only its partner closes. An
/// opening mark without a partner quotes the rest of its paragraph, as newspapers set a
/// quotation that goes on in the next one.
pub(super) fn find_quotes(text: &str, tokens: &[Token]) -> Vec<Quote> {
    let mut quotes = Vec::new();
    let mut open: Option<(usize, char)> = None;
    let mut previous_end = 0;
    for (index, token) in tokens.iter().enumerate() {
        let gap = &text[previous_end..token.span.start as usize];
        if let Some((first, _)) = open
            && ends_paragraph(gap)
        {
            quotes.push(quote(tokens, first, index, None));
            open = None;
        }
        previous_end = token.span.end as usize;
        let mark = mark_at(text, token);
        open = match (open, mark) {
            (None, Some(closer)) if opens(text, tokens, index) => Some((index + 1, closer)),
            (Some((first, closer)), Some(_)) if closes(text, token, closer) => {
                quotes.push(quote(tokens, first, index, Some(index)));
                None
            }
            (open, _) => open,
        };
    }
    if let Some((first, _)) = open {
        quotes.push(quote(tokens, first, tokens.len(), None));
    }
    quotes.retain(|quote| quote.first_token < quote.last_token);
    quotes
}

fn ends_paragraph(gap: &str) -> bool {
    gap.contains('\n') || gap.contains('\r')
}

/// The closing partner of the quotation mark that `token` is.
fn mark_at(text: &str, token: &Token) -> Option<char> {
    match &text[token.span.range()] {
        "\"" => Some('"'),
        "“" | "”" | "„" => Some('”'),
        "«" | "»" => Some('»'),
        "‘" | "’" => Some('’'),
        _ => None,
    }
}

/// Whether the mark at `index` can open: what follows is glued to it, or it is an opening mark.
fn opens(text: &str, tokens: &[Token], index: usize) -> bool {
    let token = &tokens[index];
    match &text[token.span.range()] {
        "“" | "„" | "«" => true,
        "‘" | "\"" => text[token.span.end as usize..].chars().next().is_some_and(|c| !c.is_whitespace()),
        _ => false,
    }
}

fn closes(text: &str, token: &Token, closer: char) -> bool {
    let surface = &text[token.span.range()];
    let glued = text[token.span.end as usize..].chars().next().is_some_and(char::is_alphanumeric);
    surface.starts_with(closer) && !(closer == '’' && glued)
}

fn quote(tokens: &[Token], first: usize, end: usize, closing: Option<usize>) -> Quote {
    let start = tokens[first - 1].span.start;
    let last = closing.unwrap_or(end - 1);
    Quote { span: Span { start, end: tokens[last].span.end }, first_token: first, last_token: end }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokens::tokenize;

    #[test]
    fn finds_quotations() {
        let cases: &[(&str, &str, &[&str])] = &[
            ("curly", "He said: “No. Never.” Then", &["“No. Never.”"]),
            ("straight", "\"No,\" he said, \"never.\"", &["\"No,\"", "\"never.\""]),
            ("single inside", "‘uphold a stance’ on China’s", &["‘uphold a stance’"]),
            ("next paragraph", "“One.\n\n“Two.” End", &["“One.", "“Two.”"]),
            ("inch mark", "a 5\" gun", &[]),
            ("empty", "\"\" x", &[]),
        ];
        for (name, text, want) in cases {
            let (tokens, _) = tokenize(text);
            let got: Vec<&str> = find_quotes(text, &tokens).iter().map(|q| &text[q.span.range()]).collect();
            assert_eq!(got, *want, "{name}");
        }
    }
}
