//! A disk that is full at any point of an import in bulk, of commits, of a checkpoint, of
//! `rebuild` and `compact`: the error is named, the record is unharmed, and with room again
//! everything goes on.
//!
//! Fullness is a limit on how long a file may become, which needs no rights, and for the
//! superuser also a small file system in memory. `THROUGHLINE_CASES` makes a longer run of
//! each test, `THROUGHLINE_CRASH_SEED` another one.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use throughline::Case;

use super::crash::{Place, Random, Session, column, is_acknowledged};
use super::dice::cases;
use super::kills::{ROWS, assert_imports, write_files};

fn run(mut command: Command, arguments: &[&str]) -> Output {
    command.args(arguments).stdin(Stdio::null()).output().expect("the program runs")
}

fn import(command: Command, files: &[std::path::PathBuf; 2]) -> Output {
    let [nodes, relationships] = files.each_ref().map(|file| file.to_str().expect("plain names"));
    run(command, &["import", nodes, relationships])
}

/// The size of the largest file of a case, in blocks of 512 bytes.
fn largest(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(about) if about.is_dir() => largest(&entry.path()),
        Ok(about) => about.len().div_ceil(512),
        Err(_) => 0,
    });
    sizes.max().unwrap_or(0)
}

/// Whether a run succeeded; one that did not has to say why.
fn has_succeeded(output: &Output, what: &str) -> bool {
    let said = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) => {
            // Without an index it went on with the record alone, and says so.
            let is_plain = said.is_empty() || said.starts_with("keep the file");
            assert!(is_plain || names_the_disk(&said), "{what}: {said}");
            true
        }
        Some(1) => {
            assert!(said.contains("error") && names_the_disk(&said), "{what}: {said}");
            false
        }
        other => panic!("{what}: ended with {other:?}: {said}"),
    }
}

fn names_the_disk(said: &str) -> bool {
    ["too large", "No space", "StorageFull", "FileTooLarge", "index"].iter().any(|words| said.contains(words))
}

/// With room again the case takes a commit and a checkpoint, and everything verifies.
fn goes_on(case: &mut Case) {
    column(case, "CREATE (z:Z {n: 1}) RETURN z.n");
    case.checkpoint().expect("there is room");
    case.check().expect("it verifies");
    column(case, "MATCH (z:Z) DELETE z RETURN 1");
}

#[test]
fn a_bulk_import_on_a_full_disk_is_there_whole_or_refused() {
    let mut random = Random::new();
    let files_dir = tempfile::tempdir().expect("a directory");
    let files = write_files(files_dir.path(), "a", &mut random);
    let whole = Place::new();
    assert!(import(whole.program(), &files).status.success());
    let (most, mut n_refused) = (largest(&whole.case), 0);
    for round in 0..cases(5) {
        let place = Place::new();
        let blocks = largest(&place.case).max(1) + random.below(most);
        let what = format!("round {round}, {blocks} of {most} blocks");
        let output = import(place.program_with_files_up_to(blocks), &files);
        let is_there = has_succeeded(&output, &what);
        n_refused += usize::from(!is_there);
        let mut case = place.reopened();
        assert_imports(&mut case, usize::from(is_there), &what);
        goes_on(&mut case);
        case.close().expect("it closes");
        if !is_there {
            assert!(import(place.program(), &files).status.success(), "{what}: there is room");
            assert_imports(&mut place.reopened(), 1, &what);
        }
    }
    assert!(n_refused > 0, "there was always room");
}

#[test]
fn a_checkpoint_on_a_full_disk_harms_nothing() {
    const COMMITS: usize = 80;
    let mut random = Random::new();
    let place = Place::new();
    let files = write_files(&place.files, "a", &mut random);
    assert!(import(place.program(), &files).status.success());
    let mut there = 0;
    for round in 0..cases(4) {
        let blocks = largest(&place.case) + random.below(200);
        let statements: String = (0..COMMITS)
            .map(|n| format!("MATCH (x:X {{id: 'a-{n}'}}) CREATE (x)-[:S]->(:Y {{n: {n}}});\n"))
            .collect();
        let mut session = Session::start(place.program_with_files_up_to(blocks));
        session.tell(statements, true);
        let answers: Vec<String> = session.answers.iter().collect();
        session.child.wait().expect("it ends");
        assert_eq!(answers.len(), COMMITS, "round {round}: one answer for each");
        there += answers.iter().filter(|answer| is_acknowledged(answer)).count();
        let mut case = place.reopened();
        let found = column(&mut case, "MATCH (:X)-[:S]->(y:Y) RETURN count(y)");
        assert_eq!(found, [there as i64], "round {round}, {blocks} blocks");
        if round % 2 == 0 {
            goes_on(&mut case);
        }
        case.close().expect("it closes");
    }
}

