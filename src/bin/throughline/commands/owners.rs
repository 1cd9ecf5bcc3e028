//! `owners`: who owns an entity, and whether it is blocked because of that.

use std::collections::BTreeSet;

use throughline::analysis::ownership::{
    AsOf, Ground, Holding, Inquiry, Missing, Proof, Question, REGIMES, Regime, Truth, Verdict, Why,
};
use throughline::formats::dot::{Focus, Picture, to_dot};
use throughline::formats::words;
use throughline::graph::View;
use throughline::model::{About, NodeId, RelationshipId, Value};

use super::show;
use crate::args::{Args, OwnersArgs};
use crate::failure::Failure;
use crate::interrupt;
use crate::render::{Format, counted};
use crate::session::{Session, author};
use crate::terminal::{Palette, Terminal};

/// Entities that a proof tells.
const ENTITIES_MAX: usize = 200;

/// The answer of formats that machines read; a row for each regime.
const STATEMENT: &str = "UNWIND $regimes AS regime \
     CALL ownership.blocked({regime: regime, entity: $entity, merged: $merged}) YIELD entity, verdict, share, missing, proof \
     RETURN entity, regime, verdict, share, missing, proof";

/// Opens the case and asks in it.
pub(super) fn run(args: &Args, owners: &OwnersArgs, terminal: &mut Terminal) -> Result<(), Failure> {
    let mut session = Session::open(args, terminal)?;
    session.format = owners.output.format;
    let done = in_session(&mut session, owners, terminal);
    session.close(terminal);
    done
}

/// Asks in a case that is open, through the session's lens.
pub(crate) fn in_session(
    session: &mut Session,
    arguments: &OwnersArgs,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let regimes = regimes(arguments)?;
    let entity = {
        let lens = session.compile(&session.lens)?;
        show::find(session.view(lens.as_ref()), &arguments.entity)?
    };
    match session.format {
        Format::Table | Format::Dot => tell(session, entity, (&regimes, arguments.merged), terminal),
        _ => rows(session, entity, (&regimes, arguments.merged), terminal),
    }
}

/// The regimes that are asked about: all of them, unless one is named.
fn regimes(arguments: &OwnersArgs) -> Result<Vec<&'static Regime>, Failure> {
    let named = arguments.regime.iter().map(|name| {
        Regime::find(name).ok_or_else(|| {
            let known: Vec<&str> = REGIMES.iter().map(|regime| regime.name).collect();
            Failure::Usage(format!("there is no regime '{name}'; there are {}", known.join(", ")))
        })
    });
    let named: Vec<&Regime> = named.collect::<Result<_, _>>()?;
    Ok(if named.is_empty() { REGIMES.iter().collect() } else { named })
}

fn rows(
    session: &mut Session,
    entity: NodeId,
    (regimes, is_merged): (&[&Regime], bool),
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let names = regimes.iter().map(|regime| Value::from(regime.name)).collect();
    let parameters = vec![
        ("regimes", Value::List(names)),
        ("entity", Value::Node(entity)),
        ("merged", Value::Bool(is_merged)),
    ];
    let answer = session.ask_with(STATEMENT, parameters)?;
    session.print(&answer, None, terminal)
}

