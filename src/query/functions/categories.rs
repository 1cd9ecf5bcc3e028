//! What functions are about, for lists of them.

/// Categories with their functions. One whose name has a dot belongs where the part before the dot does.
#[rustfmt::skip]
const CATEGORIES: &[(&str, &[&str])] = &[
    (
        "evidence",
        &[
            "carriesFrom", "claims", "confidence", "disputed", "grade", "isHub", "joints", "nullResults",
            "order", "origins", "period", "sources", "times", "waits", "weakest",
        ],
    ),
    (
        "list",
        &["head", "keys", "labels", "last", "nodes", "range", "relationships", "reverse", "tail"],
    ),
    ("logarithmic", &["e", "exp", "log", "log10", "sqrt"]),
    ("numeric", &["abs", "ceil", "floor", "rand", "round", "sign"]),
    ("temporal", &["date", "datetime", "duration", "earliest", "latest", "localdatetime", "localtime", "time"]),
    ("text", &["left", "lTrim", "replace", "right", "rTrim", "split", "substring", "toLower", "toUpper", "trim"]),
    (
        "trigonometric",
        &[
            "acos", "asin", "atan", "atan2", "cos", "cot", "degrees", "haversin", "pi", "radians", "sin", "tan",
        ],
    ),
];

/// The category of a function that does not combine rows.
pub(super) fn of(name: &str) -> &'static str {
    let family = name.split('.').next().unwrap_or(name);
    let found = CATEGORIES.iter().find(|(_, names)| names.contains(&family));
    found.map_or("scalar", |(category, _)| category)
}
