//! Names, dates and quantities as a person writes them, and lines of a width.

use std::collections::BTreeMap;

use unicode_width::UnicodeWidthChar;

use crate::graph::View;
use crate::model::time::PartialDate;
use crate::model::{Date, DateTime, NodeId, RelationshipId, TypeKind, Value};

/// Text without what cannot be shown: control characters, the overrides that make
/// a line read backwards, and what XML forbids. Any white space is a space.
#[must_use]
pub fn clean(text: &str) -> String {
    let shown = |c: &char| !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}');
    let spaced = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    spaced.filter(|c| !c.is_control()).filter(shown).collect()
}

/// What a reader calls a node. A confidential one has only its pseudonym.
#[must_use]
pub fn name(view: View<'_>, node: NodeId) -> String {
    if view.is_confidential(node) {
        return view.source_label(node);
    }
    let texts = ["name", "title"].map(|property| text(&view.node_property(node, property)));
    texts.into_iter().flatten().next().unwrap_or_else(|| view.graph().key_of(node))
}

/// A value as text; none for null and for what shows nothing.
#[must_use]
pub fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => clean(text),
        other => clean(&other.to_string()),
    };
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// A relationship type in words: `CALLED_AT` is "called at".
#[must_use]
pub fn type_words(kind: &str) -> String {
    clean(kind).replace('_', " ").to_lowercase()
}

/// What several relationships of a type are called.
#[must_use]
pub fn plural(kind: &str) -> &'static str {
    match kind {
        "CALLED_AT" => "calls",
        "SHIPPED_FROM" | "LOADED_AT" => "shipments",
        "DELIVERED_TO" => "deliveries",
        "CARRIED" => "voyages",
        "SEEN_AT" => "sightings",
        "PAID" => "payments",
        "TRANSFERRED_TO" => "transfers",
        _ => "times",
    }
}

/// The names of countries by the code that other nodes carry.
#[must_use]
pub fn countries(view: View<'_>) -> BTreeMap<String, String> {
    let label = view.graph().symbol("Country");
    let countries = label.into_iter().flat_map(|label| view.graph().nodes_with_label(label));
    let shown = countries.filter(|&id| view.node(id).is_some());
    shown.filter_map(|id| Some((text(&view.node_property(id, "country"))?, name(view, id)))).collect()
}

/// The labels of a node as text.
#[must_use]
pub fn labels(view: View<'_>, node: NodeId) -> Vec<&str> {
    let labels = view.graph().node(node).map_or(&[][..], |node| node.labels());
    labels.iter().map(|&label| view.graph().text(label)).collect()
}

/// "> 5 shipments", from the properties `quantity`, `unit` and `bound`.
#[must_use]
pub fn quantity(property: impl Fn(&str) -> Value) -> Option<String> {
    let number = amount(property("quantity").as_number()?);
    let bound = match text(&property("bound")).as_deref() {
        None => String::new(),
        Some("more than") => "> ".to_owned(),
        Some("at least") => "≥ ".to_owned(),
        Some("less than") => "< ".to_owned(),
        Some("at most" | "up to") => "≤ ".to_owned(),
        Some("about" | "around" | "approximately") => "≈ ".to_owned(),
        Some(other) => format!("{other} "),
    };
    let unit = match text(&property("unit")).as_deref() {
        None => String::new(),
        Some("metric ton" | "metric tons") => " t".to_owned(),
        Some(unit) => format!(" {unit}"),
    };
    Some(format!("{bound}{number}{unit}"))
}

/// A number with commas between thousands.
fn amount(number: f64) -> String {
    let plain = format!("{number}");
    let (whole, rest) = match plain.split_once('.') {
        Some((whole, _)) => plain.split_at(whole.len()),
        None => (plain.as_str(), ""),
    };
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{rest}")
}

/// A date as it was written, as far as it was known.
#[derive(Debug, Clone, PartialEq)]
enum Moment {
    Day(Date),
    Month(i16, i8),
    Year(i16),
    Text(String),
}

fn moment(value: &Value) -> Option<Moment> {
    Some(match value {
        Value::Date(date) => Moment::Day(*date),
        Value::DateTime(time) => Moment::Day(time.local().date),
        Value::LocalDateTime(local) => Moment::Day(local.date),
        Value::String(written) => match PartialDate::parse(written.trim()) {
            Some(PartialDate::Day(date)) => Moment::Day(date),
            Some(PartialDate::Month(year, month)) => Moment::Month(year, month),
            Some(PartialDate::Year(year)) => Moment::Year(year),
            None => match DateTime::parse(written.trim()) {
                Ok(time) => Moment::Day(time.local().date),
                Err(_) => Moment::Text(text(value)?),
            },
        },
        other => Moment::Text(text(other)?),
    })
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Day(date) => {
                let (year, month, day) = date.year_month_day();
                write!(f, "{day} {} {year}", month_name(month))
            }
            Self::Month(year, month) => write!(f, "{} {year}", month_name(*month)),
            Self::Year(year) => year.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

fn month_name(month: i8) -> &'static str {
    const NAMES: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    usize::try_from(month - 1).ok().and_then(|at| NAMES.get(at)).copied().unwrap_or("?")
}

/// A single date in words; none where there is none.
#[must_use]
pub fn date(value: &Value) -> Option<String> {
    moment(value).map(|moment| moment.to_string())
}

