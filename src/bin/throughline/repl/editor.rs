//! The line editor: rustyline, and nothing of it outside this module.

use std::borrow::Cow;
use std::io::IsTerminal;
use std::path::PathBuf;

use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::config::{Behavior, CompletionType, Config};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter, HistoryHinter};
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper};
use throughline::query::Function;
use throughline::query::parser::{Completeness, completeness};

use super::complete::{Completion, Vocabulary, complete};
use super::highlight::highlight;
use super::shell::is_command;
use crate::terminal::Palette;

/// Statements that are remembered.
const HISTORY_MAX: usize = 5000;

/// What the user did at the prompt.
pub(super) enum Typed {
    /// A command or a whole statement.
    Text(String),
    /// Ctrl-C.
    Cleared,
    /// Ctrl-D, or the terminal is gone.
    End,
}

/// A prompt with history and completion.
pub(super) struct Editor {
    inner: rustyline::Editor<Assistant, DefaultHistory>,
    history: Option<PathBuf>,
    palette: Palette,
}

impl Editor {
    /// Takes the terminal.
    pub(super) fn open(palette: Palette) -> rustyline::Result<Self> {
        // Results may go to a file while somebody types.
        let behavior = if std::io::stdout().is_terminal() { Behavior::Stdio } else { Behavior::PreferTerm };
        let config = Config::builder()
            .max_history_size(HISTORY_MAX)?
            .history_ignore_space(true)
            .completion_type(CompletionType::List)
            .behavior(behavior)
            .build();
        let mut inner = rustyline::Editor::with_config(config)?;
        inner.set_helper(Some(Assistant {
            vocabulary: Vocabulary::default(),
            palette,
            files: FilenameCompleter::new(),
            history: HistoryHinter::new(),
        }));
        let history = history_file();
        if let Some(file) = &history {
            // A history that cannot be read or written is no reason not to work.
            _ = file.parent().map(std::fs::create_dir_all);
            _ = inner.load_history(file);
        }
        Ok(Self { inner, history, palette })
    }

    /// Reads a statement, which may span lines, or a command.
    pub(super) fn read(&mut self, prompt: &str, vocabulary: Vocabulary) -> Typed {
        if let Some(assistant) = self.inner.helper_mut() {
            assistant.vocabulary = vocabulary;
        }
        let typed = self.inner.readline(&(prompt, self.palette.accent(prompt)));
        if let Some(assistant) = self.inner.helper_mut() {
            // What is run next may close the index.
            assistant.vocabulary = Vocabulary::default();
        }
        match typed {
            Ok(text) => {
                self.remember(&text);
                Typed::Text(text)
            }
            Err(ReadlineError::Interrupted) => Typed::Cleared,
            Err(_) => Typed::End,
        }
    }

    fn remember(&mut self, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        _ = self.inner.add_history_entry(text.trim_end());
        if let Some(file) = &self.history {
            _ = self.inner.append_history(file);
        }
    }
}

/// `throughline/history` where the system keeps data of programs.
fn history_file() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let data = folder("XDG_DATA_HOME")
        .or_else(|| folder("APPDATA").filter(|_| cfg!(windows)))
        .or_else(|| folder("HOME").map(|home| home.join(".local").join("share")))?;
    Some(data.join("throughline").join("history"))
}

/// Helps with what is being typed.
struct Assistant {
    vocabulary: Vocabulary,
    palette: Palette,
    files: FilenameCompleter,
    history: HistoryHinter,
}

impl Helper for Assistant {}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        cursor: usize,
        context: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        match complete(&line[..cursor], &self.vocabulary) {
            Completion::File => self.files.complete(line, cursor, context),
            Completion::Words { start, words } => {
                let pair = |word: String| Pair { display: shown(&word), replacement: word };
                Ok((start, words.into_iter().map(pair).collect()))
            }
        }
    }
}

/// How a completion stands in the list: a function with its signature.
fn shown(word: &str) -> String {
    let function = word.strip_suffix('(').and_then(Function::find);
    function.map_or_else(|| word.to_owned(), Function::signature)
}

/// What is shown behind the cursor.
struct Suggestion {
    shown: String,
    /// What the right arrow inserts.
    inserted: Option<String>,
}

impl Hint for Suggestion {
    fn display(&self) -> &str {
        &self.shown
    }

    fn completion(&self) -> Option<&str> {
        self.inserted.as_deref()
    }
}

impl Hinter for Assistant {
    type Hint = Suggestion;

    /// The arguments of the function just named, else what was typed before.
    fn hint(&self, line: &str, cursor: usize, context: &Context<'_>) -> Option<Suggestion> {
        if cursor < line.len() {
            return None;
        }
        if let Some(before) = line.strip_suffix('(') {
            let name = before.rsplit(|c: char| !c.is_alphanumeric()).next()?;
            let function = Function::find(name)?;
            return Some(Suggestion { shown: format!("{})", function.arguments), inserted: None });
        }
        let hint = self.history.hint(line, cursor, context)?;
        // Only the first line, since the others would cover what is below.
        let first = hint.lines().next().filter(|first| !first.is_empty())?.to_owned();
        Some(Suggestion { shown: first, inserted: Some(hint) })
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, cursor: usize) -> Cow<'l, str> {
        match self.palette.is_on() {
            true => Cow::Owned(highlight(line, cursor, self.palette)),
            false => Cow::Borrowed(line),
        }
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(self.palette.dim(hint))
    }

    fn highlight_char(&self, _: &str, _: usize, _: CmdKind) -> bool {
        self.palette.is_on()
    }
}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = context.input();
        let is_whole = is_command(text) || completeness(text) != Completeness::Incomplete;
        Ok(if is_whole { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_listed_with_their_signatures() {
        assert_eq!(shown("left("), "left(text :: STRING, n :: INTEGER) :: STRING");
        assert_eq!(shown("LEFT"), "LEFT");
    }
}
