//! What is told of statements that are wrong: what, where, and each mistake once.

use throughline::error::Detail;
use throughline::query::lexer::tokenize;
use throughline::query::parser::{Completeness, completeness, parse, parse_statement};

/// What the language refuses: text, message, the text at its place, hint.
const REFUSED: &[(&str, &str, &str, Option<&str>)] = &[
    (
        "MTACH (a) RETURN a",
        "expected a clause such as MATCH or RETURN, found 'MTACH'",
        "MTACH",
        Some("did you mean MATCH?"),
    ),
    (
        "MATCH (a) RETRUN a",
        "expected a clause such as MATCH or RETURN, found 'RETRUN'",
        "RETRUN",
        Some("did you mean RETURN?"),
    ),
    (
        "MATCH (a) WHRE a.x RETURN a",
        "expected a clause such as MATCH or RETURN, found 'WHRE'",
        "WHRE",
        Some("did you mean WHERE?"),
    ),
    (
        "RETURN a LIMT 1",
        "expected the end of the statement, found 'LIMT'",
        "LIMT",
        Some("did you mean LIMIT?"),
    ),
    (
        "MATCH (a) RETURN",
        "expected an expression, found the end of the statement",
        "",
        Some("name what to show, such as n, n.name or *"),
    ),
    (
        "MATCH (a)",
        "expected RETURN or a clause that writes, found the end of the statement",
        "",
        Some("RETURN says what to show, as in RETURN *"),
    ),
    (
        "MATCH (a) WITH a",
        "expected RETURN or a clause that writes, found the end of the statement",
        "",
        Some("RETURN says what to show, as in RETURN *"),
    ),
    (
        "RETURN 1 MATCH (a)",
        "expected the end of the statement after RETURN, found 'MATCH'",
        "MATCH",
        Some("RETURN is the last clause"),
    ),
    (
        "RETURN a WHERE a",
        "expected the end of the statement, found 'WHERE'",
        "WHERE",
        Some("filter in a WITH … WHERE before RETURN"),
    ),
    (
        "RETURN a LIMIT 1 SKIP 2",
        "expected a clause or the end of the statement, found 'SKIP'",
        "SKIP",
        Some("the order is ORDER BY, SKIP, LIMIT"),
    ),
    (
        "WITH a WHERE a LIMIT 1 RETURN a",
        "expected a clause, found 'LIMIT'",
        "LIMIT",
        Some("write LIMIT before WHERE"),
    ),
    (
        "MATCH (a) WHERE RETURN a",
        "expected an expression, found 'RETURN'",
        "RETURN",
        Some("an expression is missing before RETURN; as a name, it stands in back-quotes"),
    ),
    (
        "MATCH (a RETURN a",
        "expected ')', found 'RETURN'",
        "RETURN",
        Some("the '(' at column 7 is still open"),
    ),
    (
        "MATCH (a Person) RETURN a",
        "expected ')', found 'Person'",
        "Person",
        Some("write :Person if it is a label"),
    ),
    (
        "MATCH (a)(b) RETURN a",
        "expected a relationship between two nodes, found '('",
        "(",
        Some("write -->, -- or -[:TYPE]-> between them, or a comma for another path"),
    ),
    (
        "MATCH (a)->(b) RETURN a",
        "expected '-' or '[', found '>'",
        ">",
        Some("write --, --> or <-- for any relationship"),
    ),
    (
        "MATCH (a){2}-->(b) RETURN a",
        "expected the end of the pattern, found '{'",
        "{",
        Some("only relationships and paths in parentheses repeat"),
    ),
    (
        "MATCH (a)-[:T..]->(b) RETURN a",
        "expected ']' or '*', found '..'",
        "..",
        Some("write * before the bounds, as in [:TYPE*1..3]"),
    ),
    (
        "MATCH (a)-->{3,1}(b) RETURN a",
        "the upper bound 1 is less than the lower bound 3",
        "{3,1}",
        Some("write {1,3}"),
    ),
    (
        "MATCH (a)-->{,}(b) RETURN a",
        "expected a whole number, found '}'",
        "}",
        Some("write bounds such as {1,3}"),
    ),
    (
        "MATCH (a)-->{1..3}(b) RETURN a",
        "expected ',', found '..'",
        "..",
        Some("write {1,3} for one to three times"),
    ),
    (
        "MATCH (a)-->{4294967296}(b) RETURN a",
        "the bound 4294967296 is too large",
        "4294967296",
        Some("the greatest is 4294967295; leave it out for no bound"),
    ),
    (
        "MATCH (a)-[*2]->{2}(b) RETURN a",
        "the relationship already has a quantifier",
        "{2}",
        Some("write it once: inside the brackets, or behind the arrow"),
    ),
    (
        "MATCH ((a)){2} RETURN a",
        "a path that repeats needs a relationship",
        "((a)){2}",
        Some("one that is always there: not `?`, `*` or `{0,…}`, as in ((a)-->(b)){2}"),
    ),
    (
        "MATCH (q = (a)-->(b)) RETURN q",
        "a part of a path cannot have a name",
        "q",
        Some("name the whole path, as in p = (a)-->(b)"),
    ),
    (
        "MATCH (TRAIL (a)-->(b)) RETURN a",
        "a part of a path cannot have a search of its own",
        "TRAIL",
        Some("write it before the whole path"),
    ),
    (
        "MATCH (a $p) RETURN a",
        "a parameter cannot stand for all properties in MATCH",
        "$p",
        Some("write {key: $p.key}"),
    ),
    // Searches.
    (
        "MATCH CHRONOLOGICAL ANY (a)-->(b) RETURN a",
        "expected a path pattern that begins with '(', found 'ANY'",
        "ANY",
        Some("write ANY before CHRONOLOGICAL"),
    ),
    (
        "MATCH TRAIL CHRONOLOGICAL (a)-->(b) RETURN a",
        "expected a path pattern that begins with '(', found 'CHRONOLOGICAL'",
        "CHRONOLOGICAL",
        Some("write CHRONOLOGICAL before TRAIL"),
    ),
    (
        "MATCH ANY ALL (a)-->(b) RETURN a",
        "expected a path pattern that begins with '(', found 'ALL'",
        "ALL",
        Some("choose between ANY and ALL"),
    ),
    (
        "MATCH EARLIEST STRICT (a)-->(b) RETURN a",
        "expected a path pattern that begins with '(', found 'STRICT'",
        "STRICT",
        Some("write CHRONOLOGICAL before STRICT"),
    ),
    (
        "MATCH CHRONOLOGICAL WITHIN 1 DAY WAIT <= 1 DAY (a)-->(b) RETURN a",
        "expected a path pattern that begins with '(', found 'WAIT'",
        "WAIT",
        Some("write WAIT before WITHIN"),
    ),
    (
        "MATCH CHRONOLOGICAL CERTAINLY POSSIBLY (a)-->(b) RETURN a",
        "expected a path pattern that begins with '(', found 'POSSIBLY'",
        "POSSIBLY",
        Some("choose between CERTAINLY and POSSIBLY"),
    ),
    (
        "MATCH ANY 2 GROUPS (a)-->(b) RETURN a",
        "expected a path pattern that begins with '(', found 'GROUPS'",
        "GROUPS",
        Some("GROUPS belongs to SHORTEST, as in SHORTEST 2 GROUPS"),
    ),
    (
        "MATCH SHORTEST (a)-->(b) RETURN a",
        "expected a number after SHORTEST, or GROUPS, found '('",
        "(",
        Some("write SHORTEST 1, ANY SHORTEST or ALL SHORTEST"),
    ),
    (
        "MATCH ANY SHORTEST 3 (a)-->(b) RETURN a",
        "expected a path pattern that begins with '(', found '3'",
        "3",
        Some("write SHORTEST 3"),
    ),
    ("MATCH ANY 0 (a)-->(b) RETURN a", "expected a positive number of paths, found '0'", "0", None),
    (
        "MATCH CHRONOLOGCAL (a)-->(b) RETURN a",
        "expected a path pattern that begins with '(', found 'CHRONOLOGCAL'",
        "CHRONOLOGCAL",
        Some("did you mean CHRONOLOGICAL?"),
    ),
    (
        "MATCH CHEAPEST (a)-->(b) RETURN a",
        "expected COST, found '('",
        "(",
        Some("say what a relationship costs, as in CHEAPEST COST (r | r.km)"),
    ),
    (
        "MATCH WALK (a)-->+(b) RETURN a",
        "there may be endlessly many walks",
        "+",
        Some("write an upper bound such as {1,8}, or a selector such as ANY SHORTEST"),
    ),
    (
        "MATCH (a WAIT <= 1 DAY)-->(b) RETURN a",
        "WAIT needs a chronological path",
        "1 DAY",
        Some("write CHRONOLOGICAL before the path"),
    ),
    (
        "MATCH CHRONOLOGICAL (a {x: 1} WAIT <= 1 DAY)-->(b) RETURN a",
        "expected ')', found 'WAIT'",
        "WAIT",
        Some("write WAIT before the properties"),
    ),
    ("MATCH CHRONOLOGICAL (a:A WAIT < 1 DAY)-->(b) RETURN a", "expected '<=', found '<'", "<", None),
    ("MATCH CHRONOLOGICAL WAIT <= -1 DAY (a)-->(b) RETURN a", "a duration cannot be negative", "-", None),
    (
        "MATCH CHRONOLOGICAL WAIT <= 2 MONTHS (a)-->(b) RETURN a",
        "'MONTHS' has no fixed length",
        "MONTHS",
        Some("write the days, as in 30 DAYS"),
    ),
    (
        "MATCH CHRONOLOGICAL WAIT <= 1.5 DAYS (a)-->(b) RETURN a",
        "expected a whole number before 'DAYS', found '1.5'",
        "1.5",
        Some("for another value, write (duration({days: x}))"),
    ),
    (
        "MATCH CHRONOLOGICAL WAIT <= 9223372036854775807 WEEKS (a)-->(b) RETURN a",
        "the duration is too long",
        "9223372036854775807 WEEKS",
        None,
    ),
    (
        "MATCH CHRONOLOGICAL WITHIN 'P1D' (a)-->(b) RETURN a",
        "expected a duration such as 10 DAYS, found the text 'P1D'",
        "'P1D'",
        Some("any other expression needs parentheses around it"),
    ),
    // Writing.
    (
        "CREATE ()-[:A]-()",
        "expected a direction for a relationship in CREATE",
        "-[:A]-",
        Some("write an arrow to one side: -[:TYPE]-> or <-[:TYPE]-"),
    ),
    (
        "CREATE ()-[:A*2]->()",
        "nothing repeats in CREATE",
        "*2",
        Some("write each relationship and the node between"),
    ),
    ("CREATE ANY (a)-[:A]->()", "a search has no meaning in CREATE", "ANY", None),
    ("CREATE (a:A|B)", "expected labels such as :A:B in CREATE", "(a:A|B)", None),
    ("CREATE (a WHERE true)", "WHERE has no meaning in CREATE", "true", None),
    ("CREATE (a)((b)-[:T]->(c))", "a path in parentheses has no meaning in CREATE", "((b)-[:T]->(c))", None),
    ("MATCH (n) DELETE n:A", "expected an element, found labels", "n:A", Some("REMOVE takes labels away")),
    ("MATCH (n) SET n", "expected '=', '+=', '.' or ':', found the end of the statement", "", None),
    // Expressions.
    (
        "RETURN a = NOT b",
        "expected an expression, found 'NOT'",
        "NOT",
        Some("put parentheses around NOT and what follows it"),
    ),
    ("RETURN {a = 1}", "expected ':', found '='", "=", Some("a colon stands between a key and its value")),
    (
        "MATCH CHRONOLOGICAL WITHIN <= 1 DAY (a)-->(b) RETURN a",
        "expected a duration such as 10 DAYS, found '<='",
        "<=",
        Some("WITHIN stands without <="),
    ),
    ("RETURN a != b", "expected an operator, found '!='", "!=", Some("write <> for not equal")),
    ("RETURN a == b", "expected an operator, found '=='", "==", Some("write = for equal")),
    (
        "RETURN a NOT IN b",
        "expected an operator, found 'NOT'",
        "NOT",
        Some("write NOT before the whole comparison, as in NOT x IN list"),
    ),
    (
        "RETURN [1, 2",
        "expected ',' or ']', found the end of the statement",
        "",
        Some("the '[' at column 8 is still open"),
    ),
    ("RETURN {, }", "expected a key, found ','", ",", None),
    (
        "RETURN 9223372036854775808",
        "the integer 9223372036854775808 is too large for 64 bits",
        "9223372036854775808",
        Some("whole numbers go from -9223372036854775808 to 9223372036854775807"),
    ),
    ("RETURN count(DISTINCT)", "expected an expression, found ')'", ")", None),
    ("RETURN 1 — 2", "unexpected character '—'", "—", Some("write -")),
    (
        "FOREACH (x IN xs | MATCH (n) SET n.x = x)",
        "FOREACH holds only clauses that write, found MATCH",
        "MATCH",
        Some("UNWIND makes rows of a list; CALL (x) { … } runs any clauses for each"),
    ),
    ("FOREACH x IN xs | CREATE ()", "expected '(', found 'x'", "x", None),
    (
        "MATCH (n) CALL (n.x) { RETURN 1 AS x } RETURN x",
        "expected ',' or ')', found '.'",
        ".",
        Some("the '(' at column 16 is still open"),
    ),
    (
        "MATCH (n) CALL (n) { RETURN 1 AS x RETURN x",
        "expected the end of the statement after RETURN, found 'RETURN'",
        "RETURN",
        Some("RETURN is the last clause"),
    ),
    (
        "MATCH (n) CALL (n) { RETURN 1 AS x",
        "expected '}', found the end of the statement",
        "",
        Some("the '{' at column 20 is still open"),
    ),
    (
        "CALL { CREATE (:A) } IN TRANSACTIONS",
        "CALL … IN TRANSACTIONS cannot be: a statement changes everything or nothing",
        "IN",
        Some("leave IN TRANSACTIONS out, or write several statements"),
    ),
    (
        "CREATE (n) FINISH RETURN n",
        "expected the end of the statement after FINISH, found 'RETURN'",
        "RETURN",
        Some("FINISH is the last clause"),
    ),
    ("MATCH (n) RETURN n {.}", "expected the name of a property, or *, found '}'", "}", None),
    ("MATCH (n) RETURN n {a: }", "expected an expression, found '}'", "}", None),
    ("BEGIN RETURN 1", "expected the end of the statement, found 'RETURN'", "RETURN", None),
    (
        "EXPLAIN BEGIN",
        "expected a clause such as MATCH, found 'BEGIN'",
        "BEGIN",
        Some("BEGIN is a statement of its own: put ';' before and after it"),
    ),
    (
        "MATCH (n) COMMIT",
        "expected a clause such as MATCH, found 'COMMIT'",
        "COMMIT",
        Some("COMMIT is a statement of its own: put ';' before and after it"),
    ),
    ("SHOW TABLES", "expected FUNCTIONS, INDEXES or PROCEDURES, found 'TABLES'", "TABLES", None),
    (
        "RETURN 1 AS x SHOW FUNCTIONS",
        "expected the end of the statement after RETURN, found 'SHOW'",
        "SHOW",
        Some("RETURN is the last clause"),
    ),
    (
        "CALL db.labels() YIELD * RETURN 1",
        "expected the name of a column, found '*'",
        "*",
        Some("YIELD * stands only in a CALL alone"),
    ),
];

