//! How many scenarios passed in each category, compared with the lists of those known to fail.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use super::gherkin::Scenario;
use super::run::Verdict;

/// What has been counted so far, and the lists.
pub(super) struct Tally {
    folder: PathBuf,
    /// What the names of the scenarios that are run have in them.
    wanted: String,
    /// Scenarios that are not run, each with the reason.
    skipped: BTreeMap<String, String>,
    /// Passed, failed and skipped in each category.
    categories: BTreeMap<String, [usize; 3]>,
    /// For each that failed, a word for why, and what exactly went wrong.
    failed: BTreeMap<String, (&'static str, String)>,
}

impl Tally {
    /// Nothing counted yet; the lists lie in `folder`.
    pub(super) fn of_lists(folder: &Path, wanted: &str) -> Self {
        let skipped = listed(&folder.join("skipped.txt"));
        let without = skipped.iter().find(|(_, reason)| reason.is_empty());
        assert!(without.is_none(), "skipped.txt gives no reason: {without:?}");
        Self {
            folder: folder.to_owned(),
            wanted: wanted.to_owned(),
            skipped,
            categories: BTreeMap::new(),
            failed: BTreeMap::new(),
        }
    }

    /// Whether a scenario is not to be run.
    pub(super) fn skips(&self, name: &str) -> bool {
        self.skipped.contains_key(name)
    }

    /// Counts a scenario.
    pub(super) fn count(&mut self, scenario: &Scenario, verdict: Verdict) {
        let counts = self.categories.entry(scenario.category.clone()).or_default();
        match verdict {
            Verdict::Passed => counts[0] += 1,
            Verdict::Failed(word, what) => {
                counts[1] += 1;
                self.failed.insert(scenario.name.clone(), (word, what));
            }
            Verdict::Skipped => counts[2] += 1,
        }
    }

    /// Fails, with what to tell, where other scenarios failed than those that are known to.
    pub(super) fn compare(&self) -> Result<(), String> {
        let list = self.folder.join("known_failures.txt");
        if std::env::var_os("UPDATE_GOLDENFILES").is_some() && self.wanted.is_empty() {
            let lines = self.failed.iter().map(|(name, (word, _))| format!("{name}: {word}\n"));
            std::fs::write(list, lines.collect::<String>()).expect("the list can be written");
            return Ok(());
        }
        let known = listed(&list).into_keys().filter(|name| name.contains(&self.wanted)).collect();
        let failed: BTreeSet<String> = self.failed.keys().cloned().collect();
        let broken = failed.difference(&known).map(|name| format!("  {name}: {}\n", self.failed[name].1));
        let mended = known.difference(&failed).map(|name| format!("  {name}\n"));
        let (broken, mended): (String, String) = (broken.collect(), mended.collect());
        let mut told = String::new();
        if !broken.is_empty() {
            told += &format!("these passed before and fail now:\n{broken}");
        }
        if !mended.is_empty() {
            told += &format!(
                "these are listed as failing and pass; UPDATE_GOLDENFILES=1 writes the list anew:\n{mended}"
            );
        }
        if told.is_empty() { Ok(()) } else { Err(told) }
    }
}

/// The lines `name: words` of a list.
fn listed(file: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with("//"));
    let entry = |line: &str| {
        let (name, words) = line.split_once(':').unwrap_or((line, ""));
        (name.trim().to_owned(), words.trim().to_owned())
    };
    lines.map(entry).collect()
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sum = [0; 3];
        let width = self.categories.keys().map(String::len).max().unwrap_or(0).max(8);
        writeln!(f, "{:width$}  passed  failed  skipped", "category")?;
        for (category, counts) in &self.categories {
            sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            writeln!(f, "{category:width$}  {:6}  {:6}  {:7}", counts[0], counts[1], counts[2])?;
        }
        writeln!(f, "{:width$}  {:6}  {:6}  {:7}", "total", sum[0], sum[1], sum[2])?;
        if std::env::var_os("TCK_VERBOSE").is_some() {
            for (name, (word, what)) in &self.failed {
                writeln!(f, "{word}: {name}\n    {what}")?;
            }
        }
        Ok(())
    }
}