/// A period in words; none where it is undated.
#[must_use]
pub fn period(from: &Value, to: &Value, kind: TypeKind) -> Option<String> {
    Some(match (moment(from), moment(to)) {
        (None, None) => return None,
        (Some(from), None) if kind == TypeKind::Event => from.to_string(),
        (Some(from), None) => format!("since {from}"),
        (None, Some(to)) if kind == TypeKind::Event => format!("by {to}"),
        (None, Some(to)) => format!("until {to}"),
        (Some(from), Some(to)) if from == to => from.to_string(),
        (Some(from), Some(to)) => between(&from, &to),
    })
}

/// Leaves out what both ends share.
fn between(from: &Moment, to: &Moment) -> String {
    match (from, to) {
        (Moment::Day(from), Moment::Day(until)) => {
            let ((year, month, day), (to_year, to_month, _)) =
                (from.year_month_day(), until.year_month_day());
            match (year == to_year, month == to_month) {
                (true, true) => format!("{day}–{to}"),
                (true, false) => format!("{day} {} – {to}", month_name(month)),
                _ => format!("{} – {to}", Moment::Day(*from)),
            }
        }
        (Moment::Month(year, month), Moment::Month(to_year, _)) if year == to_year => {
            format!("{} – {to}", month_name(*month))
        }
        (Moment::Year(from), Moment::Year(to)) => format!("{from}–{to}"),
        _ => format!("{from} – {to}"),
    }
}

/// When a relationship happened or held, in words.
#[must_use]
pub fn when(view: View<'_>, id: RelationshipId) -> Option<String> {
    let kind = view.graph().relationship(id).map(|r| view.graph().schema().kind(view.graph().text(r.kind)));
    let property = |name| view.relationship_property(id, name);
    period(&property("from"), &property("to"), kind?)
}

/// Breaks a text into lines of about `width` columns, at spaces where it can; what
/// does not fit into `lines_max` lines is cut, which shows as "…".
#[must_use]
pub fn wrap(text: &str, width: usize, lines_max: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut column = 0;
    for word in clean(text).split_whitespace() {
        let needed = columns(word);
        if column > 0 && column + 1 + needed > width {
            lines.push(std::mem::take(&mut line));
            column = 0;
        }
        if column > 0 {
            line.push(' ');
            column += 1;
        }
        for c in word.chars() {
            let wide = c.width().unwrap_or(0);
            if column > 0 && column + wide > width {
                lines.push(std::mem::take(&mut line));
                column = 0;
            }
            line.push(c);
            column += wide;
        }
        if lines.len() > lines_max {
            break;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    if lines.len() > lines_max {
        lines.truncate(lines_max);
        if let Some(last) = lines.last_mut() {
            while columns(last) + 1 > width.max(2) && last.pop().is_some() {}
            last.push('…');
        }
    }
    lines
}

/// How many columns of a terminal a text takes.
#[must_use]
pub fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(from: &str, to: &str) -> Option<String> {
        let value = |text: &str| if text.is_empty() { Value::Null } else { Value::from(text) };
        period(&value(from), &value(to), TypeKind::Event)
    }

    #[test]
    fn periods_read_as_a_person_writes_them() {
        for (from, to, expected) in [
            ("2023-09-07", "2023-09-30", "7–30 Sep 2023"),
            ("2023-09-07", "2023-10-01", "7 Sep – 1 Oct 2023"),
            ("2023-12-30", "2024-01-02", "30 Dec 2023 – 2 Jan 2024"),
            ("2023-08", "2024-01", "Aug 2023 – Jan 2024"),
            ("2023-08", "2023-09", "Aug – Sep 2023"),
            ("2023-09", "2023-09", "Sep 2023"),
            ("2023-09", "2023-10-01", "Sep 2023 – 1 Oct 2023"),
            ("2015", "2020", "2015–2020"),
            ("2024-02-04", "", "4 Feb 2024"),
            ("", "2023-10", "by Oct 2023"),
        ] {
            assert_eq!(words(from, to).as_deref(), Some(expected));
        }
        assert_eq!(words("", ""), None);
        let since = period(&Value::from("2015"), &Value::Null, TypeKind::State);
        assert_eq!(since.as_deref(), Some("since 2015"));
    }

    #[test]
    fn a_date_that_is_none_stays_as_written() {
        assert_eq!(words("spring", "2023").as_deref(), Some("spring – 2023"));
        assert_eq!(period(&Value::Int(3), &Value::Int(5), TypeKind::Event).as_deref(), Some("3 – 5"));
    }

    #[test]
    fn quantities_keep_their_bound() {
        let of = |bound: &'static str, number, unit: &'static str| {
            quantity(move |name| match name {
                "quantity" => Value::Float(number),
                "bound" => Value::from(bound),
                _ => Value::from(unit),
            })
        };
        assert_eq!(of("more than", 5.0, "shipments").as_deref(), Some("> 5 shipments"));
        assert_eq!(of("at least", 9.0, "trips").as_deref(), Some("≥ 9 trips"));
        assert_eq!(of("", 74000.0, "metric ton").as_deref(), Some("74,000 t"));
        assert_eq!(of("some", 1234567.5, "").as_deref(), Some("some 1,234,567.5"));
        assert_eq!(quantity(|_| Value::Null), None);
    }

    #[test]
    fn lines_break_at_spaces_and_long_words_where_they_must() {
        assert_eq!(
            wrap("JSC Voskresenskiy Agregatniy Zavod", 22, 4),
            ["JSC Voskresenskiy", "Agregatniy Zavod"]
        );
        assert_eq!(wrap("라진선봉경제무역지대", 8, 4), ["라진선봉", "경제무역", "지대"]);
        assert_eq!(wrap(&"x".repeat(1000), 10, 2), ["xxxxxxxxxx", "xxxxxxxxx…"]);
        assert!(wrap(" \n\0 ", 10, 2).is_empty());
    }
}
