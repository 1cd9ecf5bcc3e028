//! A synthetic trade of any size: for benchmarks, demonstrations and tests.
//!
//! Fleets belong to chains of companies with people at their ends. Ships sail between real
//! ports, whose distances and the ships' speeds say how long that takes; they load, carry and
//! deliver consignments, of which some go on by rail to depots inland. Some ships fall silent
//! on the way. Sources of different grades report a part of all this, disagree about some of
//! it, and relay one another. All of it but the towns' names and places is made up, says so in
//! its names, and has the property `synthetic`.
//!
//! A trade is fixed by its [`Trade`]: the same bytes on every machine. Every fleet and every
//! ship has random numbers of its own and is written when its turn comes, so that memory does
//! not grow with the trade.
//!
//! # What is not modelled
//!
//! Routes are great circles made longer, not sea lanes; ships carry as much as they like;
//! depots lie anywhere around their port, and be it at sea.

mod evidence;
mod owners;
mod ports;
mod random;
mod tables;
mod voyages;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::model::Date;

use ports::{DETOUR_BY_RAIL, Ports, Spot};
use random::Random;
use tables::{Table, Tables};

/// The most ships of a trade.
pub const SHIPS_MAX: u32 = 1_000_000;
/// The most years of a trade.
pub const YEARS_MAX: u32 = 50;
/// The year in which every trade begins.
pub const FIRST_YEAR: i32 = 2010;

/// How many relationships there are for each ship and year, about; small trades differ.
pub const RELATIONSHIPS_PER_SHIP_YEAR: u32 = 200;

/// Depots around each port.
const DEPOTS: usize = 3;
/// Ports that lie closer together than this are near each other.
const NEAR_KM: u32 = 150;
/// Flag states, whose codes XA to XZ ISO 3166 leaves to its users.
const STATES: u32 = 26;
/// Sanctions programmes.
const PROGRAMMES: u32 = 3;

/// What a stream of random numbers is for.
const OF_DEPOTS: u64 = 1;
const OF_FLEETS: u64 = 2;
const OF_SHIPS: u64 = 3;
const OF_VOYAGES: u64 = 4;

/// What fixes a synthetic trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trade {
    /// How many ships, from 1 to [`SHIPS_MAX`].
    pub ships: u32,
    /// How many years they sail, from 1 to [`YEARS_MAX`].
    pub years: u32,
    /// Trades with different seeds differ in everything.
    pub seed: u64,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// The files, in an order in which they can be imported.
    pub files: Vec<PathBuf>,
    /// How many nodes.
    pub nodes: u64,
    /// How many relationships.
    pub relationships: u64,
    /// How many claims, those that rows of relationships make by naming a source among them.
    pub claims: u64,
    /// How many bytes.
    pub bytes: u64,
    /// How many ships are done.
    pub ships: u32,
}

impl Trade {
    /// Writes the trade to CSV files in a directory, in the convention of [`crate::formats::csv`].
    ///
    /// `progress` is told after each fleet what was written so far, and can stop it.
    ///
    /// # Errors
    /// `Invalid` for numbers out of range, and where one of the files is there already;
    /// `Interrupted` where `progress` breaks; `Io`. After an error no file stays.
    ///
    /// # Complexity
    /// O(ships × years), in memory that does not grow with them.
    ///
    /// # Example
    /// ```
    /// use std::ops::ControlFlow;
    /// use throughline::synthetic::Trade;
    ///
    /// # let dir = tempfile::tempdir().expect("a temporary directory");
    /// let trade = Trade { ships: 3, years: 1, seed: 7 };
    /// let summary = trade.write(&dir.path().join("trade"), &mut |_| ControlFlow::Continue(()))?;
    /// assert_eq!((summary.ships, summary.files.len()), (3, 12));
    /// # Ok::<(), throughline::Error>(())
    /// ```
    pub fn write(self, dir: &Path, progress: &mut dyn FnMut(&Summary) -> ControlFlow<()>) -> Result<Summary> {
        let world = World::new(self)?;
        let mut tables = Tables::create(dir)?;
        let written = world.write(&mut tables, progress).and_then(|()| tables.finish());
        if written.is_err() {
            tables.remove();
        }
        written
    }
}

/// The trade with what all of it rests on.
#[derive(Debug)]
struct World {
    trade: Trade,
    ports: Ports,
    /// Of each port.
    depots: Vec<[Depot; DEPOTS]>,
    /// The days of the trade, as they are written.
    days: Vec<String>,
}

/// A made-up place inland.
#[derive(Debug, Clone, Copy)]
struct Depot {
    spot: Spot,
    kind: &'static str,
    by_rail_km: u32,
}

