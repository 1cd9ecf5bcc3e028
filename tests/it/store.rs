//! The index under crashes, other histories and damage, seen from outside.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;
use throughline::ledger::{CommitInfo, Ledger, Position};
use throughline::store::{BLOCK_BYTES_MAX, BlockChange, Column, Store};
use throughline::{Error, Result};

const COLUMNS: [Column; 5] =
    [Column::Nodes, Column::Relationships, Column::Claims, Column::Names, Column::Meta];

fn at(sequence: u64) -> Position {
    Position { sequence, hash: [sequence as u8; 32] }
}

fn put(column: Column, block: u32, bytes: impl Into<Vec<u8>>) -> Result<BlockChange> {
    Ok(BlockChange { column, block, bytes: Some(bytes.into()) })
}

fn delete(column: Column, block: u32) -> Result<BlockChange> {
    Ok(BlockChange { column, block, bytes: None })
}

/// Bytes that do not compress.
fn noise(seed: u64, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

fn index() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index");
    (dir, path)
}

#[test]
fn blocks_of_any_size_survive_closing() {
    let (_dir, path) = index();
    let sizes = [0, 1, 99_993, 99_994, 99_995, 250_000, 3_000_000];
    let store = Store::open(&path).unwrap();
    assert_eq!((store.applied(), store.format()), (None, 4));
    assert_eq!(store.read(Column::Nodes, 0).unwrap(), None);
    let blocks = || (0..).zip(sizes).map(|(block, size)| (block, noise(size as u64, size)));
    let changes = blocks().map(|(block, bytes)| put(Column::Relationships, block * 7, bytes));
    store.checkpoint(at(5), changes).unwrap();
    store.close().unwrap();

    let store = Store::open(&path).unwrap();
    assert_eq!(store.applied(), Some(at(5)));
    assert_eq!(store.blocks(Column::Relationships), [0, 7, 14, 21, 28, 35, 42]);
    assert!(store.blocks(Column::Nodes).is_empty());
    for (block, bytes) in blocks() {
        assert_eq!(store.read(Column::Relationships, block * 7).unwrap(), Some(bytes));
    }
}

#[test]
fn a_checkpoint_replaces_deletes_and_leaves_alone() {
    let (_dir, path) = index();
    let store = Store::open(&path).unwrap();
    let first = [put(Column::Nodes, 1, "a"), put(Column::Nodes, 2, "b"), put(Column::Meta, 1, "c")];
    store.checkpoint(at(1), first).unwrap();
    let second = [put(Column::Nodes, 1, "A"), delete(Column::Nodes, 2), delete(Column::Names, 9)];
    store.checkpoint(at(2), second).unwrap();
    assert_eq!(store.read(Column::Nodes, 1).unwrap(), Some(b"A".to_vec()));
    assert_eq!(store.read(Column::Nodes, 2).unwrap(), None);
    assert_eq!(store.read(Column::Meta, 1).unwrap(), Some(b"c".to_vec()));
    assert_eq!((store.blocks(Column::Nodes), store.applied()), (vec![1], Some(at(2))));
}

#[test]
fn an_error_on_the_way_leaves_the_old_generation_in_force() {
    let (_dir, path) = index();
    let store = Store::open(&path).unwrap();
    store.checkpoint(at(1), [put(Column::Nodes, 1, noise(1, 300_000))]).unwrap();
    for failing_at in 0..20 {
        let changes = (0..20).map(|block| {
            if block == failing_at {
                Err(Error::interrupted("stopped"))
            } else {
                put(Column::Nodes, block, noise(2, 200_000))
            }
        });
        assert_eq!(store.checkpoint(at(2), changes).unwrap_err().class(), "Interrupted");
        assert_eq!(store.applied(), Some(at(1)));
        assert_eq!(store.read(Column::Nodes, 1).unwrap(), Some(noise(1, 300_000)));
    }
    drop(store);
    let store = Store::open(&path).unwrap();
    assert_eq!((store.applied(), store.blocks(Column::Nodes)), (Some(at(1)), vec![1]));
    store.checkpoint(at(2), [put(Column::Nodes, 1, "new")]).unwrap();
    assert_eq!(store.read(Column::Nodes, 1).unwrap(), Some(b"new".to_vec()));
}

