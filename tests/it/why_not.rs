//! `EXPLAIN WHY NOT` against the question itself: what a row says would help does help, one
//! unit less does not, and nothing is called impossible that is not.

use throughline::graph::Graph;
use throughline::model::{Path, Value};

use crate::dependence::ask;
use crate::dice::Dice;

/// A question, and each thing in it that can be relaxed.
#[derive(Debug, Clone)]
struct Question {
    prefix_wait: Option<i64>,
    node_wait: Option<i64>,
    within: Option<i64>,
    strict: bool,
    certainly: bool,
    least_confidence: bool,
    condition: bool,
    shape: usize,
    selector: &'static str,
}

impl Question {
    fn random(dice: &mut Dice) -> Self {
        let maybe = |dice: &mut Dice| (dice.below(3) == 0).then(|| dice.below(4) as i64);
        Self {
            prefix_wait: maybe(dice),
            node_wait: maybe(dice),
            within: maybe(dice),
            strict: dice.below(2) == 0,
            certainly: dice.below(3) == 0,
            least_confidence: dice.below(4) == 0,
            condition: dice.below(5) == 0,
            shape: dice.below(3),
            selector: ["ALL", "EARLIEST", "ANY", "STRONGEST 2", "SHORTEST 1"][dice.below(5)],
        }
    }

    fn text(&self) -> String {
        let bound = |word: &str, bound: Option<i64>| bound.map_or(String::new(), |n| format!(" {word} {n}"));
        let chrono = format!(
            "CHRONOLOGICAL{}{}{}{}",
            if self.strict { " STRICT" } else { "" },
            if self.certainly { " CERTAINLY" } else { "" },
            bound("WAIT <=", self.prefix_wait),
            bound("WITHIN", self.within),
        );
        format!("{}MATCH p = {} {chrono} {} RETURN p", self.lens(), self.selector, self.pattern())
    }

    fn untimed(&self) -> String {
        let free = Self { node_wait: None, ..self.clone() };
        format!("{}MATCH p = ALL {} RETURN p", self.lens(), free.pattern())
    }

    fn lens(&self) -> &'static str {
        if self.least_confidence { "USING LENS {minConfidence: 0.5} " } else { "" }
    }

    fn pattern(&self) -> String {
        let wait = self.node_wait.map_or(String::new(), |n| format!(" WAIT <= {n}"));
        let sure = if self.condition { " WHERE r.sure" } else { "" };
        match self.shape {
            0 => format!("(a {{id: 'n0'}})-[:R]-(m{wait})-[r:R{sure}]-(b {{id: 'n1'}})"),
            1 => format!("(a {{id: 'n0'}})-[:R]->(m{wait})-[r:R{sure}]->{{1,2}}(b {{id: 'n2'}})"),
            _ => format!("(a {{id: 'n0'}})((x)-[r:R]-(y{wait}){sure}){{1,3}}(b {{id: 'n1'}})"),
        }
    }

    /// With one thing left out; none where it is not there.
    fn without(&self, reason: &str) -> Vec<Self> {
        let mut all = Vec::new();
        let mut put = |is_there: bool, question: Self| all.extend(is_there.then_some(question));
        let it = || self.clone();
        match reason {
            "wait" => {
                put(self.prefix_wait.is_some(), Self { prefix_wait: None, ..it() });
                put(self.node_wait.is_some(), Self { node_wait: Some(1_000_000), ..it() });
            }
            "within" => put(self.within.is_some(), Self { within: None, ..it() }),
            "strict" => put(self.strict, Self { strict: false, ..it() }),
            "certainly" => put(self.certainly, Self { certainly: false, ..it() }),
            "lens" => put(self.least_confidence, Self { least_confidence: false, ..it() }),
            "condition" => put(self.condition, Self { condition: false, ..it() }),
            other => panic!("unknown reason {other}"),
        }
        all
    }
}

/// A graph of a few nodes with dated relationships on an integer clock.
fn case(dice: &mut Dice) -> Graph {
    let mut graph = Graph::new();
    let mut run = |text: String| {
        ask(&mut graph, &text).unwrap_or_else(|error| panic!("{error}: {text}"));
    };
    (0..4).for_each(|id| run(format!("CREATE (:N {{id: 'n{id}'}})")));
    for _ in 0..4 + dice.below(4) {
        let (a, b, from) = (dice.below(4), dice.below(4), dice.below(8));
        let to = from + [0, 0, 1, 3][dice.below(4)];
        let confidence = ["0.2", "0.6", "0.9"][dice.below(3)];
        let properties =
            format!("from: {from}, to: {to}, confidence: {confidence}, sure: {}", dice.below(2) == 0);
        run(format!("MATCH (a {{id: 'n{a}'}}), (b {{id: 'n{b}'}}) CREATE (a)-[:R {{{properties}}}]->(b)"));
    }
    graph
}

