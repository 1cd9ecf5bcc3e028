//! The lock of a case: who may write.

use crate::{Error, Result};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::process;

/// The lock file's name in the case's directory.
const FILE_NAME: &str = "lock";
/// No more of a lock file is read, whatever is in it.
const TEXT_BYTES_MAX: u64 = 4096;

/// The right to write to a case, held until it is dropped.
///
/// It is a lock of the operating system on the file `lock`, which stays there; the
/// text in it only tells others whom to ask. The system drops the lock of a process
/// that dies, so nothing a crash leaves behind blocks anybody.
///
/// Network file systems may not honour such locks.
#[derive(Debug)]
pub struct CaseLock {
    file: File,
}

impl CaseLock {
    /// Takes the lock of the case in `dir`; `program` names the holder to others.
    ///
    /// # Errors
    /// `ReadOnly` if it is taken, with the id of the process that has it; `Io` if
    /// the system refuses.
    pub fn acquire(dir: &Path, program: &str) -> Result<Self> {
        fs::create_dir_all(dir).map_err(|error| Error::io(dir, &error))?;
        let path = dir.join(FILE_NAME);
        let failed = |error: io::Error| Error::io(&path, &error);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(taken(dir, &mut file)),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let text = format!("{}\n{}\n", process::id(), program.replace(['\n', '\r'], " "));
        file.set_len(0).and_then(|()| file.write_all(text.as_bytes())).map_err(failed)?;
        Ok(Self { file })
    }
}

impl Drop for CaseLock {
    fn drop(&mut self) {
        // The lock goes with the file in any case; this only keeps a stale id from being read.
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

fn taken(dir: &Path, file: &mut File) -> Error {
    let mut text = String::new();
    let _ = file.take(TEXT_BYTES_MAX).read_to_string(&mut text);
    let mut lines = text.lines();
    let holder = match (lines.next(), lines.next()) {
        (Some(id), Some(program)) if id.parse::<u32>().is_ok() => format!("process {id} ({program})"),
        _ => "another process".to_owned(),
    };
    Error::read_only(format!("{holder} has the case {} open for writing", dir.display()))
        .hint("wait until it ends, or open the case for reading only".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_lock_names_its_holder_and_goes_with_it() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let lock = CaseLock::acquire(dir.path(), "throughline\nrepl").expect("a free lock");
        let error = CaseLock::acquire(dir.path(), "another").expect_err("a taken lock");
        assert_eq!(error.class(), "ReadOnly");
        let holder = format!("process {} (throughline repl)", process::id());
        assert!(error.to_string().contains(&holder), "{error}");
        drop(lock);
        CaseLock::acquire(dir.path(), "another").expect("a free lock");
    }

    #[test]
    fn the_text_of_a_dead_process_blocks_nobody() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        fs::write(dir.path().join(FILE_NAME), "4294967295\nghost\n").expect("a file to be written");
        let lock = CaseLock::acquire(dir.path(), "throughline").expect("a free lock");
        fs::write(dir.path().join(FILE_NAME), [0xFF; 10_000]).expect("a file to be written");
        let error = CaseLock::acquire(dir.path(), "another").expect_err("a taken lock");
        assert!(error.to_string().contains("another process"), "{error}");
        drop(lock);
    }
}
