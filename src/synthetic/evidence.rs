//! The sources of the trade: what sort they are, how far they are to be trusted, and who
//! relays whom.

use super::random::Random;
use super::tables::{Table, Tables};
use super::{FIRST_YEAR, World};
use crate::error::Result;

/// A sort of source. There is one of each a year, and more of news in larger trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// Positions that ships send.
    Positions,
    /// A port's own book.
    PortBook,
    /// Customs records.
    Customs,
    /// A register of companies and ships.
    Register,
    /// Documents that somebody took along.
    Leak,
    /// A newspaper.
    News,
    /// Somebody whose name is kept from everybody.
    Informant,
    /// What owners say of themselves.
    Owners,
}

use Sort::{Customs, Informant, Leak, News, Owners, PortBook, Positions, Register};

/// Each sort with its part of the key, its kind, and the grades that its reports get.
const SORTS: [(Sort, &str, &str, &[&str]); 8] = [
    (Positions, "positions", "other", &["A2", "B2"]),
    (PortBook, "port-book", "official", &["A1", "A2", "B2"]),
    (Customs, "customs", "official", &["B2", "B3"]),
    (Register, "register", "registry", &["A2", "B2"]),
    (Leak, "leak", "other", &["C2", "D3"]),
    (News, "news", "news", &["C3", "C4", "D4"]),
    (Informant, "informant", "other", &["D4", "E4", "F6"]),
    (Owners, "owners", "other", &["E5"]),
];

/// One paper a year for so many ships.
const SHIPS_PER_PAPER: u32 = 200;

/// A source with the grade of one report of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Report {
    /// The source's key; empty where nothing was reported.
    pub(super) source: String,
    pub(super) grade: &'static str,
}

impl World {
    fn papers(&self) -> u32 {
        2 + self.trade.ships / SHIPS_PER_PAPER
    }

    /// Writes all sources. Every third paper relays the one before it.
    pub(super) fn write_sources(&self, tables: &mut Tables) -> Result<()> {
        for year in (FIRST_YEAR..).take(self.trade.years as usize) {
            for (sort, name, kind, _) in SORTS {
                let papers = if sort == News { self.papers() } else { 1 };
                for n in 0..papers {
                    let key = key_of(name, year, n);
                    let is_relay = sort == News && n % 3 == 1;
                    let origin = key_of(name, year, n - u32::from(is_relay));
                    let kind = if is_relay { "relay" } else { kind };
                    let is_confidential = sort == Informant;
                    let published = if sort == News { year } else { year + 1 };
                    let row = format_args!(
                        "{key},Source,Synthetic {name} {} of {year},Synthetic publisher of {name} {},{published},{origin},{kind},{is_confidential},true",
                        n + 1,
                        n + 1
                    );
                    tables.row(Table::Sources, row)?;
                }
            }
        }
        Ok(())
    }

    /// A report of something that was so on a day.
    pub(super) fn report(&self, random: &mut Random, sort: Sort, day: u32) -> Report {
        let (_, name, _, grades) = SORTS[sort as usize];
        let paper = if sort == News { random.below(self.papers()) } else { 0 };
        let year = self.day(day)[..4].parse().unwrap_or(FIRST_YEAR);
        Report { source: key_of(name, year, paper), grade: random.one_of::<&str>(grades) }
    }
}

fn key_of(name: &str, year: i32, n: u32) -> String {
    format!("{name}-{year}-{}", n + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_stand_at_the_place_of_their_number() {
        for (at, (sort, ..)) in SORTS.iter().enumerate() {
            assert_eq!(*sort as usize, at);
        }
    }
}