/// The verdicts and the proof of the first, as a tree or as a picture.
fn tell(
    session: &Session,
    entity: NodeId,
    (regimes, is_merged): (&[&'static Regime], bool),
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let lens = session.compile(&session.lens)?;
    let view = session.view(lens.as_ref());
    let as_of = match &session.lens.as_of {
        Some(date) => AsOf::read(date)?,
        None => AsOf::today(author().now_micros),
    };
    let questions: Vec<Question> =
        regimes.iter().map(|regime| Question { is_merged, ..Question::new(regime, as_of.clone()) }).collect();
    let told = interrupt::question(|check| {
        let mut told = Vec::new();
        for question in &questions {
            let inquiry = Inquiry::new(view, question, Some(entity), check)?;
            let Some(place) = inquiry.network.place_of(entity) else { continue };
            let missing = inquiry.missing(check)?.of(place).to_vec();
            told.push((inquiry.proof(place, ENTITIES_MAX), inquiry, missing));
        }
        Ok(told)
    })?;
    let sheet = Sheet { view: view.for_chronological(true), palette: terminal.palette };
    let Some((proof, first, _)) = told.first() else { return Ok(()) };
    if session.format == Format::Dot {
        write!(terminal.out(), "{}", picture(view, proof, first.question()))?;
        return Ok(());
    }
    let name = words::name(view, entity);
    let labels = words::labels(view, entity).join(", ");
    let about = format!("  {labels} · key {} · {}", view.source_label(entity), when(&as_of));
    let palette = terminal.palette;
    writeln!(terminal.out(), "{}{}", palette.strong(&name), palette.dim(&about))?;
    for (proof, inquiry, missing) in &told {
        for line in sheet.verdict(proof, inquiry, missing) {
            writeln!(terminal.out(), "{line}")?;
        }
    }
    writeln!(terminal.out(), "\n{}", sheet.heading(first.question()))?;
    for line in sheet.tree(proof) {
        writeln!(terminal.out(), "{line}")?;
    }
    terminal.note(
        "note: what sources report; a verdict follows from what is recorded here, and is no legal advice",
    );
    Ok(())
}

fn when(as_of: &AsOf) -> String {
    match as_of.written.as_ref().and_then(words::date) {
        Some(date) => format!("as of {date}"),
        None => "as of today".to_owned(),
    }
}

/// The proof as a picture: all that it mentions, with what the verdict rests on standing out.
fn picture(view: View<'_>, proof: &Proof, question: &Question) -> String {
    let (mut nodes, mut relationships, mut focus) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut waiting = vec![proof];
    while let Some(proof) = waiting.pop() {
        nodes.insert(proof.entity);
        for ground in &proof.listings {
            if let Ground::Relationship { id, .. } = ground {
                relationships.insert(*id);
                focus.insert(*id);
            }
        }
        for holding in proof.holdings.iter().chain(&proof.others).filter(|holding| holding.holds > Truth::No)
        {
            relationships.insert(holding.relationship);
            focus.extend(holding.counts.then_some(holding.relationship));
            waiting.extend(holding.proof.as_deref());
        }
    }
    let title = format!(
        "{}: {} under {}",
        words::name(view, proof.entity),
        proof.verdict.as_str(),
        question.regime.name
    );
    let mut picture = Picture::of_elements(nodes, relationships).titled(title).noted(when(&question.as_of));
    if let Some(rules) = question.rules {
        picture = picture.noted(rules.source);
    }
    picture.focus = Some(Focus { relationships: focus, meaning: "what the verdict rests on".to_owned() });
    to_dot(view, &picture)
}

/// How verdicts and proofs are written.
struct Sheet<'a> {
    view: View<'a>,
    palette: Palette,
}

impl Sheet<'_> {
    /// `OFAC            blocked · it is listed`, and what is missing.
    fn verdict(&self, proof: &Proof, inquiry: &Inquiry<'_>, missing: &[Missing]) -> Vec<String> {
        let regime = inquiry.question().regime.name;
        let pad = " ".repeat(16_usize.saturating_sub(regime.len()));
        let verdict = match proof.verdict {
            Verdict::NotBlocked => proof.verdict.as_str().to_owned(),
            Verdict::Undecided => self.palette.warning(proof.verdict.as_str()),
            Verdict::Blocked => self.palette.error(proof.verdict.as_str()),
        };
        let why = self.palette.dim(&format!(" · {}", because(proof)));
        let mut lines = vec![format!("  {regime}{pad}{verdict}{why}")];
        let in_words = |fact: &Missing| inquiry.missing_words(*fact);
        lines.extend(missing.iter().map(|fact| format!("{}missing: {}", " ".repeat(18), in_words(fact))));
        lines
    }

    fn heading(&self, question: &Question) -> String {
        let source = question.rules.map_or("no rule in force", |rules| rules.source);
        let regime = self.palette.strong(&format!("Proof under {}", question.regime.name));
        format!("{regime}{}", self.palette.dim(&format!("  {source}")))
    }

    fn tree(&self, proof: &Proof) -> Vec<String> {
        let mut lines = vec![format!("{} · {}", words::name(self.view, proof.entity), self.state(proof))];
        self.branches(proof, "", &mut lines);
        lines
    }

    fn branches(&self, proof: &Proof, indent: &str, lines: &mut Vec<String>) {
        let listings = proof.listings.iter().map(|ground| (self.listing(ground), None));
        let holdings = proof
            .holdings
            .iter()
            .chain(&proof.others)
            .map(|held| (self.holding(held), held.proof.as_deref()));
        let notes = proof.notes.iter().map(|note| (self.palette.warning(note), None));
        let cut = proof
            .is_cut
            .then(|| (self.palette.dim("its owners are told above, or left out for length"), None));
        let all: Vec<(String, Option<&Proof>)> = listings.chain(holdings).chain(notes).chain(cut).collect();
        let n = all.len();
        for (at, (line, inner)) in all.into_iter().enumerate() {
            let (branch, below) = if at + 1 == n { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            lines.push(format!("{indent}{}{line}", self.palette.dim(branch)));
            if let Some(inner) = inner {
                self.branches(inner, &format!("{indent}{}", self.palette.dim(below)), lines);
            }
        }
    }

    fn state(&self, proof: &Proof) -> String {
        match proof.verdict {
            Verdict::NotBlocked => format!("not blocked: {}", because(proof)),
            verdict => format!("{}: {}", self.palette.strong(verdict.as_str()), because(proof)),
        }
    }

    fn listing(&self, ground: &Ground) -> String {
        match ground {
            Ground::Topic(topic) => format!("listed: topic {topic}, which does not say by whom"),
            Ground::Relationship { id, authority, holds, is_disputed } => {
                let mut parts = vec![format!("listed by {}", words::name(self.view, *authority))];
                parts.extend(words::when(self.view, *id));
                parts.extend(words::text(&self.view.relationship_property(*id, "programme")));
                self.add_evidence(*id, *holds, *is_disputed, &mut parts);
                parts.join(" · ")
            }
        }
    }

    /// `owned by MG-FLOT LLC · share not known · since Jun 2023 · C2 · 1 origin · blocked: it is listed`.
    fn holding(&self, held: &Holding) -> String {
        let kind = self.view.graph().relationship(held.relationship).map(|r| self.view.graph().text(r.kind));
        let owner = words::name(self.view, held.owner);
        let how = match kind.unwrap_or_default() {
            "OWNS" => format!("owned by {owner}"),
            "CONTROLS" => format!("controlled by {owner}"),
            other => format!("{owner} {} it, which is no ownership", words::type_words(other)),
        };
        let mut parts = vec![how];
        parts.extend(held.share.map(|share| match share.exact() {
            Some(share) => share.to_string(),
            None => format!("share {share}"),
        }));
        parts.extend(words::when(self.view, held.relationship));
        self.add_evidence(held.relationship, held.holds, held.is_disputed, &mut parts);
        parts.extend((held.holds == Truth::No).then(|| "not held as of the date".to_owned()));
        parts.extend(held.proof.as_deref().map(|proof| self.state(proof)));
        let line = parts.join(" · ");
        if held.counts { line } else { self.palette.dim(&line) }
    }

    fn add_evidence(&self, id: RelationshipId, holds: Truth, is_disputed: bool, parts: &mut Vec<String>) {
        let about = About::Relationship(id);
        let grade = self.view.best_claim(about).and_then(|claim| claim.grade);
        let n_origins = self.view.origins_of(about).len();
        parts.extend(grade.map(|grade| grade.to_string()));
        parts.extend((n_origins > 0).then(|| counted(n_origins, "origin")));
        parts.extend((holds == Truth::Maybe && !is_disputed).then(|| "date too coarse to tell".to_owned()));
        let words = if is_disputed { "disputed" } else { "disputed, which does not bear on this" };
        parts.extend(self.view.is_disputed(about).then(|| words.to_owned()));
    }
}

/// Why, in words with the share.
fn because(proof: &Proof) -> String {
    match proof.why {
        Why::Listed => "it is listed itself".to_owned(),
        Why::Owned => format!("blocked owners hold {}", proof.share),
        Why::Interest => "property in which a blocked owner has an interest".to_owned(),
        Why::Controlled => "a blocked party controls it".to_owned(),
        Why::Open => "it depends on what is not known".to_owned(),
        Why::NotEnough => format!("blocked owners hold {}, which is not enough", proof.share),
        Why::NoBlockedOwner => "no blocked owner is on record".to_owned(),
        Why::NoRule => "no rule is in force".to_owned(),
    }
}
