//! The 50 Percent Rule on random graphs, compared with brute force: every world of the unknowns is
//! enumerated, and in each the blocked set is found by repeating the rule until nothing changes.
//!
//! Shares lie on a coarse grid, in units of a thousandth of a per cent. An open end is one unit beside
//! its number, so that a world may take a value at most a few units beside the grid; the sums that
//! matter lie on the grid or that close to it.

use throughline::analysis::ownership::{AsOf, Inquiry, Question, Regime, Verdict};
use throughline::graph::{Graph, View};
use throughline::model::{Effect, NodeData, NodeId, Properties, RelationshipData, RelationshipId, Value};

/// A hundred per cent.
const WHOLE: i64 = 100_000;
/// An infinitely small amount, for the few that a case can add up.
const LITTLE: i64 = 1;
/// The steps between shares of the grid.
const STEP: i64 = 25_000;

/// A small generator with a state of its own, so that a seed says everything.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

#[derive(Debug)]
struct Stake {
    owner: usize,
    entity: usize,
    least: i64,
    most: i64,
    /// It may be over, so that anything down to nothing is possible.
    is_uncertain: bool,
    arrangement: Option<u64>,
    properties: Properties,
}

#[derive(Debug)]
struct Control {
    controller: usize,
    entity: usize,
    is_uncertain: bool,
}

/// A case: entities 0..n, who is listed, who may be.
#[derive(Debug)]
struct Case {
    n: usize,
    listed: Vec<bool>,
    may_be_listed: Vec<bool>,
    is_ship: Vec<bool>,
    stakes: Vec<Stake>,
    controls: Vec<Control>,
}

fn fraction(units: i64) -> Value {
    Value::Float(units as f64 / WHOLE as f64)
}

fn stake(dice: &mut Dice, n: usize, unknowns: &mut usize) -> Stake {
    let (owner, entity) = (dice.below(n as u64) as usize, dice.below(n as u64) as usize);
    let mut on_grid = || STEP * dice.below((WHOLE / STEP + 1) as u64) as i64;
    let (a, b) = (on_grid(), on_grid());
    let mut properties = Properties::new();
    let mut put = |name: &str, value: Value| _ = properties.insert(name.to_owned(), value);
    let kind = if *unknowns == 0 { 0 } else { dice.below(7) };
    let (least, most) = match kind {
        1 | 2 => {
            put("shareMin", fraction(a.min(b)));
            put("shareMax", fraction(a.max(b)));
            (a.min(b), a.max(b))
        }
        3 => (LITTLE, WHOLE),
        4 => {
            put("share", Value::from("majority"));
            (WHOLE / 2 + LITTLE, WHOLE)
        }
        5 => {
            put("share", Value::from("minority"));
            (LITTLE, WHOLE / 2 - LITTLE)
        }
        _ => {
            put("share", fraction(a));
            (a, a)
        }
    };
    let is_uncertain = *unknowns > 0 && dice.chance(12);
    if is_uncertain {
        put(if dice.chance(50) { "from" } else { "to" }, Value::from("2022-06"));
    }
    *unknowns = unknowns.saturating_sub(usize::from(least < most || is_uncertain));
    let arrangement = dice.chance(15).then(|| dice.below(2));
    if let Some(arrangement) = arrangement {
        put("arrangement", Value::Int(arrangement as i64));
    }
    Stake { owner, entity, least, most, is_uncertain, arrangement, properties }
}

fn case(dice: &mut Dice) -> Case {
    let n = 2 + dice.below(5) as usize;
    let mut unknowns = 1 + dice.below(3) as usize;
    let n_stakes = 1 + dice.below(9);
    let stakes = (0..n_stakes).map(|_| stake(dice, n, &mut unknowns)).collect();
    let controls = (0..dice.below(3)).map(|_| Control {
        controller: dice.below(n as u64) as usize,
        entity: dice.below(n as u64) as usize,
        is_uncertain: dice.chance(25),
    });
    let controls = controls.collect();
    let listed: Vec<bool> = (0..n).map(|_| dice.chance(30)).collect();
    let may_be_listed = listed.iter().map(|&is| is || dice.chance(8)).collect();
    Case { n, listed, may_be_listed, is_ship: (0..n).map(|_| dice.chance(10)).collect(), stakes, controls }
}

/// What a regime asks, written down a second time.
#[derive(Clone, Copy)]
struct Rule {
    name: &'static str,
    is_strict: bool,
    adds_up: bool,
    arrangements: bool,
    control: bool,
    any_interest: bool,
}

#[rustfmt::skip]
const RULES: &[Rule] = &[
    Rule { name: "OFAC",           is_strict: false, adds_up: true,  arrangements: false, control: false, any_interest: true },
    Rule { name: "UK-OFSI",        is_strict: true,  adds_up: false, arrangements: true,  control: true,  any_interest: true },
    Rule { name: "EU",             is_strict: true,  adds_up: true,  arrangements: false, control: true,  any_interest: true },
    Rule { name: "BIS-Affiliates", is_strict: false, adds_up: true,  arrangements: false, control: false, any_interest: false },
];

