//! A power cut at any moment, simulated: what was synced survives, and of what was written
//! since any sectors in any order, and any length in between. Nothing that was acknowledged
//! is lost, and nothing half done is taken for a commit or for damage.
//!
//! `THROUGHLINE_CASES` and `THROUGHLINE_SEED`, set when it is compiled, make a longer run.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use super::append::Medium;
use super::segment::{SEGMENT_HEADER_BYTES, file_name};
use super::{Access, Commit, CommitInfo, Ledger, Payload};

const SECTOR_BYTES: usize = 512;
/// Commits that each run tries.
const COMMITS: usize = 12;

/// What happened to the file, or was told to the caller, in order.
#[derive(Debug, Clone)]
enum Event {
    Write(u64, Vec<u8>),
    Cut(u64),
    Sync,
    Begun(Attempt),
    Acknowledged,
}

/// A commit that was tried; of several with one number, at most one comes about.
#[derive(Debug, Clone, PartialEq)]
struct Attempt {
    sequence: u64,
    info: CommitInfo,
    payloads: Vec<Payload>,
}

/// A medium that notes what happens, with room for so many more bytes.
struct Recorder {
    events: Arc<Mutex<Vec<Event>>>,
    at: u64,
    room: Arc<Mutex<usize>>,
}

impl Recorder {
    fn note(&self, event: Event) {
        self.events.lock().expect("one thread").push(event);
    }
}

impl Medium for Recorder {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut room = self.room.lock().expect("one thread");
        let fitting = bytes.len().min(*room);
        *room -= fitting;
        self.note(Event::Write(self.at, bytes[..fitting].to_vec()));
        self.at += fitting as u64;
        if fitting < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn sync(&mut self) -> io::Result<()> {
        self.note(Event::Sync);
        Ok(())
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.note(Event::Cut(length));
        self.at = length;
        Ok(())
    }
}

/// SplitMix64, so that a seed gives the same case everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }

    /// Bytes that hardly compress, none of them zero.
    fn payload(&mut self) -> Payload {
        let len = [0, 20, 300, 700, 3000][self.below(5)];
        Payload { encoding: 1, bytes: (0..len).map(|_| 1 + self.below(255) as u8).collect() }
    }

    fn attempt(&mut self, sequence: u64) -> Attempt {
        let author = ["", "ana", "a researcher with a long name"][self.below(3)].to_owned();
        let info = CommitInfo { time_micros: self.below(1 << 40) as i64, author, ..CommitInfo::default() };
        let payloads = (0..[1, 1, 2, 5][self.below(4)]).map(|_| self.payload()).collect();
        Attempt { sequence, info, payloads }
    }
}

/// Commits, some of which do not fit on the disk; gives what happened, after the segment's header.
fn record(dir: &Path, random: &mut Random) -> (Vec<u8>, Vec<Event>) {
    let mut ledger = Ledger::create(dir, [1; 16]).expect("a new ledger");
    let header = std::fs::read(dir.join(file_name(1))).expect("the header was written");
    let (events, room) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(0)));
    let recorder = Recorder { events: events.clone(), at: SEGMENT_HEADER_BYTES, room: room.clone() };
    ledger.tail.as_mut().expect("it was opened for writing").medium = Box::new(recorder);
    let note = |event| events.lock().expect("one thread").push(event);
    for _ in 0..COMMITS {
        let sequence = ledger.position().map_or(0, |position| position.sequence) + 1;
        let attempt = random.attempt(sequence);
        *room.lock().expect("one thread") =
            if random.below(3) == 0 { random.below(6000) } else { usize::MAX };
        note(Event::Begun(attempt.clone()));
        if ledger.append(&attempt.info, attempt.payloads).is_ok() {
            note(Event::Acknowledged);
        }
    }
    drop(ledger);
    let events = events.lock().expect("one thread").clone();
    (header, events)
}

fn write_at(bytes: &mut Vec<u8>, at: u64, written: &[u8]) {
    let (at, end) = (at as usize, at as usize + written.len());
    bytes.resize(bytes.len().max(end), 0);
    bytes[at..end].copy_from_slice(written);
}