fn has_answer(graph: &mut Graph, question: &Question) -> bool {
    let text = question.text();
    !ask(graph, &text).unwrap_or_else(|error| panic!("{error}: {text}")).rows.is_empty()
}

/// The new bound after a word in the text of a change.
fn bound_in(change: &str, word: &str) -> Option<i64> {
    let rest = change.split_once(word)?.1.trim_start();
    rest.split(' ').next()?.parse().ok()
}

/// One change that a row tells of.
#[derive(Debug, Clone)]
enum Told {
    PrefixWait(i64),
    NodeWait(i64),
    Within(i64),
    Certainly,
    Strict,
    Lens,
    Condition,
}

impl Told {
    /// The changes in the text of a row.
    fn read(question: &Question, change: &str) -> Vec<Self> {
        let parts = change.split(", and ").filter_map(|part| {
            let new = |word| bound_in(part, word).expect("a number");
            Some(match part {
                // Two waits with the same bound look alike; those questions are not asked about here.
                _ if part.starts_with("WAIT <=") => match question.prefix_wait == Some(new("instead of")) {
                    true => Self::PrefixWait(new("WAIT <=")),
                    false => Self::NodeWait(new("WAIT <=")),
                },
                _ if part.starts_with("WITHIN") => Self::Within(new("WITHIN")),
                _ if part.starts_with("without CERTAINLY") => Self::Certainly,
                _ if part.starts_with("without STRICT") => Self::Strict,
                _ if part.starts_with("a lens without minConfidence") => Self::Lens,
                _ if part.starts_with("without WHERE") => Self::Condition,
                // What the lens hides may be several hops.
                _ if part.starts_with("R from") => return None,
                other => panic!("not understood: {other}"),
            })
        });
        parts.collect()
    }

    fn apply(&self, question: &mut Question) {
        match self {
            Self::PrefixWait(new) => question.prefix_wait = Some(*new),
            Self::NodeWait(new) => question.node_wait = Some(*new),
            Self::Within(new) => question.within = Some(*new),
            Self::Certainly => question.certainly = false,
            Self::Strict => question.strict = false,
            Self::Lens => question.least_confidence = false,
            Self::Condition => question.condition = false,
        }
    }

    /// The same with one unit less, for a bound; none for what is there or not.
    fn less(&self) -> Option<Self> {
        match self {
            Self::PrefixWait(new) => Some(Self::PrefixWait(new - 1)),
            Self::NodeWait(new) => Some(Self::NodeWait(new - 1)),
            Self::Within(new) => Some(Self::Within(new - 1)),
            Self::Certainly | Self::Strict | Self::Lens | Self::Condition => None,
        }
    }
}

fn applied<'t>(question: &Question, told: impl IntoIterator<Item = &'t Told>) -> Question {
    let mut changed = question.clone();
    told.into_iter().for_each(|told| told.apply(&mut changed));
    changed
}

/// The least over the paths of how far the worst pair of hops is out of order.
fn least_miss(graph: &mut Graph, question: &Question) -> Option<i64> {
    let rows = ask(graph, &question.untimed()).expect("it runs").rows;
    let mut least: Option<i64> = None;
    for row in rows {
        let Value::Path(path) = &row[0] else { panic!("a path") };
        let by = miss(graph, path);
        least = Some(least.map_or(by, |least| least.min(by)));
    }
    least
}

fn miss(graph: &mut Graph, path: &Path) -> i64 {
    let periods: Vec<(i64, i64)> = path
        .relationships
        .iter()
        .map(|id| {
            let row = ask(graph, &format!("MATCH ()-[r]->() WHERE id(r) = {} RETURN r.from, r.to", id.0));
            let row = row.expect("it runs").rows.remove(0);
            match (&row[0], &row[1]) {
                (Value::Int(from), Value::Int(to)) => (*from, *to),
                other => panic!("{other:?}"),
            }
        })
        .collect();
    let pairs = (0..periods.len()).flat_map(|i| (i + 1..periods.len()).map(move |j| (i, j)));
    pairs.map(|(i, j)| periods[i].0 - periods[j].1).max().unwrap_or(i64::MIN)
}

