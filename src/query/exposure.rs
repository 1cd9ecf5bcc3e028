//! The procedures of exposure: what they are given, and their rows.

use std::sync::Arc;

use super::called::called;
use super::expr::Context;
use super::ownership::{Options, expected, tell_merged};
use super::procs::{Rows, node};
use crate::analysis::entities::Merged;
use crate::analysis::exposure::{self, Asked, Exposure, Rule, Rules};
use crate::analysis::ownership::{Authorities, Ground, Listings};
use crate::error::Result;
use crate::model::Value;

/// The columns of `exposure.of`.
pub(super) const OF: &[&str] = &["party", "category", "position", "hops", "isEnded", "path", "listings"];
/// The columns of `exposure.rules`.
pub(super) const RULES: &[&str] = &["type", "category", "direction"];
/// The columns of `exposure.topics`.
pub(super) const TOPICS: &[&str] = &["entity", "topic"];

/// What the options of `exposure.of` may say.
const OF_OPTIONS: &[&str] =
    &["asOf", "degree", "ended", "hops", "linkedHops", "listedBy", "merged", "rules", "topics"];

/// Hubs that a notice names.
const NAMED_MAX: usize = 4;

/// A row for each listed party that an entity is exposed to, and for each way in which it is.
pub(super) fn of(context: &Context<'_>, arguments: &[Value]) -> Result<Rows> {
    if arguments[0].is_null() {
        return Ok(Vec::new());
    }
    let view = context.view;
    let entity = node(view.graph(), "entity", &arguments[0])?;
    let options = Options::read("exposure.of", arguments.get(1), OF_OPTIONS)?;
    let as_of = options.as_of(context)?;
    let standard = Asked::default();
    let asked = Asked {
        hops_max: options.count("hops", standard.hops_max)?,
        weak_hops_max: options.count("linkedHops", standard.weak_hops_max)?,
        degree_max: options.count("degree", standard.degree_max)?,
        with_ended: options.truth("ended")?.unwrap_or_default(),
        merged: match options.truth("merged")? {
            Some(true) => Merged::of_view(view, context.surroundings.check)?,
            _ => Merged::default(),
        },
    };
    let own: Vec<Rule> = match options.get("rules") {
        None => Vec::new(),
        Some(Value::List(rules)) => rules.iter().map(rule).collect::<Result<_>>()?,
        Some(other) => return Err(expected("a list of maps as rules", other)),
    };
    let rules = Rules::new(view, &own)?;
    let topics = options.texts("topics")?.unwrap_or_else(|| vec!["sanction".to_owned()]);
    let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
    let authorities = options.listed_by()?.unwrap_or(Authorities::Anyone);
    let shown = view.for_chronological(true);
    let listings = Listings::new(shown, &as_of, authorities, &topics);
    let found =
        exposure::exposure(view, entity, (&rules, &listings, &as_of), &asked, context.surroundings.check)?;
    tell_merged(context, &asked.merged);
    let mut notices = context.surroundings.notices.borrow_mut();
    if !found.hubs.is_empty() {
        let names: Vec<String> = found.hubs.iter().take(NAMED_MAX).map(|&hub| called(view, hub)).collect();
        let more = found.hubs.len().saturating_sub(NAMED_MAX);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        notices.insert(format!("no path goes on through hubs: {}{more}", names.join(", ")));
    }
    if found.is_cut {
        notices.insert(format!(
            "there may be more beyond {} hops, of which at most {} are links (options hops and linkedHops)",
            asked.hops_max, asked.weak_hops_max
        ));
    }
    Ok(found.exposures.into_iter().map(row).collect())
}

fn rule(value: &Value) -> Result<Rule> {
    match value {
        Value::Map(entries) => Rule::read(|name| entries.get(name).cloned().unwrap_or_default()),
        other => Err(expected("a map such as {type: 'CHARTERS', category: 'linked'} as rule", other)),
    }
}

fn row(found: Exposure) -> Vec<Value> {
    let listings = found.listings.into_iter().map(|ground| match ground {
        Ground::Relationship { id, .. } => Value::Relationship(id),
        Ground::Topic(topic) => Value::from(topic),
    });
    vec![
        Value::Node(found.party),
        Value::from(found.category.as_str()),
        Value::from(found.position.as_str()),
        Value::Int(i64::try_from(found.path.relationships.len()).unwrap_or(i64::MAX)),
        Value::Bool(found.is_ended),
        Value::Path(Arc::new(found.path)),
        Value::List(listings.collect()),
    ]
}

/// A row for each relationship type that is followed unless a case says otherwise.
pub(super) fn rules(_: &Context<'_>, _: &[Value]) -> Result<Rows> {
    let row = |(kind, category, heading): &(&str, exposure::Category, exposure::Heading)| {
        let direction = match heading {
            exposure::Heading::Down => "down",
            exposure::Heading::Up => "up",
            exposure::Heading::Level => "none",
        };
        [*kind, category.as_str(), direction].map(Value::from).to_vec()
    };
    Ok(exposure::STANDARD.iter().map(row).collect())
}

/// A row for each topic that an entity gets.
pub(super) fn topics(context: &Context<'_>, arguments: &[Value]) -> Result<Rows> {
    let options = Options::read("exposure.topics", arguments.first(), &["asOf", "listedBy"])?;
    let as_of = options.as_of(context)?;
    let authorities = options.listed_by()?.unwrap_or(Authorities::Anyone);
    let shown = context.view.for_chronological(true);
    let listings = Listings::new(shown, &as_of, authorities, &["sanction"]);
    let found = exposure::derive_topics(context.view, &listings, &as_of, context.surroundings.check)?;
    Ok(found.into_iter().map(|found| vec![Value::Node(found.entity), Value::from(found.topic)]).collect())
}
