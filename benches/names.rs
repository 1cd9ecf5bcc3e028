//! How long comparing, searching and screening take on made-up names.
//!
//! The names are put together from given names, family names, words of companies and of ships in three
//! scripts, with syllables drawn at random, so that words are as unequally common as in lists of
//! companies and persons. `NAMES` sets how many there are (default 1,000,000).
//!
//! ```text
//! NAMES=1000000 cargo bench --bench names
//! ```
//!
//! Printed are the time to compare a pair (names made ready beforehand, only as far as a threshold needs, and
//! made ready each time), how many
//! comparisons that is in a second, the time to build the index and its size, the median and the 99th percentile
//! of 5,000 searches of three sorts (as written, with a letter changed, in Cyrillic), with how often the name
//! asked for is among the ten best, and how many comparisons a second a list that is screened amounts to. The index is
//! built on all cores, and the rest is one thread; where the system tells what that spent on a processor, this is
//! counted in place of the clock, but for building and for single searches.

#![allow(clippy::print_stdout, reason = "a measurement prints what it found")]

mod support;

use std::time::{Duration, Instant};

use support::{Random, setting};
use throughline::names::{Entry, Kind, Name, NameIndex, similarity, similarity_at_least};

const GIVEN: &[&str] = &[
    "Ivan",
    "Sergey",
    "Vladimir",
    "Alexander",
    "Dmitry",
    "Mikhail",
    "Nikolai",
    "Andrei",
    "Olga",
    "Maria",
    "Anna",
    "Yelena",
    "Igor",
    "Oleg",
    "Viktor",
    "Pavel",
    "Yuri",
    "Boris",
    "Konstantin",
    "Gennady",
    "Mohammed",
    "Ahmed",
    "Ali",
    "Hassan",
    "Jong",
    "Yong",
    "Chol",
    "Myong",
    "Kwang",
    "Sun",
    "Wei",
    "Li",
    "Ming",
    "John",
    "Robert",
    "Peter",
    "Hans",
    "Karl",
    "Jean",
    "Pierre",
];
const FAMILY: &[&str] = &[
    "Kim",
    "Ri",
    "Pak",
    "Choe",
    "Ivanov",
    "Petrov",
    "Smirnov",
    "Kuznetsov",
    "Wang",
    "Zhang",
    "Smith",
    "Mueller",
];
const SYLLABLES: &[&str] = &[
    "va", "ro", "mi", "ka", "le", "no", "su", "ti", "ber", "gor", "sta", "pol", "mar", "dan", "vel", "zar",
    "shi", "kov", "lin", "tov", "nik", "ost", "ura", "bel", "kra", "men", "sib", "tek", "gaz", "mor",
];
const ENDINGS: &[&str] = &["ov", "in", "sky", "enko", "ko", "ev", "son", "er", "ich", "a"];
const BODIES: &[&str] = &[
    "Trading",
    "Shipping",
    "Group",
    "Plant",
    "Bank",
    "Logistics",
    "Holding",
    "Technology",
    "Industries",
    "Transport",
];
const FORMS: &[&str] = &["LLC", "OOO", "JSC", "Ltd", "GmbH", "AO", "Co., Ltd.", "PJSC"];

fn pick<'t>(random: &mut Random, table: &[&'t str]) -> &'t str {
    table[random.below(table.len())]
}

/// A word of two to four syllables.
fn word(random: &mut Random) -> String {
    let count = 2 + random.below(3);
    let mut word: String = (0..count).map(|_| pick(random, SYLLABLES)).collect();
    if let Some(first) = word.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    word
}

fn name(random: &mut Random) -> (String, Kind) {
    match random.below(10) {
        0..5 => {
            let family = match random.below(5) {
                0 => pick(random, FAMILY).to_owned(),
                _ => word(random) + pick(random, ENDINGS),
            };
            let middle =
                if random.below(2) == 0 { format!("{} ", pick(random, GIVEN)) } else { String::new() };
            (format!("{} {middle}{family}", pick(random, GIVEN)), Kind::Person)
        }
        5..9 => {
            let form = pick(random, FORMS);
            (format!("{} {} {form}", word(random), pick(random, BODIES)), Kind::Organisation)
        }
        _ => (format!("{} {}", word(random), 1 + random.below(9)).to_uppercase(), Kind::Vessel),
    }
}

/// A name with one letter of its longest word changed.
fn misspelt(random: &mut Random, name: &str) -> String {
    let longest = name.split(' ').max_by_key(|word| word.len()).unwrap_or_default();
    let at = 1 + random.below(longest.len().max(3) - 2);
    let wrong: String = longest.chars().enumerate().map(|(i, c)| if i == at { 'e' } else { c }).collect();
    name.replacen(longest, &wrong, 1)
}

/// A name as a Russian would write it, letter by letter.
fn cyrillic(name: &str) -> String {
    const LETTERS: &[(&str, &str)] = &[
        ("sh", "ш"),
        ("zh", "ж"),
        ("ch", "ч"),
        ("a", "а"),
        ("b", "б"),
        ("v", "в"),
        ("w", "в"),
        ("g", "г"),
        ("d", "д"),
        ("e", "е"),
        ("z", "з"),
        ("i", "и"),
        ("y", "й"),
        ("j", "дж"),
        ("k", "к"),
        ("l", "л"),
        ("m", "м"),
        ("n", "н"),
        ("o", "о"),
        ("p", "п"),
        ("r", "р"),
        ("s", "с"),
        ("t", "т"),
        ("u", "у"),
        ("f", "ф"),
        ("h", "х"),
        ("x", "кс"),
        ("q", "к"),
        ("c", "к"),
    ];
    LETTERS.iter().fold(name.to_lowercase(), |text, (latin, letter)| text.replace(latin, letter))
}