/// One value for each unknown.
struct World {
    shares: Vec<i64>,
    controls: Vec<bool>,
    listed: Vec<bool>,
}

/// The blocked set in one world, by repeating the rule until nothing changes.
fn blocked(case: &Case, rule: Rule, world: &World) -> Vec<bool> {
    let parties: Vec<usize> = (0..case.n).filter(|&at| world.listed[at]).collect();
    let groups: Vec<Vec<usize>> =
        if rule.adds_up { vec![parties] } else { parties.into_iter().map(|party| vec![party]).collect() };
    let mut blocked = world.listed.clone();
    for group in groups {
        let mut set = vec![false; case.n];
        group.iter().for_each(|&party| set[party] = true);
        loop {
            let before = set.clone();
            for (entity, is_blocked) in set.iter_mut().enumerate() {
                *is_blocked |= is_enough(case, rule, world, &before, entity);
            }
            for (control, holds) in case.controls.iter().zip(&world.controls) {
                set[control.entity] |= rule.control && *holds && before[control.controller];
            }
            if set == before {
                break;
            }
        }
        blocked.iter_mut().zip(set).for_each(|(blocked, is)| *blocked |= is);
    }
    blocked
}

fn is_enough(case: &Case, rule: Rule, world: &World, set: &[bool], entity: usize) -> bool {
    let of_entity = || case.stakes.iter().zip(&world.shares).filter(|(stake, _)| stake.entity == entity);
    let held = |stake: &Stake, share: i64| set[stake.owner] && share > 0;
    let in_arrangement = |stake: &Stake| {
        rule.arrangements
            && stake.arrangement.is_some()
            && of_entity().any(|(other, &share)| other.arrangement == stake.arrangement && held(other, share))
    };
    let counted = of_entity().filter(|(stake, share)| held(stake, **share) || in_arrangement(stake));
    let sum: i64 = counted.map(|(_, share)| share).sum();
    if rule.any_interest && case.is_ship[entity] {
        sum > 0
    } else if rule.is_strict {
        sum > WHOLE / 2
    } else {
        sum >= WHOLE / 2
    }
}