/// What a power cut after these events may leave.
fn survivor(header: &[u8], events: &[Event], random: &mut Random) -> Vec<u8> {
    let synced = events.iter().rposition(|event| matches!(event, Event::Sync)).map_or(0, |at| at + 1);
    let mut bytes = header.to_vec();
    for event in &events[..synced] {
        match event {
            Event::Write(at, written) => write_at(&mut bytes, *at, written),
            Event::Cut(length) => bytes.truncate(*length as usize),
            _ => {}
        }
    }
    // All of it, nothing of it, or any sectors, of which more or fewer.
    let chance = [0, 2, 5, 8, 10][random.below(5)];
    let survives = |random: &mut Random| random.below(10) < chance;
    let mut length = bytes.len();
    for event in &events[synced..] {
        match event {
            Event::Write(at, written) => {
                length = length.max(*at as usize + written.len());
                let (mut at, mut rest) = (*at, &written[..]);
                while !rest.is_empty() {
                    let (sector, more) =
                        rest.split_at(rest.len().min(SECTOR_BYTES - at as usize % SECTOR_BYTES));
                    if survives(random) {
                        write_at(&mut bytes, at, sector);
                    }
                    (at, rest) = (at + sector.len() as u64, more);
                }
            }
            Event::Cut(to) if survives(random) => {
                bytes.truncate(*to as usize);
                length = *to as usize;
            }
            _ => {}
        }
    }
    // The file may be as long as what did not survive would have made it.
    if random.below(2) == 0 {
        bytes.resize(length.max(bytes.len()), 0);
    }
    bytes
}

/// Opens what survived: at least what was acknowledged, at most what was begun.
fn check(bytes: &[u8], events: &[Event], access: Access, what: &str) {
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::write(dir.path().join(file_name(1)), bytes).expect("a file");
    let opened = Ledger::open(dir.path(), access, None);
    let (mut ledger, _) = opened.unwrap_or_else(|error| panic!("{what}: {error}"));
    let found: Vec<Commit> =
        ledger.commits(1).collect::<Result<_, _>>().unwrap_or_else(|error| panic!("{what}: {error}"));
    let n_acknowledged = events.iter().filter(|event| matches!(event, Event::Acknowledged)).count();
    assert!(found.len() >= n_acknowledged, "{what}: {} of {n_acknowledged}", found.len());
    for commit in &found {
        let is_it = |event: &Event| match event {
            Event::Begun(attempt) => {
                let payloads: Vec<_> = attempt.payloads.iter().cloned().map(Some).collect();
                attempt.sequence == commit.position.sequence
                    && attempt.info == commit.info
                    && payloads == commit.payloads
            }
            _ => false,
        };
        assert!(events.iter().any(is_it), "{what}: a commit that nobody made: {commit:?}");
    }
    if access == Access::Write {
        let info = CommitInfo::default();
        ledger.append(&info, [Payload { encoding: 1, bytes: b"on".to_vec() }]).expect("it goes on");
        drop(ledger);
        let (ledger, notices) = Ledger::open(dir.path(), Access::Read, None).expect("it opens again");
        assert_eq!((ledger.commits(1).count(), notices), (found.len() + 1, vec![]), "{what}");
    }
}

#[test]
fn what_was_acknowledged_survives_a_power_cut_at_any_moment() {
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<u64>().ok());
    let first = number(option_env!("THROUGHLINE_SEED")).unwrap_or(0);
    let mut n_cuts = 0;
    for seed in first..first + number(option_env!("THROUGHLINE_CASES")).unwrap_or(3) {
        let mut random = Random(seed);
        let dir = tempfile::tempdir().expect("a directory");
        let (header, events) = record(dir.path(), &mut random);
        for n_events in 0..=events.len() {
            for again in 0..5 {
                let events = &events[..n_events];
                let bytes = survivor(&header, events, &mut random);
                // Writing syncs, which takes longer.
                let is_owned = again == 0 && n_events % 7 == 0;
                let access = if is_owned { Access::Write } else { Access::Read };
                let what =
                    format!("cut after {n_events} events, THROUGHLINE_SEED={seed} THROUGHLINE_CASES=1");
                check(&bytes, events, access, &what);
                n_cuts += 1;
            }
        }
    }
    assert!(n_cuts > 300, "only {n_cuts} power cuts");
}
