//! The record under torn writes, flipped bits and foreign files.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use throughline::ledger::{
    Access, Commit, CommitInfo, Ledger, Notice, Payload, Position, Tally, recover_into,
};
use throughline::{Error, Result};

const CASE_ID: [u8; 16] = *b"the case of Rajn";
const SEGMENT_HEADER_BYTES: u64 = 76;

fn info(n: i64) -> CommitInfo {
    CommitInfo { time_micros: n - 2, author: "ana".into(), message: format!("commit {n}") }
}

fn payload(bytes: impl Into<Vec<u8>>) -> Payload {
    Payload { encoding: 1, bytes: bytes.into() }
}

/// A small ledger of several segments, as it was written.
struct Sample {
    dir: TempDir,
    commits: Vec<Commit>,
    /// Segment number and offset of each commit's end.
    ends: Vec<(usize, u64)>,
}

impl Sample {
    /// Single frames, runs, compressed and empty payloads, and a commit of nothing.
    fn new() -> Self {
        let contents: [&[&[u8]]; 7] = [
            &[b"a ship"],
            &[b"a port", &[0; 300], b"a train"],
            &[],
            &[b""],
            &[&[7; 200]],
            &[b"a depot", b""],
            &[b"the last"],
        ];
        let dir = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::create(dir.path(), CASE_ID).unwrap().with_segment_bytes_max(600);
        let mut sample = Self { dir, commits: Vec::new(), ends: Vec::new() };
        for (n, content) in (1..).zip(contents) {
            let payloads: Vec<Payload> = content.iter().map(|&bytes| payload(bytes)).collect();
            let position = ledger.append(&info(n), payloads.clone()).unwrap();
            let payloads = payloads.into_iter().map(Some).collect();
            sample.commits.push(Commit { position, info: info(n), payloads });
            let segments = sample.segments();
            sample.ends.push((segments.len(), segments.last().unwrap().1.len() as u64));
        }
        assert!(sample.segments().len() >= 3);
        sample
    }

    /// Name and content of all segment files, in order.
    fn segments(&self) -> Vec<(String, Vec<u8>)> {
        (1..)
            .map(|n| format!("{n:08}.seg"))
            .map_while(|name| fs::read(self.dir.path().join(&name)).ok().map(|bytes| (name, bytes)))
            .collect()
    }

    fn last(&self) -> Option<Position> {
        self.commits.last().map(|commit| commit.position)
    }

    /// How many commits are left if segment `number` ends at `offset` and is the last.
    fn whole_before(&self, number: usize, offset: u64) -> usize {
        self.ends.iter().filter(|&&end| end <= (number, offset)).count()
    }
}

fn dir_of(segments: &[(String, Vec<u8>)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in segments {
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    dir
}

fn open(dir: &Path, access: Access, applied: Option<Position>) -> Result<(Ledger, Vec<Notice>)> {
    Ledger::open(dir, access, applied)
}

fn read_all(ledger: &Ledger) -> Result<Vec<Commit>> {
    ledger.commits(1).collect()
}

fn opening_error(dir: &Path) -> Error {
    open(dir, Access::Write, None).expect_err("damage")
}

fn torn_files(dir: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "bin")).collect()
}

#[test]
fn what_was_appended_is_read_back() {
    let sample = Sample::new();
    let (ledger, notices) = open(sample.dir.path(), Access::Read, None).unwrap();
    assert_eq!(notices, []);
    assert_eq!(ledger.case_id(), CASE_ID);
    assert_eq!(read_all(&ledger).unwrap(), sample.commits);
    for (n, commit) in (1..).zip(&sample.commits) {
        assert_eq!(ledger.hash_at(n).unwrap(), Some(commit.position.hash));
        let rest: Result<Vec<_>> = ledger.commits(n).collect();
        assert_eq!(rest.unwrap(), sample.commits[n as usize - 1..]);
    }
    assert_eq!(ledger.hash_at(0).unwrap(), None);
    assert_eq!(ledger.hash_at(8).unwrap(), None);
    let tally = ledger.verify().unwrap();
    let bytes = sample.segments().iter().map(|(_, bytes)| bytes.len() as u64).sum();
    assert_eq!(
        tally,
        Tally { segments: sample.segments().len() as u64, commits: 7, redacted: 0, bytes, base_bytes: 0 }
    );
}

