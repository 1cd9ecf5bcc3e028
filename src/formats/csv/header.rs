//! The header line: which columns a file has and what each of them means.

use rustc_hash::FxHashSet;

use super::Options;
use super::cell::{Scalar, Type};
use super::keys::nearest_name;
use crate::error::{Error, Result};

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Nodes,
    Relationships,
    Claims,
}

impl Holds {
    fn as_str(self) -> &'static str {
        match self {
            Self::Nodes => "nodes",
            Self::Relationships => "relationships",
            Self::Claims => "claims",
        }
    }
}

/// A column that is not a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    Id,
    Label,
    Start,
    End,
    Type,
    About,
    Property,
    Carriers,
    Value,
    Stance,
    By,
    Source,
    Grade,
    Confidence,
    From,
    To,
    Note,
    Recorded,
}

/// The special columns: what each is called, and in which files it is special.
/// A plain name is a property in other files; a name with a colon has no place there.
#[rustfmt::skip]
const SPECIALS: &[(Special, &str, &[Holds])] = {
    use Holds::{Claims, Nodes, Relationships};
    &[
        (Special::Id,         ":ID",        &[Nodes, Relationships, Claims]),
        (Special::Label,      ":LABEL",     &[Nodes]),
        (Special::Start,      ":START_ID",  &[Relationships]),
        (Special::End,        ":END_ID",    &[Relationships]),
        (Special::Type,       ":TYPE",      &[Relationships, Claims]),
        (Special::About,      ":ABOUT",     &[Claims]),
        (Special::Property,   ":PROPERTY",  &[Claims]),
        (Special::Carriers,   ":CARRIERS",  &[Claims]),
        (Special::Value,      "value",      &[Claims]),
        (Special::Stance,     "stance",     &[Nodes, Relationships, Claims]),
        (Special::By,         "by",         &[Claims]),
        (Special::Source,     "source",     &[Nodes, Relationships, Claims]),
        (Special::Grade,      "grade",      &[Nodes, Relationships, Claims]),
        (Special::Confidence, "confidence", &[Nodes, Relationships, Claims]),
        (Special::From,       "from",       &[Claims]),
        (Special::To,         "to",         &[Claims]),
        (Special::Note,       "note",       &[Nodes, Relationships, Claims]),
        (Special::Recorded,   "recorded",   &[Claims]),
    ]
};

const IGNORE: &str = ":IGNORE";

impl Special {
    /// Its name in a header.
    pub(super) fn as_str(self) -> &'static str {
        SPECIALS.iter().find(|(special, ..)| *special == self).map_or("", |(_, name, _)| name)
    }

    fn belongs_in(self, holds: Holds) -> bool {
        SPECIALS.iter().any(|(special, _, files)| *special == self && files.contains(&holds))
    }

    fn with_name(name: &str, holds: Holds) -> Option<Self> {
        let mut plain = SPECIALS.iter().filter(|(_, known, files)| *known == name && files.contains(&holds));
        plain.next().map(|(special, ..)| *special)
    }

    /// Whether the cells are keys, which may have a group and a type of their own.
    fn is_key(self) -> bool {
        matches!(self, Self::Id | Self::Start | Self::End | Self::About)
    }

    /// Whether a header may give the column this type.
    fn takes(self, declared: Type) -> bool {
        match self {
            Self::Value => true,
            Self::From | Self::To | Self::Recorded => !declared.is_list,
            Self::Confidence => declared == Type::one(Scalar::Float),
            _ => declared == Type::one(Scalar::String),
        }
    }
}

/// What a column is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    /// Left out.
    Ignored,
    /// A property of this type.
    Property(Type),
    /// Something else; with a type if the header names one.
    Special(Special, Option<Type>),
}

/// How keys of a column are written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct KeyForm {
    /// The group that its keys are of.
    pub(super) group: Option<String>,
    /// Whether they are integers.
    pub(super) is_int: bool,
}

/// One column.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// The header as it is written.
    pub(super) header: String,
    /// The name before the colon, perhaps empty.
    pub(super) name: String,
    /// What it is.
    pub(super) role: Role,
    /// For columns of keys.
    pub(super) key_form: KeyForm,
}

