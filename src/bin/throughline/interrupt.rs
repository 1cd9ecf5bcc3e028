//! What stops a statement: Ctrl-C, of which the next one stops the program, and a limit on its time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use throughline::Error;

/// Set by the first Ctrl-C during a statement.
static IS_ASKED: AtomicBool = AtomicBool::new(false);
/// Whether a statement runs that asks [`is_asked`].
static IS_RUNNING: AtomicBool = AtomicBool::new(false);
/// Whether a session is to be kept, however often Ctrl-C is pressed.
static IS_KEPT: AtomicBool = AtomicBool::new(false);

/// How long a statement may run.
static LIMIT: OnceLock<Duration> = OnceLock::new();
/// When the statement that runs has to be done.
static DEADLINE: Mutex<Option<Instant>> = Mutex::new(None);

/// What a shell gives for a process that SIGINT ended.
const EXIT_CODE: i32 = 130;

/// Begins to listen.
///
/// # Errors
/// `Invalid` where the system refuses.
pub(crate) fn listen() -> Result<(), Error> {
    let pressed = || {
        let is_again = IS_ASKED.swap(true, Ordering::SeqCst);
        let is_running = IS_RUNNING.load(Ordering::SeqCst);
        if !IS_KEPT.load(Ordering::SeqCst) && (is_again || !is_running) {
            // What is acknowledged is on disk, and what is not is not in the record.
            std::process::exit(EXIT_CODE);
        }
    };
    ctrlc::set_handler(pressed).map_err(|error| Error::invalid(format!("cannot listen to Ctrl-C: {error}")))
}

/// From now on Ctrl-C stops statements only.
pub(crate) fn keep_session() {
    IS_KEPT.store(true, Ordering::SeqCst);
}

/// Runs something that Ctrl-C may stop.
pub(crate) fn stoppable<T>(run: impl FnOnce() -> T) -> T {
    IS_ASKED.store(false, Ordering::SeqCst);
    *DEADLINE.lock().unwrap_or_else(PoisonError::into_inner) =
        LIMIT.get().and_then(|&limit| Instant::now().checked_add(limit));
    IS_RUNNING.store(true, Ordering::SeqCst);
    let result = run();
    IS_RUNNING.store(false, Ordering::SeqCst);
    result
}

/// Runs a question that is no statement; Ctrl-C and the limit on time stop it as they stop one.
pub(crate) fn question<T>(
    run: impl FnOnce(&dyn Fn() -> Result<(), Error>) -> Result<T, Error>,
) -> Result<T, Error> {
    let check = || match is_asked() {
        true => Err(Error::interrupted("the question was stopped")),
        false => Ok(()),
    };
    stoppable(|| run(&check))
}

/// From now on no statement runs longer than this.
pub(crate) fn limit(limit: Duration) {
    // Set once, from the command line.
    let _ = LIMIT.set(limit);
}

/// Whether the statement that runs is to stop.
pub(crate) fn is_asked() -> bool {
    IS_ASKED.load(Ordering::SeqCst) || is_late()
}

/// What to say of a statement that was stopped.
pub(crate) fn reason() -> Option<String> {
    let limit = LIMIT.get().filter(|_| !IS_ASKED.load(Ordering::SeqCst))?;
    let seconds = limit.as_secs_f64();
    Some(format!("the statement ran longer than {seconds} s and was stopped; nothing was changed"))
}

fn is_late() -> bool {
    LIMIT.get().is_some()
        && DEADLINE.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|end| Instant::now() >= end)
}