#[test]
fn a_record_cut_at_any_byte_keeps_every_whole_commit() {
    let sample = Sample::new();
    let segments = sample.segments();
    for number in 1..=segments.len() {
        for length in 0..=segments[number - 1].1.len() {
            let mut cut = segments[..number].to_vec();
            cut[number - 1].1.truncate(length);
            check_cut(&sample, number, length as u64, &cut);
        }
    }
}

fn check_cut(sample: &Sample, number: usize, length: u64, cut: &[(String, Vec<u8>)]) {
    let place = format!("segment {number} cut to {length} bytes");
    let dir = dir_of(cut);
    if number == 1 && length < SEGMENT_HEADER_BYTES {
        assert_eq!(opening_error(dir.path()).class(), "Corrupt", "{place}");
        return;
    }
    let whole = &sample.commits[..sample.whole_before(number, length)];
    let last = whole.last().map(|commit| commit.position);
    let tail = &cut[number - 1].1[tail_start(sample, number, length)..];
    let is_torn = !tail.is_empty() || length < SEGMENT_HEADER_BYTES;

    // If the index has applied more than there is, something acknowledged is gone.
    if last != sample.last() {
        let error = open(dir.path(), Access::Write, sample.last()).expect_err(&place);
        assert_eq!(error.class(), "Corrupt", "{place}");
    }

    // A reader passes over the tail and changes nothing.
    let (ledger, notices) = open(dir.path(), Access::Read, None).expect(&place);
    assert_eq!(read_all(&ledger).unwrap(), whole, "{place}");
    assert_eq!(notices.len(), usize::from(is_torn), "{place}");
    assert_eq!(fs::read(dir.path().join(&cut[number - 1].0)).unwrap(), cut[number - 1].1, "{place}");

    // The owner moves it aside and goes on.
    let (mut ledger, notices) = open(dir.path(), Access::Write, last).expect(&place);
    assert_eq!(ledger.position(), last, "{place}");
    match notices.as_slice() {
        [] => assert!(!is_torn, "{place}"),
        [Notice::TornTail { bytes, moved_to, .. }] => {
            assert_eq!(*bytes, tail.len() as u64, "{place}");
            assert_eq!(fs::read(moved_to).unwrap(), tail, "{place}");
        }
        other => panic!("{place}: {other:?}"),
    }
    let position = ledger.append(&info(99), [payload("after the cut")]).unwrap();
    drop(ledger);
    let (ledger, notices) = open(dir.path(), Access::Write, Some(position)).expect(&place);
    assert_eq!(notices, [], "{place}");
    let commits = read_all(&ledger).unwrap();
    assert_eq!(commits[..whole.len()], *whole, "{place}");
    assert_eq!(commits.len(), whole.len() + 1, "{place}");
}

/// Where the last whole commit of a segment that is cut to `length` ends.
fn tail_start(sample: &Sample, number: usize, length: u64) -> usize {
    let ends = sample.ends.iter().filter(|&&(segment, end)| segment == number && end <= length);
    let header = if length < SEGMENT_HEADER_BYTES { 0 } else { SEGMENT_HEADER_BYTES };
    ends.map(|&(_, end)| end).max().unwrap_or(header) as usize
}

#[test]
fn a_cut_before_the_last_segment_is_damage() {
    let segments = Sample::new().segments();
    for number in 0..segments.len() - 1 {
        for length in 0..segments[number].1.len() {
            let mut cut = segments.clone();
            cut[number].1.truncate(length);
            assert_eq!(opening_error(dir_of(&cut).path()).class(), "Corrupt", "{number} cut to {length}");
        }
    }
}

