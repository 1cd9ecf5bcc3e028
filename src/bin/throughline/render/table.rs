//! Tables for people, and below them paths as chains.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement};
use comfy_table::{ContentLineStyle, LineStyle, Table, TableStyle};
use throughline::analysis;
use throughline::graph::View;
use throughline::model::{Path, Value};
use throughline::query::Answer;

use super::{chain, text};
use crate::failure::Failure;
use crate::terminal::Terminal;

/// More chains than this are counted and not drawn on a terminal.
const CHAINS_MAX: usize = 25;

/// Lines without colours or boxes.
const PLAIN: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none().junction('|'))
    .header_separator(LineStyle::none().fill('-').junction('+'))
    .content_lines(ContentLineStyle::none().junction('|'));

/// Writes a result; paths stand alone or below the other columns.
pub(super) fn write(terminal: &mut Terminal, view: View<'_>, answer: &Answer) -> Result<(), Failure> {
    let is_only_paths =
        !answer.rows.is_empty() && answer.rows.iter().flatten().all(|value| matches!(value, Value::Path(_)));
    if !answer.columns.is_empty() && !is_only_paths {
        let table = table(terminal, view, answer);
        writeln!(terminal.out(), "{table}")?;
    }
    write_chains(terminal, view, answer)
}

/// Draws every path among the cells of a result.
fn write_chains(terminal: &mut Terminal, view: View<'_>, answer: &Answer) -> Result<(), Failure> {
    let paths: Vec<&Path> = answer.rows.iter().flatten().filter_map(path_of).collect();
    let shown = if terminal.width.is_some() { CHAINS_MAX } else { usize::MAX };
    let (columns, palette) = (terminal.columns(), terminal.palette);
    let number_columns = paths.len().min(shown).to_string().len() + 2;
    for (i, path) in paths.iter().take(shown).enumerate() {
        let chain = analysis::chain(view, path)?;
        let drawn = chain::chain(view, &chain, columns.saturating_sub(number_columns), palette);
        writeln!(terminal.out())?;
        for (line_number, line) in drawn.lines().enumerate() {
            let number = if line_number == 0 { (i + 1).to_string() } else { String::new() };
            let indented = format!("{number:number_columns$}{line}");
            writeln!(terminal.out(), "{}", indented.trim_end())?;
        }
    }
    let n_more = paths.len().saturating_sub(shown);
    if n_more > 0 {
        writeln!(terminal.out())?;
        terminal.warn(&format!(
            "{n_more} more chains are not drawn here; add LIMIT, or send the result to a file"
        ));
    }
    Ok(())
}

fn path_of(value: &Value) -> Option<&Path> {
    match value {
        Value::Path(path) => Some(path),
        _ => None,
    }
}

fn table(terminal: &Terminal, view: View<'_>, answer: &Answer) -> String {
    let is_styled = terminal.palette.is_on();
    let mut table = Table::new();
    match terminal.width {
        Some(width) => table
            .load_style(UTF8_FULL_CONDENSED)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(width).unwrap_or(u16::MAX)),
        None => table.load_style(PLAIN),
    };
    if is_styled {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table.set_header(answer.columns.iter().map(|name| header(name)));
    for row in &answer.rows {
        table.add_row(row.iter().map(|value| cell(view, value)));
    }
    for column in (0..answer.columns.len()).filter(|&column| text::is_numeric(answer, column)) {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

fn header(name: &str) -> Cell {
    Cell::new(throughline::formats::words::clean(name)).add_attribute(Attribute::Bold)
}

fn cell(view: View<'_>, value: &Value) -> Cell {
    let cell = Cell::new(text::cell(view, value));
    if value.is_null() { cell.fg(Color::DarkGrey) } else { cell }
}
