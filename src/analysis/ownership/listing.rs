//! Who is listed, by whom, and since when.
//!
//! A listing is a relationship `SANCTIONED_BY` to the authority, or a topic among `topics`.
//! For a regime, listings of its own jurisdiction count: an entity that only Korea lists is not
//! blocked by the United States. Authorities are known by their country, key, name or aliases;
//! one that is not known counts under every regime, and so does a topic, since neither says
//! otherwise.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use super::as_of::{AsOf, Truth};
use super::dispute::judged;
use crate::graph::{Direction, Node, Symbol, View};
use crate::model::{NodeId, RelationshipId, Value};

/// Authorities by jurisdiction, in the small letters of their names.
#[rustfmt::skip]
const AUTHORITIES: &[(&str, &[&str])] = &[
    ("US", &["us", "usa", "united states", "united states of america", "ofac", "bis", "us treasury",
             "u.s. treasury", "us department of the treasury", "office of foreign assets control",
             "bureau of industry and security", "us state department"]),
    ("GB", &["gb", "uk", "united kingdom", "ofsi", "hm treasury", "hmt", "fcdo",
             "office of financial sanctions implementation"]),
    ("EU", &["eu", "european union", "council of the european union", "eu council", "european commission"]),
    ("UN", &["un", "united nations", "un security council", "united nations security council", "unsc"]),
    ("CH", &["seco", "switzerland"]),
    ("JP", &["jp", "japan"]),
    ("KR", &["kr", "south korea", "republic of korea"]),
    ("CA", &["canada"]),
    ("AU", &["australia", "dfat"]),
    ("UA", &["ukraine", "nsdc"]),
    ("NZ", &["new zealand"]),
];

/// Whose listings count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorities {
    /// Everyone's.
    Anyone,
    /// Those of a jurisdiction, and of authorities that are not known.
    Of(&'static str),
    /// Those of these nodes, by key, property `id` or name. Topics do not count: they name nobody.
    Named(Vec<String>),
}

/// One ground on which an entity is listed.
#[derive(Debug, Clone, PartialEq)]
pub enum Ground {
    /// A relationship to an authority.
    Relationship {
        /// `SANCTIONED_BY`.
        id: RelationshipId,
        /// Who lists.
        authority: NodeId,
        /// Whether it is in force.
        holds: Truth,
        /// Whether somebody disputes it.
        is_disputed: bool,
    },
    /// A topic of the entity.
    Topic(String),
}

impl Ground {
    /// Whether it is in force, as far as that is known.
    #[must_use]
    pub fn truth(&self) -> Truth {
        match self {
            Self::Relationship { holds, is_disputed: true, .. } => (*holds).min(Truth::Maybe),
            Self::Relationship { holds, .. } => *holds,
            Self::Topic(_) => Truth::Yes,
        }
    }
}

/// Who is listed, in a view as of an instant.
pub struct Listings<'a> {
    view: View<'a>,
    as_of: &'a AsOf,
    authorities: Authorities,
    topics: &'a [&'a str],
    sanctioned_by: Vec<Symbol>,
    topics_name: Option<Symbol>,
    /// Which authorities count, once asked: many listings are by few.
    known: RefCell<FxHashMap<NodeId, bool>>,
}

