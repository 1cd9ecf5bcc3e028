//! Conflicts on small random cases, compared with a definition that tries out every instant and
//! every number; and what the analysis of sources says, compared with what lenses hide.

use std::collections::BTreeSet;

use throughline::analysis::conflicts::{Kind, conflicts};
use throughline::analysis::sources::weights;
use throughline::graph::{Graph, Lens, View};
use throughline::model::{
    About, Claim, ClaimId, Effect, NodeData, NodeId, Properties, RelationshipData, RelationshipId, Stance,
    Value,
};

use crate::dice::{Dice, cases};

/// Instants of random periods; an open side goes one further.
const LAST: i64 = 6;
/// The largest number of a random claim; "at least" goes on for some more.
const MOST: i64 = 5;

const PROPERTIES: &[&str] = &["imo", "flag", "voyages", "alias", "size"];

/// What can be compared: kind, element, subject, claims, and whether the record stands on a side.
type Told = (Kind, About, Option<String>, BTreeSet<ClaimId>, bool);

pub(crate) fn period(dice: &mut Dice) -> (Option<i64>, Option<i64>) {
    let mut instant = || i64::try_from(dice.below(LAST as usize + 1)).expect("small");
    let (a, b) = (instant(), instant());
    let sides = dice.below(4);
    ((sides & 1 == 0).then_some(a.min(b)), (sides & 2 == 0).then_some(a.max(b)))
}

pub(crate) fn value(dice: &mut Dice) -> Value {
    Value::Int(i64::try_from(dice.below(MOST as usize + 1)).expect("small"))
}

pub(crate) fn properties(period: (Option<i64>, Option<i64>)) -> Properties {
    let sides = [("from", period.0), ("to", period.1)];
    sides.into_iter().filter_map(|(name, at)| Some((name.to_owned(), Value::Int(at?)))).collect()
}

pub(crate) fn claim(dice: &mut Dice, about: About) -> Claim {
    let stance = match dice.below(6) {
        0 | 1 => Stance::Disputes,
        2 if matches!(about, About::Node(_)) => {
            Stance::NullResult { relationship_type: "CALLED_AT".to_owned() }
        }
        _ => Stance::Supports,
    };
    let mut claim = Claim::new(about, stance, 0);
    if dice.below(4) > 0 && !matches!(claim.stance, Stance::NullResult { .. }) {
        claim.property = Some(PROPERTIES[dice.below(PROPERTIES.len())].to_owned());
        claim.value = (dice.below(6) > 0).then(|| value(dice));
    }
    let (from, to) = period(dice);
    (claim.from, claim.to) = (from.map(Value::Int), to.map(Value::Int));
    let bound = [None, Some("at least"), Some("at most")][dice.below(3)];
    let unit = [None, Some("trips")][dice.below(2)];
    for (name, word) in [("bound", bound), ("unit", unit)] {
        claim.extra.extend(word.map(|word| (name.to_owned(), Value::from(word))));
    }
    claim
}

fn random(dice: &mut Dice) -> Graph {
    let mut graph = Graph::new();
    let mut apply = |effect: Effect| graph.apply(&effect).expect("it fits");
    for id in 0..3 {
        let mut stored = Properties::new();
        for name in PROPERTIES {
            if dice.below(3) == 0 {
                stored.insert((*name).to_owned(), value(dice));
            }
        }
        let node = NodeData { key: None, labels: vec!["Thing".to_owned()], properties: stored };
        apply(Effect::CreateNode { id: NodeId(id), node });
    }
    for id in 0..3 {
        let kind = ["CALLED_AT", "OWNS"][dice.below(2)];
        let mut stored = properties(period(dice));
        if dice.below(2) == 0 {
            stored.insert("flag".to_owned(), value(dice));
        }
        let node = |dice: &mut Dice| NodeId(u32::try_from(dice.below(3)).expect("small"));
        let relationship = RelationshipData {
            key: None,
            kind: kind.to_owned(),
            start: node(dice),
            end: node(dice),
            properties: stored,
        };
        apply(Effect::CreateRelationship { id: RelationshipId(id), relationship });
    }
    for id in 0..u32::try_from(dice.below(9)).expect("small") {
        let at = u32::try_from(dice.below(3)).expect("small");
        let about = if dice.below(2) == 0 {
            About::Node(NodeId(at))
        } else {
            About::Relationship(RelationshipId(at))
        };
        apply(Effect::RecordClaim { id: ClaimId(id), claim: claim(dice, about).into() });
    }
    graph
}

