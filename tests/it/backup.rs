//! Backups: whole or refused.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use throughline::error::ErrorKind;
use throughline::graph::Lens;
use throughline::ledger::{CommitInfo, Ledger, Payload, backup, restore};
use throughline::query::{Options, Parameters};
use throughline::{Access, Author, Case};

fn directory() -> TempDir {
    tempfile::tempdir().expect("a directory")
}

/// A ledger of several short segments.
fn ledger(dir: &Path) -> Ledger {
    let ledger = Ledger::create(dir, *b"the case of Rajn").expect("a new ledger");
    let mut ledger = ledger.with_segment_bytes_max(300);
    for n in 0..4_u8 {
        let info = CommitInfo { message: format!("commit {n}"), ..CommitInfo::default() };
        let payload = Payload { encoding: 1, bytes: vec![n; 40 * usize::from(n)] };
        ledger.append(&info, [payload]).expect("it can be written");
    }
    ledger
}

/// The files of a directory with their content, by name.
fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let file = |path: std::path::PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (name, fs::read(path).expect("a file can be read"))
    };
    let mut files: Vec<_> = entries.map(|entry| file(entry.path())).collect();
    files.sort();
    files
}

#[test]
fn a_restored_ledger_is_the_same_byte_for_byte() {
    let dir = directory();
    let (from, file, to) = (dir.path().join("from"), dir.path().join("b"), dir.path().join("to"));
    let position = ledger(&from).position();
    assert_eq!(backup(&from, &file).expect("a whole ledger"), position);
    assert_eq!(restore(&file, &to).expect("a whole backup"), position);
    assert_eq!(files(&from), files(&to));
    assert!(files(&from).len() > 1);
}

#[test]
fn nothing_is_overwritten() {
    let dir = directory();
    let (from, file) = (dir.path().join("from"), dir.path().join("b"));
    ledger(&from);
    fs::write(&file, "notes").expect("a file can be written");
    assert!(backup(&from, &file).expect_err("a file is there").to_string().ends_with("is there already"));
    assert_eq!(fs::read(&file).expect("it is there"), b"notes");
    fs::remove_file(&file).expect("it can be removed");
    backup(&from, &file).expect("a whole ledger");
    assert!(matches!(restore(&file, &from).expect_err("a ledger is there").kind(), ErrorKind::Invalid(_)));
}

#[test]
fn a_backup_that_is_cut_changed_or_longer_is_refused_and_leaves_nothing() {
    let dir = directory();
    let (from, file) = (dir.path().join("from"), dir.path().join("b"));
    ledger(&from);
    backup(&from, &file).expect("a whole ledger");
    let whole = fs::read(&file).expect("the backup");
    let refuse = |bytes: &[u8], what: &str| {
        let to = dir.path().join("to");
        fs::write(&file, bytes).expect("a file can be written");
        let error = restore(&file, &to).expect_err(what);
        let is_told =
            matches!(error.kind(), ErrorKind::Corrupt(_) | ErrorKind::Format { .. } | ErrorKind::Io { .. });
        assert!(is_told, "{what}: {error}");
        assert_eq!(files(&to), [], "{what}");
    };
    for length in 0..whole.len() {
        refuse(&whole[..length], &format!("cut at byte {length}"));
    }
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        refuse(&bytes, &format!("byte {at} changed"));
    }
    refuse(&[&whole[..], b"x"].concat(), "a byte more");
}

#[test]
fn a_case_is_backed_up_while_it_is_open_and_opens_after_it_was_restored() {
    let dir = directory();
    let (from, file, to) = (dir.path().join("from"), dir.path().join("b"), dir.path().join("to"));
    let author = Author::default();
    let mut case = Case::create(&from, &author).expect("a new case");
    let lens = Lens::default();
    let mut run = |text: &str| {
        case.query(text, &Parameters::new(), &author, &Options::new(&lens, 0)).expect("a good statement");
    };
    run("CREATE (:Port {id: 'rajin'})");
    assert_eq!(Case::backup(&from, &file).expect("the owner is writing"), 1);
    run("CREATE (:Port {id: 'dunai'})");
    assert_eq!(Case::restore(&file, &to).expect("a whole backup"), 1);
    let restored = Case::open(&to, Access::Own).expect("a case");
    assert_eq!((restored.graph().node_count(), restored.check().expect("a whole record")), (1, 1));
    assert!(Case::restore(&file, &to).is_err(), "a case is there");
    assert!(Case::backup(&dir.path().join("nothing"), &dir.path().join("c")).is_err());
}