impl<'a> Listings<'a> {
    /// The listings that count. The view should show ended states, since this judges them itself.
    #[must_use]
    pub fn new(view: View<'a>, as_of: &'a AsOf, authorities: Authorities, topics: &'a [&'a str]) -> Self {
        let graph = view.graph();
        let sanctioned_by = graph.symbol("SANCTIONED_BY").into_iter().collect();
        Self {
            view,
            as_of,
            authorities,
            topics,
            sanctioned_by,
            topics_name: graph.symbol("topics"),
            known: RefCell::default(),
        }
    }

    /// Whether an entity is listed.
    ///
    /// # Complexity
    /// O(listings of the entity).
    #[must_use]
    pub fn truth(&self, entity: NodeId) -> Truth {
        self.each(entity).map(|ground| ground.truth()).max().unwrap_or(Truth::No)
    }

    /// The grounds on which an entity is or may be listed.
    #[must_use]
    pub fn grounds(&self, entity: NodeId) -> Vec<Ground> {
        self.each(entity).filter(|ground| ground.truth() > Truth::No).collect()
    }

    /// The listings of an entity that count but are over, or have not begun.
    #[must_use]
    pub fn out_of_force(&self, entity: NodeId) -> Vec<RelationshipId> {
        let over = self.each(entity).filter(|ground| ground.truth() == Truth::No);
        over.filter_map(|ground| match ground {
            Ground::Relationship { id, .. } => Some(id),
            Ground::Topic(_) => None,
        })
        .collect()
    }

    fn each(&self, entity: NodeId) -> impl Iterator<Item = Ground> + '_ {
        let topics = self.topics_of(entity).into_iter();
        let known = topics.filter(|topic| self.topics.contains(&topic.as_str()));
        // A relationship type that no case has is no type at all, which would mean all of them.
        let types: &[Symbol] = &self.sanctioned_by;
        let listed = (!types.is_empty())
            .then(|| self.view.expand(entity, Direction::Outgoing, types))
            .into_iter()
            .flatten();
        let listed = listed.filter(|(_, authority)| self.counts(*authority)).map(|(id, authority)| {
            let (holds, is_disputed) = judged(self.view, id, self.as_of);
            Ground::Relationship { id, authority, holds, is_disputed }
        });
        listed.chain(known.map(Ground::Topic))
    }

    fn topics_of(&self, entity: NodeId) -> Vec<String> {
        match self.authorities {
            Authorities::Named(_) => Vec::new(),
            _ => self.topics_name.map_or_else(Vec::new, |name| topics(self.view.node(entity), name)),
        }
    }

    fn counts(&self, authority: NodeId) -> bool {
        *self.known.borrow_mut().entry(authority).or_insert_with(|| self.is_wanted(authority))
    }

    fn is_wanted(&self, authority: NodeId) -> bool {
        match &self.authorities {
            Authorities::Anyone => true,
            Authorities::Of(jurisdiction) => {
                jurisdiction_of(self.view, authority).is_none_or(|found| found == *jurisdiction)
            }
            Authorities::Named(wanted) => {
                let names = names(self.view, authority);
                wanted.iter().any(|wanted| names.contains(&wanted.to_lowercase()))
            }
        }
    }
}

/// The topics of a node: a list, or one text with `;` between them.
#[must_use]
pub fn topics(node: Option<&Node>, name: Symbol) -> Vec<String> {
    match node.and_then(|node| node.property(name)) {
        Some(Value::List(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(text)) => text.split(';').map(|topic| topic.trim().to_owned()).collect(),
        _ => Vec::new(),
    }
}

/// The jurisdiction of an authority, if it is known.
#[must_use]
pub fn jurisdiction_of(view: View<'_>, authority: NodeId) -> Option<String> {
    let names = names(view, authority);
    let known = AUTHORITIES.iter().find(|(_, known)| names.iter().any(|name| known.contains(&name.as_str())));
    known.map(|(jurisdiction, _)| (*jurisdiction).to_owned()).or_else(|| {
        ["jurisdiction", "country"].iter().find_map(|property| {
            let code = view.node_property(authority, property);
            let code = code.as_str()?.trim().to_uppercase();
            Some(if code == "UK" { "GB".to_owned() } else { code }).filter(|code| code.len() == 2)
        })
    })
}

/// What an authority is called, in small letters.
fn names(view: View<'_>, authority: NodeId) -> Vec<String> {
    let mut names = vec![view.graph().key_of(authority)];
    for property in ["id", "name", "aliases"] {
        match view.node_property(authority, property) {
            Value::List(items) => names.extend(items.iter().filter_map(Value::as_str).map(str::to_owned)),
            value => names.extend(value.as_str().map(str::to_owned)),
        }
    }
    names.iter().map(|name| name.trim().to_lowercase()).collect()
}
