//! Joining rows with what does not depend on them.

use super::batch::{Batch, Column, ROWS, pick};
use super::evaluate::Evaluator;
use super::keys::Keys;
use super::memory::Kept;
use super::{Input, Operate};
use crate::error::Result;
use crate::query::expr::{Context, Expr};

/// For each row of the first input, in order, the rows of the second whose keys are
/// equal to its own. A null key equals nothing. Without keys, all rows.
///
/// The second input is read once and kept.
pub(super) struct HashJoin<'p> {
    probe: Input<'p>,
    build: Input<'p>,
    probe_keys: Vec<Evaluator<'p>>,
    build_keys: Vec<Evaluator<'p>>,
    table: Option<Table>,
    current: Option<Probing>,
    kept: Kept,
}

/// The rows of the second input by their keys.
struct Table {
    rows: Option<Batch>,
    keys: Keys,
    /// For each key the rows that have it.
    of_key: Vec<Vec<u32>>,
}

/// A batch that is being joined.
struct Probing {
    batch: Batch,
    keys: Vec<Column>,
    row: usize,
    /// How many of the row's partners were given.
    given: usize,
}

impl<'p> HashJoin<'p> {
    pub(super) fn new(probe: Input<'p>, build: Input<'p>, keys: &'p [(Expr, Expr)]) -> Self {
        Self {
            probe,
            build,
            probe_keys: keys.iter().map(|(probe, _)| Evaluator::new(probe)).collect(),
            build_keys: keys.iter().map(|(_, build)| Evaluator::new(build)).collect(),
            table: None,
            current: None,
            kept: Kept::default(),
        }
    }

    fn read(&mut self, context: &Context<'_>) -> Result<Table> {
        let mut table = Table { rows: None, keys: Keys::default(), of_key: Vec::new() };
        while let Some(batch) = self.build.next(context)? {
            (context.surroundings.check)()?;
            let before = table.rows.as_ref().map_or(0, Batch::len);
            let keys = columns(&self.build_keys, &batch, context)?;
            for row in (0..batch.len()).filter(|&row| !has_null(&keys, row)) {
                let (number, is_new) = table.keys.number(&keys, row);
                if is_new {
                    table.of_key.push(Vec::new());
                }
                table.of_key[number].push(pick(before + row));
            }
            self.kept.add(&context.surroundings.memory, batch.bytes() + 48 * batch.len())?;
            match &mut table.rows {
                Some(rows) => rows.append(batch),
                None => table.rows = Some(batch),
            }
        }
        Ok(table)
    }

    /// The next batch to be joined, with its keys.
    fn next_probing(&mut self, context: &Context<'_>) -> Result<Option<Probing>> {
        if let Some(current) = self.current.take() {
            return Ok(Some(current));
        }
        let Some(batch) = self.probe.next(context)? else { return Ok(None) };
        let keys = columns(&self.probe_keys, &batch, context)?;
        Ok(Some(Probing { batch, keys, row: 0, given: 0 }))
    }
}

impl Operate for HashJoin<'_> {
    fn next(&mut self, context: &Context<'_>) -> Result<Option<Batch>> {
        let table = match self.table.take() {
            Some(table) => table,
            None => self.read(context)?,
        };
        let out = self.join(&table, context);
        self.table = Some(table);
        out
    }

    fn bytes(&self) -> usize {
        self.kept.bytes()
    }
}

impl HashJoin<'_> {
    fn join(&mut self, table: &Table, context: &Context<'_>) -> Result<Option<Batch>> {
        let Some(rows) = &table.rows else { return Ok(None) };
        while let Some(mut probing) = self.next_probing(context)? {
            (context.surroundings.check)()?;
            let (mut left, mut right) = (Vec::new(), Vec::new());
            while probing.row < probing.batch.len() && left.len() < ROWS {
                let partners: &[u32] = match has_null(&probing.keys, probing.row) {
                    true => &[],
                    false => {
                        let number = table.keys.find(&probing.keys, probing.row);
                        number.map_or(&[], |number| table.of_key[number].as_slice())
                    }
                };
                let end = partners.len().min(probing.given + ROWS - left.len());
                right.extend_from_slice(&partners[probing.given..end]);
                left.resize(right.len(), pick(probing.row));
                probing.given = end;
                if end == partners.len() {
                    probing.row += 1;
                    probing.given = 0;
                }
            }
            let out = (!left.is_empty()).then(|| probing.batch.gather(&left).beside(rows.gather(&right)));
            if probing.row < probing.batch.len() {
                self.current = Some(probing);
            }
            if out.is_some() {
                return Ok(out);
            }
        }
        Ok(None)
    }
}

fn columns(keys: &[Evaluator<'_>], batch: &Batch, context: &Context<'_>) -> Result<Vec<Column>> {
    keys.iter().map(|key| key.column(batch, context)).collect()
}

/// Whether a key is null, or a NaN, which equals nothing either.
fn has_null(keys: &[Column], row: usize) -> bool {
    keys.iter().any(|key| match key {
        Column::Nodes(_) | Column::Relationships(_) => false,
        Column::Values(values) => values[row].equals(&values[row]) != Some(true),
    })
}
