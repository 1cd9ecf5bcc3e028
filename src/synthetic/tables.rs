//! The files of a trade, and rows written to them.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Summary;
use crate::error::{Error, Result};

/// A file of the trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Places,
    Sources,
    Owners,
    Ships,
    Cargoes,
    Gaps,
    Near,
    Ownership,
    Calls,
    Carriage,
    About,
    Claims,
}

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Nodes,
    Relationships,
    Claims,
}

/// Each file with its name and its header, which the importer of CSV understands.
#[rustfmt::skip]
const TABLES: [(Table, &str, Holds, &str); 12] = [
    (Table::Places,    "places.csv",    Holds::Nodes,
        ":ID,:LABEL,name,kind,country,unlocode,lat:float,lon:float,synthetic:boolean"),
    (Table::Sources,   "sources.csv",   Holds::Nodes,
        ":ID,:LABEL,title,publisher,date,origin,kind,confidential:boolean,synthetic:boolean"),
    (Table::Owners,    "owners.csv",    Holds::Nodes,
        ":ID,:LABEL,name,aliases:string[],country,founded,synthetic:boolean"),
    (Table::Ships,     "ships.csv",     Holds::Nodes,
        ":ID,:LABEL,name,aliases:string[],imo,vesselType,built:int,deadweight:int,synthetic:boolean"),
    (Table::Cargoes,   "cargoes.csv",   Holds::Nodes,
        ":ID,:LABEL,name,cargo,quantity:int,unit,synthetic:boolean"),
    (Table::Gaps,      "gaps.csv",      Holds::Nodes,
        ":ID,:LABEL,name,kind,synthetic:boolean"),
    (Table::Near,      "near.csv",      Holds::Relationships,
        ":START_ID,:TYPE,:END_ID,distanceKm:int"),
    (Table::Ownership, "ownership.csv", Holds::Relationships,
        ":START_ID,:TYPE,:END_ID,share:float,from,to,source,grade"),
    (Table::Calls,     "calls.csv",     Holds::Relationships,
        ":ID,:START_ID,:TYPE,:END_ID,from,to,source,grade"),
    (Table::Carriage,  "carriage.csv",  Holds::Relationships,
        ":START_ID,:TYPE,:END_ID,from,to,distanceKm:int,source,grade"),
    (Table::About,     "about.csv",     Holds::Relationships,
        ":START_ID,:TYPE,:END_ID,from,to"),
    (Table::Claims,    "claims.csv",    Holds::Claims,
        ":ABOUT,:PROPERTY,value,stance,by,source,grade,:TYPE,from,to,note"),
];

/// How much of a file waits in memory.
const BUFFER_BYTES: usize = 256 << 10;

/// The open files, and what was written so far.
#[derive(Debug)]
pub(super) struct Tables {
    files: Vec<Open>,
    pub(super) summary: Summary,
}

#[derive(Debug)]
struct Open {
    path: PathBuf,
    file: File,
    buffer: Vec<u8>,
}

impl Tables {
    /// Begins all files in a directory, none of which may be there.
    pub(super) fn create(dir: &Path) -> Result<Self> {
        fs::create_dir_all(dir).map_err(|error| Error::io(dir, &error))?;
        let mut tables = Self { files: Vec::new(), summary: Summary::default() };
        for (_, name, _, header) in TABLES {
            match Open::create(dir.join(name), header) {
                Ok(open) => tables.files.push(open),
                Err(error) => {
                    tables.remove();
                    return Err(error);
                }
            }
        }
        Ok(tables)
    }

    /// Writes one row: cells with commas between them, none of which needs quoting.
    pub(super) fn row(&mut self, table: Table, row: std::fmt::Arguments<'_>) -> Result<()> {
        let open = &mut self.files[table as usize];
        let written = open.buffer.write_fmt(row).and_then(|()| open.buffer.write_all(b"\n"));
        written.map_err(|error| Error::io(&open.path, &error))?;
        match TABLES[table as usize].2 {
            Holds::Nodes => self.summary.nodes += 1,
            Holds::Relationships => self.summary.relationships += 1,
            Holds::Claims => self.summary.claims += 1,
        }
        match open.buffer.len() >= BUFFER_BYTES {
            true => open.flush(&mut self.summary),
            false => Ok(()),
        }
    }

    /// Counts the claim that a row makes besides by naming a source.
    pub(super) fn count_claim(&mut self, source: &str) {
        self.summary.claims += u64::from(!source.is_empty());
    }

    /// Writes what waits, and gives the summary.
    pub(super) fn finish(&mut self) -> Result<Summary> {
        for open in &mut self.files {
            open.flush(&mut self.summary)?;
        }
        self.summary.files = self.files.iter().map(|open| open.path.clone()).collect();
        Ok(self.summary.clone())
    }

    /// Removes the files: a trade is there whole or not at all.
    pub(super) fn remove(&mut self) {
        for open in self.files.drain(..) {
            // Whatever made the writing fail is told; this is only tidied up after it.
            let _ = fs::remove_file(open.path);
        }
    }
}

impl Open {
    fn create(path: PathBuf, header: &str) -> Result<Self> {
        match File::create_new(&path) {
            Ok(file) => Ok(Self { path, file, buffer: format!("{header}\n").into_bytes() }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(Error::invalid(format!("{} is there already", path.display()))
                    .hint("name another directory with --out: nothing is overwritten".to_owned()))
            }
            Err(error) => Err(Error::io(&path, &error)),
        }
    }

    fn flush(&mut self, summary: &mut Summary) -> Result<()> {
        self.file.write_all(&self.buffer).map_err(|error| Error::io(&self.path, &error))?;
        summary.bytes += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_stand_at_the_place_of_their_number() {
        for (at, (table, ..)) in TABLES.iter().enumerate() {
            assert_eq!(*table as usize, at);
        }
    }
}
