//! Rows in columns.
//!
//! A batch holds a few hundred rows of a query. What a row binds lies in columns,
//! one for each variable that is bound and still asked for: ids of nodes and of
//! relationships as they are, everything else as values. A column that is absent is
//! null in every row.

use crate::model::{NodeId, RelationshipId, Value};
use crate::query::expr::Row;

/// How many rows a batch should have. A hub may give more at once.
pub(in crate::query) const ROWS: usize = 1024;

/// The values of one variable.
#[derive(Debug, Clone)]
pub(in crate::query) enum Column {
    /// Nodes; none is null.
    Nodes(Vec<NodeId>),
    /// Relationships; none is null.
    Relationships(Vec<RelationshipId>),
    /// Anything.
    Values(Vec<Value>),
}

impl Column {
    /// The value in a row.
    pub(super) fn get(&self, row: usize) -> Value {
        match self {
            Self::Nodes(ids) => Value::Node(ids[row]),
            Self::Relationships(ids) => Value::Relationship(ids[row]),
            Self::Values(values) => values[row].clone(),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Nodes(ids) => ids.len(),
            Self::Relationships(ids) => ids.len(),
            Self::Values(values) => values.len(),
        }
    }

    /// The column of the rows picked, in the order of the picks.
    fn gather(&self, picks: &[u32]) -> Self {
        match self {
            Self::Nodes(ids) => Self::Nodes(picks.iter().map(|&row| ids[row as usize]).collect()),
            Self::Relationships(ids) => {
                Self::Relationships(picks.iter().map(|&row| ids[row as usize]).collect())
            }
            Self::Values(values) => {
                Self::Values(picks.iter().map(|&row| values[row as usize].clone()).collect())
            }
        }
    }

    /// Puts the rows of another column after its own.
    fn append(&mut self, other: Self) {
        match (self, other) {
            (Self::Nodes(ids), Self::Nodes(more)) => ids.extend(more),
            (Self::Relationships(ids), Self::Relationships(more)) => ids.extend(more),
            (Self::Values(values), other) => values.extend((0..other.len()).map(|row| other.get(row))),
            (column, other) => {
                let mut values: Vec<Value> = (0..column.len()).map(|row| column.get(row)).collect();
                values.extend((0..other.len()).map(|row| other.get(row)));
                *column = Self::Values(values);
            }
        }
    }

    /// Ids as they are where all are of one kind.
    pub(super) fn of_values(values: Vec<Value>) -> Self {
        let nodes = || values.iter().map(|value| if let Value::Node(id) = value { Some(*id) } else { None });
        let relationships =
            || values.iter().map(|value| if let Value::Relationship(id) = value { Some(*id) } else { None });
        match values.first() {
            Some(Value::Node(_)) => match nodes().collect() {
                Some(ids) => Self::Nodes(ids),
                None => Self::Values(values),
            },
            Some(Value::Relationship(_)) => match relationships().collect() {
                Some(ids) => Self::Relationships(ids),
                None => Self::Values(values),
            },
            _ => Self::Values(values),
        }
    }
}

/// Some rows of a query.
#[derive(Debug, Clone)]
pub(in crate::query) struct Batch {
    columns: Vec<Option<Column>>,
    len: usize,
}

impl Batch {
    /// `len` rows in which nothing is bound, of a statement with `width` variables.
    pub(in crate::query) fn unbound(width: usize, len: usize) -> Self {
        Self { columns: vec![None; width], len }
    }

    /// A batch of one row.
    pub(in crate::query) fn of_row(row: &[Value]) -> Self {
        let column = |value: &Value| match value {
            Value::Null => None,
            value => Some(Column::of_values(vec![value.clone()])),
        };
        Self { columns: row.iter().map(column).collect(), len: 1 }
    }

    /// A batch of several rows of the same width.
    pub(in crate::query) fn of_rows(width: usize, rows: Vec<Row>) -> Self {
        let len = rows.len();
        let mut columns: Vec<Vec<Value>> = (0..width).map(|_| Vec::new()).collect();
        for row in rows {
            for (slot, value) in row.into_iter().enumerate() {
                columns[slot].push(value);
            }
        }
        let column = |values: Vec<Value>| {
            let is_bound = values.iter().any(|value| !value.is_null());
            is_bound.then(|| Column::of_values(values))
        };
        Self { columns: columns.into_iter().map(column).collect(), len }
    }

    /// How many rows there are.
    pub(in crate::query) fn len(&self) -> usize {
        self.len
    }

    /// The values of a variable; `None` where all are null.
    pub(super) fn column(&self, slot: usize) -> Option<&Column> {
        self.columns[slot].as_ref()
    }

    /// Binds a variable in every row.
    pub(super) fn set(&mut self, slot: usize, column: Column) {
        debug_assert_eq!(column.len(), self.len, "a column has a value for each row");
        self.columns[slot] = Some(column);
    }

    /// Forgets variables that nobody asks for any more.
    pub(super) fn forget(&mut self, slots: &[usize]) {
        for &slot in slots {
            self.columns[slot] = None;
        }
    }

    /// The value of a variable in a row.
    pub(in crate::query) fn get(&self, slot: usize, row: usize) -> Value {
        self.columns[slot].as_ref().map_or(Value::Null, |column| column.get(row))
    }

