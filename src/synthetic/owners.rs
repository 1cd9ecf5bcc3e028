//! Fleets: people, the companies through which they own ships, managers and flags.

use std::ops::Range;

use super::evidence::Sort;
use super::random::Random;
use super::tables::{Table, Tables};
use super::{FIRST_YEAR, OF_FLEETS, OF_SHIPS, PROGRAMMES, STATES, World, state_letter};
use crate::error::Result;

/// The most ships of a fleet.
const FLEET_MAX: u32 = 12;
/// The most companies between people and the companies that own the ships.
const CHAIN_MAX: u32 = 5;
/// Ships with numbers from here on have no IMO number: those below get one that begins with a
/// zero, as no real ship's does.
const WITH_IMO: u32 = 100_000;

/// How people share what is theirs, in per cent.
const SPLITS: [&[u32]; 6] = [&[100], &[60, 40], &[51, 49], &[50, 50], &[40, 35, 25], &[34, 33, 33]];

/// Names are made of these, and mean nothing.
const SYLLABLES: [&str; 20] = [
    "zan", "vel", "mir", "tor", "quin", "bas", "dor", "fen", "gal", "hes", "jun", "kel", "lom", "nar", "pex",
    "rud", "sil", "tav", "wim", "yol",
];

/// A sort of ship.
#[derive(Debug)]
pub(super) struct ShipKind {
    name: &'static str,
    pub(super) knots: u32,
    pub(super) cargoes: &'static [&'static str],
    pub(super) unit: &'static str,
    /// Least and most of a consignment.
    pub(super) quantity: (u32, u32),
    deadweight: (u32, u32),
}

#[rustfmt::skip]
const SHIP_KINDS: [ShipKind; 4] = [
    ShipKind { name: "Bulk carrier",  knots: 12, cargoes: &["grain", "coal", "ore", "fertiliser"],
        unit: "metric ton", quantity: (2_000, 20_000), deadweight: (20_000, 80_000) },
    ShipKind { name: "General cargo", knots: 13, cargoes: &["timber", "steel", "machines", "crates"],
        unit: "metric ton", quantity: (100, 3_000), deadweight: (3_000, 15_000) },
    ShipKind { name: "Container ship", knots: 17, cargoes: &["containers"],
        unit: "container", quantity: (5, 400), deadweight: (8_000, 60_000) },
    ShipKind { name: "Tanker",        knots: 13, cargoes: &["diesel", "fuel oil", "crude oil"],
        unit: "metric ton", quantity: (3_000, 30_000), deadweight: (10_000, 110_000) },
];

/// What is fixed about a ship.
#[derive(Debug)]
pub(super) struct Ship {
    pub(super) kind: &'static ShipKind,
    /// Whether it falls silent at times.
    pub(super) is_dark: bool,
    built: u32,
}

impl Ship {
    fn draw(random: &mut Random) -> Self {
        Self {
            kind: random.one_of(&SHIP_KINDS),
            is_dark: random.once_in(6),
            built: random.between(1980, FIRST_YEAR as u32 - 1),
        }
    }
}

/// A fleet while it is written.
struct Fleet {
    number: u32,
    /// The company at the end of the chain, which owns those that own the ships.
    bottom: u32,
    /// The company that runs the ships.
    manager: u32,
    /// How many companies it has so far.
    companies: u32,
}

impl World {
    /// What is fixed about a ship.
    pub(super) fn ship(&self, number: u32) -> Ship {
        Ship::draw(&mut Random::stream(self.trade.seed, OF_SHIPS, number.into()))
    }

    /// Writes a fleet that begins with ship `first`, and gives its ships.
    pub(super) fn write_fleet(&self, tables: &mut Tables, number: u32, first: u32) -> Result<Range<u32>> {
        let mut random = Random::stream(self.trade.seed, OF_FLEETS, number.into());
        let ships = first..(first + random.between(1, FLEET_MAX)).min(self.trade.ships + 1);
        let mut fleet = self.write_chain(tables, &mut random, number)?;
        if random.once_in(12) {
            self.write_listing(tables, &mut random, &fleet, &ships)?;
        }
        for ship in ships.clone() {
            self.write_ship(tables, ship)?;
            self.write_owner(tables, &mut random, &mut fleet, ship)?;
            self.write_flags(tables, &mut random, ship)?;
        }
        Ok(ships)
    }