#[test]
fn a_flipped_byte_is_damage_or_takes_back_the_last_commit_and_never_changes_data() {
    let sample = Sample::new();
    let segments = sample.segments();
    let without_last = &sample.commits[..sample.commits.len() - 1];
    for number in 0..segments.len() {
        let dir = dir_of(&segments);
        let path = dir.path().join(&segments[number].0);
        for at in 0..segments[number].1.len() {
            for mask in [0x01, 0x08, 0x80, 0xFF] {
                let mut bytes = segments[number].1.clone();
                bytes[at] ^= mask;
                fs::write(&path, bytes).unwrap();
                let place = format!("{} byte {at} mask {mask:#x}", segments[number].0);

                // The index has come this far: whatever is wrong is damage.
                let applied = open(dir.path(), Access::Read, sample.last());
                let error = applied.and_then(|(ledger, _)| ledger.verify()).expect_err(&place);
                assert!(["Corrupt", "FormatError"].contains(&error.class()), "{place}: {error}");

                // No index: the last commit may count as never acknowledged.
                let opened = open(dir.path(), Access::Read, None);
                match opened.and_then(|(ledger, notices)| Ok((read_all(&ledger)?, notices))) {
                    Ok((commits, notices)) => {
                        assert_eq!(commits, without_last, "{place}");
                        assert_eq!(notices.len(), 1, "{place}");
                    }
                    Err(error) => assert!(error.to_string().contains(".seg"), "{place}: {error}"),
                }
            }
        }
    }
}

#[test]
fn a_hole_among_the_chunks_of_a_finished_run_is_damage_and_of_an_unfinished_one_torn() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::create(dir.path(), CASE_ID).unwrap();
    ledger.append(&info(1), [payload("first")]).unwrap();
    let path = dir.path().join("00000001.seg");
    let start = fs::metadata(&path).unwrap().len() as usize;
    ledger.append(&info(2), ["chunk a", "chunk b", "chunk c"].map(payload)).unwrap();
    drop(ledger);
    let whole = fs::read(&path).unwrap();
    let commit_frame = whole.len() - 113;
    let hole = start + 113 + "anacommit 2".len() + 20;

    let mut bytes = whole.clone();
    bytes[hole..hole + 50].fill(0);
    fs::write(&path, &bytes).unwrap();
    assert_eq!(opening_error(dir.path()).class(), "Corrupt");

    // Pages of a write that was never synced may reach the disk in any order.
    bytes.truncate(commit_frame);
    fs::write(&path, &bytes).unwrap();
    let (ledger, notices) = open(dir.path(), Access::Write, None).unwrap();
    assert_eq!(notices.len(), 1);
    assert_eq!(ledger.position().unwrap().sequence, 1);
}

#[test]
fn torn_tails_are_kept_under_names_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    drop(Ledger::create(dir.path(), CASE_ID).unwrap());
    for round in 1..=3 {
        let path = dir.path().join("00000001.seg");
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend([round; 40]);
        fs::write(&path, bytes).unwrap();
        let (_, notices) = open(dir.path(), Access::Write, None).unwrap();
        assert!(notices[0].to_string().contains("torn-1-76"), "{}", notices[0]);
        assert_eq!(torn_files(dir.path()).len(), usize::from(round));
    }
}

#[test]
fn segments_that_are_missing_swapped_or_foreign_are_damage() {
    let segments = Sample::new().segments();
    for missing in 0..segments.len() - 1 {
        let mut rest = segments.clone();
        rest.remove(missing);
        assert_eq!(opening_error(dir_of(&rest).path()).class(), "Corrupt", "{missing} missing");
    }
    let mut swapped = segments.clone();
    let second = swapped[1].1.clone();
    swapped[1].1 = std::mem::replace(&mut swapped[2].1, second);
    assert_eq!(opening_error(dir_of(&swapped).path()).class(), "Corrupt");

    let foreign = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::create(foreign.path(), [9; 16]).unwrap().with_segment_bytes_max(1);
    for n in 1..=2 {
        ledger.append(&info(n), [payload("foreign")]).unwrap();
    }
    let mut mixed = segments[..1].to_vec();
    mixed.push(("00000002.seg".into(), fs::read(foreign.path().join("00000002.seg")).unwrap()));
    let error = opening_error(dir_of(&mixed).path());
    assert!(error.to_string().contains("another case"), "{error}");
    assert!(error.hint_text().unwrap().contains("throughline recover"), "{error:?}");
}

#[test]
fn a_frame_of_another_history_does_not_fit_the_chain() {
    let histories: Vec<Vec<u8>> = ["one", "two"]
        .map(|text| {
            let dir = tempfile::tempdir().unwrap();
            let mut ledger = Ledger::create(dir.path(), CASE_ID).unwrap();
            ledger.append(&info(1), [payload(text)]).unwrap();
            ledger.append(&info(2), [payload("same")]).unwrap();
            fs::read(dir.path().join("00000001.seg")).unwrap()
        })
        .into();
    let frame_bytes = (histories[0].len() - SEGMENT_HEADER_BYTES as usize - 1) / 2;
    let mut mixed = histories[0].clone();
    let at = mixed.len() - frame_bytes;
    mixed.truncate(at);
    mixed.extend(&histories[1][at..]);
    let error = opening_error(dir_of(&[("00000001.seg".into(), mixed)]).path());
    assert!(error.to_string().contains("chain"), "{error}");
}

