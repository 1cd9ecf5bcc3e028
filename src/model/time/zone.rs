//! Time zones: offsets from UTC, and names with their history.
//!
//! The rules of named zones are those of the tz database bundled with the
//! program, so that a case reads the same on every machine. A datetime keeps the
//! offset that it was made with, whatever a later edition of the rules says.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{LazyLock, Mutex, PoisonError};

use jiff::tz::{AmbiguousOffset, Offset, TimeZone as Rules, TimeZoneDatabase};
use jiff::{Timestamp, civil};

use super::iso;
use crate::error::{Error, Result};

/// Where a clock stands: at an offset from UTC, or in a named zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeZone {
    /// Seconds from UTC, east positive.
    Offset(i32),
    /// A zone of the tz database.
    Named(NamedZone),
}

impl TimeZone {
    /// Universal time.
    pub const UTC: Self = Self::Offset(0);
    /// The greatest offset there is, in seconds, east and west.
    pub const OFFSET_MAX_SECONDS: i32 = 18 * 3600;

    /// Reads an offset such as `Z` or `+02:00`, or a name such as `Europe/Stockholm`.
    ///
    /// # Errors
    /// `Invalid` for anything else, with the nearest known name.
    pub fn parse(text: &str) -> Result<Self> {
        match iso::offset(text) {
            Some(offset) => Ok(Self::Offset(offset)),
            None if text.starts_with(['+', '-']) => {
                Err(Error::invalid(format!("expected an offset such as +02:00, found '{text}'"))
                    .hint("offsets reach from -18:00 to +18:00".to_owned()))
            }
            None => NamedZone::find(text).map(Self::Named),
        }
    }

    /// The offset from UTC in force so many seconds after 1970-01-01 UTC.
    #[must_use]
    pub fn offset_at(self, seconds: i64) -> i32 {
        match self {
            Self::Offset(offset) => offset,
            Self::Named(zone) => zone.offset_at(seconds).unwrap_or(0),
        }
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offset(offset) => f.write_str(&offset_text(*offset)),
            Self::Named(zone) => f.write_str(zone.name()),
        }
    }
}

/// An offset as ISO 8601 writes it: `Z`, `+02:00`, with seconds where it has some.
pub(super) fn offset_text(offset_seconds: i32) -> String {
    if offset_seconds == 0 {
        return "Z".to_owned();
    }
    let sign = if offset_seconds < 0 { '-' } else { '+' };
    let (offset, seconds) = (offset_seconds.abs(), offset_seconds.abs() % 60);
    let text = format!("{sign}{:02}:{:02}", offset / 3600, offset / 60 % 60);
    if seconds == 0 { text } else { format!("{text}:{seconds:02}") }
}

/// A zone of the tz database. What its clocks showed when is looked up by its name each time.
#[derive(Clone, Copy)]
pub struct NamedZone(&'static Name);

struct Name(Box<str>);

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The zones of the bundled database, by name in small letters.
static KNOWN: LazyLock<BTreeMap<String, Name>> = LazyLock::new(|| {
    DATABASE
        .available()
        .map(|name| (name.as_str().to_ascii_lowercase(), Name(name.as_str().into())))
        .collect()
});

/// Names that a case holds and the bundled database does not.
static FOREIGN: Mutex<BTreeMap<String, &'static Name>> = Mutex::new(BTreeMap::new());

impl NamedZone {
    /// The zone of a name, in any case; a space may stand for an underscore.
    ///
    /// # Errors
    /// `Invalid` for an unknown name, with the nearest known one.
    pub fn find(name: &str) -> Result<Self> {
        let wanted = name.trim().to_ascii_lowercase().replace(' ', "_");
        KNOWN.get(&wanted).map(Self).ok_or_else(|| {
            Error::invalid(format!("unknown time zone '{name}'")).hint(nearest(&wanted).map_or_else(
                || "zones are named such as Europe/Stockholm, or by an offset such as +02:00".to_owned(),
                |nearest| format!("did you mean {nearest}?"),
            ))
        })
    }

    /// The zone of a name in a record, which a program of a later date may have written.
    pub(crate) fn recorded(name: &str) -> Self {
        if let Some(known) = KNOWN.get(&name.to_ascii_lowercase()) {
            return Self(known);
        }
        let mut foreign = FOREIGN.lock().unwrap_or_else(PoisonError::into_inner);
        Self(foreign.entry(name.to_owned()).or_insert_with(|| Box::leak(Box::new(Name(name.into())))))
    }

    /// Its name as the database spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        &self.0.0
    }

    /// None for a name that only a later edition of the database knows.
    fn rules(self) -> Option<Rules> {
        DATABASE.get(self.name()).ok()
    }

    /// The offset in force so many seconds after 1970-01-01 UTC, if its rules are known.
    pub(super) fn offset_at(self, seconds: i64) -> Option<i32> {
        Some(self.rules()?.to_offset(timestamp(seconds)).seconds())
    }

    /// The instant at which the zone's clocks show something, both in seconds since 1970-01-01.
    ///
    /// What they show twice, when they are put back, means the first time, or the one with the offset
    /// `preferred`. What they skip, when they are put forward, means as much after the change.
    pub(super) fn instant_of(self, local_seconds: i64, preferred: Option<i32>) -> i64 {
        let Some(rules) = self.rules() else {
            return local_seconds - i64::from(preferred.unwrap_or(0));
        };
        let local: civil::DateTime = Offset::UTC.to_datetime(timestamp(local_seconds));
        let offset = match rules.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Fold { after, .. } if Some(after.seconds()) == preferred => after,
            AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => before,
        };
        local_seconds - i64::from(offset.seconds())
    }
}

/// A time that the database can answer for, at which a zone's clocks show the same.
///
/// The calendar repeats every 400 years, and so do rules without an end; before
/// its first change a zone keeps one offset.
fn timestamp(seconds: i64) -> Timestamp {
    const CYCLE: i64 = 146_097 * 86_400;
    /// The year 9000.
    const LATE: i64 = 221_845_392_000;
    const EARLY: i64 = -LATE;
    let seconds = if seconds > LATE { LATE - CYCLE + (seconds - LATE) % CYCLE } else { seconds.max(EARLY) };
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The known name that is most like one in small letters.
fn nearest(wanted: &str) -> Option<&'static str> {
    // Most people know the city and not the continent.
    let city = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    let alike = KNOWN.iter().map(|(name, spelled)| {
        let likeness =
            strsim::jaro_winkler(wanted, name).max(strsim::jaro_winkler(&city(wanted), &city(name)));
        (likeness, &*spelled.0)
    });
    let best = alike.max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(likeness, _)| *likeness > 0.85).map(|(_, name)| name)
}

impl fmt::Debug for NamedZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl PartialEq for NamedZone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for NamedZone {}

impl Hash for NamedZone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}