    /// People, and the companies below them, each of which owns the next.
    fn write_chain(&self, tables: &mut Tables, random: &mut Random, number: u32) -> Result<Fleet> {
        let mut fleet = Fleet { number, bottom: 0, manager: 0, companies: 0 };
        let split = *random.one_of(&SPLITS);
        let length = random.between(1, CHAIN_MAX);
        for _ in 0..length {
            fleet.add_company(tables, random, "Holding")?;
        }
        for (person, share) in (1..).zip(split) {
            self.write_person(tables, random, number, person)?;
            let owner = format!("person-{number}-{person}");
            self.own(tables, random, &owner, &fleet.company(1), *share, (None, None))?;
        }
        for owned in 2..=length {
            let share = random.between(51, 100);
            self.own_for_a_while(tables, random, &mut fleet, owned, share)?;
        }
        fleet.bottom = length;
        fleet.manager = fleet.add_company(tables, random, "Management")?;
        let manager = fleet.company(fleet.manager);
        let since = FIRST_YEAR as u32 - random.between(1, 15);
        tables.row(Table::Ownership, format_args!("person-{number}-1,DIRECTS,{manager},,{since},,,"))?;
        Ok(fleet)
    }

    /// A company of the chain owns the next; in one of six, another one takes its place on some day.
    fn own_for_a_while(
        &self,
        tables: &mut Tables,
        random: &mut Random,
        fleet: &mut Fleet,
        owned: u32,
        share: u32,
    ) -> Result<()> {
        let (owner, owned) = (fleet.company(owned - 1), fleet.company(owned));
        if !random.once_in(6) {
            return self.own(tables, random, &owner, &owned, share, (None, None));
        }
        let day = random.between(1, self.n_days() - 1);
        let heir = fleet.add_company(tables, random, "Trading")?;
        let (heir, person) = (fleet.company(heir), format!("person-{}-1", fleet.number));
        self.own(tables, random, &owner, &owned, share, (None, Some(day - 1)))?;
        self.own(tables, random, &heir, &owned, share, (Some(day), None))?;
        self.own(tables, random, &person, &heir, 100, (Some(day), None))
    }

    fn own(
        &self,
        tables: &mut Tables,
        random: &mut Random,
        owner: &str,
        owned: &str,
        share: u32,
        (from, to): (Option<u32>, Option<u32>),
    ) -> Result<()> {
        let since = (FIRST_YEAR as u32 - random.between(1, 9)).to_string();
        let from_shown = from.map_or(since.as_str(), |day| self.day(day));
        let to = to.map_or("", |day| self.day(day));
        let sort = *random.one_of(&[Sort::Register, Sort::Register, Sort::Leak, Sort::Informant]);
        let report = self.report(random, sort, from.unwrap_or(0));
        tables.count_claim(&report.source);
        let (whole, hundredths) = (share / 100, share % 100);
        let row = format_args!(
            "{owner},OWNS,{owned},{whole}.{hundredths:02},{from_shown},{to},{},{}",
            report.source, report.grade
        );
        tables.row(Table::Ownership, row)
    }

    fn write_person(&self, tables: &mut Tables, random: &mut Random, fleet: u32, n: u32) -> Result<()> {
        let name = format!("{} {}", word(random, 2), word(random, 3));
        // As two registers would spell it.
        let alias = if random.once_in(3) { name.replace('i', "y").replace('k', "c") } else { String::new() };
        let aliases = if alias == name { String::new() } else { alias };
        let row = format_args!("person-{fleet}-{n},Person,{name} (synthetic),{aliases},,,true");
        tables.row(Table::Owners, row)
    }

    fn write_ship(&self, tables: &mut Tables, number: u32) -> Result<()> {
        let mut random = Random::stream(self.trade.seed, OF_SHIPS, number.into());
        let Ship { kind, built, .. } = Ship::draw(&mut random);
        let name = word(&mut random, 3).to_uppercase();
        let former = if random.once_in(4) { word(&mut random, 3).to_uppercase() } else { String::new() };
        let imo = if number < WITH_IMO { imo(number) } else { String::new() };
        let deadweight = random.between(kind.deadweight.0 / 100, kind.deadweight.1 / 100) * 100;
        let row = format_args!(
            "ship-{number},Vessel,SYNTHETIC {name},{former},{imo},{},{built},{deadweight},true",
            kind.name
        );
        tables.row(Table::Ships, row)?;
        if !random.once_in(30) {
            return Ok(());
        }
        let report = self.report(&mut random, Sort::News, 0);
        let other = built + random.between(1, 5);
        let row = format_args!(
            "ship-{number},built,{other},disputes,,{},{},,,,made up: another year in another list",
            report.source, report.grade
        );
        tables.row(Table::Claims, row)
    }