/// Statements of many clauses, where an error in one could spoil what is told of the others.
const GOOD: &[&str] = &[
    "MATCH (a:Port {name: 'Rajin'})<-[c:CALLED_AT]-(s:Vessel) WHERE c.from > date('2023-09-01') AND s.flag <> 'KP' \
     WITH s, count(*) AS calls ORDER BY calls DESC LIMIT 10 OPTIONAL MATCH (s)<-[:OWNS]-(o:Company) \
     RETURN s.name AS ship, calls, collect(o.name)[0..3] AS owners",
    "UNWIND [1, 2, 3] AS x CREATE (n:Port {id: 'p' + x})-[:NEAR {km: x}]->(m:Port) SET n.x = x, m += {y: 1} RETURN n, m",
    "MATCH (v:Vessel) WHERE EXISTS { MATCH (v)-[:CALLED_AT]->(p) WHERE p.country IN ['KP', 'RU'] RETURN p } \
     MERGE (v)-[r:SEEN]->(l:List {id: 'x'}) ON CREATE SET r.n = 1 ON MATCH SET r.n = r.n + 1 RETURN r",
    "MATCH p = STRONGEST 3 CHRONOLOGICAL WAIT <= 7 DAYS (:Port {id: 'a'})-[:CALLED_AT|NEAR]-{1,8}(x:Facility) \
     RETURN x.name, [r IN relationships(p) WHERE r.share > 0.5 | type(r)] AS types, CASE WHEN length(p) > 2 THEN 'far' ELSE 'near' END AS how",
];

