//! Errors with a caret under the place in the query.

use throughline::Error;
use throughline::error::{Detail, ErrorKind, Span};
use throughline::formats::words::columns;

use crate::failure::Failure;
use crate::terminal::{Palette, Terminal};

/// Tells the user why something was not done.
pub(crate) fn tell(terminal: &mut Terminal, failure: &Failure) {
    let palette = terminal.err_palette;
    match failure {
        Failure::Errors { errors, text } => {
            for error in errors {
                terminal.tell(&described(error, text, terminal.columns(), palette));
            }
        }
        Failure::Usage(message) => terminal.tell(&format!("{} {message}", palette.error("error:"))),
        Failure::Output(error) if !failure.is_closed_pipe() => {
            terminal.tell(&format!("{} cannot write the result: {error}", palette.error("error:")));
        }
        Failure::Output(_) | Failure::Told => {}
    }
}

/// Message, detail, place and hint of an error.
pub(crate) fn described(error: &Error, text: &str, width: usize, palette: Palette) -> String {
    let message = match error.kind() {
        ErrorKind::Query { message, .. } => message.clone(),
        _ => error.to_string(),
    };
    // Where there is more to say than that the text is wrong.
    let detail = error.which().filter(|detail| *detail != Detail::UnexpectedSyntax);
    let detail = detail.map_or(String::new(), |detail| format!(" {}", palette.dim(&format!("({detail})"))));
    let mut lines = vec![format!("{} {message}{detail}", palette.error("error:"))];
    let mut margin = 2;
    if let Some(span) = error.span().filter(|_| !text.trim().is_empty()) {
        let place = Place::of(span, text, width);
        margin = place.margin.len();
        lines.push(format!("{}{}", palette.dim(&format!("{}|  ", place.margin)), place.line));
        let blank = format!("{}|  ", " ".repeat(margin));
        let carets = "^".repeat(place.caret_columns);
        lines.push(format!("{}{}{}", palette.dim(&blank), " ".repeat(place.column), palette.error(&carets)));
    }
    lines.extend(
        error.hint_text().map(|hint| format!("{}{} {hint}", " ".repeat(margin), palette.accent("="))),
    );
    lines.join("\n")
}

/// One line of a text with the columns to point at.
struct Place {
    /// The line's number, where there are several lines, and spaces.
    margin: String,
    line: String,
    /// Columns before the place.
    column: usize,
    caret_columns: usize,
}

impl Place {
    fn of(span: Span, text: &str, width: usize) -> Self {
        // An error at the very end points behind the last word, not into blank lines after it.
        let last = text.trim_end().len();
        let start = boundary(text, span.start.min(last));
        let end = boundary(text, span.end.clamp(start, text.len()));
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let number = text[..start].matches('\n').count() + 1;
        let margin = match text.trim_end().contains('\n') {
            true => format!("{number:3} "),
            false => "  ".to_owned(),
        };
        let (before, rest) = (&text[line_start..start], &text[start..line_end]);
        let place = &text[start..end.min(line_end)];
        let room = width.saturating_sub(margin.len() + 4).max(20);
        let before = ending(before, room / 2);
        Self {
            caret_columns: columns(&shown(place)).clamp(1, room - columns(&before).min(room - 1)),
            column: columns(&before),
            line: beginning(&format!("{before}{}", shown(rest)), room),
            margin,
        }
    }
}

/// The nearest place between two characters, not after `at`.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// Text on one line: what has no width or moves the cursor is a space.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The end of a text that fits.
fn ending(text: &str, room: usize) -> String {
    let mut kept = shown(text);
    if columns(&kept) <= room {
        return kept;
    }
    while columns(&kept) >= room {
        kept.remove(0);
    }
    format!("…{kept}")
}

/// The beginning of a text that fits.
fn beginning(text: &str, room: usize) -> String {
    if columns(text) <= room {
        return text.trim_end().to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        if columns(&kept) + 2 > room {
            break;
        }
        kept.push(c);
    }
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str, place: &str, width: usize) -> String {
        let start = text.find(place).expect("the text has the place");
        let span = Span::new(start, start + place.len());
        described(&Error::syntax(span, "no").hint("try".to_owned()), text, width, Palette::PLAIN)
    }

    #[test]
    fn the_caret_stands_under_the_place() {
        let text = "MATCH (n) RETURN colect(n)";
        let expected = "error: no\n  |  MATCH (n) RETURN colect(n)\n  |                   ^^^^^^\n  = try";
        assert_eq!(plain(text, "colect", 80), expected);
    }

    #[test]
    fn lines_have_numbers_where_there_are_several() {
        let text = "MATCH (라진)\n\tRETURN x";
        assert_eq!(plain(text, "x", 80), "error: no\n  2 |   RETURN x\n    |          ^\n    = try");
        assert_eq!(plain(text, "라진", 80), "error: no\n  1 |  MATCH (라진)\n    |         ^^^^\n    = try");
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("RETURN {} oops {}", "a + ".repeat(100), "b + ".repeat(100));
        let lines: Vec<String> = plain(&text, "oops", 60).lines().map(str::to_owned).collect();
        assert!(lines.iter().all(|line| columns(line) <= 60), "{lines:#?}");
        let at = lines[2].find('^').expect("a caret");
        assert!(lines[1].chars().skip(at).collect::<String>().starts_with("oops"), "{lines:#?}");
    }
}
