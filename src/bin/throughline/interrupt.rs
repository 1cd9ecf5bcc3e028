//! Ctrl-C: the first one stops the statement, the next one the program.

use std::sync::atomic::{AtomicBool, Ordering};

use throughline::Error;

/// Set by the first Ctrl-C during a statement.
static IS_ASKED: AtomicBool = AtomicBool::new(false);
/// Whether a statement runs that asks [`is_asked`].
static IS_RUNNING: AtomicBool = AtomicBool::new(false);
/// Whether a session is to be kept, however often Ctrl-C is pressed.
static IS_KEPT: AtomicBool = AtomicBool::new(false);

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
    IS_RUNNING.store(true, Ordering::SeqCst);
    let result = run();
    IS_RUNNING.store(false, Ordering::SeqCst);
    result
}

/// Whether the statement that runs is to stop.
pub(crate) fn is_asked() -> bool {
    IS_ASKED.load(Ordering::SeqCst)
}
