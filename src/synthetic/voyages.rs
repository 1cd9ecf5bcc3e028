//! What a ship does, from its first port on: call, load, sail, deliver, and so on.
//!
//! A ship is in one place at a time. It sails no faster than its kind can, and arrives on a day
//! after the one on which it left.

use super::evidence::{Report, Sort};
use super::owners::Ship;
use super::random::Random;
use super::tables::{Table, Tables};
use super::{DEPOTS, OF_VOYAGES, World};
use crate::error::Result;

/// Hundredths of a kilometre that a knot makes in a day: 24 nautical miles of 1.852 km.
const KM_HUNDREDTHS_PER_KNOT_DAY: u32 = 4445;
/// The most days of a call.
const STAY_MAX: u32 = 4;
/// How far goods go by rail in a day.
const RAIL_KM_PER_DAY: (u32, u32) = (350, 800);
/// How many ports a ship looks at before it sails to the nearest of them.
const CHOICES: u32 = 3;
/// Days that an AIS gap has at least.
const GAP_DAYS_MIN: u32 = 2;

/// A ship on its way through the years.
struct Voyager<'w> {
    world: &'w World,
    ship: Ship,
    number: u32,
    random: Random,
    /// How many calls, consignments and gaps there were.
    calls: u32,
    consignments: u32,
    gaps: u32,
}

/// A stay in a port, first and last day included.
#[derive(Clone, Copy)]
struct Call {
    port: usize,
    from: u32,
    to: u32,
}

impl World {
    /// Writes all that a ship does.
    pub(super) fn write_voyages(&self, tables: &mut Tables, number: u32) -> Result<()> {
        let random = Random::stream(self.trade.seed, OF_VOYAGES, number.into());
        let ship = self.ship(number);
        Voyager { world: self, ship, number, random, calls: 0, consignments: 0, gaps: 0 }.sail(tables)
    }

    fn port_key(&self, port: usize) -> String {
        format!("port-{}", self.ports.all[port].code.to_lowercase())
    }
}

