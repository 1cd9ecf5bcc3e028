//! `import`: CSV files into the case.

use std::fs::File;
use std::io::{BufWriter, IsTerminal};
use std::path::{Path, PathBuf};

use throughline::error::ErrorKind;
use throughline::formats::csv::{Content, Import, Input, Options};
use throughline::{Case, Error};

use crate::args::{Args, ImportArgs};
use crate::failure::Failure;
use crate::interrupt;
use crate::progress::ProgressLine;
use crate::render::counted;
use crate::session::{Session, author};
use crate::terminal::Terminal;

/// Bad rows that are listed one by one.
const BAD_SHOWN: usize = 20;
/// Reading more than this takes long enough to say so.
const LARGE_BYTES: u64 = 20_000_000;

/// Bad rows that a report may have.
const REPORTED_MAX: usize = 1_000_000;

/// Imports into the case, which is created if it is missing.
pub(crate) fn run(args: &Args, import: &ImportArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    // Files that cannot be read should not leave an empty case behind.
    let inputs = read(&import.files, terminal)?;
    if !args.lens.lens().is_clear() {
        terminal.note("note: a lens changes what is seen, not what is imported");
    }
    let mut session = match Case::exists(&args.case) || args.read_only {
        true => Session::own(args, terminal)?,
        false => Session::of_case(Case::create(&args.case, &author())?, args),
    };
    let done = import_inputs(&mut session, import, &inputs, terminal);
    session.close(terminal);
    done
}

/// Imports into a case that is open.
pub(crate) fn import_into(
    session: &mut Session,
    import: &ImportArgs,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let inputs = read(&import.files, terminal)?;
    import_inputs(session, import, &inputs, terminal)
}

fn read(files: &[PathBuf], terminal: &mut Terminal) -> Result<Vec<Input>, Error> {
    let read = |file: &PathBuf| Ok(Input { name: file.clone(), content: Content::open(file)? });
    let inputs: Vec<Input> = files.iter().map(read).collect::<Result<_, Error>>()?;
    let n_bytes: u64 = inputs.iter().map(|input| input.content.len()).sum();
    if n_bytes > LARGE_BYTES && std::io::stderr().is_terminal() {
        terminal.note(&format!("reading {} MB …", n_bytes / 1_000_000));
    }
    Ok(inputs)
}

fn import_inputs(
    session: &mut Session,
    arguments: &ImportArgs,
    inputs: &[Input],
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let author = author();
    let options = Options {
        label: arguments.label.clone(),
        kind: arguments.kind.clone(),
        source: arguments.source.clone(),
        grade: arguments.grade,
        update: arguments.update,
        recorded_micros: author.now_micros,
        bad_max: arguments.report.as_ref().map(|_| REPORTED_MAX),
        bulk_bytes_min: None,
        piece_bytes: None,
    };
    let report = arguments.report.as_deref().map(Report::create).transpose()?;
    let line = ProgressLine::new(terminal.is_err_terminal);
    let imported = interrupt::stoppable(|| {
        session.case.import(inputs, &options, arguments.strict, &author, &|progress| line.show(progress))
    });
    line.clear();
    let imported = imported?;
    let import = &imported.import;
    if let Some(report) = report {
        report.write(import)?;
    }
    for error in import.bad.iter().take(BAD_SHOWN) {
        let label = terminal.err_palette.error("bad row:");
        terminal.tell(&format!("{label} {error}"));
        if let Some(hint) = error.hint_text() {
            terminal.note(&format!("  = {hint}"));
        }
    }
    let n_bad = import.bad.len() + import.bad_more;
    if n_bad > BAD_SHOWN {
        terminal.tell(&format!("… and {} more", counted(n_bad - BAD_SHOWN, "bad row")));
    }
    if !imported.is_committed {
        return Err(Error::invalid(format!("nothing was imported: {}", counted(n_bad, "bad row")))
            .hint("mend them, or leave out --strict to import the others".to_owned())
            .into());
    }
    let n_good = import.nodes + import.relationships + import.claims + import.updated + import.unchanged;
    if n_good == 0 && n_bad > 0 {
        return Err(Error::invalid(format!("nothing was imported: {}", counted(n_bad, "bad row"))).into());
    }
    if n_bad > 0 {
        let was = if n_bad == 1 { "was" } else { "were" };
        terminal.warn(&format!("{} {was} left out", counted(n_bad, "row")));
    }
    let mut counts = vec![
        counted(import.nodes, "node"),
        counted(import.relationships, "relationship"),
        counted(import.claims, "claim"),
    ];
    counts.extend((import.updated > 0).then(|| format!("{} updated", counted(import.updated, "row"))));
    counts.extend((import.unchanged > 0).then(|| format!("{} unchanged", counted(import.unchanged, "row"))));
    writeln!(terminal.out(), "imported {}", counts.join(", "))?;
    Ok(())
}

/// A new file with the bad rows of an import.
struct Report {
    path: PathBuf,
    writer: csv::Writer<BufWriter<File>>,
}

impl Report {
    /// Begins the file before anything is imported, so that it is not in vain.
    fn create(path: &Path) -> Result<Self, Error> {
        let file = File::create_new(path).map_err(|error| Error::io(path, &error))?;
        Ok(Self { path: path.to_owned(), writer: csv::Writer::from_writer(BufWriter::new(file)) })
    }

    fn write(mut self, import: &Import) -> Result<(), Error> {
        let failed = |error: csv::Error| Error::io(&self.path, &error.into());
        self.writer.write_record(["file", "line", "column", "error", "hint"]).map_err(failed)?;
        for error in &import.bad {
            let ErrorKind::Input { file, line, column, message } = error.kind() else { continue };
            let (file, line) = (file.display().to_string(), line.to_string());
            let hint = error.hint_text().unwrap_or_default();
            let cells = [&file, &line, column.as_deref().unwrap_or_default(), message, hint];
            self.writer.write_record(cells).map_err(failed)?;
        }
        self.writer.flush().map_err(|error| Error::io(&self.path, &error))
    }
}
