//! What functions are about, for lists of them.

/// Categories with their functions. One whose name has a dot belongs where the part before the dot does.
#[rustfmt::skip]
const CATEGORIES: &[(&str, &[&str])] = &[
    (
        "evidence",
        &[
            "carriesFrom", "claims", "confidence", "disputed", "entities", "grade", "isHub", "joints", "nullResults",
            "order", "origins", "period", "sources", "times", "waits", "weakest",
        ],
    ),
    (
        "list",
        &[
            "head", "keys", "labels", "last", "nodes", "range", "relationships", "reverse", "tail", "toBooleanList",
            "toFloatList", "toIntegerList", "toStringList",
        ],
    ),
    ("logarithmic", &["e", "exp", "ln", "log", "log10", "sqrt"]),
    ("numeric", &["abs", "ceil", "ceiling", "floor", "isNaN", "rand", "randomUUID", "round", "sign"]),
    ("temporal", &["date", "datetime", "duration", "earliest", "latest", "localdatetime", "localtime", "time", "timestamp"]),
    (
        "text",
        &[
            "btrim", "char_length", "character_length", "left", "lower", "lTrim", "names", "normalize", "replace", "right",
            "rTrim", "split", "substring", "toLower", "toUpper", "trim", "upper",
        ],
    ),
    (
        "trigonometric",
        &[
            "acos", "asin", "atan", "atan2", "cos", "cosh", "cot", "coth", "degrees", "haversin", "pi", "radians",
            "sin", "sinh", "tan", "tanh",
        ],
    ),
];

/// The category of a function that does not combine rows.
pub(super) fn of(name: &str) -> &'static str {
    let family = name.split('.').next().unwrap_or(name);
    let found = CATEGORIES.iter().find(|(_, names)| names.contains(&family));
    found.map_or("scalar", |(category, _)| category)
}
