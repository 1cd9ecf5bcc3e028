//! How far a long piece of work is, on one line of the terminal.

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use throughline::formats::csv::Progress;

use crate::interrupt;

/// How often the line is drawn at most.
const PAUSE: Duration = Duration::from_millis(100);

/// A line that is drawn again and again; nothing where stderr is no terminal.
pub(crate) struct ProgressLine {
    is_shown: bool,
    began: Instant,
    drawn: Mutex<Option<Instant>>,
}

impl ProgressLine {
    /// Begins; time is counted from now.
    pub(crate) fn new(is_shown: bool) -> Self {
        Self { is_shown, began: Instant::now(), drawn: Mutex::new(None) }
    }

    /// Draws how far it is; gives whether to go on.
    pub(crate) fn show(&self, progress: Progress) -> bool {
        if self.is_shown {
            let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
            if drawn.is_none_or(|drawn| drawn.elapsed() >= PAUSE) {
                *drawn = Some(Instant::now());
                let text = describe(progress, self.began.elapsed());
                let _ = write!(std::io::stderr(), "\r\x1b[K{text}");
            }
        }
        !interrupt::is_asked()
    }

    /// Takes the line away.
    pub(crate) fn clear(&self) {
        if self.is_shown {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

/// What is done of all, how fast, and how long the rest takes at that rate.
fn describe(progress: Progress, elapsed: Duration) -> String {
    let Progress { what, done, total } = progress;
    // Steps are few; bytes are many.
    if total < 1000 {
        return format!("{what} …");
    }
    let share = done as f64 / total as f64;
    let rate = done as f64 / elapsed.as_secs_f64().max(0.001);
    let left = (total - done.min(total)) as f64 / rate.max(1.0);
    format!("{what} {:.0} %, {:.0} MB/s, {left:.0} s left", share * 100.0, rate / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_rate_and_time_left() {
        let progress = Progress { what: "read", done: 50_000_000, total: 200_000_000 };
        assert_eq!(describe(progress, Duration::from_secs(2)), "read 25 %, 25 MB/s, 6 s left");
        let step = Progress { what: "sorted", done: 1, total: 3 };
        assert_eq!(describe(step, Duration::from_secs(2)), "sorted …");
    }
}
