//! The ports of the trade, which are real in name and place, and the ways between them.

use crate::error::{Error, Result};

/// Name, place and source of each port; `datasets/ports/README.md` says more.
const TABLE: &str = include_str!("../../datasets/ports/ports.csv");

/// The mean radius of the earth.
const EARTH_KM: f64 = 6371.0;

/// How much longer a sea route is than the great circle: within a sea area, and from one to
/// another, where capes and canals are on the way. Rough, and never too short by much.
const DETOUR_WITHIN: f64 = 1.25;
const DETOUR_BETWEEN: f64 = 1.6;

/// How much longer a railway is than the great circle.
pub(super) const DETOUR_BY_RAIL: f64 = 1.35;

/// A place on the earth, in hundredths of a degree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) lat: i32,
    pub(super) lon: i32,
}

impl Spot {
    /// The length of the great circle between two places, by the haversine formula, in whole
    /// kilometres. Rounding takes away what sines differ by from machine to machine.
    pub(super) fn km_to(self, other: Self) -> u32 {
        let radians = |hundredths: i32| (f64::from(hundredths) / 100.0).to_radians();
        let half_sine = |from: i32, to: i32| (radians(to - from) / 2.0).sin().powi(2);
        let along = radians(self.lat).cos() * radians(other.lat).cos() * half_sine(self.lon, other.lon);
        let share = (half_sine(self.lat, other.lat) + along).clamp(0.0, 1.0);
        (2.0 * EARTH_KM * share.sqrt().asin()).round() as u32
    }
}

/// A port.
#[derive(Debug, Clone)]
pub(super) struct Port {
    /// UN/LOCODE; its first two letters are the country.
    pub(super) code: &'static str,
    pub(super) town: &'static str,
    basin: &'static str,
    pub(super) spot: Spot,
}

/// All ports, and how far it is from each to each by sea.
#[derive(Debug)]
pub(super) struct Ports {
    pub(super) all: Vec<Port>,
    /// Row by row, in kilometres.
    by_sea_km: Vec<u32>,
}

impl Ports {
    /// Reads the table that is part of the library.
    pub(super) fn read() -> Result<Self> {
        let all: Vec<Port> = TABLE.lines().skip(1).map(read_line).collect::<Result<_>>()?;
        let by_sea_km = all.iter().flat_map(|from| all.iter().map(|to| by_sea_km(from, to))).collect();
        Ok(Self { all, by_sea_km })
    }

    /// How far it is by sea.
    pub(super) fn by_sea_km(&self, from: usize, to: usize) -> u32 {
        self.by_sea_km[from * self.all.len() + to]
    }
}

fn by_sea_km(from: &Port, to: &Port) -> u32 {
    let detour = if from.basin == to.basin { DETOUR_WITHIN } else { DETOUR_BETWEEN };
    (f64::from(from.spot.km_to(to.spot)) * detour).round() as u32
}

fn read_line(line: &'static str) -> Result<Port> {
    let cells: Vec<&str> = line.split(',').collect();
    let wrong = || Error::invalid(format!("expected a port, found '{line}'"));
    let [code, town, basin, lat, lon, _] = cells[..] else { return Err(wrong()) };
    let degrees = |text: &str| text.replace('.', "").parse().map_err(|_| wrong());
    Ok(Port { code, town, basin, spot: Spot { lat: degrees(lat)?, lon: degrees(lon)? } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_whole() {
        let ports = Ports::read().expect("the table");
        assert_eq!(ports.all.len(), TABLE.lines().count() - 1);
        for port in &ports.all {
            assert!(port.code.len() == 5 && !port.town.is_empty(), "{port:?}");
            assert!(port.spot.lat.abs() <= 9000 && port.spot.lon.abs() <= 18000, "{port:?}");
        }
    }

    #[test]
    fn distances_are_those_of_the_globe() {
        let ports = Ports::read().expect("the table");
        let spot = |code| ports.all.iter().find(|port| port.code == code).expect("a port").spot;
        // Great circles between towns, as any atlas has them, to a hundredth.
        for (from, to, km) in [("NLRTM", "USNYC", 5870), ("RUVVO", "KPRJN", 162), ("AUSYD", "NZWLG", 2225)] {
            let found = spot(from).km_to(spot(to));
            assert!(found.abs_diff(km) <= km / 50 + 5, "{from} to {to}: {found} km");
        }
        assert_eq!(spot("NLRTM").km_to(spot("NLRTM")), 0);
    }
}