/// A moment on the thread's processor, where the system tells, and else by the clock: other work on the
/// machine does not change it as much.
struct Moment {
    at: Instant,
    spent: Option<Duration>,
}

impl Moment {
    fn now() -> Self {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
        let nanos = text.and_then(|text| text.split_whitespace().next()?.parse().ok());
        Self { at: Instant::now(), spent: nanos.map(Duration::from_nanos) }
    }

    fn elapsed(&self) -> Duration {
        let now = Self::now();
        match now.spent.zip(self.spent) {
            Some((now, then)) => now.saturating_sub(then),
            None => now.at - self.at,
        }
    }
}

fn seconds(count: usize, taken: Duration) -> String {
    format!("{:.2} million a second", count as f64 / taken.as_secs_f64() / 1e6)
}

fn compare_pairs(names: &[(String, Kind)]) {
    let ready: Vec<Name> = names.iter().take(2000).map(|(text, kind)| Name::new(text, Some(*kind))).collect();
    // Every second pair, beginning where the first of it does.
    let pairs = || {
        ready.iter().enumerate().flat_map(|(i, a)| ready.iter().skip(i % 2).step_by(2).map(move |b| (a, b)))
    };
    let n_pairs = pairs().count();
    let report = |what: &str, count: usize, taken: Duration, found: String| {
        let nanos = taken.as_nanos() as f64 / count as f64;
        println!("{what:<22} {nanos:>9.0} ns  {}  ({found})", seconds(count, taken));
    };
    let begun = Moment::now();
    let mut sum: f64 = pairs().map(|(a, b)| similarity(a, b)).sum();
    report("a pair, names ready", n_pairs, begun.elapsed(), format!("sum {sum:.0}"));
    let begun = Moment::now();
    let n_alike = pairs().filter(|(a, b)| similarity_at_least(a, b, 0.8).is_some()).count();
    report("the same, 0.8 at least", n_pairs, begun.elapsed(), format!("{n_alike} alike"));
    let begun = Moment::now();
    let written: Vec<_> = names[..names.len().min(40_000)].chunks_exact(2).collect();
    for pair in &written {
        let [a, b] = [0, 1].map(|i| Name::new(&pair[i].0, Some(pair[i].1)));
        sum += similarity(&a, &b);
    }
    report("a pair, from the text", written.len(), begun.elapsed(), format!("sum {sum:.0}"));
}

fn search(
    index: &NameIndex,
    names: &[(String, Kind)],
    what: &str,
    change: impl Fn(&mut Random, &str) -> String,
) {
    const SEARCHES: usize = 5000;
    let mut random = Random(7);
    let mut times = Vec::with_capacity(SEARCHES);
    let mut n_found = 0;
    for _ in 0..SEARCHES {
        let (name, _) = &names[random.below(names.len())];
        let question = change(&mut random, name);
        let begun = Instant::now();
        let found = index.search(&Name::new(&question, None), 10, 0.8, |_| true);
        times.push(begun.elapsed());
        n_found += usize::from(found.iter().any(|found| found.name == *name));
    }
    times.sort_unstable();
    let micros = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e6;
    println!(
        "search, {what:<14} median {:>6.0} µs  p99 {:>6.0} µs  worst {:>6.0} µs  found {:.1} %",
        micros(0.5),
        micros(0.99),
        micros(1.0),
        n_found as f64 * 100.0 / SEARCHES as f64
    );
}

fn main() {
    let count = setting("NAMES", 1_000_000);
    let mut random = Random(1);
    let names: Vec<(String, Kind)> = (0..count).map(|_| name(&mut random)).collect();
    compare_pairs(&names);
    let entries = (0..).zip(&names).map(|(owner, (text, kind))| Entry {
        owner,
        text: text.clone(),
        kind: Some(*kind),
        is_identifier: false,
    });
    // All cores build.
    let begun = Instant::now();
    let index = NameIndex::build(entries);
    let taken = begun.elapsed();
    let bytes = index.size_bytes();
    println!(
        "index of {} names: {:.1} s, {:.0} MB, {} bytes a name",
        index.len(),
        taken.as_secs_f64(),
        bytes as f64 / 1e6,
        bytes / index.len().max(1)
    );
    search(&index, &names, "as written", |_, name| name.to_owned());
    search(&index, &names, "one letter off", misspelt);
    search(&index, &names, "in Cyrillic", |_, name| cyrillic(name));
    let begun = Moment::now();
    let listed = 2000;
    let n_found: usize = names[..listed.min(names.len())]
        .iter()
        .map(|(text, _)| index.search(&Name::new(text, None), 10, 0.8, |_| true).len())
        .sum();
    let taken = begun.elapsed();
    println!(
        "screening {listed} names against {}: {:.2} s, {n_found} candidates, {}",
        index.len(),
        taken.as_secs_f64(),
        seconds(listed * index.len(), taken)
    );
}
