//! Saving what is whole of a damaged ledger.

use super::base;
use super::files::Files;
use super::frame::Position;
use super::ledger::Walk;
use super::segment::{self, Depth, Fault};
use crate::{Error, Result};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;

/// What [`recover_into`] saved.
#[derive(Debug)]
pub struct Recovered {
    /// The last commit that was saved.
    pub position: Option<Position>,
    /// What ended it, damage or a torn tail; `None` if everything was whole.
    pub damage: Option<Error>,
}

/// Copies every whole, verified commit before the first damage of the ledger in
/// `dir` into `new_dir`, which must be missing or empty.
///
/// The commits keep their numbers and hashes, so the copy is the same history, cut
/// short, and an index that has not come further still fits. `dir` is not changed.
///
/// # Errors
/// `NotFound` if there is no ledger, `Corrupt` if not even the first segment's
/// header is whole, or the base that the record begins with is not, `Invalid` if `new_dir` has something in it, `Io` if the
/// system refuses.
pub fn recover_into(dir: &Path, new_dir: &Path) -> Result<Recovered> {
    let files = Files::of(dir)?;
    let gap = files.gap(dir)?;
    let before_gap =
        (files.first()..).zip(&files.segments).take_while(|(expected, found)| expected == *found);
    let numbers: Vec<u32> = before_gap.map(|(_, number)| *number).collect();
    if let (true, Some(gap)) = (numbers.is_empty(), &gap) {
        return Err(gap.clone());
    }
    let mut walk = Walk::new(dir, Depth::Check, None);
    // Without its base, nothing that comes after it says what it is about.
    walk.begin(files.base)?;
    create_empty_dir(new_dir)?;
    if let Some(number) = files.base {
        copy(dir, new_dir, &base::file_name(number), u64::MAX)?;
    }
    let mut damage = gap;
    for number in numbers {
        let fault = walk.next_segment(number)?;
        match walk.extents.last() {
            Some(extent) if extent.header.number == number => {
                copy(dir, new_dir, &segment::file_name(number), extent.end)?;
            }
            Some(_) => {}
            None => return Err(fault.map_or_else(|| Error::not_found("no segment"), |fault| fault.damage())),
        }
        if let Some(fault) = fault {
            damage = Some(Fault::damage(&fault));
            break;
        }
    }
    segment::sync_dir(new_dir)?;
    segment::sync_parents(new_dir);
    Ok(Recovered { position: walk.last(), damage })
}

fn create_empty_dir(dir: &Path) -> Result<()> {
    let failed = |error: io::Error| Error::io(dir, &error);
    fs::create_dir_all(dir).map_err(failed)?;
    if fs::read_dir(dir).map_err(failed)?.next().is_some() {
        return Err(Error::invalid(format!("expected an empty directory, found files in {}", dir.display())));
    }
    Ok(())
}

/// Copies the first `bytes` of a file, or all of a shorter one.
fn copy(dir: &Path, new_dir: &Path, name: &str, bytes: u64) -> Result<()> {
    let (from, to) = (dir.join(name), new_dir.join(name));
    let source = File::open(&from).map_err(|error| Error::io(&from, &error))?;
    let write = || {
        let mut target = OpenOptions::new().write(true).create_new(true).open(&to)?;
        io::copy(&mut source.take(bytes), &mut target)?;
        target.sync_all()
    };
    write().map_err(|error| Error::io(&to, &error))
}