/// The header line of a file.
#[derive(Debug)]
pub(super) struct Header {
    /// What the rows are.
    pub(super) holds: Holds,
    /// All columns in order.
    pub(super) columns: Vec<Column>,
    /// For each special column where it is; `:LABEL` apart, there is one of each.
    specials: [Option<usize>; SPECIALS.len()],
}

impl Header {
    /// Reads the header line.
    ///
    /// # Errors
    /// An `Invalid` error and the header that is to blame, if one is.
    pub(super) fn parse<'h>(
        headers: impl Iterator<Item = &'h str>,
        options: &Options,
    ) -> Result<Self, (Option<String>, Error)> {
        let mut columns = Vec::new();
        for header in headers {
            columns.push(parse_column(header).map_err(|error| (named(header), error))?);
        }
        let holds = kind_of_file(&columns);
        for column in &mut columns {
            resolve(column, holds).map_err(|error| (named(&column.header), error))?;
        }
        check_unique(&columns, holds)?;
        let mut specials = [None; SPECIALS.len()];
        for (i, column) in columns.iter().enumerate() {
            if let Role::Special(special, _) = column.role {
                specials[special as usize].get_or_insert(i);
            }
        }
        let header = Self { holds, columns, specials };
        header.check_complete(options).map_err(|error| (None, error))?;
        Ok(header)
    }

    /// Where a special column is.
    pub(super) fn index(&self, special: Special) -> Option<usize> {
        self.specials[special as usize]
    }

    /// The indexes of the columns of labels.
    pub(super) fn labels(&self) -> impl Iterator<Item = usize> + '_ {
        let is_label = |column: &Column| matches!(column.role, Role::Special(Special::Label, _));
        self.columns.iter().enumerate().filter(move |(_, column)| is_label(column)).map(|(i, _)| i)
    }

    fn check_complete(&self, options: &Options) -> Result<()> {
        let required: &[_] = match self.holds {
            Holds::Nodes if options.label.is_some() || options.update => &[Special::Id],
            Holds::Nodes => &[Special::Id, Special::Label],
            Holds::Relationships if options.kind.is_some() => &[Special::Start, Special::End],
            Holds::Relationships => &[Special::Start, Special::End, Special::Type],
            Holds::Claims => &[Special::About],
        };
        match required.iter().find(|&&special| self.index(special).is_none()) {
            Some(&special) => {
                let (holds, name) = (self.holds.as_str(), special.as_str());
                Err(Error::invalid(format!("expected a column {name}, as a file of {holds} needs"))
                    .hint(self.hint_for_missing(special)))
            }
            None => Ok(()),
        }
    }

    fn hint_for_missing(&self, special: Special) -> Option<String> {
        let wanted = special.as_str().trim_start_matches(':');
        let alike = self.columns.iter().find(|column| column.header.eq_ignore_ascii_case(wanted));
        match (alike, special) {
            (Some(column), _) => Some(format!("did you mean '{}' by '{}'?", special.as_str(), column.header)),
            (None, Special::Label) => Some("--label gives all rows a label".to_owned()),
            (None, Special::Type) => Some("--type gives all rows a type".to_owned()),
            _ => None,
        }
    }
}

fn named(header: &str) -> Option<String> {
    let header = header.trim();
    (!header.is_empty()).then(|| header.to_owned())
}