#[test]
fn what_cannot_be_stored_is_refused() {
    let (_dir, path) = index();
    let store = Store::open(&path).unwrap();
    let twice = [put(Column::Nodes, 1, "a"), delete(Column::Nodes, 1)];
    assert_eq!(store.checkpoint(at(1), twice).unwrap_err().class(), "ArgumentError");
    let large = [put(Column::Nodes, 1, vec![0; BLOCK_BYTES_MAX + 1])];
    assert_eq!(store.checkpoint(at(1), large).unwrap_err().class(), "ArgumentError");
    assert_eq!(store.applied(), None);
}

#[test]
fn the_hash_applied_tells_an_index_of_another_history() {
    let (dir, path) = index();
    let mut positions = Vec::new();
    for (name, message) in [("ours", "a"), ("theirs", "b")] {
        let mut ledger = Ledger::create(&dir.path().join(name), [1; 16]).unwrap();
        let info = CommitInfo { message: message.into(), ..CommitInfo::default() };
        positions.push((ledger.append(&info, []).unwrap(), ledger));
    }
    let store = Store::open(&path).unwrap();
    store.checkpoint(positions[0].0, []).unwrap();
    let applied = store.applied().unwrap();
    assert_eq!(positions[0].1.hash_at(applied.sequence).unwrap(), Some(applied.hash));
    assert_ne!(positions[1].1.hash_at(applied.sequence).unwrap(), Some(applied.hash));
}

#[test]
fn an_index_in_use_says_so() {
    let (_dir, path) = index();
    let _store = Store::open(&path).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert_eq!(error.class(), "StoreError");
    assert!(error.to_string().contains("is open in another process"), "{error}");
}

/// sled leaves such a file behind if it crashes between making and syncing a snapshot,
/// and then refuses to open (sled issues 1527 and 1533).
#[test]
fn a_leftover_empty_snapshot_is_an_error_and_not_the_end() {
    for leftover in ["snap.0000000000000001", "snap.0000000000000001.generating"] {
        let (_dir, path) = index();
        let store = Store::open(&path).unwrap();
        store.checkpoint(at(1), [put(Column::Nodes, 1, "a")]).unwrap();
        store.close().unwrap();
        fs::write(path.join(leftover), b"").unwrap();
        match Store::open(&path) {
            Ok(store) => assert_eq!(store.applied(), Some(at(1))),
            Err(error) => {
                assert_eq!(error.class(), "StoreError", "{error}");
                let aside = Store::set_aside(&path).unwrap();
                assert!(aside.join(leftover).exists() && !path.exists());
                assert_eq!(Store::open(&path).unwrap().applied(), None);
            }
        }
    }
}

#[test]
fn an_index_is_set_aside_under_a_name_that_was_free() {
    let (dir, path) = index();
    for n in 1..=3 {
        Store::open(&path).unwrap().close().unwrap();
        assert_eq!(Store::set_aside(&path).unwrap(), dir.path().join(format!("index.aside-{n}")));
    }
    assert_eq!(Store::set_aside(&path).unwrap_err().class(), "IoError");
}

/// sled takes some files that are not its own for empty ones; then there is nothing
/// applied, and the caller builds the index again just the same.
#[test]
fn a_directory_that_is_no_index_is_an_error_or_empty() {
    let (_dir, path) = index();
    fs::write(&path, b"a file").unwrap();
    assert_eq!(Store::open(&path).unwrap_err().class(), "StoreError");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    fs::write(path.join("conf"), b"nonsense").unwrap();
    fs::write(path.join("db"), noise(3, 5000)).unwrap();
    match Store::open(&path) {
        Ok(store) => assert_eq!(store.applied(), None),
        Err(error) => assert_eq!(error.class(), "StoreError"),
    }
}

#[test]
fn flipped_bytes_in_the_files_of_sled_never_change_a_block() {
    let (dir, path) = index();
    let store = Store::open(&path).unwrap();
    let blocks = |store: &Store| [1, 2, 3].map(|block| store.read(Column::Nodes, block));
    let sizes = [(1, 250_000), (2, 1000), (3, 90_000)];
    store.checkpoint(at(1), sizes.map(|(block, size)| put(Column::Nodes, block, noise(4, size)))).unwrap();
    let intact = blocks(&store).map(Result::unwrap);
    store.close().unwrap();
    let bytes = fs::read(path.join("db")).unwrap();
    for n in 0..60 {
        let damaged = dir.path().join(format!("damaged-{n}"));
        fs::create_dir(&damaged).unwrap();
        for entry in fs::read_dir(&path).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
            fs::copy(entry.path(), damaged.join(entry.file_name())).unwrap();
        }
        let mut flipped = bytes.clone();
        let place = u64::from_le_bytes(noise(n, 8).try_into().unwrap()) as usize % bytes.len();
        flipped[place] ^= 0x20;
        fs::write(damaged.join("db"), flipped).unwrap();
        let Ok(store) = Store::open(&damaged) else { continue };
        let is_empty = store.applied().is_none();
        for (read, intact) in blocks(&store).into_iter().zip(&intact) {
            assert!(is_empty || read.is_err() || read.as_ref() == Ok(intact), "byte {place}");
        }
    }
}

