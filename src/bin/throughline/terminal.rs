//! Where output goes, how wide it is, and whether it may have colours.

use std::io::{self, BufWriter, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

/// Columns of text that does not go to a terminal.
const COLUMNS_ELSEWHERE: usize = 100;

/// Nothing fits into fewer columns; lines are broken by the terminal then.
const COLUMNS_MIN: usize = 20;

/// Results and remarks.
pub(crate) struct Terminal {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    /// Columns of results; `None` where they do not go to a terminal.
    pub(crate) width: Option<usize>,
    /// Colours for results.
    pub(crate) palette: Palette,
    /// Colours for remarks.
    pub(crate) err_palette: Palette,
    /// Whether remarks go to a terminal.
    pub(crate) is_err_terminal: bool,
}

impl Terminal {
    /// The process's own stdout and stderr.
    pub(crate) fn of_process() -> Self {
        let (out, err) = (io::stdout(), io::stderr());
        let width = out.is_terminal().then(measured);
        let palette = Palette { is_on: AutoStream::choice(&out) != ColorChoice::Never };
        let err_palette = Palette { is_on: AutoStream::choice(&err) != ColorChoice::Never };
        let is_err_terminal = err.is_terminal();
        // Colours need translating on some systems; where there are none, bytes go out as they are.
        let out: Box<dyn Write> = match palette.is_on {
            true => Box::new(BufWriter::new(AutoStream::auto(out))),
            false => Box::new(BufWriter::new(out)),
        };
        Self { out, err: Box::new(AutoStream::auto(err)), width, palette, err_palette, is_err_terminal }
    }

    /// Output that is not a terminal, for tests.
    #[cfg(test)]
    pub(crate) fn of_writers(out: Box<dyn Write>, err: Box<dyn Write>) -> Self {
        let palette = Palette { is_on: false };
        Self { out, err, width: None, palette, err_palette: palette, is_err_terminal: false }
    }

    /// Where results go.
    pub(crate) fn out(&mut self) -> &mut dyn Write {
        &mut self.out
    }

    /// Sends out what is buffered.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Columns to wrap prose and chains at.
    pub(crate) fn columns(&self) -> usize {
        self.width.unwrap_or(COLUMNS_ELSEWHERE)
    }

    /// The width of the terminal may have changed.
    pub(crate) fn measure(&mut self) {
        self.width = self.width.map(|_| measured());
    }

    /// Tells the user something that is no result.
    ///
    /// Where stderr cannot be written to, nobody is there to be told.
    pub(crate) fn tell(&mut self, line: &str) {
        let _ = self.out.flush();
        let _ = writeln!(self.err, "{line}");
        let _ = self.err.flush();
    }

    /// Tells the user something that may be overlooked.
    pub(crate) fn note(&mut self, text: &str) {
        let line = self.err_palette.dim(text);
        self.tell(&line);
    }

    /// Shows how far something has come, in one line that the next one takes the place of; on a
    /// terminal only. An empty text clears the line.
    pub(crate) fn progress(&mut self, text: &str) {
        if self.is_err_terminal {
            let _ = write!(self.err, "\r\x1b[2K{text}");
            let _ = self.err.flush();
        }
    }

    /// Tells the user something that should not be overlooked.
    pub(crate) fn warn(&mut self, text: &str) {
        let line = format!("{} {text}", self.err_palette.warning("warning:"));
        self.tell(&line);
    }
}

/// The columns of the terminal; of one that does not tell, what terminals used to have.
fn measured() -> usize {
    let told = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
    told.filter(|&width| width > 0).unwrap_or(80).max(COLUMNS_MIN)
}

/// The few colours of the program, by what they mean.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Palette {
    is_on: bool,
}

impl Palette {
    /// Without colours.
    #[cfg(test)]
    pub(crate) const PLAIN: Self = Self { is_on: false };

    /// Whether colours may be used at all.
    pub(crate) fn is_on(self) -> bool {
        self.is_on
    }

    fn paint(self, style: Style, text: &str) -> String {
        match self.is_on && !text.is_empty() {
            true => format!("{style}{text}{style:#}"),
            false => text.to_owned(),
        }
    }

    /// What a reader looks for first.
    pub(crate) fn strong(self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    /// What a reader may overlook.
    pub(crate) fn dim(self, text: &str) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    /// What is wrong.
    pub(crate) fn error(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    /// What a reader must not overlook.
    pub(crate) fn warning(self, text: &str) -> String {
        self.paint(AnsiColor::Yellow.on_default(), text)
    }

    /// Keywords, commands and arrows.
    pub(crate) fn accent(self, text: &str) -> String {
        self.paint(AnsiColor::Cyan.on_default(), text)
    }

    /// Strings.
    pub(crate) fn literal(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }
}