#[test]
fn what_would_help_helps_and_one_unit_less_does_not() {
    let mut dice = Dice::new(0x1e55);
    let mut seen: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for _ in 0..crate::dice::cases(1000) {
        let mut graph = case(&mut dice);
        let question = Question::random(&mut dice);
        let text = format!("EXPLAIN WHY NOT {}", question.text());
        let answer = ask(&mut graph, &text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(answer.notices, Vec::<String>::new());
        let is_answered = has_answer(&mut graph, &question);
        let rows: Vec<(String, String, Value)> = answer
            .rows
            .iter()
            .map(|row| {
                let word = |at: usize| row[at].as_str().expect("a text").to_owned();
                (word(0), word(1), row[2].clone())
            })
            .collect();
        let told = format!("{text}\n{rows:?}");
        assert!(!rows.is_empty(), "{told}");
        let reasons: Vec<&str> = rows.iter().map(|(reason, ..)| reason.as_str()).collect();
        assert_eq!(reasons == ["answered"], is_answered, "{told}");
        reasons.iter().for_each(|reason| *seen.entry((*reason).to_owned()).or_default() += 1);
        if is_answered {
            continue;
        }
        // Everything that helps alone is told, as often as there is such a thing.
        let singles = ["wait", "within", "strict", "certainly", "lens", "condition"];
        for reason in singles {
            let relaxed = question.without(reason);
            let helps = relaxed.iter().filter(|relaxed| has_answer(&mut graph, relaxed)).count();
            let n_told = reasons.iter().filter(|told| **told == reason).count();
            assert_eq!(n_told, helps, "{reason}: {told}");
        }
        let bare = Question {
            prefix_wait: None,
            node_wait: None,
            within: None,
            strict: false,
            certainly: false,
            least_confidence: false,
            ..question.clone()
        };
        let can_be = has_answer(&mut graph, &bare);
        let has_single = reasons.iter().any(|reason| singles.contains(reason));
        for (reason, change, needs) in &rows {
            match reason.as_str() {
                "order" => {
                    assert!(!can_be && !has_single, "{told}");
                    let least = least_miss(&mut graph, &question);
                    assert_eq!(Some(needs.clone()), least.map(Value::Int), "{told}");
                    assert!(least > Some(0), "{told}");
                }
                "lens and order" | "condition and order" => {
                    assert!(!can_be && !has_single, "{told}");
                    assert_eq!(
                        ask(&mut graph, &question.untimed()).expect("it runs").rows.len(),
                        0,
                        "{told}"
                    );
                }
                "nothing" => {
                    assert!(!can_be && !has_single, "{told}");
                    assert_eq!(
                        ask(&mut graph, &question.untimed()).expect("it runs").rows.len(),
                        0,
                        "{told}"
                    );
                }
                _ => {
                    let same = question.prefix_wait.is_some() && question.prefix_wait == question.node_wait;
                    if same && change.contains("WAIT") {
                        continue;
                    }
                    let all = Told::read(&question, change);
                    assert!(has_answer(&mut graph, &applied(&question, &all)), "{change}: {told}");
                    // Without one of the changes, or with one unit less of it, there is no answer.
                    for at in 0..all.len() {
                        let others = [&all[..at], &all[at + 1..]].concat();
                        assert!(!has_answer(&mut graph, &applied(&question, &others)), "{change}: {told}");
                        let less = all[at].less().map(|less| [&others[..], &[less]].concat());
                        let less = less.map(|less| applied(&question, &less));
                        let still = less.is_some_and(|less| has_answer(&mut graph, &less));
                        assert!(!still, "{change}, and less: {told}");
                    }
                    let bound = bound_in(change, "WAIT <=").or(bound_in(change, "WITHIN"));
                    let bound = bound.filter(|_| all.len() == 1).map_or(Value::Null, Value::Int);
                    assert_eq!(*needs, bound, "{told}");
                    if !singles.contains(&reason.as_str()) {
                        assert!(can_be && !has_single, "{told}");
                    }
                }
            }
        }
    }
    for reason in ["wait", "within", "strict", "certainly", "lens", "condition", "order", "nothing"] {
        assert!(seen.get(reason).is_some_and(|count| *count >= 5), "{reason}: {seen:?}");
    }
    assert!(seen.keys().any(|reason| reason.contains("wait and")), "{seen:?}");
}