#[test]
fn compacting_keeps_what_is_in_force_and_gives_back_the_rest() {
    const BLOCKS: u32 = 60;
    let (dir, path) = index();
    let store = Store::open(&path).unwrap();
    let mut seeds = vec![1; BLOCKS as usize];
    let of = |seeds: &[u64], block: u32| noise(seeds[block as usize] + u64::from(block), 300_000);
    store.checkpoint(at(1), (0..BLOCKS).map(|block| put(Column::Nodes, block, of(&seeds, block)))).unwrap();
    let mut sequence = 1;
    while !store.is_bloated().unwrap() {
        sequence += 1;
        assert!(sequence < 1000, "sled gives back what it should; compacting is not needed any more");
        let changed = (0..10).map(|n| (n * 7 + sequence as u32 * 13) % BLOCKS);
        changed.clone().for_each(|block| seeds[block as usize] = sequence * 1000);
        let changes = changed.map(|block| put(Column::Nodes, block, of(&seeds, block)));
        store.checkpoint(at(sequence), changes).unwrap();
    }
    let store = store.compact().unwrap();
    assert!(!store.is_bloated().unwrap());
    assert_eq!(store.applied(), Some(at(sequence)));
    for block in 0..BLOCKS {
        assert_eq!(store.read(Column::Nodes, block).unwrap(), Some(of(&seeds, block)));
    }
    let names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["index"]);
}

#[test]
fn an_empty_index_can_be_compacted() {
    let (_dir, path) = index();
    let store = Store::open(&path).unwrap().compact().unwrap();
    assert_eq!((store.applied(), store.is_bloated().unwrap()), (None, false));
}

/// One thing that happens to an index.
#[derive(Debug, Clone)]
enum Step {
    Checkpoint(BTreeMap<(usize, u32), Option<(u64, usize)>>),
    Fail(BTreeMap<(usize, u32), Option<(u64, usize)>>),
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let size = prop_oneof![0..100usize, 99_900..100_100usize, 0..400_000usize];
    let change = ((0..5usize, 0..6u32), proptest::option::weighted(0.8, (any::<u64>(), size)));
    let changes = proptest::collection::vec(change, 0..8)
        .prop_map(|changes| changes.into_iter().collect::<BTreeMap<_, _>>());
    let step = prop_oneof![
        4 => changes.clone().prop_map(Step::Checkpoint),
        1 => changes.prop_map(Step::Fail),
        2 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..10)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_store_is_a_map_that_changes_all_at_once(steps in steps()) {
        let (_dir, path) = index();
        let mut store = Store::open(&path).unwrap();
        let mut model = BTreeMap::new();
        let mut applied = None;
        for (sequence, step) in (1..).zip(steps) {
            let change = |(&(column, block), &seed): (&(usize, u32), &Option<(u64, usize)>)| match seed {
                Some((seed, size)) => put(COLUMNS[column], block, noise(seed, size)),
                None => delete(COLUMNS[column], block),
            };
            match step {
                Step::Checkpoint(changes) => {
                    store.checkpoint(at(sequence), changes.iter().map(change)).unwrap();
                    applied = Some(at(sequence));
                    for (place, seed) in changes {
                        match seed {
                            Some(seed) => drop(model.insert(place, seed)),
                            None => drop(model.remove(&place)),
                        }
                    }
                }
                Step::Fail(changes) => {
                    let changes = changes.iter().map(change).chain([Err(Error::interrupted("stopped"))]);
                    prop_assert!(store.checkpoint(at(sequence), changes).is_err());
                }
                Step::Reopen => {
                    drop(store);
                    store = Store::open(&path).unwrap();
                }
            }
            prop_assert_eq!(store.applied(), applied);
            for (n, &column) in COLUMNS.iter().enumerate() {
                let blocks: Vec<u32> = model.range((n, 0)..(n + 1, 0)).map(|(&(_, block), _)| block).collect();
                prop_assert_eq!(store.blocks(column), blocks);
            }
            for (&(column, block), &(seed, size)) in &model {
                prop_assert_eq!(store.read(COLUMNS[column], block).unwrap(), Some(noise(seed, size)));
            }
        }
    }
}
