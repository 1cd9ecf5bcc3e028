//! Which relationship types carry exposure, and as what: a table that a case can extend.

use rustc_hash::FxHashMap;

use crate::error::{Error, Result};
use crate::graph::{Symbol, View};
use crate::model::{NodeId, Value};

/// How an entity is exposed, from the closest to the weakest. A path is what its weakest step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// It is listed itself.
    Listed,
    /// A share of one is held by the other, whatever its size, each step the same way.
    Owned,
    /// One controls the other, perhaps through what it owns, each step the same way.
    Controlled,
    /// Any other relation; also one owner or controller in common.
    Linked,
    /// A step says only that two entities may be the same.
    PossiblySame,
}

impl Category {
    /// The words for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Owned => "owned",
            Self::Controlled => "controlled",
            Self::Linked => "linked",
            Self::PossiblySame => "possibly the same",
        }
    }
}

/// Which end of a relationship stands above the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heading {
    /// The start: it owns or controls the end.
    Down,
    /// The end.
    Up,
    /// Neither.
    Level,
}

/// How relationships of a type are followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The relationship type.
    pub kind: String,
    /// As what; none where the type is not followed.
    pub category: Option<Category>,
    /// Which end is above.
    pub heading: Heading,
}

/// A row of the table: a type, its category, and which end is above.
type Row = (&'static str, Category, Heading);

/// What is followed unless a case says otherwise. Types that are not here are not followed: goods,
/// payments, documents, flags, addresses and lists say nothing of who stands behind whom.
#[rustfmt::skip]
pub const STANDARD: &[Row] = &[
    ("AFFILIATED_WITH", Category::Linked,       Heading::Level),
    ("ASSOCIATED_WITH", Category::Linked,       Heading::Level),
    ("CHARTERS",        Category::Linked,       Heading::Level),
    ("CONTROLS",        Category::Controlled,   Heading::Down),
    ("DIRECTS",         Category::Linked,       Heading::Level),
    ("EMPLOYED_BY",     Category::Linked,       Heading::Level),
    ("FAMILY_OF",       Category::Linked,       Heading::Level),
    ("LINKED_TO",       Category::Linked,       Heading::Level),
    ("MANAGES",         Category::Linked,       Heading::Level),
    ("MEMBER_OF",       Category::Linked,       Heading::Level),
    ("OPERATES",        Category::Linked,       Heading::Level),
    ("OWNS",            Category::Owned,        Heading::Down),
    ("PART_OF",         Category::Linked,       Heading::Level),
    ("POSSIBLY_SAME",   Category::PossiblySame, Heading::Level),
    ("REPRESENTS",      Category::Linked,       Heading::Level),
    ("SAME_AS",         Category::PossiblySame, Heading::Level),
    ("SUCCEEDED",       Category::Linked,       Heading::Level),
];

/// The label of nodes that are rules of a case: `(:ExposureRule {type, category, direction})`.
const RULE_LABEL: &str = "ExposureRule";

impl Rule {
    /// Reads one from what a case or a question says: `type`, `category` and `direction`.
    ///
    /// # Errors
    /// `Invalid` where one of them is missing or not known.
    pub fn read(property: impl Fn(&str) -> Value) -> Result<Self> {
        let text = |name: &str| property(name).as_str().map(str::to_owned);
        let kind = text("type").ok_or_else(|| {
            Error::invalid("a rule of exposure needs the type that it is about")
                .hint("write {type: 'CHARTERS', category: 'linked', direction: 'none'}".to_owned())
        })?;
        let category = match text("category").as_deref() {
            Some("owned") => Some(Category::Owned),
            Some("controlled") => Some(Category::Controlled),
            Some("linked") => Some(Category::Linked),
            Some("possibly the same") => Some(Category::PossiblySame),
            Some("none") => None,
            other => {
                return Err(Error::invalid(format!(
                    "expected owned, controlled, linked, possibly the same or none as category of {kind}, found {}",
                    other.unwrap_or("nothing")
                )));
            }
        };
        let heading = match text("direction").as_deref() {
            Some("down") => Heading::Down,
            Some("up") => Heading::Up,
            None | Some("none") => Heading::Level,
            Some(other) => {
                return Err(Error::invalid(format!(
                    "expected down, up or none as direction of {kind}, found {other}"
                )));
            }
        };
        Ok(Self { kind, category, heading })
    }
}

/// The rules of a question: the standard ones, those of the case, and its own, of which the later count.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    by_type: FxHashMap<Symbol, (Category, Heading)>,
    types: Vec<Symbol>,
}

impl Rules {
    /// Collects them.
    ///
    /// # Errors
    /// `Invalid` for a rule of the case that cannot be read.
    pub fn new(view: View<'_>, own: &[Rule]) -> Result<Self> {
        let standard = STANDARD.iter().map(|&(kind, category, heading)| Rule {
            kind: kind.to_owned(),
            category: Some(category),
            heading,
        });
        let label = view.graph().symbol(RULE_LABEL);
        let nodes = label.into_iter().flat_map(|label| view.graph().nodes_with_label(label));
        let nodes: Vec<NodeId> = nodes.filter(|&node| view.node(node).is_some()).collect();
        let of_case = nodes.into_iter().map(|node| Rule::read(|name| view.node_property(node, name)));
        let of_case: Vec<Rule> = of_case.collect::<Result<_>>()?;
        let mut rules = Self::default();
        for rule in standard.chain(of_case).chain(own.iter().cloned()) {
            let Some(kind) = view.graph().symbol(&rule.kind) else { continue };
            match rule.category {
                Some(category) => _ = rules.by_type.insert(kind, (category, rule.heading)),
                None => _ = rules.by_type.remove(&kind),
            }
        }
        rules.types = rules.by_type.keys().copied().collect();
        rules.types.sort_unstable();
        Ok(rules)
    }

    /// The types that are followed; if there are none, nothing is.
    #[must_use]
    pub fn types(&self) -> &[Symbol] {
        &self.types
    }

    /// How a type is followed.
    #[must_use]
    pub fn of(&self, kind: Symbol) -> Option<(Category, Heading)> {
        self.by_type.get(&kind).copied()
    }
}