impl Voyager<'_> {
    fn sail(&mut self, tables: &mut Tables) -> Result<()> {
        let port = self.random.below(self.world.ports.all.len() as u32) as usize;
        let day = self.random.below(15);
        let mut call = self.stay(port, day);
        self.write_call(tables, call)?;
        loop {
            let port = self.choose_port(call.port);
            let arrival = call.to + self.days_at_sea(call.port, port);
            let next = self.stay(port, arrival);
            if next.to >= self.world.n_days() {
                return Ok(());
            }
            self.write_call(tables, next)?;
            self.write_consignments(tables, call, next)?;
            self.write_gap(tables, call, next)?;
            call = next;
        }
    }

    fn stay(&mut self, port: usize, from: u32) -> Call {
        Call { port, from, to: from + self.random.below(STAY_MAX) }
    }

    /// The nearest of a few ports, so that short routes are more frequent than long ones.
    fn choose_port(&mut self, from: usize) -> usize {
        let n_ports = self.world.ports.all.len() as u32;
        let mut nearest = None;
        for _ in 0..CHOICES {
            // Any port but this one.
            let port = (from + self.random.between(1, n_ports - 1) as usize) % n_ports as usize;
            let km = self.world.ports.by_sea_km(from, port);
            nearest = nearest.filter(|&(least, _)| least <= km).or(Some((km, port)));
        }
        nearest.map_or(from, |(_, port)| port)
    }

    /// Whole days, at the ship's speed or slower.
    fn days_at_sea(&mut self, from: usize, to: usize) -> u32 {
        let km_hundredths = self.world.ports.by_sea_km(from, to) * 100;
        let days = km_hundredths.div_ceil(self.ship.kind.knots * KM_HUNDREDTHS_PER_KNOT_DAY).max(1);
        days + self.random.below(days / 4 + 2)
    }

    /// A call; one of five is reported, and of one of thirty a paper knows the month.
    fn write_call(&mut self, tables: &mut Tables, call: Call) -> Result<()> {
        self.calls += 1;
        let (world, ship) = (self.world, self.number);
        let port = world.port_key(call.port);
        let report = match self.random.below(10) {
            0 => world.report(&mut self.random, Sort::Positions, call.from),
            1 => world.report(&mut self.random, Sort::PortBook, call.from),
            _ => Report::default(),
        };
        tables.count_claim(&report.source);
        let (from, to) = (world.day(call.from), world.day(call.to));
        let row =
            format_args!(",ship-{ship},CALLED_AT,{port},{from},{to},{},{}", report.source, report.grade);
        tables.row(Table::Calls, row)?;
        if self.random.once_in(30) { self.write_sighting(tables, call) } else { Ok(()) }
    }

    /// A paper saw the ship in a month; one of five owners deny it.
    fn write_sighting(&mut self, tables: &mut Tables, call: Call) -> Result<()> {
        let (world, ship) = (self.world, self.number);
        let key = format!("seen-{ship}-{}", self.calls);
        let report = world.report(&mut self.random, Sort::News, call.from);
        tables.count_claim(&report.source);
        let row = format_args!(
            "{key},ship-{ship},SEEN_AT,{},{},,{},{}",
            world.port_key(call.port),
            world.month(call.from),
            report.source,
            report.grade
        );
        tables.row(Table::Calls, row)?;
        if !self.random.once_in(5) {
            return Ok(());
        }
        let report = world.report(&mut self.random, Sort::Owners, call.from);
        let row = format_args!(
            "{key},,,disputes,,{},{},,,,made up: the owners deny it",
            report.source, report.grade
        );
        tables.row(Table::Claims, row)
    }

    /// None to three consignments from one call to the next; a third goes on by rail.
    fn write_consignments(&mut self, tables: &mut Tables, from: Call, to: Call) -> Result<()> {
        for _ in 0..self.random.below(4) {
            self.consignments += 1;
            let key = format!("cargo-{}-{}", self.number, self.consignments);
            let cargo = *self.random.one_of(self.ship.kind.cargoes);
            let (least, most) = self.ship.kind.quantity;
            let quantity = self.random.between(least, most);
            let unit = self.ship.kind.unit;
            let row = format_args!("{key},Consignment,Synthetic {cargo},{cargo},{quantity},{unit},true");
            tables.row(Table::Cargoes, row)?;
            self.write_carriage(tables, &key, from, to)?;
            if self.random.once_in(3) {
                self.write_rail_leg(tables, to, cargo, quantity)?;
            }
        }
        Ok(())
    }

    fn write_carriage(&mut self, tables: &mut Tables, key: &str, from: Call, to: Call) -> Result<()> {
        let world = self.world;
        let report = match self.random.once_in(10) {
            true => world.report(&mut self.random, Sort::Customs, to.from),
            false => Report::default(),
        };
        tables.count_claim(&report.source);
        let loaded = world.day(self.random.between(from.from, from.to));
        let delivered = world.day(self.random.between(to.from, to.to));
        let (left, reached) = (world.day(from.to), world.day(to.from));
        let (start, end) = (world.port_key(from.port), world.port_key(to.port));
        let km = world.ports.by_sea_km(from.port, to.port);
        let ship = self.number;
        let (source, grade) = (&report.source, report.grade);
        tables.row(Table::Carriage, format_args!("{key},LOADED_AT,{start},{loaded},{loaded},,,"))?;
        let row = format_args!("ship-{ship},CARRIED,{key},{left},{reached},{km},{source},{grade}");
        tables.row(Table::Carriage, row)?;
        tables.row(Table::Carriage, format_args!("{key},DELIVERED_TO,{end},{delivered},{delivered},,,"))
    }

    /// A train takes as much of the same on to a depot. That it is the same is recorded nowhere.
    fn write_rail_leg(&mut self, tables: &mut Tables, call: Call, cargo: &str, quantity: u32) -> Result<()> {
        let world = self.world;
        let n_depot = self.random.below(DEPOTS as u32) as usize;
        let depot = world.depots[call.port][n_depot];
        let left = call.to + self.random.between(1, 10);
        let (least, most) = RAIL_KM_PER_DAY;
        let reached = left + depot.by_rail_km.div_ceil(self.random.between(least, most)).max(1);
        if reached >= world.n_days() {
            return Ok(());
        }
        let leg = format!("{}-{}", self.number, self.consignments);
        let unit = self.ship.kind.unit;
        let row =
            format_args!("rail-{leg},Consignment,Synthetic {cargo} by rail,{cargo},{quantity},{unit},true");
        tables.row(Table::Cargoes, row)?;
        tables.row(Table::Cargoes, format_args!("train-{leg},Train,Synthetic train {leg},,,,true"))?;
        let (port, from, to) = (world.port_key(call.port), world.day(left), world.day(reached));
        let inland = format!("depot-{}-{}", world.ports.all[call.port].code.to_lowercase(), n_depot + 1);
        tables.row(Table::Carriage, format_args!("rail-{leg},SHIPPED_FROM,{port},{from},{from},,,"))?;
        let km = depot.by_rail_km;
        tables.row(Table::Carriage, format_args!("train-{leg},CARRIED,rail-{leg},{from},{to},{km},,"))?;
        tables.row(Table::Carriage, format_args!("rail-{leg},DELIVERED_TO,{inland},{to},{to},,,"))
    }

    /// Days at sea on which a ship sends no position, and calls were looked for in vain.
    fn write_gap(&mut self, tables: &mut Tables, from: Call, to: Call) -> Result<()> {
        if !self.ship.is_dark || to.from - from.to <= GAP_DAYS_MIN || !self.random.once_in(4) {
            return Ok(());
        }
        self.gaps += 1;
        let (world, ship, n) = (self.world, self.number, self.gaps);
        let (first, last) = (world.day(from.to + 1), world.day(to.from - 1));
        let row = format_args!("gap-{ship}-{n},Event,Synthetic silence {n} of ship {ship},AIS gap,true");
        tables.row(Table::Gaps, row)?;
        tables.row(Table::About, format_args!("gap-{ship}-{n},ABOUT,ship-{ship},{first},{last}"))?;
        let report = world.report(&mut self.random, Sort::Positions, to.from);
        let row = format_args!(
            "ship-{ship},,,null,,{},{},CALLED_AT,{first},{last},made up: no position was sent",
            report.source, report.grade
        );
        tables.row(Table::Claims, row)
    }
}