/// Reads one header, whatever the file holds.
fn parse_column(header: &str) -> Result<Column> {
    let header = header.trim();
    let column = |name: &str, role, key_form| {
        Ok(Column { header: header.to_owned(), name: name.trim().to_owned(), role, key_form })
    };
    if header.is_empty() {
        return Err(Error::invalid("a column has no header").hint(leave_out()));
    }
    let (bare, option) = split_suffix(header, '{', '}');
    let Some((name, tag)) = bare.rsplit_once(':') else {
        return column(header, Role::Property(Type::of_name(header)), KeyForm::default());
    };
    let (tag, group) = split_suffix(tag, '(', ')');
    let tag = format!(":{}", tag.trim().to_ascii_uppercase());
    let special = SPECIALS.iter().find(|(_, known, _)| *known == tag).map(|(special, ..)| *special);
    if let Some(special) = special.filter(|special| special.is_key()) {
        let key_form = KeyForm { group: group.map(str::to_owned), is_int: parse_key_option(option)? };
        return column(name, Role::Special(special, None), key_form);
    }
    if let Some(suffix) = group.or(option) {
        return Err(Error::invalid(format!("'{suffix}' in brackets has no meaning here"))
            .hint("only columns of keys have a group or an id-type".to_owned()));
    }
    if let Some(special) = special {
        return column(name, Role::Special(special, None), KeyForm::default());
    }
    if tag == IGNORE {
        return column(name, Role::Ignored, KeyForm::default());
    }
    if name.trim().is_empty() {
        let known = SPECIALS.iter().map(|(_, known, _)| *known).chain([IGNORE]);
        return Err(Error::invalid("unknown header").hint(nearest_name(&tag, known)));
    }
    let declared = Type::parse(&bare[name.len() + 1..])?;
    column(name, Role::Property(declared), KeyForm::default())
}

/// Splits `text(inner)` into `text` and `inner`.
fn split_suffix(text: &str, open: char, close: char) -> (&str, Option<&str>) {
    let inner = text.strip_suffix(close).and_then(|rest| rest.rsplit_once(open));
    inner.map_or((text, None), |(rest, inner)| (rest, Some(inner)))
}

/// Reads `id-type:int`; says whether keys are integers.
fn parse_key_option(option: Option<&str>) -> Result<bool> {
    let Some(option) = option else { return Ok(false) };
    let id_type = option.split_once(':').filter(|(name, _)| name.trim() == "id-type");
    match id_type.map(|(_, id_type)| id_type.trim().to_ascii_lowercase()).as_deref() {
        Some("int" | "integer" | "long") => Ok(true),
        Some("string") => Ok(false),
        _ => {
            Err(Error::invalid(format!("expected {{id-type:int}} or {{id-type:string}}, found {{{option}}}")))
        }
    }
}

fn kind_of_file(columns: &[Column]) -> Holds {
    let has = |wanted: &[Special]| {
        columns
            .iter()
            .any(|column| matches!(column.role, Role::Special(special, _) if wanted.contains(&special)))
    };
    if has(&[Special::About]) {
        Holds::Claims
    } else if has(&[Special::Start, Special::End, Special::Type]) {
        Holds::Relationships
    } else {
        Holds::Nodes
    }
}

/// Settles what depends on what the file holds.
fn resolve(column: &mut Column, holds: Holds) -> Result<()> {
    let has_type = column.header != column.name;
    match column.role {
        Role::Special(special, _) if !special.belongs_in(holds) => {
            return Err(Error::invalid(format!("this column has no place in a file of {}", holds.as_str())));
        }
        Role::Property(declared) => match Special::with_name(&column.name, holds) {
            Some(special) if has_type && !special.takes(declared) => {
                return Err(Error::invalid(format!(
                    "the column {} is reserved and has another type",
                    column.name
                )));
            }
            Some(special) => column.role = Role::Special(special, has_type.then_some(declared)),
            None if holds == Holds::Relationships && !has_type && matches!(&*column.name, "from" | "to") => {
                column.role = Role::Property(Type::one(Scalar::Time));
            }
            None => {}
        },
        _ => {}
    }
    Ok(())
}

/// No special column but `:LABEL` may come twice, and no property.
fn check_unique(columns: &[Column], holds: Holds) -> Result<(), (Option<String>, Error)> {
    let mut seen = FxHashSet::default();
    for column in columns {
        let mut names = match column.role {
            Role::Ignored | Role::Special(Special::Label, _) => continue,
            Role::Property(_) => vec![column.name.as_str()],
            // A node's key makes properties as well.
            Role::Special(Special::Id, _) if holds == Holds::Nodes => {
                vec![Special::Id.as_str(), "id", column.name.as_str()]
            }
            Role::Special(special, _) => vec![special.as_str()],
        };
        names.retain(|name| !name.is_empty());
        names.dedup();
        if let Some(name) = names.into_iter().find(|name| !seen.insert(*name)) {
            let error = Error::invalid(format!("expected one column '{name}', found a second"));
            return Err((named(&column.header), error.hint(leave_out())));
        }
    }
    Ok(())
}