#[test]
fn an_index_that_is_ahead_or_of_another_history_is_noticed() {
    let sample = Sample::new();
    let ahead = Position { sequence: 8, hash: [0; 32] };
    let error = open(sample.dir.path(), Access::Write, Some(ahead)).unwrap_err();
    assert!(error.to_string().contains("ends with commit 7"), "{error}");
    let other = Position { sequence: 3, hash: [0; 32] };
    let (ledger, _) = open(sample.dir.path(), Access::Write, Some(other)).unwrap();
    assert_eq!(ledger.hash_at(3).unwrap(), Some(sample.commits[2].position.hash));
}

#[test]
fn every_whole_commit_before_the_damage_can_be_recovered() {
    let sample = Sample::new();
    let segments = sample.segments();
    for (n, &(number, end)) in sample.ends.iter().enumerate() {
        let mut damaged = segments.clone();
        damaged[number - 1].1[end as usize - 1] ^= 0x10;
        let (dir, saved) = (dir_of(&damaged), tempfile::tempdir().unwrap());
        let recovered = recover_into(dir.path(), saved.path()).unwrap();
        assert!(recovered.damage.is_some());
        let (mut ledger, notices) = open(saved.path(), Access::Write, recovered.position).unwrap();
        assert_eq!(notices, []);
        assert_eq!(read_all(&ledger).unwrap(), sample.commits[..n]);
        ledger.append(&info(50), [payload("life goes on")]).unwrap();
        assert_eq!(ledger.verify().unwrap().commits, n as u64 + 1);
    }
}

#[test]
fn recovery_copies_a_whole_ledger_and_stops_at_a_gap() {
    let sample = Sample::new();
    let saved = tempfile::tempdir().unwrap();
    let recovered = recover_into(sample.dir.path(), saved.path()).unwrap();
    assert_eq!((recovered.position, recovered.damage), (sample.last(), None));

    assert_eq!(recover_into(sample.dir.path(), saved.path()).unwrap_err().class(), "ArgumentError");

    fs::remove_file(sample.dir.path().join("00000002.seg")).unwrap();
    let saved = tempfile::tempdir().unwrap();
    let recovered = recover_into(sample.dir.path(), saved.path()).unwrap();
    assert!(recovered.damage.unwrap().to_string().contains("missing"));
    let (ledger, _) = open(saved.path(), Access::Read, None).unwrap();
    assert_eq!(read_all(&ledger).unwrap(), sample.commits[..sample.whole_before(1, u64::MAX)]);
}

#[test]
fn a_redacted_payload_reads_as_none_and_the_chain_still_verifies() {
    let sample = Sample::new();
    let (name, mut bytes) = sample.segments().pop().unwrap();
    let payload_at = bytes.len() - "the last".len();
    bytes[payload_at - 1] = 0xFF;
    bytes[payload_at..].fill(0);
    fs::write(sample.dir.path().join(name), bytes).unwrap();
    let (ledger, notices) = open(sample.dir.path(), Access::Write, None).unwrap();
    assert_eq!((ledger.position(), notices), (sample.last(), vec![]));
    assert_eq!(read_all(&ledger).unwrap().pop().unwrap().payloads, [None]);
    assert_eq!(ledger.verify().unwrap().redacted, 1);
}

#[test]
fn there_is_one_ledger_in_a_directory_and_none_in_an_empty_one() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(open(dir.path(), Access::Read, None).unwrap_err().class(), "NotFound");
    assert_eq!(open(&dir.path().join("no"), Access::Read, None).unwrap_err().class(), "NotFound");
    let ledger = Ledger::create(dir.path(), CASE_ID).unwrap();
    assert_eq!(ledger.position(), None);
    assert_eq!(Ledger::create(dir.path(), CASE_ID).unwrap_err().class(), "ArgumentError");
}

