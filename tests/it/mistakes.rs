//! One mistake is told once: damage to one word of a good statement gives few errors, each with its place.

use throughline::error::Detail;
use throughline::query::lexer::tokenize;
use throughline::query::parser::{Completeness, completeness, parse};

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
