//! Running Graphviz's program `dot`, which is optional.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::error::{Error, Result};

/// Formats that Graphviz draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Scalable, with tooltips.
    Svg,
    /// Pixels.
    Png,
    /// For print.
    Pdf,
}

impl Format {
    /// The format of a file by its name's ending.
    #[must_use]
    pub fn of_path(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "svg" => Some(Self::Svg),
            "png" => Some(Self::Png),
            "pdf" => Some(Self::Pdf),
            _ => None,
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Svg => &["-Tsvg"],
            Self::Png => &["-Tpng", "-Gdpi=144"],
            Self::Pdf => &["-Tpdf"],
        }
    }
}

/// How long a drawing may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Has Graphviz draw `dot` into the file `out`, which is replaced only by a
/// complete drawing.
///
/// # Errors
/// `NotFound` where Graphviz is not installed, `Invalid` where it refuses the
/// text, `Interrupted` where it takes longer than a minute, `Io` where it cannot be
/// run or the file cannot be written.
pub fn run_graphviz(dot: &str, format: Format, out: &Path) -> Result<()> {
    write_whole(out, &drawn_by("dot", format.arguments(), dot, PATIENCE)?)
}

fn drawn_by(program: &str, arguments: &[&str], dot: &str, patience: Duration) -> Result<Vec<u8>> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => not_installed(program),
            _ => Error::io(program, &error),
        })?;
    let drawing = converse(&mut child, dot, patience);
    if drawing.is_none() {
        // It may have ended by itself just now, and then there is nothing to kill.
        _ = child.kill();
    }
    let status = child.wait().map_err(|error| Error::io(program, &error))?;
    let (drawing, complaint) = drawing.ok_or_else(|| {
        Error::interrupted(format!("Graphviz took longer than {} seconds", patience.as_secs())).hint(
            "draw fewer nodes, or write DOT and lay it out with another of Graphviz's engines".to_owned(),
        )
    })?;
    match status.success() && !drawing.is_empty() {
        true => Ok(drawing),
        false => {
            let complaint = String::from_utf8_lossy(&complaint).into_owned();
            let first = complaint.lines().next().unwrap_or("it gave no reason").to_owned();
            Err(Error::invalid(format!("Graphviz could not draw this: {first}")))
        }
    }
}

fn not_installed(program: &str) -> Error {
    Error::not_found(format!("Graphviz is not installed: there is no program '{program}'")).hint(
        "install it with 'apt install graphviz', 'brew install graphviz' or 'winget install Graphviz.Graphviz', \
         or export to a file that ends in .dot"
            .to_owned(),
    )
}

/// Writes the text and reads the answer and the complaints, all at once, since each
/// pipe may fill up; `None` where it took too long.
fn converse(child: &mut Child, dot: &str, patience: Duration) -> Option<(Vec<u8>, Vec<u8>)> {
    let (mut input, output, complaints) = (child.stdin.take()?, child.stdout.take()?, child.stderr.take()?);
    let text = dot.to_owned();
    // A program that ends early closes the pipe; its status says why.
    thread::spawn(move || _ = input.write_all(text.as_bytes()));
    let complaints = read_all(complaints);
    let answer = read_all(output).recv_timeout(patience).ok()?;
    Some((answer, complaints.recv_timeout(patience).ok()?))
}

fn read_all(mut from: impl Read + Send + 'static) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        _ = from.read_to_end(&mut bytes);
        _ = sender.send(bytes);
    });
    receiver
}

/// Writes a file beside `out` and moves it there.
fn write_whole(out: &Path, bytes: &[u8]) -> Result<()> {
    let beside = beside(out)?;
    let written = fs::File::create_new(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, out));
    written.map_err(|error| {
        // What went wrong matters more than a file that cannot be removed either.
        _ = fs::remove_file(&beside);
        Error::io(out, &error)
    })
}

fn beside(out: &Path) -> Result<PathBuf> {
    let name = out.file_name().ok_or_else(|| Error::invalid(format!("'{}' names no file", out.display())))?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.part", std::process::id()));
    Ok(out.with_file_name(hidden))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_graphviz_is_said_with_a_way_out() {
        let error =
            drawn_by("no-such-program-as-dot", &[], "digraph {}", PATIENCE).expect_err("it is missing");
        assert_eq!(error.class(), "NotFound");
        assert!(error.hint_text().is_some_and(|hint| hint.contains("apt install graphviz")));
    }

    #[cfg(unix)]
    #[test]
    fn a_drawing_that_takes_too_long_is_stopped() {
        let error = drawn_by("sleep", &["20"], "", Duration::from_millis(50)).expect_err("it sleeps on");
        assert_eq!(error.class(), "Interrupted");
    }

    #[test]
    fn formats_are_known_by_the_files_ending() {
        assert_eq!(Format::of_path(Path::new("a/b.SVG")), Some(Format::Svg));
        assert_eq!(Format::of_path(Path::new("a/b.dot")), None);
    }
}
