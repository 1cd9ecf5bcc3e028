//! Any bytes as a segment: opening, reading and recovering give an answer or an
//! error, and never a panic. `tests/it/fuzz_ledger.rs` replays the corpus.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::fs;
use throughline::ledger::{Access, Ledger, recover_into};

fuzz_target!(|bytes: &[u8]| {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let ledger_dir = dir.path().join("ledger");
    fs::create_dir(&ledger_dir).expect("a new directory");
    fs::write(ledger_dir.join("00000001.seg"), bytes).expect("a file to be written");
    for access in [Access::Read, Access::Write] {
        if let Ok((ledger, _)) = Ledger::open(&ledger_dir, access, None) {
            for commit in ledger.commits(1) {
                if commit.is_err() {
                    break;
                }
            }
            let _ = ledger.verify();
        }
    }
    let _ = recover_into(&ledger_dir, &dir.path().join("recovered"));
});