impl World {
    fn new(trade: Trade) -> Result<Self> {
        in_range("ships", trade.ships, SHIPS_MAX)?;
        in_range("years", trade.years, YEARS_MAX)?;
        let ports = Ports::read()?;
        let depots = (0..ports.all.len()).map(|port| depots(trade.seed, &ports, port)).collect();
        let first_of = |year: u32| {
            let date = i32::try_from(year).ok().and_then(|year| Date::new(FIRST_YEAR + year, 1, 1));
            date.map(Date::days).ok_or_else(|| Error::invalid(format!("there is no year {year}")))
        };
        let days = (first_of(0)?..first_of(trade.years)?).filter_map(Date::of_days);
        let days = days.map(|day| day.to_string()).collect();
        Ok(Self { trade, ports, depots, days })
    }

    /// A day as it is written; the last one for all that are later.
    fn day(&self, day: u32) -> &str {
        self.days.get(day as usize).or(self.days.last()).map_or("", String::as_str)
    }

    /// The month of a day, as a partial date.
    fn month(&self, day: u32) -> &str {
        &self.day(day)[..7]
    }

    fn n_days(&self) -> u32 {
        self.days.len() as u32
    }

    fn write(
        &self,
        tables: &mut Tables,
        progress: &mut dyn FnMut(&Summary) -> ControlFlow<()>,
    ) -> Result<()> {
        self.write_places(tables)?;
        self.write_sources(tables)?;
        let (mut fleet, mut first) = (1, 1);
        while first <= self.trade.ships {
            let ships = self.write_fleet(tables, fleet, first)?;
            for ship in ships.clone() {
                self.write_voyages(tables, ship)?;
            }
            (fleet, first) = (fleet + 1, ships.end);
            tables.summary.ships = first - 1;
            if progress(&tables.summary).is_break() {
                return Err(Error::interrupted("stopped; the files that were begun are removed"));
            }
        }
        Ok(())
    }

    fn write_places(&self, tables: &mut Tables) -> Result<()> {
        for (at, port) in self.ports.all.iter().enumerate() {
            let (code, town) = (port.code.to_lowercase(), port.town);
            let country = &port.code[..2];
            let place = shown(port.spot);
            tables.row(
                Table::Places,
                format_args!(
                    "port-{code},Port,Synthetic port at {town},port,{country},{},{place},true",
                    port.code
                ),
            )?;
            for (n, depot) in (1..).zip(&self.depots[at]) {
                let (kind, place) = (depot.kind, shown(depot.spot));
                tables.row(
                    Table::Places,
                    format_args!(
                        "depot-{code}-{n},Facility,Synthetic {kind} {n} inland of {town},{kind},{country},,{place},true"
                    ),
                )?;
            }
        }
        for state in 0..STATES {
            let (key, code) = (state_letter(state).to_ascii_lowercase(), state_letter(state));
            let row = format_args!("state-x{key},Country,Synthetic flag state X{code},,X{code},,,,true");
            tables.row(Table::Places, row)?;
        }
        for n in 1..=PROGRAMMES {
            let row = format_args!("programme-{n},Sanction,Synthetic sanctions programme {n},,,,,,true");
            tables.row(Table::Places, row)?;
        }
        self.write_near(tables)
    }

    fn write_near(&self, tables: &mut Tables) -> Result<()> {
        let ports = &self.ports.all;
        for (at, one) in ports.iter().enumerate() {
            for other in &ports[at + 1..] {
                let km = one.spot.km_to(other.spot);
                if km < NEAR_KM {
                    let (one, other) = (one.code.to_lowercase(), other.code.to_lowercase());
                    tables.row(Table::Near, format_args!("port-{one},NEAR,port-{other},{km}"))?;
                }
            }
        }
        Ok(())
    }
}

fn in_range(what: &str, found: u32, most: u32) -> Result<()> {
    match (1..=most).contains(&found) {
        true => Ok(()),
        false => Err(Error::invalid(format!("expected 1 to {most} {what}, found {found}"))),
    }
}

fn state_letter(state: u32) -> char {
    char::from(b'A' + (state % STATES) as u8)
}

/// The depots of a port, half a degree to six degrees off.
fn depots(seed: u64, ports: &Ports, port: usize) -> [Depot; DEPOTS] {
    let spot = ports.all[port].spot;
    let mut random = Random::stream(seed, OF_DEPOTS, port as u64);
    std::array::from_fn(|_| {
        let mut off = |least: u32| {
            let by = random.between(least, 600) as i32;
            if random.once_in(2) { -by } else { by }
        };
        let (lat, lon) = (spot.lat + off(50), spot.lon + off(0));
        let inland = Spot { lat: lat.clamp(-8500, 8500), lon: lon.clamp(-17_999, 17_999) };
        let by_rail_km = (f64::from(spot.km_to(inland)) * DETOUR_BY_RAIL).round() as u32;
        let kind = random.one_of(&["depot", "storage", "plant"]);
        Depot { spot: inland, kind, by_rail_km }
    })
}

/// Degrees with two decimals, latitude first.
fn shown(spot: Spot) -> String {
    let degrees = |hundredths: i32| {
        let sign = if hundredths < 0 { "-" } else { "" };
        format!("{sign}{}.{:02}", hundredths.abs() / 100, hundredths.abs() % 100)
    };
    format!("{},{}", degrees(spot.lat), degrees(spot.lon))
}
