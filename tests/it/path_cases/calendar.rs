//! Dates as the whole instants that [`naive`](crate::naive) tries one after another.
//!
//! A day has sixteen instants here, where the contract's has microseconds. That loses nothing: every bound in a
//! corpus is a whole number of days, and what STRICT and the ends of days add are single instants, fewer than
//! sixteen on the longest path that is asked about, of fourteen.

/// How many instants a day has.
pub(crate) const INSTANTS_A_DAY: i64 = 16;

/// The first and the last instant of what is written: a year, a month or a day. `None` if it is no date.
pub(crate) fn reading(text: &str) -> Option<(i64, i64)> {
    let parts: Vec<i64> = text.split('-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let (first, next) = match parts[..] {
        [year] => (days(year, 1, 1), days(year + 1, 1, 1)),
        [year, month] => (days(year, month, 1), days(year + month / 12, month % 12 + 1, 1)),
        [year, month, day] => (days(year, month, day), days(year, month, day) + 1),
        _ => return None,
    };
    Some((first * INSTANTS_A_DAY, next * INSTANTS_A_DAY - 1))
}

/// Days from 2000-03-01: years begin with March here, so that the leap day is the last of its year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let since = year - 2000;
    let leap_days = since.div_euclid(4) - since.div_euclid(100) + since.div_euclid(400);
    since * 365 + leap_days + (month * 306 + 5) / 10 + day - 1
}

/// `2023-09-07`, `2023-09-07 + 1` for the next instant, `2023-09-07 end` for its last.
pub(crate) fn shown_instant(instant: i64) -> String {
    let (day, rest) = (instant.div_euclid(INSTANTS_A_DAY), instant.rem_euclid(INSTANTS_A_DAY));
    let date = shown_day(day);
    match (rest, INSTANTS_A_DAY - 1 - rest) {
        (0, _) => date,
        (_, 0) => format!("{date} end"),
        (_, before) if before < 3 => format!("{date} end - {before}"),
        _ => format!("{date} + {rest}"),
    }
}

/// `2 days`, `2 days + 1` where it takes one instant more.
pub(crate) fn shown_length(length: i64) -> String {
    let days = (length + 2).div_euclid(INSTANTS_A_DAY);
    match length - days * INSTANTS_A_DAY {
        0 => format!("{days} days"),
        rest if rest < 0 => format!("{days} days - {}", -rest),
        rest => format!("{days} days + {rest}"),
    }
}

fn shown_day(day: i64) -> String {
    let year = (1900..2200).rev().find(|&year| days(year, 1, 1) <= day).unwrap_or(1900);
    let month = (1..=12).rev().find(|&month| days(year, month, 1) <= day).unwrap_or(1);
    format!("{year:04}-{month:02}-{:02}", day - days(year, month, 1) + 1)
}

#[test]
fn days_follow_one_another() {
    for year in 1999..2102 {
        for month in 1..=12 {
            let (first, last) = reading(&format!("{year}-{month:02}")).expect("a month");
            let length = (last + 1 - first) / INSTANTS_A_DAY;
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let expected = match month {
                2 => 28 + i64::from(leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            assert_eq!(length, expected, "{year}-{month}");
            assert_eq!(shown_instant(first), format!("{year}-{month:02}-01"));
            assert_eq!(shown_instant(last), format!("{year}-{month:02}-{length} end"));
        }
    }
}
