//! All relationships of a type in the order of time, in columns: what a sweep over
//! a large part of the graph reads once from beginning to end.
//!
//! Built when a sweep first asks, and kept. What changes afterwards is noted by its
//! id, and merged into a copy of the part that a sweep asks for; when much has
//! changed, the next sweep builds anew.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Graph, Relationship, Symbol, View};
use crate::model::{Instant, Interval, NodeId, RelationshipId, TypeKind};

/// The relationships of a type, sorted by the first instant of their periods, then
/// by where they start. Four columns in step.
#[derive(Debug, Clone, Default)]
pub struct TimeIndex {
    los: Vec<Instant>,
    starts: Vec<NodeId>,
    ends: Vec<NodeId>,
    ids: Vec<RelationshipId>,
}

/// A relationship while columns are being sorted.
type Entry = (Instant, NodeId, RelationshipId, NodeId);

impl TimeIndex {
    fn build(graph: &Graph, kind: Symbol) -> Self {
        let mut entries: Vec<Entry> = Vec::with_capacity(graph.statistics().relationships_of(kind));
        // From the adjacency, which is much smaller than the relationships.
        for start in (0..graph.node_bound()).filter_map(|id| u32::try_from(id).ok()).map(NodeId) {
            let found = graph.in_time(start, true, kind);
            let ends = found.relationships.iter().zip(found.nodes.iter());
            entries.extend(found.los.iter().zip(ends).map(|(&lo, (&id, &end))| (lo, start, id, end)));
        }
        entries.sort_unstable();
        Self::of(&entries)
    }

    fn of(entries: &[Entry]) -> Self {
        Self {
            los: entries.iter().map(|entry| entry.0).collect(),
            starts: entries.iter().map(|entry| entry.1).collect(),
            ends: entries.iter().map(|entry| entry.3).collect(),
            ids: entries.iter().map(|entry| entry.2).collect(),
        }
    }

    fn places(&self, window: Interval) -> Range<usize> {
        let from = self.los.partition_point(|&lo| lo < window.lo);
        from..from.max(self.los.partition_point(|&lo| lo <= window.hi))
    }
}

fn entry(id: RelationshipId, relationship: &Relationship) -> Entry {
    (relationship.period.possible(TypeKind::Event).lo, relationship.start, id, relationship.end)
}

/// The relationships of a type that begin within a window, sorted by time and then
/// by where they start.
#[derive(Debug)]
pub struct Slice<'a> {
    /// The first instant of each period.
    pub los: Cow<'a, [Instant]>,
    /// Where each starts.
    pub starts: Cow<'a, [NodeId]>,
    /// Where each ends.
    pub ends: Cow<'a, [NodeId]>,
    /// The relationships.
    pub ids: Cow<'a, [RelationshipId]>,
    /// The level of each one's confidence, where that was asked for.
    pub levels: Cow<'a, [u8]>,
}

/// The confidences of a type's relationships: few different values.
#[derive(Debug, Clone, Default)]
pub struct Confidences {
    /// The values, greatest first. What has none counts as 0.
    pub values: Vec<f64>,
    /// For each relationship of the index the place of its value.
    levels: Vec<u8>,
}

/// More different confidences than this are not swept level by level.
const LEVELS_MAX: usize = 16;

impl Confidences {
    /// `None` where there are too many values, or one that is no share.
    fn build(view: View<'_>, kind: Symbol, index: &TimeIndex) -> Option<Self> {
        let graph = view.graph();
        let mut values: Vec<f64> = Vec::new();
        // In the order of ids, as relationships lie in memory.
        let mut place_of = vec![0_u8; graph.relationship_bound()];
        for (id, _) in graph.relationships().filter(|(_, relationship)| relationship.kind == kind) {
            let value = confidence(view, id)?;
            let at = values.iter().position(|other| *other == value).unwrap_or_else(|| {
                values.push(value);
                values.len() - 1
            });
            if at == LEVELS_MAX {
                return None;
            }
            place_of[id.index()] = u8::try_from(at).ok()?;
        }
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_unstable_by(|&a, &b| values[b].total_cmp(&values[a]));
        let mut level_of = vec![0; values.len()];
        for (level, &at) in order.iter().enumerate() {
            level_of[at] = u8::try_from(level).ok()?;
        }
        let levels = index.ids.iter().map(|id| level_of[usize::from(place_of[id.index()])]);
        Some(Self { values: order.iter().map(|&at| values[at]).collect(), levels: levels.collect() })
    }

    /// The level of a relationship: the place of its value, or of the next lower one.
    #[must_use]
    pub fn level(&self, view: View<'_>, id: RelationshipId) -> u8 {
        let value = confidence(view, id).unwrap_or(0.0);
        u8::try_from(self.values.partition_point(|other| *other > value)).unwrap_or(u8::MAX)
    }
}

fn confidence(view: View<'_>, id: RelationshipId) -> Option<f64> {
    let value = view.relationship_confidence(id).unwrap_or(0.0);
    (0.0..=1.0).contains(&value).then_some(value)
}