/// The shares that a stake may have in a world.
fn values(stake: &Stake) -> Vec<i64> {
    let least = if stake.is_uncertain { 0 } else { stake.least };
    let grid = (0..=WHOLE / STEP).flat_map(|at| (0..4).map(move |littles| at * STEP - littles * LITTLE));
    let beside = grid.chain([stake.least, stake.most, least, WHOLE / 2 + LITTLE]);
    let mut values: Vec<i64> = beside.filter(|value| (least..=stake.most).contains(value)).collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// All worlds; an entity of which no more than the whole is recorded at least is not owned by more.
fn worlds(case: &Case) -> Vec<World> {
    let least = |stake: &Stake| if stake.is_uncertain { 0 } else { stake.least };
    let sum_of = |entity: usize, shares: &[i64]| -> i64 {
        case.stakes
            .iter()
            .zip(shares)
            .filter(|(stake, _)| stake.entity == entity)
            .map(|(_, share)| share)
            .sum()
    };
    let leasts: Vec<i64> = case.stakes.iter().map(least).collect();
    let is_bounded: Vec<bool> = (0..case.n).map(|entity| sum_of(entity, &leasts) <= WHOLE).collect();
    let mut all_shares: Vec<Vec<i64>> = vec![Vec::new()];
    for stake in &case.stakes {
        let values = values(stake);
        all_shares = all_shares
            .into_iter()
            .flat_map(|shares| values.iter().map(move |&value| [shares.clone(), vec![value]].concat()))
            .collect();
    }
    all_shares
        .retain(|shares| (0..case.n).all(|entity| !is_bounded[entity] || sum_of(entity, shares) <= WHOLE));
    let bits = |count: usize| 0..1_u32 << count;
    let uncertain_controls = case.controls.iter().filter(|control| control.is_uncertain).count();
    let uncertain_listed = (0..case.n).filter(|&at| case.may_be_listed[at] && !case.listed[at]).count();
    let mut worlds = Vec::new();
    for shares in &all_shares {
        for control_bits in bits(uncertain_controls) {
            for listed_bits in bits(uncertain_listed) {
                let (mut control_bits, mut listed_bits) = (control_bits, listed_bits);
                let next = |bits: &mut u32| {
                    let bit = *bits & 1 == 1;
                    *bits >>= 1;
                    bit
                };
                let controls =
                    case.controls.iter().map(|c| !c.is_uncertain || next(&mut control_bits)).collect();
                let listed = (0..case.n)
                    .map(|at| case.listed[at] || (case.may_be_listed[at] && next(&mut listed_bits)))
                    .collect();
                worlds.push(World { shares: shares.clone(), controls, listed });
            }
        }
    }
    worlds
}

fn graph_of(case: &Case) -> Graph {
    let mut graph = Graph::new();
    let authority = NodeId(u32::try_from(case.n).expect("few"));
    for at in 0..=case.n {
        let mut node = NodeData::default();
        if at < case.n {
            node.labels.push(if case.is_ship[at] { "Vessel" } else { "Company" }.to_owned());
            if case.listed[at] {
                node.properties.insert("topics".to_owned(), Value::List(vec![Value::from("sanction")]));
            }
        }
        let id = NodeId(u32::try_from(at).expect("few"));
        graph.apply(&Effect::CreateNode { id, node }).expect("the id is new");
    }
    let mut relate = |kind: &str, start: usize, end: NodeId, properties: Properties| {
        let id = RelationshipId(u32::try_from(graph.relationship_bound()).expect("few"));
        let start = NodeId(u32::try_from(start).expect("few"));
        let relationship = RelationshipData { key: None, kind: kind.to_owned(), start, end, properties };
        graph.apply(&Effect::CreateRelationship { id, relationship }).expect("the ends are there");
    };
    let node = |at: usize| NodeId(u32::try_from(at).expect("few"));
    let uncertain = || Properties::from([("from".to_owned(), Value::from("2022"))]);
    for stake in &case.stakes {
        relate("OWNS", stake.owner, node(stake.entity), stake.properties.clone());
    }
    for control in &case.controls {
        let properties = if control.is_uncertain { uncertain() } else { Properties::new() };
        relate("CONTROLS", control.controller, node(control.entity), properties);
    }
    for at in (0..case.n).filter(|&at| case.may_be_listed[at] && !case.listed[at]) {
        relate("SANCTIONED_BY", at, authority, uncertain());
    }
    graph
}

/// Compares the verdicts of a case under a rule; how many of each kind there were.
fn compare(seed: u64, case: &Case, worlds: &[World], rule: Rule, counts: &mut [usize; 3]) {
    let graph = graph_of(case);
    let view = View::new(&graph, None, true);
    let regime = Regime::find(rule.name).expect("it is known");
    let day = if rule.name == "BIS-Affiliates" { "2025-10-01" } else { "2022-06-15" };
    // The rules of 2025 are asked about 2022, where the dates of the case lie.
    let rules = Question::new(regime, AsOf::read(&Value::from(day)).expect("a date")).rules;
    let as_of = AsOf::read(&Value::from("2022-06-15")).expect("a date");
    let question = Question { rules, ..Question::new(regime, as_of) };
    let whole = Inquiry::new(view, &question, None, &|| Ok(())).expect("nothing stops it");
    let (mut always, mut ever) = (vec![true; case.n], vec![false; case.n]);
    for world in worlds {
        for (at, is_blocked) in blocked(case, rule, world).into_iter().enumerate() {
            always[at] &= is_blocked;
            ever[at] |= is_blocked;
        }
    }
    for at in 0..case.n {
        let wanted = match (always[at], ever[at]) {
            (true, _) => Verdict::Blocked,
            (false, true) => Verdict::Undecided,
            (false, false) => Verdict::NotBlocked,
        };
        counts[wanted as usize] += 1;
        let node = NodeId(u32::try_from(at).expect("few"));
        let alone = Inquiry::new(view, &question, Some(node), &|| Ok(())).expect("nothing stops it");
        for inquiry in [&whole, &alone] {
            let Some(place) = inquiry.network.place_of(node) else { continue };
            let found = inquiry.verdict(place);
            assert_eq!(found, wanted, "seed {seed}, {}: entity {at} of {case:#?}", rule.name);
            let facts = inquiry.missing(&|| Ok(())).expect("nothing stops it");
            let missing = facts.of(place);
            assert_eq!(
                missing.is_empty(),
                wanted != Verdict::Undecided,
                "seed {seed}, {}: entity {at}",
                rule.name
            );
            let proof = inquiry.proof(place, 100);
            assert_eq!(proof.verdict, wanted, "seed {seed}");
        }
    }
}

#[test]
fn brute_force_over_all_worlds_gives_the_same_verdicts() {
    let mut counts = [0; 3];
    let (mut n_cases, mut seed) = (0, 0);
    while n_cases < 3000 {
        seed += 1;
        let case = case(&mut Dice(seed));
        let size: usize = case.stakes.iter().map(|stake| values(stake).len()).product();
        if size > 5_000 {
            continue;
        }
        n_cases += 1;
        let worlds = worlds(&case);
        for &rule in RULES {
            compare(seed, &case, &worlds, rule, &mut counts);
        }
    }
    assert!(counts.iter().all(|&count| count > 1000), "verdicts of each kind: {counts:?}");
}
