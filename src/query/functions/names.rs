//! `names.similarity` and `names.explain`.

use std::rc::Rc;

use super::wrong;
use crate::error::{Error, Result};
use crate::graph::NAME_PROPERTIES;
use crate::model::Value;
use crate::names::{Explanation, Kind, Name, did_you_mean, explain, similarity};
use crate::query::expr::Context;

/// The kind that an argument names, if there is one.
pub(in crate::query) fn kind(value: Option<&Value>) -> Result<Option<Kind>> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(word)) => Kind::parse(word).map(Some).ok_or_else(|| {
            let near = did_you_mean(word, Kind::WORDS.iter().copied());
            Error::invalid(format!("'{word}' is no kind of name"))
                .hint(near.or_else(|| Some(format!("it may be {}", Kind::WORDS.join(", ")))))
        }),
        Some(other) => Err(wrong("a kind of name such as 'vessel'", other)),
    }
}

/// The names that an argument stands for: a text, or what a node is called.
fn names(context: &Context<'_>, value: &Value, kind: Option<Kind>) -> Result<Vec<Rc<Name>>> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::String(text) => Ok(vec![Name::kept(text, kind)]),
        Value::Node(id) => {
            let view = context.view;
            if view.node(*id).is_none() || view.is_confidential(*id) {
                return Ok(Vec::new());
            }
            let kind = kind.or_else(|| view.graph().kind_of_name(*id));
            let mut found = Vec::new();
            for property in NAME_PROPERTIES {
                match view.node_property(*id, property) {
                    Value::String(text) => found.push(Name::kept(&text, kind)),
                    Value::List(items) => {
                        found.extend(
                            items.iter().filter_map(Value::as_str).map(|text| Name::kept(text, kind)),
                        );
                    }
                    _ => {}
                }
            }
            Ok(found)
        }
        other => Err(wrong("a name or a node", other)),
    }
}

/// A score, and the names that have it.
type Scored = (f64, Rc<Name>, Rc<Name>);

/// The two most similar names of both arguments; none where one has no name.
fn nearest(context: &Context<'_>, args: &[Value]) -> Result<Option<Scored>> {
    let kind = kind(args.get(2))?;
    let (first, second) = (names(context, &args[0], kind)?, names(context, &args[1], kind)?);
    let mut best: Option<(f64, usize, usize)> = None;
    for (i, a) in first.iter().enumerate() {
        for (j, b) in second.iter().enumerate() {
            let score = similarity(a, b);
            if best.is_none_or(|(known, ..)| score > known) {
                best = Some((score, i, j));
            }
        }
    }
    Ok(best.map(|(score, i, j)| (score, first[i].clone(), second[j].clone())))
}

pub(super) fn similarity_of(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    Ok(nearest(context, args)?.map_or(Value::Null, |(score, ..)| Value::Float(score)))
}

pub(super) fn explanation(context: &Context<'_>, args: &[Value]) -> Result<Value> {
    let Some((_, a, b)) = nearest(context, args)? else { return Ok(Value::Null) };
    let Explanation { score, kind, matched, folded, against } = explain(&a, &b);
    let reason = Explanation {
        score,
        kind,
        matched: matched.clone(),
        folded: folded.clone(),
        against: against.clone(),
    }
    .reason();
    let list = |lines: Vec<String>| Value::List(lines.into_iter().map(Value::from).collect());
    let entries = [
        ("score", Value::Float(score)),
        ("kind", kind.map_or(Value::Null, |kind| Value::from(kind.as_str()))),
        ("names", list(vec![a.text().to_owned(), b.text().to_owned()])),
        ("matched", list(matched)),
        ("folded", list(folded)),
        ("against", list(against)),
        ("reason", Value::from(reason)),
    ];
    Ok(Value::Map(entries.map(|(name, value)| (name.to_owned(), value)).into()))
}