/// What a claim or the record says.
struct Said {
    claim: Option<ClaimId>,
    value: i64,
    from: Option<i64>,
    to: Option<i64>,
    bound: String,
    unit: Option<String>,
}

impl Said {
    fn holds_at(&self, instant: i64) -> bool {
        self.from.is_none_or(|from| from <= instant) && self.to.is_none_or(|to| instant <= to)
    }

    fn may_be(&self, number: i64) -> bool {
        match self.bound.as_str() {
            "at least" => number >= self.value,
            "at most" => number <= self.value,
            _ => number == self.value,
        }
    }
}

/// Whether something is true of two of them.
type Test<'a> = &'a dyn Fn(&Said, &Said) -> bool;

fn instants() -> std::ops::RangeInclusive<i64> {
    -1..=LAST + 1
}

/// Whether no numbers could be both, the first within the window of the second.
fn cannot_be(inner: &Said, outer: &Said, is_same_window: bool) -> bool {
    let numbers = || 0..=MOST + 1;
    !numbers().any(|a| {
        numbers().any(|b| inner.may_be(a) && outer.may_be(b) && if is_same_window { a == b } else { a <= b })
    })
}

/// Whether two counts can be compared, and if so whether they contradict each other.
fn compared(a: &Said, b: &Said) -> Option<bool> {
    let window = |said: &Said| instants().filter(|&at| said.holds_at(at)).collect::<BTreeSet<_>>();
    let is_open = |said: &Said| said.from.is_none() || said.to.is_none();
    let is_dated = |said: &Said| said.from.is_some() || said.to.is_some();
    if a.unit != b.unit || is_dated(a) != is_dated(b) {
        return None;
    }
    let (in_a, in_b) = (window(a), window(b));
    let contradiction = if in_a == in_b {
        cannot_be(a, b, true)
    } else if is_open(a) || is_open(b) {
        return None;
    } else if in_a.is_subset(&in_b) {
        cannot_be(a, b, false)
    } else if in_b.is_subset(&in_a) {
        cannot_be(b, a, false)
    } else {
        return None;
    };
    Some(contradiction && a.value != b.value)
}

fn int(value: Option<&Value>) -> Option<i64> {
    match value {
        Some(Value::Int(number)) => Some(*number),
        _ => None,
    }
}

