//! What a name is the name of.

/// What a name is the name of. It decides how much a word more or less means: a person's
/// patronymic is often left out, a ship's letter is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A human being.
    Person,
    /// A company or other body.
    Organisation,
    /// A ship.
    Vessel,
    /// A port, town, plant or other place.
    Place,
}

/// The words for kinds; the labels of nodes are among them.
const WORDS: &[(&str, Kind)] = &[
    ("person", Kind::Person),
    ("organisation", Kind::Organisation),
    ("organization", Kind::Organisation),
    ("company", Kind::Organisation),
    ("publicbody", Kind::Organisation),
    ("vessel", Kind::Vessel),
    ("ship", Kind::Vessel),
    ("place", Kind::Place),
    ("port", Kind::Place),
    ("facility", Kind::Place),
    ("address", Kind::Place),
];

impl Kind {
    /// The kinds' own words.
    pub const WORDS: &'static [&'static str] = &["person", "organisation", "vessel", "place"];

    /// The kind that a word, or a label such as `Company`, stands for.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, kind)| *kind)
    }

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Organisation => "organisation",
            Self::Vessel => "vessel",
            Self::Place => "place",
        }
    }
}