fn leave_out() -> String {
    format!("{IGNORE} as the header leaves a column out")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Header, String> {
        Header::parse(line.split(','), &Options::default()).map_err(|(column, error)| {
            let hint = error.hint_text().map(|hint| format!(" ({hint})")).unwrap_or_default();
            format!("{}: {error}{hint}", column.unwrap_or_default())
        })
    }

    #[test]
    fn the_columns_say_what_a_file_holds() {
        let holds = |line| parse(line).map(|header| header.holds);
        assert_eq!(holds(":ID,:LABEL,name"), Ok(Holds::Nodes));
        assert_eq!(holds(":START_ID,:END_ID,:TYPE,w:int"), Ok(Holds::Relationships));
        assert_eq!(holds(":ID,:ABOUT,:TYPE,stance"), Ok(Holds::Claims));
    }

    #[test]
    fn the_specials_are_in_the_order_of_their_enum() {
        for (i, (special, ..)) in SPECIALS.iter().enumerate() {
            assert_eq!(*special as usize, i, "{special:?}");
        }
    }

    #[test]
    fn keys_have_groups_and_types() {
        let header = parse("personId:ID(Person){id-type:int},:LABEL,:label").expect("a good header");
        let id = &header.columns[header.index(Special::Id).expect("an id")];
        assert_eq!((id.name.as_str(), id.key_form.group.as_deref()), ("personId", Some("Person")));
        assert!(id.key_form.is_int);
        assert_eq!(header.labels().count(), 2);
    }

    #[test]
    fn plain_names_are_special_only_where_they_mean_something() {
        let role = |line, i: usize| parse(line).map(|header| header.columns[i].role.clone());
        let text = Role::Property(Type::one(Scalar::String));
        assert_eq!(role(":ID,:LABEL,value", 2), Ok(text));
        assert_eq!(role(":ABOUT,value", 1), Ok(Role::Special(Special::Value, None)));
        assert_eq!(role(":START_ID,:END_ID,:TYPE,from", 3), Ok(Role::Property(Type::one(Scalar::Time))));
        assert_eq!(role(":START_ID,:END_ID,:TYPE,from:int", 3), Ok(Role::Property(Type::one(Scalar::Int))));
        assert_eq!(role(":ID,:LABEL,from", 2), Ok(Role::Property(Type::one(Scalar::Dated))));
        assert_eq!(role(":ID,:LABEL,weight (t)", 2), Ok(Role::Property(Type::one(Scalar::String))));
    }

    #[test]
    fn bad_headers_say_what_is_wrong() {
        let wrong = |line| parse(line).map(|_| ()).expect_err(line);
        assert_eq!(
            wrong("id,name"),
            ": expected a column :ID, as a file of nodes needs (did you mean ':ID' by 'id'?)"
        );
        assert_eq!(wrong(":ID,name,:LABLE"), ":LABLE: unknown header (did you mean ':LABEL'?)");
        assert_eq!(wrong(":ID,:LABEL,w:intger"), "w:intger: unknown type 'intger' (did you mean 'integer'?)");
        assert_eq!(wrong(":ID,:LABEL,:PROPERTY"), ":PROPERTY: this column has no place in a file of nodes");
        assert_eq!(
            wrong(":ID,:LABEL,grade:int"),
            "grade:int: the column grade is reserved and has another type"
        );
        assert!(wrong(":ID,:LABEL,id").contains("one column 'id'"));
        assert!(wrong(":ID,:LABEL,w,w:int").contains("one column 'w'"));
        assert!(wrong(":ID{id-type:uuid},:LABEL").contains("found {id-type:uuid}"));
        assert!(wrong(":ID,:LABEL,w:int(x)").contains("in brackets"));
        assert!(wrong(":ID,:LABEL,").contains("no header"));
    }
}