/// The definitions, read from the tables alone.
fn expected(graph: &Graph) -> BTreeSet<Told> {
    let mut found = BTreeSet::new();
    let nodes = (0..3).map(|id| About::Node(NodeId(id)));
    for about in nodes.chain((0..3).map(|id| About::Relationship(RelationshipId(id)))) {
        let stored = match about {
            About::Node(id) => graph.node_data(id).expect("it is there").properties,
            About::Relationship(id) => graph.relationship_data(id).expect("it is there").properties,
        };
        let claims: Vec<(ClaimId, &Claim)> =
            graph.claims().filter(|(_, claim)| claim.about == about).collect();
        for property in PROPERTIES {
            let mut said = Vec::new();
            for (id, claim) in &claims {
                if claim.stance == Stance::Supports && claim.property.as_deref() == Some(*property) {
                    said.extend(int(claim.value.as_ref()).map(|value| Said {
                        claim: Some(*id),
                        value,
                        from: int(claim.from.as_ref()),
                        to: int(claim.to.as_ref()),
                        bound:
                            claim.extra.get("bound").and_then(Value::as_str).unwrap_or_default().to_owned(),
                        unit: claim.extra.get("unit").and_then(Value::as_str).map(str::to_owned),
                    }));
                }
            }
            if !said.is_empty() {
                let side = |name: &str| match about {
                    About::Node(_) => None,
                    About::Relationship(_) => int(stored.get(name)),
                };
                said.extend(int(stored.get(*property)).map(|value| Said {
                    claim: None,
                    value,
                    from: side("from"),
                    to: side("to"),
                    bound: String::new(),
                    unit: None,
                }));
            }
            let clash = |a: &Said, b: &Said| match *property {
                "alias" => false,
                "voyages" => compared(a, b) == Some(true),
                property => {
                    let same = (0..=MOST + 1).any(|n| a.may_be(n) && b.may_be(n)) || a.value == b.value;
                    let meet = property != "flag" || instants().any(|at| a.holds_at(at) && b.holds_at(at));
                    !same && meet
                }
            };
            let apart =
                |a: &Said, b: &Said| *property == "voyages" && a.value != b.value && compared(a, b).is_none();
            let tests: [(Kind, Test<'_>); 2] = [(Kind::Value, &clash), (Kind::NotComparable, &apart)];
            for (kind, test) in tests {
                let at: Vec<&Said> = (0..said.len())
                    .filter(|&i| (0..said.len()).any(|j| i != j && test(&said[i], &said[j])))
                    .map(|i| &said[i])
                    .collect();
                if !at.is_empty() {
                    let claims = at.iter().filter_map(|said| said.claim).collect();
                    let is_stored = at.iter().any(|said| said.claim.is_none());
                    found.insert((kind, about, Some((*property).to_owned()), claims, is_stored));
                }
            }
        }
        for property in PROPERTIES.iter().map(|name| Some(*name)).chain([None]) {
            let of = |stance: Stance| {
                let matching = claims
                    .iter()
                    .filter(move |(_, c)| c.stance == stance && c.property.as_deref() == property);
                matching.copied().collect::<Vec<_>>()
            };
            let against = of(Stance::Disputes);
            let Some((_, first)) = against.first() else { continue };
            let denied =
                first.value.clone().filter(|v| against.iter().all(|(_, c)| c.value.as_ref() == Some(v)));
            let is_meant = |claim: &Claim| denied.is_none() || claim.value.is_none() || claim.value == denied;
            let by = of(Stance::Supports).into_iter().filter(|(_, claim)| is_meant(claim));
            let ids = by.chain(against.iter().copied()).map(|(id, _)| id).collect();
            let is_stored = property.is_none_or(|name| stored.contains_key(name));
            found.insert((Kind::Denial, about, property.map(str::to_owned), ids, is_stored));
        }
        let About::Node(place) = about else { continue };
        for (id, claim) in &claims {
            if !matches!(claim.stance, Stance::NullResult { .. }) {
                continue;
            }
            let event = |from: Option<i64>, to: Option<i64>, at: i64| {
                from.is_none_or(|from| from <= at) && to.or(from).is_none_or(|to| at <= to)
            };
            let looked = |at| event(int(claim.from.as_ref()), int(claim.to.as_ref()), at);
            let mut ids = BTreeSet::from([*id]);
            let mut is_met = false;
            for (relationship, data) in
                (0..3).map(|id| (id, graph.relationship_data(RelationshipId(id)).expect("there")))
            {
                let (from, to) = (int(data.properties.get("from")), int(data.properties.get("to")));
                let is_here = data.start == place || data.end == place;
                if data.kind == "CALLED_AT"
                    && is_here
                    && instants().any(|at| looked(at) && event(from, to, at))
                {
                    is_met = true;
                    let about = About::Relationship(RelationshipId(relationship));
                    ids.extend(
                        graph
                            .claims()
                            .filter(|(_, c)| c.about == about && c.supports_element())
                            .map(|(id, _)| id),
                    );
                }
            }
            if is_met {
                found.insert((Kind::NullResult, about, Some("CALLED_AT".to_owned()), ids, true));
            }
        }
    }
    found
}

#[test]
fn conflicts_are_those_that_trying_everything_finds() {
    let mut n_found = 0;
    for seed in 0..cases(3000) {
        let graph = random(&mut Dice::new(seed as u64));
        let found =
            conflicts(View::new(&graph, None, false), None, &|| Ok(())).expect("nothing is asked wrongly");
        let told: BTreeSet<Told> = found
            .iter()
            .map(|conflict| {
                let is_stored = conflict.sides.iter().any(|side| side.is_stored);
                (
                    conflict.kind,
                    conflict.about,
                    conflict.subject.clone(),
                    conflict.claims().collect(),
                    is_stored,
                )
            })
            .collect();
        assert_eq!(told, expected(&graph), "seed {seed}");
        n_found += told.len();
    }
    assert!(n_found > cases(3000), "the cases have conflicts at all: {n_found}");
}

/// Everything that a view shows.
fn shown(view: View<'_>) -> BTreeSet<About> {
    view.nodes().map(About::Node).chain(view.relationships().map(About::Relationship)).collect()
}

#[test]
fn what_falls_without_a_source_is_what_a_lens_without_it_hides() {
    let graph = crate::the_rajin_case::graph(0);
    for confidence_min in [None, Some(0.5)] {
        let base = Lens { confidence_min, ..Lens::default() };
        let compiled = base.compile(&graph).expect("a good lens");
        let view = View::new(&graph, Some(&compiled), false);
        let before = shown(view);
        for weight in weights(view, &|| Ok(())).expect("nothing stops it") {
            let hidden = |name: String| {
                let lens = Lens { without: vec![name], ..base.clone() };
                let lens = lens.compile(&graph).expect("the source is there");
                let after = shown(View::new(&graph, Some(&lens), false));
                before.difference(&after).copied().collect::<BTreeSet<_>>()
            };
            let key = graph.key_of(weight.source);
            assert_eq!(weight.falls, hidden(key.clone()), "{key}");
            let origin = view.origin_of(weight.source).expect("a source has one");
            assert_eq!(weight.falls_with_origin, hidden(origin.clone()), "{origin}");
        }
    }
}

/// The marks of the fact base's conflicts, and the kinds of conflict that are found without them.
#[test]
fn each_conflict_of_the_fact_base_comes_out_with_its_claims() {
    let graph = crate::the_rajin_case::graph(0);
    let view = View::new(&graph, None, false);
    let found = conflicts(view, None, &|| Ok(())).expect("nothing stops it");
    for (id, claim) in graph.claims() {
        let Some(marks) = claim.extra.get("conflict").and_then(Value::as_str) else { continue };
        for mark in marks.split(';') {
            let is_told = found.iter().any(|conflict| {
                conflict.kind == Kind::Marked
                    && conflict.subject.as_deref() == Some(mark)
                    && conflict.claims().any(|other| other == id)
            });
            assert!(is_told, "{mark} has claim {:?}", claim.key);
        }
    }
    let by_itself = |mark: &str| {
        found.iter().any(|conflict| conflict.kind != Kind::Marked && conflict.marks.contains(mark))
    };
    // Each of these comes out of the claims alone, without anybody having marked them.
    for mark in [
        "MARIA-DATE",
        "OWNER",
        "DEC-VOSTOCHNY",
        "VOYAGES",
        "CONTAINERS",
        "SHELLS",
        "ORIGIN-DRIFT",
        "TIK-DIST",
        "VAZ-DIST",
        "FLAG",
        "WH-DATES",
        "EU-MG-BASIS",
        "REGISTRY",
        "LENGTH",
        "ROK-7",
        "DENIAL",
        "UNIT",
        "DOSSIER",
    ] {
        assert!(by_itself(mark), "{mark}");
    }
}
