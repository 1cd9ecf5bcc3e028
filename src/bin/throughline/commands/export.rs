//! `export`: the case, or what a query gives, to a file.

use std::path::Path;

use throughline::Error;
use throughline::formats::dot::{Format, Picture, run_graphviz, to_dot};

use crate::args::{Args, ExportArgs};
use crate::failure::Failure;
use crate::render;
use crate::session::Session;
use crate::terminal::Terminal;

/// Writes the file.
pub(crate) fn run(args: &Args, export: &ExportArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let drawing = Drawing::of(&export.file, export.format.as_deref())?;
    let mut session = Session::open(args, terminal)?;
    let dot = match &export.query {
        Some(text) => {
            let answer = session.ask(text)?;
            for notice in &answer.notices {
                terminal.note(&format!("note: {notice}"));
            }
            let lens = session.compile(&answer.lens)?;
            render::dot(session.view(lens.as_ref()), &answer)?
        }
        None => {
            let lens = session.compile(&session.lens)?;
            let view = session.view(lens.as_ref());
            to_dot(view, &Picture::whole(view))
        }
    };
    drawing.write(&dot, &export.file)?;
    terminal.note(&format!("wrote {}", export.file.display()));
    session.close(terminal);
    Ok(())
}

/// Writes a picture to a file whose ending says how.
pub(crate) fn draw(dot: &str, file: &Path) -> Result<(), Error> {
    Drawing::of(file, None)?.write(dot, file)
}

enum Drawing {
    Dot,
    Graphviz(Format),
}

impl Drawing {
    /// By the name given, else by the file's ending.
    fn of(file: &Path, name: Option<&str>) -> Result<Self, Error> {
        let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let name = name.unwrap_or(ending).to_ascii_lowercase();
        match (name.as_str(), Format::of_path(Path::new(&format!("x.{name}")))) {
            ("dot" | "gv", _) => Ok(Self::Dot),
            (_, Some(format)) => Ok(Self::Graphviz(format)),
            ("", None) => Err(Error::invalid(format!("'{}' does not say its format", file.display()))
                .hint("name a file that ends in .dot, .svg, .png or .pdf".to_owned())),
            (other, None) => Err(Error::invalid(format!("export as {other} is not built yet"))
                .hint("name a file that ends in .dot, .svg, .png or .pdf".to_owned())),
        }
    }

    fn write(&self, dot: &str, file: &Path) -> Result<(), Error> {
        match self {
            Self::Dot => std::fs::write(file, dot).map_err(|error| Error::io(file, &error)),
            Self::Graphviz(format) => run_graphviz(dot, *format, file),
        }
    }
}