    /// Copies one row's values of some variables to where expressions look for them.
    pub(super) fn load(&self, row: usize, slots: &[usize], into: &mut Row) {
        for &slot in slots {
            into[slot] = self.get(slot, row);
        }
    }

    /// A row with all that it binds.
    pub(in crate::query) fn row(&self, row: usize) -> Row {
        (0..self.columns.len()).map(|slot| self.get(slot, row)).collect()
    }

    /// All rows with all that they bind.
    pub(in crate::query) fn rows(&self) -> impl Iterator<Item = Row> + '_ {
        (0..self.len).map(|row| self.row(row))
    }

    /// The rows picked, in the order of the picks; a row may be picked more than once.
    pub(in crate::query) fn gather(&self, picks: &[u32]) -> Self {
        let gathered = self.columns.iter().map(|column| column.as_ref().map(|column| column.gather(picks)));
        Self { columns: gathered.collect(), len: picks.len() }
    }

    /// The first `len` rows after `skip` rows.
    pub(super) fn slice(self, skip: usize, len: usize) -> Self {
        let end = self.len.min(skip.saturating_add(len));
        if skip == 0 && end == self.len {
            return self;
        }
        let picks: Vec<u32> = (skip..end).map(pick).collect();
        self.gather(&picks)
    }

    /// Puts another batch's rows after its own.
    pub(super) fn append(&mut self, other: Self) {
        for (own, more) in self.columns.iter_mut().zip(other.columns) {
            match (own.as_mut(), more) {
                (None, None) => {}
                (Some(own), Some(more)) => own.append(more),
                (Some(own), None) => own.append(Column::Values(vec![Value::Null; other.len])),
                (None, Some(more)) => {
                    let mut values = Column::Values(vec![Value::Null; self.len]);
                    values.append(more);
                    *own = Some(values);
                }
            }
        }
        self.len += other.len;
    }

    /// Gives variables that nothing binds the values of a row, the same in every row; `slots` says
    /// which, all for `None`.
    pub(super) fn fill(&mut self, row: &Row, slots: Option<&[usize]>) {
        for (slot, value) in row.iter().enumerate().filter(|(_, value)| !value.is_null()) {
            if self.columns[slot].is_none() && slots.is_none_or(|slots| slots.contains(&slot)) {
                self.set(slot, Column::of_values(vec![value.clone(); self.len]));
            }
        }
    }

    /// The columns of some variables under the names of others.
    pub(in crate::query) fn renamed(mut self, from: &[usize], to: &[usize]) -> Self {
        let columns: Vec<Option<Column>> = from.iter().map(|&slot| self.columns[slot].clone()).collect();
        for (column, &slot) in columns.into_iter().zip(to) {
            self.columns[slot] = column;
        }
        self
    }

    /// Variables as columns, null where nothing binds them.
    pub(in crate::query) fn columns_of(&self, slots: &[usize]) -> Vec<Column> {
        let nulls = || Column::Values(vec![Value::Null; self.len]);
        slots.iter().map(|&slot| self.columns[slot].clone().unwrap_or_else(nulls)).collect()
    }

    /// With the columns of another batch of as many rows, for variables that it does not bind.
    pub(super) fn beside(mut self, other: Self) -> Self {
        for (own, more) in self.columns.iter_mut().zip(other.columns) {
            if own.is_none() {
                *own = more;
            }
        }
        self
    }

    /// About how many bytes it holds.
    pub(in crate::query) fn bytes(&self) -> usize {
        let of_column = |column: &Column| match column {
            Column::Nodes(ids) => 4 * ids.len(),
            Column::Relationships(ids) => 4 * ids.len(),
            Column::Values(values) => values.iter().map(super::memory::bytes_of).sum(),
        };
        self.columns.iter().flatten().map(of_column).sum::<usize>() + 32 * self.columns.len()
    }
}

/// A row's number as a pick. A batch never has as many as a pick cannot hold.
pub(in crate::query) fn pick(row: usize) -> u32 {
    u32::try_from(row).expect("a batch has fewer rows than u32 can count")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch() -> Batch {
        let row = |id: u32, value: Value| vec![Value::Node(NodeId(id)), value, Value::Null];
        Batch::of_rows(3, vec![row(1, Value::Int(10)), row(2, Value::Null), row(3, Value::from("c"))])
    }

    #[test]
    fn ids_lie_in_columns_of_their_own_and_null_columns_nowhere() {
        let batch = batch();
        assert!(matches!(batch.column(0), Some(Column::Nodes(ids)) if ids.len() == 3));
        assert!(matches!(batch.column(1), Some(Column::Values(_))));
        assert!(batch.column(2).is_none());
        assert_eq!(batch.row(1), [Value::Node(NodeId(2)), Value::Null, Value::Null]);
    }

    #[test]
    fn picks_may_repeat_rows_and_change_their_order() {
        let picked = batch().gather(&[2, 0, 2]);
        assert_eq!(picked.len(), 3);
        assert_eq!(picked.get(1, 0), Value::from("c"));
        assert_eq!(picked.get(0, 1), Value::Node(NodeId(1)));
    }

    #[test]
    fn what_is_appended_may_bind_more_or_less() {
        let mut all = batch();
        all.append(Batch::of_row(&[Value::Null, Value::Null, Value::Int(7)]));
        assert_eq!(all.len(), 4);
        assert_eq!(all.row(0)[2], Value::Null);
        assert_eq!(all.row(3), [Value::Null, Value::Null, Value::Int(7)]);
    }
}