    /// The company that owns a ship, and in one of six another one after it.
    fn write_owner(
        &self,
        tables: &mut Tables,
        random: &mut Random,
        fleet: &mut Fleet,
        ship: u32,
    ) -> Result<()> {
        let ship_key = format!("ship-{ship}");
        let sold = random.once_in(6).then(|| random.between(1, self.n_days() - 1));
        let times = match sold {
            Some(day) => vec![(None, Some(day - 1)), (Some(day), None)],
            None => vec![(None, None)],
        };
        for time in times {
            let company = fleet.add_company(tables, random, "Shipping")?;
            let share = if random.once_in(4) { random.between(50, 99) } else { 100 };
            let company = fleet.company(company);
            self.own(tables, random, &fleet.company(fleet.bottom), &company, share, (time.0, None))?;
            self.own(tables, random, &company, &ship_key, 100, time)?;
        }
        let since = self.day(random.below(30)).to_owned();
        let manager = fleet.company(fleet.manager);
        tables.row(Table::Ownership, format_args!("{manager},MANAGES,{ship_key},,{since},,,"))
    }

    /// The flags of a ship, one after another.
    fn write_flags(&self, tables: &mut Tables, random: &mut Random, ship: u32) -> Result<()> {
        let mut from = 0;
        loop {
            let state = state_letter(random.below(STATES)).to_ascii_lowercase();
            let until = from + random.between(300, 4000);
            let is_last = until >= self.n_days();
            let to = if is_last { "" } else { self.day(until - 1) };
            let row = format_args!("ship-{ship},FLAGGED,state-x{state},,{},{to},,", self.day(from));
            tables.row(Table::Ownership, row)?;
            if is_last {
                return Ok(());
            }
            from = until;
        }
    }

    /// A programme lists the first of the people, and half of the ships.
    fn write_listing(
        &self,
        tables: &mut Tables,
        random: &mut Random,
        fleet: &Fleet,
        ships: &Range<u32>,
    ) -> Result<()> {
        let programme = random.between(1, PROGRAMMES);
        let day = random.below(self.n_days());
        let listed = ships.clone().filter(|_| random.once_in(2)).map(|ship| format!("ship-{ship}"));
        let all: Vec<String> = [format!("person-{}-1", fleet.number)].into_iter().chain(listed).collect();
        for listed in all {
            let from = self.day(day);
            let row = format_args!("{listed},SANCTIONED_BY,programme-{programme},,{from},,,");
            tables.row(Table::Ownership, row)?;
        }
        Ok(())
    }
}

impl Fleet {
    fn company(&self, n: u32) -> String {
        format!("company-{}-{n}", self.number)
    }

    /// Writes one more company and gives its number.
    fn add_company(&mut self, tables: &mut Tables, random: &mut Random, what: &str) -> Result<u32> {
        self.companies += 1;
        let (key, state) = (self.company(self.companies), state_letter(random.below(STATES)));
        let name = word(random, 3);
        let founded = FIRST_YEAR as u32 - random.between(1, 20);
        let row = format_args!("{key},Company,Synthetic {name} {what} Ltd,,X{state},{founded},true");
        tables.row(Table::Owners, row)?;
        Ok(self.companies)
    }
}

/// A word that means nothing, of two syllables to `most`.
fn word(random: &mut Random, most: u32) -> String {
    let n = random.between(2, most);
    let mut word: String = (0..n).map(|_| *random.one_of(&SYLLABLES)).collect();
    word[..1].make_ascii_uppercase();
    word
}

/// A number with the check digit of IMO numbers that no real ship can have.
fn imo(ship: u32) -> String {
    let digits = format!("{ship:06}");
    let sum: u32 =
        digits.bytes().zip((2..=7).rev()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{digits}{}", sum % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Value, schema};

    #[test]
    fn imo_numbers_verify_and_are_no_ship_s() {
        for ship in [1, 17, 4711, WITH_IMO - 1] {
            let imo = imo(ship);
            assert!(imo.starts_with('0'), "{imo}");
            schema::check_imo(&Value::from(imo)).expect("the check digit is right");
        }
    }

    #[test]
    fn people_share_all_there_is() {
        assert!(SPLITS.iter().all(|split| split.iter().sum::<u32>() == 100));
    }
}
