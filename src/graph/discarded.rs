//! Blocks that are to be deleted from the store with the next checkpoint.

/// Blocks that nothing refers to any more.
#[derive(Debug, Clone, Default)]
pub(super) struct Discarded {
    blocks: Vec<u32>,
    /// How many of them, from the first on, are being deleted by a checkpoint that is on its way.
    n_departed: usize,
}

impl Discarded {
    pub(super) fn extend(&mut self, blocks: impl IntoIterator<Item = u32>) {
        self.blocks.extend(blocks);
    }

    /// All of them.
    pub(super) fn blocks(&self) -> &[u32] {
        &self.blocks
    }

    /// Notes that a checkpoint is on its way.
    pub(super) fn depart(&mut self) {
        self.n_departed = self.blocks.len();
    }

    /// Notes that it has arrived, or never will.
    pub(super) fn arrive(&mut self, is_written: bool) {
        let n_departed = std::mem::take(&mut self.n_departed);
        if is_written {
            self.blocks.drain(..n_departed);
        }
    }
}
