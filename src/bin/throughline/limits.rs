//! When a statement gives up: what the command line and `:limits` set.

use std::time::Duration;

use clap::Args as ClapArgs;
use throughline::Error;
use throughline::paths::Limits;

/// When a statement gives up; a limit that stops a search is told.
#[derive(Debug, Clone, Default, ClapArgs)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArgs {
    /// Stop every statement that runs longer than this, and change nothing
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,

    /// How many steps a path search may take
    #[arg(long, global = true, value_name = "N", value_parser = count)]
    max_steps: Option<u64>,

    /// How many paths one search may find
    #[arg(long, global = true, value_name = "N", value_parser = count)]
    max_paths: Option<u64>,

    /// How many beginnings of paths may wait in memory during a search
    #[arg(long, global = true, value_name = "N", value_parser = count)]
    max_waiting: Option<u64>,

    /// How much memory the rows of a statement may take, such as 500MB or 8GB
    #[arg(long, global = true, value_name = "SIZE", value_parser = bytes)]
    max_memory: Option<usize>,

    /// How much memory pages of the index may keep between statements, such as 200MB; 1GB by default
    #[arg(long, global = true, value_name = "SIZE", value_parser = bytes)]
    cache: Option<usize>,
}

impl LimitArgs {
    /// How much memory pages of the index may keep, if the flags say.
    pub(crate) fn cache(&self) -> Option<usize> {
        self.cache
    }

    /// The limits that the flags describe; the defaults for the others.
    pub(crate) fn limits(&self) -> Limits {
        let default = Limits::default();
        Limits {
            work_max: self.max_steps.unwrap_or(default.work_max),
            results_max: self.max_paths.map_or(default.results_max, number),
            waiting_max: self.max_waiting.map_or(default.waiting_max, number),
            memory_max: self.max_memory.unwrap_or(default.memory_max),
        }
    }
}

/// The parts of the limits by name, as `:limits` has them.
pub(crate) const PARTS: [&str; 4] = ["memory", "paths", "steps", "waiting"];

/// Limits with the parts changed that the words name.
///
/// # Errors
/// `Invalid` for a part that there is not, and for a value that it cannot have.
pub(crate) fn changed(mut limits: Limits, words: &[String]) -> Result<Limits, Error> {
    let mut words = words.iter().map(String::as_str);
    while let Some(part) = words.next() {
        if part == "default" {
            limits = Limits::default();
            continue;
        }
        if !PARTS.contains(&part) {
            let hint = format!("there are {}; or write ':limits default'", PARTS.join(", "));
            return Err(Error::invalid(format!("there is no limit '{part}'")).hint(hint));
        }
        let value = words.next().ok_or_else(|| Error::invalid(format!("expected a value after '{part}'")))?;
        match part {
            "memory" => limits.memory_max = bytes(value).map_err(Error::invalid)?,
            "paths" => limits.results_max = count(value).map(number).map_err(Error::invalid)?,
            "steps" => limits.work_max = count(value).map_err(Error::invalid)?,
            _ => limits.waiting_max = count(value).map(number).map_err(Error::invalid)?,
        }
    }
    Ok(limits)
}

/// The limits in words.
pub(crate) fn words(limits: &Limits) -> String {
    let Limits { work_max, results_max, waiting_max, memory_max } = limits;
    #[expect(clippy::cast_precision_loss, reason = "shown to a tenth of a gigabyte")]
    let memory = *memory_max as f64 / f64::from(1 << 30);
    format!("limits: steps {work_max}, paths {results_max}, waiting {waiting_max}, memory {memory:.1}GB")
}

/// A positive number of seconds.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.trim().parse::<f64>().ok().filter(|seconds| *seconds > 0.0);
    let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.ok_or_else(|| "expected a number of seconds above 0, such as 30 or 0.5".to_owned())
}

/// A positive number, in which `_` may separate digits.
fn count(text: &str) -> Result<u64, String> {
    let number = text.trim().replace('_', "").parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| format!("expected a whole number above 0, such as 1_000_000, found '{text}'"))
}

fn number(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// A size with its unit; a unit is a thousand and twenty-four of the one before.
fn bytes(text: &str) -> Result<usize, String> {
    const UNITS: [(&str, u32); 4] = [("KB", 10), ("MB", 20), ("GB", 30), ("TB", 40)];
    let upper = text.trim().to_uppercase();
    let read = UNITS.iter().find_map(|(unit, shift)| {
        let number = upper.strip_suffix(unit)?.trim().parse::<u32>().ok().filter(|number| *number > 0)?;
        usize::try_from(u64::from(number).checked_shl(*shift)?).ok()
    });
    read.ok_or_else(|| format!("expected a size such as 500MB or 8GB, found '{text}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_of(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn parts_are_changed_by_name_and_default_takes_all_back() {
        let changed_to = |text| changed(Limits::default(), &words_of(text));
        let limits = changed_to("steps 1_000 memory 500mb").expect("good limits");
        assert_eq!((limits.work_max, limits.memory_max), (1_000, 500 << 20));
        assert_eq!(limits.results_max, Limits::default().results_max);
        assert_eq!(changed_to("paths 7 default").expect("good limits"), Limits::default());
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        for text in ["hops 3", "steps", "steps 0", "steps -1", "memory 8", "memory 1.5GB", "memory 0MB"] {
            assert!(changed(Limits::default(), &words_of(text)).is_err(), "{text}");
        }
    }
}