/// The indexes that were asked for, with what changed since.
#[derive(Debug, Default)]
pub(super) struct TimeIndexes(Mutex<FxHashMap<Symbol, Kept>>);

#[derive(Debug, Default)]
struct Kept {
    index: Arc<TimeIndex>,
    changed: FxHashSet<RelationshipId>,
    confidences: Option<Option<Arc<Confidences>>>,
}

impl Clone for TimeIndexes {
    /// The copy builds its own.
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl TimeIndexes {
    fn lock(&self) -> MutexGuard<'_, FxHashMap<Symbol, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn all(&mut self) -> &mut FxHashMap<Symbol, Kept> {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a relationship of a type came, went, or changed its period.
    pub(super) fn note(&mut self, kind: Symbol, id: RelationshipId) {
        let all = self.all();
        let Some(kept) = all.get_mut(&kind) else { return };
        kept.changed.insert(id);
        kept.confidences = None;
        if kept.changed.len() > 1024 + kept.index.los.len() / 8 {
            all.remove(&kind);
        }
    }

    /// Notes that some confidence may have changed.
    pub(super) fn forget_confidences(&mut self) {
        self.all().values_mut().for_each(|kept| kept.confidences = None);
    }
}

/// An index as a sweep holds it.
#[derive(Debug, Clone)]
pub struct TypeInTime {
    index: Arc<TimeIndex>,
    /// What came, went or changed since, as it is now.
    changed: Arc<FxHashSet<RelationshipId>>,
    added: Arc<Vec<Entry>>,
    confidences: Option<Arc<Confidences>>,
}

impl TypeInTime {
    /// The different confidences, greatest first; `None` where they were not asked
    /// for or are too many.
    #[must_use]
    pub fn confidences(&self) -> Option<&Confidences> {
        self.confidences.as_deref()
    }

    /// How many relationships begin within a window, about.
    #[must_use]
    pub fn count(&self, window: Interval) -> usize {
        self.index.places(window).len()
    }

    /// The relationships that begin within a window.
    ///
    /// # Complexity
    /// O(log E), and linear in what is given where something changed.
    #[must_use]
    pub fn slice(&self, window: Interval) -> Slice<'_> {
        let (index, places) = (&*self.index, self.index.places(window));
        let levels = self.confidences().map_or(&[][..], |confidences| &confidences.levels[places.clone()]);
        if self.changed.is_empty() {
            return Slice {
                los: Cow::Borrowed(&index.los[places.clone()]),
                starts: Cow::Borrowed(&index.starts[places.clone()]),
                ends: Cow::Borrowed(&index.ends[places.clone()]),
                ids: Cow::Borrowed(&index.ids[places]),
                levels: Cow::Borrowed(levels),
            };
        }
        let kept = places.filter(|&at| !self.changed.contains(&index.ids[at]));
        let kept = kept.map(|at| (index.los[at], index.starts[at], index.ids[at], index.ends[at]));
        let added = self.added.iter().copied().filter(|entry| (window.lo..=window.hi).contains(&entry.0));
        let mut entries: Vec<Entry> = kept.chain(added).collect();
        // Two sorted runs, which a stable sort merges.
        entries.sort();
        let merged = TimeIndex::of(&entries);
        Slice {
            // Where confidences are asked for, nothing has changed since.
            levels: Cow::Borrowed(levels),
            los: Cow::Owned(merged.los),
            starts: Cow::Owned(merged.starts),
            ends: Cow::Owned(merged.ends),
            ids: Cow::Owned(merged.ids),
        }
    }
}

impl Graph {
    /// The relationships of a type in the order of time, with their confidences where
    /// they are asked for.
    ///
    /// # Complexity
    /// O(E log E) for the first one to ask, then constant.
    #[must_use]
    pub fn type_in_time(&self, kind: Symbol, with_confidences: bool) -> TypeInTime {
        let mut all = self.time_indexes.lock();
        let kept = all
            .entry(kind)
            .or_insert_with(|| Kept { index: Arc::new(TimeIndex::build(self, kind)), ..Kept::default() });
        if with_confidences && !kept.changed.is_empty() {
            // Their levels could be new ones.
            *kept = Kept { index: Arc::new(TimeIndex::build(self, kind)), ..Kept::default() };
        }
        if with_confidences && kept.confidences.is_none() {
            let view = View::new(self, None, true);
            kept.confidences = Some(Confidences::build(view, kind, &kept.index).map(Arc::new));
        }
        let alive = kept.changed.iter().filter_map(|&id| Some((id, self.relationship(id)?)));
        let of_type = alive.filter(|(_, relationship)| relationship.kind == kind);
        let mut added: Vec<Entry> = of_type.map(|(id, relationship)| entry(id, relationship)).collect();
        added.sort_unstable();
        TypeInTime {
            index: kept.index.clone(),
            changed: Arc::new(kept.changed.clone()),
            added: Arc::new(added),
            confidences: kept.confidences.clone().flatten().filter(|_| with_confidences),
        }
    }
}