#[test]
fn an_index_that_cannot_be_made_anew_for_want_of_room_harms_nothing() {
    let mut random = Random::new();
    let place = Place::new();
    let files = write_files(&place.files, "a", &mut random);
    assert!(import(place.program(), &files).status.success());
    let most = largest(&place.case);
    for round in 0..cases(4) {
        let name = ["rebuild", "compact"][round % 2];
        let blocks = 1 + random.below(most);
        let what = format!("{name}, round {round}, {blocks} of {most} blocks");
        has_succeeded(&run(place.program_with_files_up_to(blocks), &[name]), &what);
        let mut case = place.reopened();
        assert_imports(&mut case, 1, &what);
        goes_on(&mut case);
        case.close().expect("it closes");
    }
}

#[test]
fn an_archive_step_or_the_way_back_on_a_full_disk_is_done_or_refused() {
    let mut random = Random::new();
    let place = Place::new();
    let files = write_files(&place.files, "a", &mut random);
    assert!(import(place.program(), &files).status.success());
    let most = largest(&place.case);
    let (mut n_refused, mut there) = (0, ROWS);
    for round in 0..cases(6) {
        let name = ["archive", "unarchive"][round % 2];
        let file = place.files.join(format!("{}.archive", round / 2));
        let file = file.to_str().expect("a plain name");
        column(&mut place.reopened(), "CREATE (y:Y) RETURN 1");
        there += 1;
        let is_archived = || {
            Case::open(&place.case, throughline::Access::Read)
                .map(|case| case.archived().map(|it| it.is_some()))
        };
        if name == "unarchive" && !is_archived().expect("it opens").expect("it reads") {
            assert!(run(place.program(), &["archive", file]).status.success(), "there is room");
        }
        let blocks = 1 + random.below(most + most / 2);
        let what = format!("{name}, round {round}, {blocks} of {most} blocks");
        let is_done = has_succeeded(&run(place.program_with_files_up_to(blocks), &[name, file]), &what);
        n_refused += usize::from(!is_done);
        // The case as it was, or the other way; nothing in between.
        assert_eq!(is_archived().expect("it opens"), Ok((name == "archive") == is_done), "{what}");
        let mut case = place.reopened();
        assert_eq!(case.graph().node_count(), there, "{what}");
        goes_on(&mut case);
        case.close().expect("it closes");
        if !is_done && name == "unarchive" {
            assert!(run(place.program(), &[name, file]).status.success(), "{what}: there is room");
        }
        assert_eq!(place.reopened().graph().node_count(), there, "{what}");
    }
    assert!(n_refused > 0, "there was always room");
}

/// A small file system in memory, where that is allowed.
struct Small {
    dir: TempDir,
}

impl Small {
    fn mount(kilobytes: u64) -> Option<Self> {
        let dir = tempfile::tempdir().expect("a directory");
        let small = Self { dir };
        small.set_size("", kilobytes).then_some(small)
    }

    fn set_size(&self, how: &str, kilobytes: u64) -> bool {
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", &format!("{how}size={kilobytes}k"), "tmpfs"]).arg(self.dir.path());
        command.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.dir.path()).stderr(Stdio::null()).status();
    }
}

#[test]
fn a_small_file_system_that_fills_up_harms_nothing() {
    let mut random = Random::new();
    let files_dir = tempfile::tempdir().expect("a directory");
    let files = write_files(files_dir.path(), "a", &mut random);
    for round in 0..cases(3) {
        // The record has some 5 MB, and the index as much again and more.
        let kilobytes = 1200 + random.below(18_000);
        let Some(small) = Small::mount(kilobytes) else {
            #[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
            {
                println!("skipped: no file system may be mounted here");
            }
            return;
        };
        let place = Place::on(small.dir.path());
        let what = format!("round {round}, {kilobytes} kB");
        let is_there = has_succeeded(&import(place.program(), &files), &what);
        // Whoever only reads needs no room.
        let mut reader = Case::open(&place.case, throughline::Access::Read).expect("the record is whole");
        assert_imports(&mut reader, usize::from(is_there), &what);
        assert!(small.set_size("remount,", 200_000), "{what}: it can be made larger");
        let mut case = place.reopened();
        assert_imports(&mut case, usize::from(is_there), &what);
        goes_on(&mut case);
        case.close().expect("it closes");
        if !is_there {
            assert!(import(place.program(), &files).status.success(), "{what}: there is room");
            assert_imports(&mut place.reopened(), 1, &what);
        }
        assert_eq!(place.reopened().graph().node_count(), ROWS, "{what}");
    }
}
