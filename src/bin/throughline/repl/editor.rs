//! The line editor.
use super::complete::Vocabulary;
use crate::terminal::Palette;
pub(super) struct Editor;
pub(super) enum Typed {
    Text(String),
    Cleared,
    End,
}
impl Editor {
    pub(super) fn open(_palette: Palette) -> rustyline::Result<Self> {
        Ok(Self)
    }
    pub(super) fn read(&mut self, _prompt: &str, _vocabulary: &Vocabulary) -> Typed {
        Typed::End
    }
}
