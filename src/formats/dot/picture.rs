//! What is drawn.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::graph::View;
use crate::model::schema::Role;
use crate::model::{NodeId, Path, RelationshipId, Value};

/// What is drawn, and what is said about it.
///
/// The constructors are starting points; every field may be changed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Picture {
    /// Over the picture.
    pub title: Option<String>,
    /// Lines under the title: what a reader has to know before believing it.
    pub notes: Vec<String>,
    /// The nodes. The ends of relationships are drawn with them.
    pub nodes: BTreeSet<NodeId>,
    /// The relationships.
    pub relationships: BTreeSet<RelationshipId>,
    /// The paths that it shows: they give its direction and its joints.
    pub paths: Vec<Path>,
    /// What stands out.
    pub focus: Option<Focus>,
    /// Without the legend.
    pub bare: bool,
}

/// What stands out in a picture, in its one strong colour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Focus {
    /// The relationships; their ends stand out with them.
    pub relationships: BTreeSet<RelationshipId>,
    /// What the legend says about it.
    pub meaning: String,
}

impl Picture {
    /// Paths with everything on them.
    ///
    /// The strongest stands out, unless others are as strong: that with the best
    /// weakest hop; of equals that with the fewest hops that stand for many events;
    /// then that with the better other hops.
    #[must_use]
    pub fn of_paths(view: View<'_>, paths: Vec<Path>) -> Self {
        let nodes = paths.iter().flat_map(|path| path.nodes.iter().copied()).collect();
        let relationships = paths.iter().flat_map(|path| path.relationships.iter().copied()).collect();
        let focus = strongest(view, &paths);
        Self { nodes, relationships, paths, focus, ..Self::default() }
    }

    /// These elements.
    #[must_use]
    pub fn of_elements(
        nodes: impl IntoIterator<Item = NodeId>,
        relationships: impl IntoIterator<Item = RelationshipId>,
    ) -> Self {
        let (nodes, relationships) = (nodes.into_iter().collect(), relationships.into_iter().collect());
        Self { nodes, relationships, ..Self::default() }
    }

    /// All elements among the values of a result, those in lists and maps included,
    /// with its paths as paths.
    #[must_use]
    pub fn of_values<'v>(view: View<'_>, values: impl IntoIterator<Item = &'v Value>) -> Self {
        let mut found = Self::default();
        for value in values {
            found.collect(value);
        }
        let mut seen = BTreeSet::new();
        found.paths.retain(|path| seen.insert(path.clone()));
        let paths = Self::of_paths(view, std::mem::take(&mut found.paths));
        found.nodes.extend(&paths.nodes);
        found.relationships.extend(&paths.relationships);
        Self { paths: paths.paths, focus: paths.focus, ..found }
    }

    fn collect(&mut self, value: &Value) {
        match value {
            Value::Node(id) => _ = self.nodes.insert(*id),
            Value::Relationship(id) => _ = self.relationships.insert(*id),
            Value::Path(path) => self.paths.push(Path::clone(path)),
            Value::List(items) => items.iter().for_each(|item| self.collect(item)),
            Value::Map(entries) => entries.values().for_each(|item| self.collect(item)),
            _ => {}
        }
    }

    /// All that the view shows, except sources and the relationships that they have.
    #[must_use]
    pub fn whole(view: View<'_>) -> Self {
        let nodes: BTreeSet<NodeId> = view.nodes().filter(|&id| view.role(id) != Role::Source).collect();
        Self { nodes, ..Self::default() }.connected(view)
    }

    /// The same with all relationships between its nodes.
    #[must_use]
    pub fn connected(mut self, view: View<'_>) -> Self {
        let inside = |id: &RelationshipId| {
            view.relationship(*id)
                .is_some_and(|r| self.nodes.contains(&r.start) && self.nodes.contains(&r.end))
        };
        let found: Vec<RelationshipId> = view.relationships().filter(inside).collect();
        self.relationships.extend(found);
        self
    }

    /// The same with a title.
    #[must_use]
    pub fn titled(self, title: impl Into<String>) -> Self {
        Self { title: Some(title.into()), ..self }
    }

    /// The same with one more line under the title.
    #[must_use]
    pub fn noted(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// The one path of several that is stronger than all others, if there is one.
fn strongest(view: View<'_>, paths: &[Path]) -> Option<Focus> {
    let mut graded: Vec<(Strength, &Path)> =
        paths.iter().filter_map(|path| Some((strength(view, path)?, path))).collect();
    graded.sort_by(|(a, _), (b, _)| b.cmp(a));
    let (best, path) = graded.first()?;
    let is_alone = graded.get(1).is_some_and(|(second, _)| second < best) || graded.len() < 2;
    (is_alone && paths.len() > 1).then(|| Focus {
        relationships: path.relationships.iter().copied().collect(),
        meaning: format!(
            "the best evidenced of {} chains: by its weakest hop, then by hops dated one by one",
            paths.len()
        ),
    })
}

/// Weakest hop, hops that do not stand for many, all hops from the weakest on;
/// confidences in per mille, so that they can be compared.
type Strength = (u16, Reverse<usize>, Vec<u16>);

/// `None` for a path with a hop that nobody graded.
fn strength(view: View<'_>, path: &Path) -> Option<Strength> {
    let per_mille = |id: &RelationshipId| Some((view.relationship_confidence(*id)? * 1000.0) as u16);
    let mut hops = path.relationships.iter().map(per_mille).collect::<Option<Vec<u16>>>()?;
    hops.sort_unstable();
    let is_many = |id: &&RelationshipId| view.relationship_property(**id, "aggregate") == Value::Bool(true);
    let n_many = path.relationships.iter().filter(is_many).count();
    Some((*hops.first()?, Reverse(n_many), hops))
}
