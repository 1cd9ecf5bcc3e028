//! Nothing of what a confidential source says can be guessed from what conflicts and sources tell: on
//! small random cases, the answers stay the same whatever its claims say.

use throughline::graph::{Graph, Lens};
use throughline::model::{
    About, Claim, ClaimId, Effect, NodeData, NodeId, Properties, RelationshipData, RelationshipId, Stance,
    Value,
};
use throughline::query::{self, Options, Parameters, parser};

use crate::conflicts::{claim, period, properties, value};
use crate::dice::{Dice, cases};

const OPEN: NodeId = NodeId(3);
const CONFIDENTIAL: NodeId = NodeId(4);

/// A case without its claims: things that relate to each other, an open and a confidential source.
fn things(dice: &mut Dice) -> Vec<Effect> {
    let mut effects = Vec::new();
    for id in 0..3 {
        let stored = [("imo", value(dice)), ("flag", value(dice)), ("voyages", value(dice))];
        let stored = stored.into_iter().filter(|_| dice.below(2) == 0);
        let properties = stored.map(|(name, value)| (name.to_owned(), value)).collect();
        let node = NodeData { key: None, labels: vec!["Thing".to_owned()], properties };
        effects.push(Effect::CreateNode { id: NodeId(id), node });
    }
    let is_shared = dice.below(2) == 0;
    for source in [OPEN, CONFIDENTIAL] {
        let mut properties = Properties::new();
        if is_shared {
            properties.insert("origin".to_owned(), Value::from("one report"));
        }
        if source == CONFIDENTIAL {
            properties.insert("confidential".to_owned(), Value::Bool(true));
        }
        let node = NodeData { key: None, labels: vec!["Source".to_owned()], properties };
        effects.push(Effect::CreateNode { id: source, node });
    }
    for id in 0..3 {
        let kind = ["CALLED_AT", "FLAGGED", "SAME_AS", "NOT_SAME_AS"][dice.below(4)].to_owned();
        let [start, end] = [(); 2].map(|()| NodeId(u32::try_from(dice.below(3)).expect("small")));
        let relationship =
            RelationshipData { key: None, kind, start, end, properties: properties(period(dice)) };
        effects.push(Effect::CreateRelationship { id: RelationshipId(id), relationship });
    }
    effects
}

fn claims(dice: &mut Dice) -> Vec<Claim> {
    let one = |dice: &mut Dice| {
        let at = u32::try_from(dice.below(3)).expect("small");
        let about = match dice.below(2) {
            0 => About::Node(NodeId(at)),
            _ => About::Relationship(RelationshipId(at)),
        };
        let mut claim = claim(dice, about);
        claim.source = [None, Some(OPEN), Some(CONFIDENTIAL), Some(CONFIDENTIAL)][dice.below(4)];
        if about == About::Node(NodeId(at)) && claim.property.is_none() && claim.stance != Stance::Supports {
            claim.carriers = (dice.below(3) == 0).then_some((NodeId((at + 1) % 3), NodeId((at + 2) % 3)));
        }
        claim
    };
    (0..1 + dice.below(8)).map(|_| one(dice)).collect()
}

/// The same claims, of which those of the confidential source say something else.
fn saying_something_else(dice: &mut Dice, claims: &[Claim]) -> Vec<Claim> {
    let other = |claim: &Claim| {
        let mut claim = claim.clone();
        if claim.source == Some(CONFIDENTIAL) {
            claim.value = claim.value.as_ref().and((dice.below(5) > 0).then(|| value(dice)));
            let notes = [None, Some("Unit: trips, at least. He saw it."), Some("About. Somebody told him.")];
            claim.note = notes[dice.below(3)].map(str::to_owned);
            claim.extra.clear();
            claim.extra.extend((dice.below(3) == 0).then(|| ("unit".to_owned(), Value::from("ships"))));
        }
        claim
    };
    claims.iter().map(other).collect()
}

fn answers(things: &[Effect], claims: &[Claim]) -> Vec<Vec<Vec<Value>>> {
    let mut graph = Graph::new();
    things.iter().for_each(|effect| graph.apply(effect).expect("it fits"));
    for (id, claim) in (0..).zip(claims) {
        graph.apply(&Effect::RecordClaim { id: ClaimId(id), claim: claim.clone().into() }).expect("it fits");
    }
    let lens = Lens::default();
    let mut ask = |text: &str| {
        let statement = parser::parse_statement(text).expect("it is a statement");
        let answer = query::run(&mut graph, &statement, &Parameters::new(), &Options::new(&lens, 0));
        answer.expect("nothing is asked wrongly").rows
    };
    ["CALL evidence.conflicts()", "CALL evidence.sources()"].map(&mut ask).to_vec()
}

#[test]
fn what_a_confidential_source_says_changes_no_answer() {
    let mut n_rows = 0;
    for seed in 0..cases(3000) {
        let mut dice = Dice::new(seed as u64);
        let (things, claims) = (things(&mut dice), claims(&mut dice));
        let others = saying_something_else(&mut dice, &claims);
        let told = answers(&things, &claims);
        assert_eq!(told, answers(&things, &others), "seed {seed}: {claims:#?}");
        n_rows += told[0].len();
    }
    assert!(n_rows > cases(3000) / 2, "the cases have conflicts at all: {n_rows}");
}