#[test]
fn a_ledger_opened_for_reading_takes_no_commits() {
    let sample = Sample::new();
    let (mut ledger, _) = open(sample.dir.path(), Access::Read, None).unwrap();
    assert_eq!(ledger.append(&info(8), []).unwrap_err().class(), "ReadOnly");
}

#[test]
fn a_segment_begun_under_another_name_is_ignored_and_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::create(dir.path(), CASE_ID).unwrap().with_segment_bytes_max(1);
    fs::write(dir.path().join("00000002.new"), b"half a header").unwrap();
    for n in 1..=3 {
        ledger.append(&info(n), [payload("x")]).unwrap();
    }
    drop(ledger);
    let (ledger, notices) = open(dir.path(), Access::Write, None).unwrap();
    assert_eq!((read_all(&ledger).unwrap().len(), notices), (3, vec![]));
    assert!(!dir.path().join("00000002.new").exists());
}

#[test]
fn a_payload_that_looks_like_the_record_is_only_a_payload() {
    let sample = Sample::new();
    let all: Vec<u8> = sample.segments().into_iter().flat_map(|(_, bytes)| bytes).collect();
    let dir = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::create(dir.path(), CASE_ID).unwrap();
    let position = ledger.append(&info(1), [payload(all.clone()), payload(all.clone())]).unwrap();
    drop(ledger);
    let (ledger, _) = open(dir.path(), Access::Write, Some(position)).unwrap();
    assert_eq!(read_all(&ledger).unwrap()[0].payloads, [Some(payload(all.clone())), Some(payload(all))]);
}

fn commits() -> impl Strategy<Value = Vec<(CommitInfo, Vec<Payload>)>> {
    let bytes = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        (any::<u8>(), 0..3000usize).prop_map(|(byte, count)| vec![byte; count]),
    ];
    let payload = (1..=255u8, bytes).prop_map(|(encoding, bytes)| Payload { encoding, bytes });
    let info = (any::<i64>(), ".{0,20}", ".{0,60}").prop_map(|(time_micros, author, message)| CommitInfo {
        time_micros,
        author,
        message,
    });
    proptest::collection::vec((info, proptest::collection::vec(payload, 0..4)), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_commits_survive_in_segments_of_any_size(
        drafts in commits(),
        segment_bytes_max in 1..4000u64,
        reopen_every in 1..5usize,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::create(dir.path(), CASE_ID).unwrap();
        let mut written = Vec::new();
        for (n, (info, payloads)) in drafts.into_iter().enumerate() {
            if n % reopen_every == 0 {
                let applied = ledger.position();
                drop(ledger);
                let (reopened, notices) = open(dir.path(), Access::Write, applied).unwrap();
                prop_assert_eq!(notices, []);
                ledger = reopened.with_segment_bytes_max(segment_bytes_max);
            }
            let position = ledger.append(&info, payloads.clone()).unwrap();
            prop_assert_eq!(position.sequence, n as u64 + 1);
            written.push(Commit { position, info, payloads: payloads.into_iter().map(Some).collect() });
        }
        prop_assert_eq!(&read_all(&ledger).unwrap(), &written);
        prop_assert_eq!(ledger.verify().unwrap().commits, written.len() as u64);
        for commit in &written {
            let Position { sequence, hash } = commit.position;
            prop_assert_eq!(ledger.hash_at(sequence).unwrap(), Some(hash));
        }
    }

    #[test]
    fn any_damage_in_many_places_never_panics_and_never_changes_data(
        places in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let sample = Sample::new();
        let mut segments = sample.segments();
        for (place, byte) in places {
            let total: usize = segments.iter().map(|(_, bytes)| bytes.len()).sum();
            let at = place.index(total);
            *segments.iter_mut().flat_map(|(_, bytes)| bytes).nth(at).unwrap() = byte;
        }
        let dir = dir_of(&segments);
        if let Ok((ledger, _)) = open(dir.path(), Access::Write, None) {
            for (read, written) in ledger.commits(1).map_while(Result::ok).zip(&sample.commits) {
                prop_assert_eq!(&read, written);
            }
        }
        let saved = tempfile::tempdir().unwrap();
        if recover_into(dir.path(), saved.path()).is_ok() {
            let (ledger, _) = open(saved.path(), Access::Read, None).unwrap();
            let commits = read_all(&ledger).unwrap();
            prop_assert_eq!(&commits[..], &sample.commits[..commits.len()]);
        }
    }
}