#[test]
fn errors_say_what_and_where() {
    for (text, message, place, hint) in REFUSED {
        let error = parse_statement(text).expect_err(text);
        let span = error.span().expect("a place");
        assert_eq!(error.to_string(), *message, "{text}");
        assert_eq!(&text[span.start..span.end], *place, "{text}");
        assert_eq!(error.hint_text(), *hint, "{text}");
        assert_eq!(error.class(), "SyntaxError", "{text}");
    }
}

#[test]
fn a_missing_or_foreign_word_is_told_once_or_twice() {
    for text in GOOD {
        parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        for token in tokenize(text).tokens {
            for instead in ["", "SELECT", ")", "'x'", "§"] {
                let damaged = format!("{}{instead}{}", &text[..token.span.start], &text[token.span.end..]);
                let Err(errors) = parse(&damaged) else { continue };
                let told: Vec<String> = errors.errors().iter().map(ToString::to_string).collect();
                assert!(told.len() <= 2, "{damaged}\n{told:#?}");
            }
        }
    }
}

#[test]
fn at_most_five_errors_are_told_of_a_statement() {
    let text = "MATCH (a ".repeat(50);
    assert_eq!(parse(&text).expect_err("it is wrong").errors().len(), 5);
}

#[test]
fn what_is_typed_in_lines_is_not_refused_before_it_is_whole() {
    for text in GOOD {
        for token in tokenize(text).tokens {
            let begun = &text[..token.span.end];
            assert_eq!(completeness(begun), Completeness::Incomplete, "{begun}");
        }
    }
}

#[test]
fn details_have_their_names() {
    assert_eq!(Detail::UndefinedVariable.to_string(), "UndefinedVariable");
    let names: std::collections::BTreeSet<&str> = Detail::ALL.iter().map(|detail| detail.as_str()).collect();
    assert_eq!(names.len(), Detail::ALL.len());
}
