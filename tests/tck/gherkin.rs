//! Feature files: scenarios with their steps, outlines expanded.

/// A scenario, or one row of an outline.
#[derive(Debug, Clone)]
pub(super) struct Scenario {
    /// File, number in it and, in an outline, the number of the row: names it for good.
    pub(super) name: String,
    /// The folder of the file, such as `clauses/match`.
    pub(super) category: String,
    pub(super) steps: Vec<Step>,
}

impl Scenario {
    /// Whether it is about times of day or datetimes, wherever it stands.
    pub(super) fn is_temporal(&self) -> bool {
        let speaks_of_time = |step: &Step| {
            let text = step.doc.as_deref().unwrap_or_default();
            ["localtime(", "time(", "datetime(", "localdatetime("].iter().any(|name| text.contains(name))
        };
        self.category.contains("temporal") || self.steps.iter().any(speaks_of_time)
    }
}

/// A step with what stands below it.
#[derive(Debug, Clone, Default)]
pub(super) struct Step {
    /// Without its first word.
    pub(super) text: String,
    /// What stands between triple quotes.
    pub(super) doc: Option<String>,
    /// The rows of the table.
    pub(super) table: Vec<Vec<String>>,
}

/// What collects the steps of a feature file as its lines go by.
#[derive(Default)]
struct Reader {
    background: Vec<Step>,
    title: String,
    steps: Vec<Step>,
    examples: Vec<Vec<Vec<String>>>,
    place: Place,
}

#[derive(Default, PartialEq)]
enum Place {
    #[default]
    Before,
    Background,
    Scenario,
    Examples,
}

/// All scenarios of a file.
pub(super) fn scenarios(text: &str, file: &str, category: &str) -> Vec<Scenario> {
    let mut reader = Reader::default();
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || line.starts_with('@') || line.starts_with("Feature:") {
            continue;
        }
        if line == "\"\"\"" {
            let doc: Vec<&str> = lines.by_ref().take_while(|line| line.trim() != "\"\"\"").collect();
            reader.last_step().doc = Some(doc.join("\n"));
        } else if line.starts_with("Background:") {
            reader.place = Place::Background;
        } else if let Some(title) = title_of(line) {
            reader.finish(file, category, &mut found);
            reader.title = title.to_owned();
            reader.place = Place::Scenario;
        } else if line.starts_with("Examples:") {
            reader.examples.push(Vec::new());
            reader.place = Place::Examples;
        } else if line.starts_with('|') {
            reader.row(cells(line));
        } else if let Some((_, rest)) = line.split_once(' ').filter(|_| reader.place != Place::Before) {
            reader.step(rest.trim());
        }
    }
    reader.finish(file, category, &mut found);
    found
}

fn title_of(line: &str) -> Option<&str> {
    ["Scenario Outline:", "Scenario:"].iter().find_map(|word| line.strip_prefix(word)).map(str::trim)
}

impl Reader {
    fn step(&mut self, text: &str) {
        let step = Step { text: text.to_owned(), ..Step::default() };
        if self.place == Place::Background { self.background.push(step) } else { self.steps.push(step) }
    }

    fn last_step(&mut self) -> &mut Step {
        let steps = if self.place == Place::Background { &mut self.background } else { &mut self.steps };
        steps.last_mut().expect("a table or a text follows a step")
    }

    fn row(&mut self, cells: Vec<String>) {
        match self.examples.last_mut().filter(|_| self.place == Place::Examples) {
            Some(table) => table.push(cells),
            None => self.last_step().table.push(cells),
        }
    }

    fn finish(&mut self, file: &str, category: &str, found: &mut Vec<Scenario>) {
        let steps = std::mem::take(&mut self.steps);
        let examples = std::mem::take(&mut self.examples);
        if steps.is_empty() {
            return;
        }
        let whole: Vec<Step> = self.background.iter().chain(&steps).cloned().collect();
        // The kit numbers its scenarios within a file: "[10] …".
        let number = self.title.split_once(']').map_or(self.title.as_str(), |(number, _)| number);
        let name = format!("{file} {}", number.trim_start_matches('['));
        if examples.is_empty() {
            found.push(Scenario { name, category: category.to_owned(), steps: whole });
            return;
        }
        let mut number = 0;
        for table in examples {
            let Some((head, rows)) = table.split_first() else { continue };
            for row in rows {
                number += 1;
                let fill = |text: &str| {
                    head.iter().zip(row).fold(text.to_owned(), |text, (name, value)| {
                        text.replace(&format!("<{name}>"), value)
                    })
                };
                let steps = whole.iter().map(|step| Step {
                    text: fill(&step.text),
                    doc: step.doc.as_deref().map(fill),
                    table: step.table.iter().map(|row| row.iter().map(|cell| fill(cell)).collect()).collect(),
                });
                found.push(Scenario {
                    name: format!("{name} #{number}"),
                    category: category.to_owned(),
                    steps: steps.collect(),
                });
            }
        }
    }
}

/// The cells of a table's row; a backslash keeps a bar in its cell.
fn cells(line: &str) -> Vec<String> {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut chars = line.chars().skip(1).peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('|' | '\\')) => cell.extend(chars.next()),
            ('\\', Some('n')) => {
                chars.next();
                cell.push('\n');
            }
            ('|', _) => cells.push(std::mem::take(&mut cell).trim().to_owned()),
            _ => cell.push(c),
        }
    }
    cells
}
