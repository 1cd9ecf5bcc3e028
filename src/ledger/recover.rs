//! Saving what is whole of a damaged ledger.

use super::frame::Position;
use super::ledger::{Walk, list_without_gaps};
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
/// header is whole, `Invalid` if `new_dir` has something in it, `Io` if the
/// system refuses.
pub fn recover_into(dir: &Path, new_dir: &Path) -> Result<Recovered> {
    let (numbers, gap) = match list_without_gaps(dir) {
        Ok(numbers) => (numbers, None),
        Err(error) => (segments_before_gap(dir, &error)?, Some(error)),
    };
    create_empty_dir(new_dir)?;
    let mut walk = Walk::new(dir, Depth::Check, None);
    let mut damage = gap;
    for number in numbers {
        let fault = walk.next_segment(number)?;
        match walk.extents.last() {
            Some(extent) if extent.header.number == number => copy(dir, new_dir, number, extent.end)?,
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

/// The segments up to the first missing one, if that is what `error` is about.
fn segments_before_gap(dir: &Path, error: &Error) -> Result<Vec<u32>> {
    let numbers = if dir.is_dir() { segment::list(dir)? } else { Vec::new() };
    let before: Vec<u32> = (1..)
        .zip(numbers)
        .take_while(|(expected, number)| expected == number)
        .map(|(_, number)| number)
        .collect();
    if before.is_empty() { Err(error.clone()) } else { Ok(before) }
}

fn create_empty_dir(dir: &Path) -> Result<()> {
    let failed = |error: io::Error| Error::io(dir, &error);
    fs::create_dir_all(dir).map_err(failed)?;
    if fs::read_dir(dir).map_err(failed)?.next().is_some() {
        return Err(Error::invalid(format!("expected an empty directory, found files in {}", dir.display())));
    }
    Ok(())
}

/// Copies the first `bytes` of a segment file.
fn copy(dir: &Path, new_dir: &Path, number: u32, bytes: u64) -> Result<()> {
    let name = segment::file_name(number);
    let (from, to) = (dir.join(&name), new_dir.join(&name));
    let source = File::open(&from).map_err(|error| Error::io(&from, &error))?;
    let write = || {
        let mut target = OpenOptions::new().write(true).create_new(true).open(&to)?;
        io::copy(&mut source.take(bytes), &mut target)?;
        target.sync_all()
    };
    write().map_err(|error| Error::io(&to, &error))
}
