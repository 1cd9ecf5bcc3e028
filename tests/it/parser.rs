//! The parser: what it reads, what it refuses and how it says so.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use throughline::error::{Error, Span};
use throughline::query::ast::*;
use throughline::query::parser::{
    Completeness, HEIGHT_MAX, KEYWORDS, RESERVED, completeness, parse, parse_statement, split_statements,
};

/// Queries of every kind; each parses.
const CORPUS: &[&str] = &[
    // The examples of the contract of the path language.
    "// every ship call at Rajin followed by a call at a Russian port, the voyage at most ten days
     MATCH p = ALL CHRONOLOGICAL (:Port {name:'Rajin'})<-[:CALLED_AT]-(s:Vessel WAIT <= 10 DAYS)-[:CALLED_AT]->(d:Port {country:'RU'})
     RETURN s.name, d.name, order(p), confidence(p)",
    "MATCH p = STRONGEST 3 CHRONOLOGICAL (:Port {name:'Rajin'})<-[:CALLED_AT]-(:Vessel WAIT <= 10 DAYS)-[:CALLED_AT]->(:Port WAIT <= 7 DAYS)
               <-[:SHIPPED_FROM]-(c:Consignment)-[:DELIVERED_TO]->(x:Facility)
     RETURN x.name, p, weakest(p), sources(p)",
    "MATCH p = EARLIEST CHRONOLOGICAL WAIT <= 2 WEEKS (:Port {country:'KP'})-[:CALLED_AT|SHIPPED_FROM|DELIVERED_TO|NEAR]-{1,8}(x:Facility {kind:'depot'})
     RETURN x.name, times(p)",
    "USING LENS {knownBy: date('2023-10-15'), without: ['c4ads-trade-data']}
     MATCH p = ANY CHRONOLOGICAL CERTAINLY (:Port {name:'Rajin'})-[:CALLED_AT]-{2,4}(d:Port) RETURN d.name, origins(p)",
    // Searches.
    "MATCH p = ANY SHORTEST (a)-->{1,9}(b) RETURN p",
    "MATCH p = ALL SHORTEST TRAIL PATHS (a)-->+(b) RETURN p",
    "MATCH SHORTEST 3 (a)-[r]->*(b) RETURN r",
    "MATCH p = SHORTEST GROUPS (a)--{,4}(b) RETURN p",
    "MATCH p = SHORTEST 2 CHRONOLOGICAL STRICT ACYCLIC PATHS GROUP (a)--{2}(b) RETURN p",
    "MATCH p = SHORTEST $k SIMPLE (a)-->{3,}(b) RETURN p",
    "MATCH p = CHEAPEST 2 COST (r | r.km * 1.5 + coalesce(r.fee, 0)) CHRONOLOGICAL (a)-[:ROAD]->+(b) RETURN p",
    "MATCH p = LATEST 2 CHRONOLOGICAL POSSIBLY STRICT WAIT <= $w WITHIN 3 HOURS WALK (a)-->(b) RETURN p",
    "MATCH p = FASTEST CHRONOLOGICAL STRICT POSSIBLY WITHIN (duration({days: 3})) (a)-->(b) RETURN p",
    "MATCH p = CHRONOLOGICAL WAIT <= 1.5 PATH (a WAIT <= 1 second)-->(b) RETURN p",
    "MATCH p = PATHS (a)-->(b), WALK (b)-->(c) RETURN p",
    "MATCH p = EARLIEST (s WAIT <= (2 * $w) {x: 1} WHERE s.y)-->() RETURN p",
    // Nodes, relationships and groups.
    "MATCH (), (:A), (n), (n:A:B), (n:A|B), (n:A&!B), (n:%), (n:!(A|B)), (n IS A|B), (IS A), (WHERE true) RETURN n",
    "MATCH (a)-->(b)<--(c)--(d)<-->(e)-[]-(f)<-[]->(g) RETURN *",
    "MATCH (a)-[r:T1|T2|:T3*1..3 {x: 1}]->(b), (a)-[*]-(b), (a)-[*..2]-(b), (a)-[:T*2..]-(b), (a)-[*0]-(b) RETURN r",
    "MATCH (a)-[r WHERE r.x > 1]->?(b), (a)-[:A|!B WHERE true]->{ 1 , 3 }(b) RETURN r",
    "MATCH (a)((x)-[r]-(y) WHERE r.ok){1,8}(b) RETURN x, r, y",
    "MATCH ((x)-->(y)){2}((z)--(w))+ RETURN x",
    "MATCH p = ((a)-->(b)) RETURN p",
    "MATCH (a) - [ r : T ] - > (b) RETURN r",
    "MATCH p=(a)-->(b) WHERE a.x<-1 RETURN a.x<-1 AS lower",
    // Clauses.
    "OPTIONAL MATCH (a) WHERE a.x = 1 WITH a, count(*) AS n ORDER BY n DESC, a.y ASC SKIP 1 LIMIT 2 WHERE n > 1 RETURN DISTINCT a",
    "MATCH (n) RETURN *, n.x AS x ORDER BY x DESCENDING OFFSET $a LIMIT $b",
    "UNWIND range(1, 3) AS i WITH * WHERE i > 1 RETURN i",
    "CREATE (a:Person:Owner {name: 'x'})-[r:OWNS {share: 0.3}]->(b), p = (b)<-[:OWNS]-(:Company $props)",
    "INSERT (:A)",
    "MATCH (n) SET n.x = 1, n:A:B, n += {y: 2}, (n).z = 3, n = $all REMOVE n.x, n:A RETURN n",
    "MATCH (n)-[r]-() DELETE r DETACH DELETE n",
    "MATCH (n) NODETACH DELETE n",
    "CALL evidence.claim({about: 'x'})",
    "MATCH (n) OPTIONAL CALL db.labels() YIELD label WHERE label = 'x' RETURN n, label",
    "MATCH (n) CALL { WITH n MATCH (n)-->(m) RETURN m UNION WITH n MATCH (n)<--(m) RETURN m } RETURN n, m",
    "MATCH (n), (m) OPTIONAL CALL (n, m) { CALL () { CREATE (:A) } RETURN 1 AS x } CALL (*) { SET n.x = 1 FINISH } FINISH",
    "MATCH p = (a)-->(b) FOREACH (n IN nodes(p) | SET n.x = 1 FOREACH (y IN [1] | MERGE (:A {y: y})) DETACH DELETE n)",
    "UNWIND [1] AS i FILTER i > 0 FILTER WHERE i < 2 RETURN i",
    "SHOW FUNCTIONS",
    "BEGIN",
    "start transaction",
    "COMMIT TRANSACTION",
    "ROLLBACK // all of it",
    "SHOW PROCEDURE YIELD name AS n, signature WHERE n = 'x' RETURN n ORDER BY n",
    "MATCH (n) SET n['a' + $b] = 1 REMOVE n[$c], n.d FINISH",
    "MATCH (n) RETURN n {.*, .a, b: 1, m, c: n {.d}}, COUNT { MATCH (n) RETURN n UNION ALL MATCH (n) RETURN n }",
    "USING LENS {asOf: $d} CALL db.labels YIELD *",
    "MATCH p = ANY SHORTEST WALK (a)-->+(b), WALK (a)-->{1,8}(b) RETURN p",
    "EXPLAIN CALL ownership.blocked({regime: 'OFAC'}) YIELD entity AS e, share WHERE share > 0.5 RETURN e",
    "EXPLAIN USING LENS $lens MATCH (n) RETURN n",
    "EXPLAIN WHY NOT USING LENS $lens MATCH p = ANY CHRONOLOGICAL (a)-->(b) RETURN p",
    // Expressions.
    "RETURN 1 + 2 * 3 ^ 2 % 4 - -5 / 6.0e1, 0x1F, 0o17, .5, -9223372036854775808",
    "RETURN NOT a AND b OR c XOR d, 1 < x <= 3 <> y, a IN [1, 2], a STARTS WITH 'b', a ENDS WITH 'c', a CONTAINS 'd', a =~ 'e.*'",
    "RETURN x IS NULL, x IS NOT NULL, x:A:B, x:A|B, x.y[0][1..2][..3][4..][..].z",
    "RETURN [], [1, 'a', [null]], {}, {a: 1, `b c`: {d: true}}, $p, $1, $`a b`",
    "RETURN CASE x WHEN 1 THEN 'a' WHEN 2 THEN 'b' ELSE 'c' END, CASE WHEN x THEN y END",
    "RETURN [x IN xs], [x IN xs WHERE x:A | x.y], [x IN xs | x + 1], [x IN xs WHERE (x:A|B) | x]",
    "RETURN all(x IN xs WHERE x > 1), any(x IN xs WHERE x), none(x IN [] WHERE true), single(x IN xs WHERE x = 1)",
    "RETURN duration.between(a, b), count(*), count(DISTINCT x), date(), any(1), date.truncate('day', d).year",
    "RETURN 'it\\'s', \"\\u0041\\U0001F6A2\", `a``b`, (1)--1, [1] - [2]",
    "MATCH (судно:Порт {имя: 'Раджин'}) RETURN судно.имя /* the name */ // end",
];

/// Parts of openCypher and GQL that are refused at their keyword.
const NOT_BUILT: &[(&str, &str)] = &[
    ("LOAD CSV FROM 'x' AS row RETURN row", "LOAD CSV"),
    ("CREATE TEXT INDEX FOR (n:A) ON (n.x)", "CREATE TEXT"),
    ("CREATE INDEX FOR ()-[r:A]-() ON (r.x)", "an index on relationships"),
    ("CREATE INDEX FOR (n:A) ON (n.x, n.y)", "an index on several properties"),
    ("CREATE INDEX FOR (n:A) ON (n.x) OPTIONS {}", "OPTIONS of an index"),
    ("SHOW INDEXES YIELD name", "YIELD after SHOW INDEXES"),
    ("MATCH (n) USING INDEX n:A(x) RETURN n", "a hint to the planner"),
    ("RETURN 1 AS x ORDER BY x NULLS LAST", "NULLS FIRST or LAST"),
];

fn statement(text: &str) -> Statement {
    parse_statement(text).unwrap_or_else(|error| panic!("{text}\n{error}"))
}

fn error(text: &str) -> Error {
    match parse_statement(text) {
        Ok(_) => panic!("this should not parse: {text}"),
        Err(error) => error,
    }
}

fn slice(text: &str, span: Span) -> &str {
    text.get(span.start..span.end).expect("a span lies in its text, between characters")
}

/// The first pattern of the first clause.
fn pattern(text: &str) -> PathPattern {
    match statement(&format!("MATCH {text} RETURN 1")).query.clauses.swap_remove(0) {
        Clause::Match(mut clause) => clause.patterns.swap_remove(0),
        clause => panic!("not a MATCH: {clause:?}"),
    }
}

fn expr(text: &str) -> Expr {
    match statement(&format!("RETURN {text}")).query.clauses.swap_remove(0) {
        Clause::Return(mut projection) => projection.items.swap_remove(0).expr,
        clause => panic!("not a RETURN: {clause:?}"),
    }
}

/// An expression with all its parentheses, to see what binds how.
fn shape(expr: &Expr) -> String {
    let list = |items: &[Expr]| items.iter().map(shape).collect::<Vec<_>>().join(", ");
    let or_nothing = |expr: &Option<Box<Expr>>| expr.as_deref().map(shape).unwrap_or_default();
    match &expr.kind {
        ExprKind::Null => "null".to_owned(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Int(value) => value.to_string(),
        ExprKind::Float(value) => format!("{value:?}"),
        ExprKind::String(value) => format!("{value:?}"),
        ExprKind::Parameter(name) => format!("${name}"),
        ExprKind::Variable(name) => name.clone(),
        ExprKind::Property(base, key) => format!("{}.{}", shape(base), key.text),
        ExprKind::Index(base, index) => format!("{}[{}]", shape(base), shape(index)),
        ExprKind::Slice(base, from, to) => {
            format!("{}[{}..{}]", shape(base), or_nothing(from), or_nothing(to))
        }
        ExprKind::List(items) => format!("[{}]", list(items)),
        ExprKind::Unary(op, operand) => format!("({op:?} {})", shape(operand)),
        ExprKind::Binary(op, left, right) => format!("({} {op:?} {})", shape(left), shape(right)),
        ExprKind::Comparison(first, others) => {
            let others: Vec<_> =
                others.iter().map(|(op, right)| format!("{op:?} {}", shape(right))).collect();
            format!("({} {})", shape(first), others.join(" "))
        }
        ExprKind::IsNull(operand, negated) => {
            format!("({} {})", shape(operand), if *negated { "IsNotNull" } else { "IsNull" })
        }
        ExprKind::HasLabels(base, labels) => format!("({}:{})", shape(base), label_shape(labels)),
        ExprKind::Call { name, arguments, .. } => format!("{}({})", name.text, list(arguments)),
        ExprKind::ListComprehension { variable, list, filter, value } => {
            format!(
                "[{} in {} where {} | {}]",
                variable.text,
                shape(list),
                or_nothing(filter),
                or_nothing(value)
            )
        }
        ExprKind::Quantified { quantifier, variable, list, filter } => {
            format!("{quantifier:?}({} in {} where {})", variable.text, shape(list), shape(filter))
        }
        kind => format!("{kind:?}"),
    }
}

fn label_shape(labels: &LabelExpr) -> String {
    match labels {
        LabelExpr::Name(name) => name.text.clone(),
        LabelExpr::Any(_) => "%".to_owned(),
        LabelExpr::Not(operand) => format!("!{}", label_shape(operand)),
        LabelExpr::And(left, right) => format!("({}&{})", label_shape(left), label_shape(right)),
        LabelExpr::Or(left, right) => format!("({}|{})", label_shape(left), label_shape(right)),
    }
}

/// A pattern's elements as letters: node, implied node, relationship, group.
fn letters(elements: &[PatternElement]) -> String {
    elements
        .iter()
        .map(|element| match element {
            PatternElement::Node(node) if node.is_implied() => "_".to_owned(),
            PatternElement::Node(_) => "n".to_owned(),
            PatternElement::Relationship(_) => "r".to_owned(),
            PatternElement::Group(group) => format!("[{}]", letters(&group.elements)),
        })
        .collect()
}

#[test]
fn the_corpus_parses() {
    for text in CORPUS {
        let statement = statement(text);
        assert!(!slice(text, statement.span).is_empty());
    }
}

#[test]
fn what_is_not_built_is_refused_by_name() {
    for (text, what) in NOT_BUILT {
        assert_eq!(error(text).to_string(), format!("{what} is not built yet"), "{text}");
    }
}

#[test]
fn operators_bind_as_in_opencypher() {
    for (text, expected) in [
        ("a OR b XOR c AND NOT d = e", "(a Or (b Xor (c And (Not (d Equal e)))))"),
        ("1 + 2 * 3 ^ 4 ^ 5", "(1 Add (2 Multiply ((3 Power 4) Power 5)))"),
        ("-3 ^ 2", "((Minus 3) Power 2)"),
        ("1 - 2 - 3", "((1 Subtract 2) Subtract 3)"),
        ("(a - b) * c", "((a Subtract b) Multiply c)"),
        ("1 < x <= 3", "(1 Less x LessOrEqual 3)"),
        ("a = b IN c + d", "(a Equal (b In (c Add d)))"),
        ("a IS NULL = b IS NOT NULL", "((a IsNull) Equal (b IsNotNull))"),
        ("NOT a IS NULL", "(Not (a IsNull))"),
        ("a<-1", "(a Less (Minus 1))"),
        ("-a.b[0]", "(Minus a.b[0])"),
        ("a + b STARTS WITH c", "((a Add b) StartsWith c)"),
        ("n:A:B AND n:C|D", "((n:(A&B)) And (n:(C|D)))"),
        ("[x IN xs WHERE x:A | x]", "[x in xs where (x:A) | x]"),
        ("[x IN xs WHERE (x:A|B) | x:C|D]", "[x in xs where (x:(A|B)) | (x:(C|D))]"),
        ("a[1..][..2][..]", "a[1..][..2][..]"),
        ("all(x IN xs WHERE x) = all(xs)", "(All(x in xs where x) Equal all(xs))"),
        ("a AND b AND c AND d", "((a And b) And (c And d))"),
        ("(1)--1", "(1 Subtract (Minus 1))"),
    ] {
        assert_eq!(shape(&expr(text)), expected, "{text}");
    }
}

#[test]
fn label_operators_bind_as_in_gql() {
    for (text, expected) in [
        ("(:A:B:C)", "((A&B)&C)"),
        ("(:A|B&C)", "(A|(B&C))"),
        ("(:!A&B)", "(!A&B)"),
        ("(:!(A|B)&%)", "(!(A|B)&%)"),
        ("(:A|:B)", "(A|B)"),
        ("(x IS A|B)", "(A|B)"),
    ] {
        let pattern = pattern(text);
        let [PatternElement::Node(NodePattern { labels: Some(labels), .. })] = &pattern.elements[..] else {
            panic!("one node with labels: {pattern:?}")
        };
        assert_eq!(label_shape(labels), expected, "{text}");
    }
}

#[test]
fn nodes_and_steps_take_turns() {
    for (text, expected) in [
        ("(a)-->(b)<--(c)", "nrnrn"),
        ("((a)-->(b))", "nrn"),
        ("(((a)))", "n"),
        ("((a)-->(b)){2}", "_[nrn]_"),
        ("((a)-->(b) WHERE a.x)", "_[nrn]_"),
        ("(a)((x)--(y)){1,8}(b)", "n[nrn]n"),
        ("((x)--(y))+((z)--(w))*", "_[nrn]_[nrn]_"),
        ("((x)--(y))+-->(z)", "_[nrn]_rn"),
        ("(z)-->((x)--(y))?", "nr_[nrn]_"),
        ("(a)(((x)--(y))(z WHERE true)){2}(b)", "n[_[nrn]n]n"),
    ] {
        assert_eq!(letters(&pattern(text).elements), expected, "{text}");
    }
}

#[test]
fn quantifiers_have_bounds() {
    for (text, min, max) in [
        ("-->*", 0, None),
        ("-->+", 1, None),
        ("-->?", 0, Some(1)),
        ("-->{2}", 2, Some(2)),
        ("-->{2,}", 2, None),
        ("-->{,2}", 0, Some(2)),
        ("-->{2,3}", 2, Some(3)),
        ("-[*]->", 1, None),
        ("-[*2]->", 2, Some(2)),
        ("-[*2..]->", 2, None),
        ("-[*..2]->", 1, Some(2)),
        ("-[*2..3]->", 2, Some(3)),
        // An empty interval, which Cypher 9 allows.
        ("-[*2..1]->", 2, Some(1)),
    ] {
        let pattern = pattern(&format!("(a){text}(b)"));
        let PatternElement::Relationship(relationship) = &pattern.elements[1] else { panic!("{pattern:?}") };
        let found = relationship.quantifier.expect("a quantifier");
        assert_eq!((found.min, found.max, found.legacy), (min, max, text.contains('[')), "{text}");
    }
}

#[test]
fn a_search_has_its_parts() {
    let search =
        pattern("p = SHORTEST 2 CHRONOLOGICAL STRICT WAIT <= 10 DAYS WITHIN $w TRAIL PATHS GROUPS (a)")
            .search;
    assert_eq!(search.selector, Some(Selector::ShortestGroups(Count::Literal(2))));
    assert_eq!(search.mode, Some(PathMode::Trail));
    let chrono = search.chrono.expect("a chronological search");
    assert!(chrono.strict && !chrono.certainly);
    assert!(matches!(chrono.wait, Some(DurationExpr::Units(10, TimeUnit::Days, _))));
    assert!(matches!(chrono.within, Some(DurationExpr::Value(_))));

    assert!(pattern("EARLIEST (a)-->(b)").search.is_chronological());
    assert!(!pattern("STRONGEST (a)-->(b)").search.is_chronological());
    assert_eq!(pattern("ANY SHORTEST (a)").search.selector, Some(Selector::Shortest(Count::Literal(1))));
    assert_eq!(pattern("(a)").search, Search { span: Span::new(6, 6), ..Search::default() });
}

#[test]
fn search_words_are_names_where_names_belong() {
    assert_eq!(pattern("any = (a)-->(b)").variable.expect("a variable").text, "any");
    assert_eq!(pattern("shortest = ALL (a)-->(b)").search.selector, Some(Selector::All));
    let pattern =
        pattern("CHRONOLOGICAL (wait)-[within]->(wait WAIT <= 1 DAY)<--(:WAIT WAIT <= 2)-->(path:Path)");
    let PatternElement::Node(wait) = &pattern.elements[2] else { panic!("{pattern:?}") };
    assert_eq!(wait.variable.as_ref().expect("a variable").text, "wait");
    assert!(wait.wait.is_some());
}

#[test]
fn keywords_are_good_names() {
    for word in KEYWORDS {
        let label = format!("MATCH (x:{word} {{{word}: 1}})-[:{word}]->() RETURN x.{word}, {{{word}: 2}}");
        assert!(parse(&label).is_ok(), "{label}");
        if !RESERVED.contains(word) {
            let variable =
                format!("MATCH {word} = ({word}2)--({word}) WITH {word} AS {word} RETURN {word}, {word}.x");
            assert!(parse(&variable).is_ok(), "{variable}");
        }
        let quoted = format!("MATCH (`{word}`) RETURN `{word}`");
        assert!(parse(&quoted).is_ok(), "{quoted}");
    }
    assert!(parse("MATCH (start)-->(end) RETURN CASE WHEN start.x THEN end ELSE end END").is_ok());
    assert!(parse("RETURN order(p), count, any, shortest, wait ORDER BY order").is_ok());
}

#[test]
fn a_column_is_named_by_its_text() {
    let statement = statement("RETURN  a . b ,count( * )  AS n, [1,\n2] LIMIT 1");
    let [Clause::Return(projection)] = &statement.query.clauses[..] else { panic!("{statement:?}") };
    let texts: Vec<_> = projection.items.iter().map(|item| item.text.as_str()).collect();
    assert_eq!(texts, ["a . b", "count( * )", "[1,\n2]"]);
}

#[test]
fn a_text_has_several_statements_and_several_errors() {
    let text = "RETURN 1;; // nothing\n RETURN ';' ; CREATE (a)";
    assert_eq!(parse(text).expect("three statements").len(), 3);
    let parts: Vec<_> = split_statements(text).into_iter().map(|span| slice(text, span)).collect();
    assert_eq!(parts, ["RETURN 1", "RETURN ';'", "CREATE (a)"]);

    let text = "RETRUN 1; RETURN 2; RETURN 'a\\q' +; MATCH";
    let errors = parse(text).expect_err("three statements are wrong");
    let places: Vec<_> = errors.errors().iter().map(|e| slice(text, e.span().expect("a place"))).collect();
    assert_eq!(places, ["RETRUN", "\\q", "", ""]);
    assert_eq!(Error::from(errors).hint_text(), Some("did you mean RETURN?"));

    let errors = parse("RETURN 1 — ; RETURN 2 3").expect_err("two statements are wrong");
    assert_eq!(errors.to_string(), "unexpected character '—'\nexpected the end of the statement, found '3'");

    assert_eq!(error(" // nothing").to_string(), "expected a statement, found the end of the text");
    assert_eq!(error("RETURN 1; RETURN 2").to_string(), "expected one statement, found a second");
}

#[test]
fn a_semicolon_completes_a_statement() {
    for (text, expected) in [
        ("", Completeness::Complete),
        ("// nothing\n", Completeness::Complete),
        ("RETURN 1", Completeness::Incomplete),
        ("RETURN 1;", Completeness::Complete),
        ("RETURN 1; // done", Completeness::Complete),
        ("RETURN 1; RETURN", Completeness::Incomplete),
        ("RETURN ';", Completeness::Incomplete),
        ("RETURN `;", Completeness::Incomplete),
        ("RETURN 1 /* ;", Completeness::Incomplete),
        ("RETURN 1 // ;", Completeness::Incomplete),
        ("RETURN [1,\n", Completeness::Incomplete),
        ("RETRUN 1;", Completeness::Wrong),
        ("RETURN [1;", Completeness::Wrong),
        ("SELECT * FROM vessels", Completeness::Wrong),
        ("MATCH (n)\nRETRUN n\n", Completeness::Wrong),
        ("RETURN 1 == 2", Completeness::Wrong),
        ("RETURN 1 §, 2", Completeness::Wrong),
        ("RETRUN", Completeness::Incomplete),
        ("MATCH (n) WHERE n.name STARTS\n", Completeness::Incomplete),
        ("MATCH (n) WHERE (n:A {x: [1]", Completeness::Incomplete),
        ("RETRUN 1; RETURN", Completeness::Incomplete),
        ("MATCH (n) WHERE n.x IS NOT\n", Completeness::Incomplete),
    ] {
        assert_eq!(completeness(text), expected, "{text}");
    }
}

#[test]
fn deep_nesting_is_an_error_and_not_an_overflow() {
    for opening in [
        "(",
        "[",
        "-",
        "+",
        "NOT ",
        "{a:",
        "f(",
        "CASE ",
        "[x IN ",
        "all(x IN ",
        "a[",
        "n:!",
        "n:(",
        "1^-",
        "x IN [",
        "EXISTS {",
        "COUNT { MATCH (a) WHERE ",
        "n {a: ",
        "1 } CALL (a) { UNWIND ",
    ] {
        for before in ["RETURN ", "MATCH ", "MATCH (a) WHERE ", "MATCH (a)-[", "CREATE ", "SET "] {
            let text = before.to_owned() + &opening.repeat(100_000);
            assert!(parse(&text).is_err(), "{before}{opening}");
        }
    }
    for opening in ["CALL { ", "CALL (a) { ", "FOREACH (a IN b | ", "UNWIND [1] AS a CALL (a) { "] {
        assert!(parse(&opening.repeat(100_000)).is_err(), "{opening}");
    }
    assert_eq!(
        error(&format!("RETURN {}1", "(".repeat(1000))).to_string(),
        "nested too deeply: more than 100 levels"
    );
    assert!(parse(&format!("RETURN {}1{}", "(".repeat(90), ")".repeat(90))).is_ok());
}

#[test]
fn long_chains_stay_low_or_are_refused() {
    for link in [" OR a", " AND a", " XOR a", " = a"] {
        assert!(parse(&format!("RETURN a{}", link.repeat(100_000))).is_ok(), "{link}");
    }
    for link in [" + a", " * a", " ^ a", ".a", "[0]", " IS NULL", " IN a", " STARTS WITH a"] {
        assert!(parse(&format!("RETURN a{}", link.repeat(HEIGHT_MAX - 2))).is_ok(), "{link}");
        let error = error(&format!("RETURN a{}", link.repeat(100_000)));
        assert_eq!(error.to_string(), "the expression is too long: more than 400 steps", "{link}");
    }
    // A chain inside a chain counts as both, wherever it is hidden.
    let inner = format!("[[a{}], 1]", " + a".repeat(300));
    assert!(parse(&format!("RETURN {inner}{}", " + a".repeat(300))).is_err());
    // Chains beside one another do not.
    let item = format!("a{}", " + a".repeat(300));
    assert!(parse(&format!("RETURN {}", vec![item; 20].join(", "))).is_ok());
    let node = "(:A:B {x: 1 + 2})";
    assert!(parse(&format!("CREATE {}", vec![node; 2000].join(", "))).is_ok());
    assert!(parse(&format!("MATCH (a:A{}) RETURN a", "|A".repeat(10_000))).is_ok());
    assert!(parse(&format!("MATCH (a{}) RETURN a", ":A".repeat(10_000))).is_ok());
    assert!(parse(&format!("MATCH (a){} RETURN a", "-->()".repeat(10_000))).is_ok());
    assert!(parse(&format!("MATCH (a) SET {}", vec!["a.b.c = 1"; 2000].join(", "))).is_ok());
}

fn check_spans(text: &str) {
    if let Err(errors) = parse(text) {
        assert!(!errors.errors().is_empty());
        for error in errors.errors() {
            slice(text, error.span().expect("every error has a place"));
        }
    }
    for span in split_statements(text) {
        assert!(!slice(text, span).is_empty());
    }
    let _ = completeness(text);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_queries_never_panic(
        query in prop::sample::select(CORPUS),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..6),
    ) {
        let mut bytes = query.as_bytes().to_vec();
        for (index, byte, action) in damage {
            let at = index.index(bytes.len().max(1));
            match action {
                0 => bytes.insert(at, byte % 128),
                1 if at < bytes.len() => bytes[at] = byte,
                _ if at < bytes.len() => { bytes.remove(at); }
                _ => {}
            }
        }
        check_spans(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn shuffled_words_never_panic(
        words in prop::collection::vec(prop::sample::select(WORDS), 0..24),
        spaced in any::<bool>(),
    ) {
        check_spans(&words.join(if spaced { " " } else { "" }));
    }
}

/// Words and symbols for texts that are almost statements.
const WORDS: &[&str] = &[
    "MATCH",
    "RETURN",
    "WHERE",
    "WITH",
    "CREATE",
    "SET",
    "CALL",
    "YIELD",
    "ANY",
    "SHORTEST",
    "CHRONOLOGICAL",
    "WAIT",
    "WITHIN",
    "DAYS",
    "MONTHS",
    "TRAIL",
    "GROUPS",
    "COST",
    "CHEAPEST",
    "CASE",
    "WHEN",
    "THEN",
    "END",
    "IN",
    "IS",
    "NOT",
    "NULL",
    "AND",
    "OR",
    "all",
    "x",
    "n",
    "`q`",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "(a)",
    "-->",
    "<-[r]-",
    "-",
    "<",
    ">",
    "<=",
    "=",
    ":",
    "|",
    ",",
    ".",
    "..",
    "*",
    "+",
    "?",
    "%",
    "!",
    "1",
    "2.5",
    "'s'",
    "$p",
    ";",
    "//",
    "/*",
    "*/",
    "'",
    "`",
    "—",
    "é",
    "\n",
];

#[test]
fn every_prefix_of_the_corpus_is_safe() {
    for text in CORPUS {
        for (end, _) in text.char_indices() {
            check_spans(&text[..end]);
        }
    }
}

/// The folder of openCypher's Technology Compatibility Kit, where it is at hand.
fn tck() -> Option<PathBuf> {
    let kit = match std::env::var_os("TCK_DIR") {
        Some(kit) => PathBuf::from(kit),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tck"),
    };
    Some(kit.join("features")).filter(|features| features.is_dir())
}

fn features(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of features").flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => features(&path, found),
            false if path.extension().is_some_and(|extension| extension == "feature") => found.push(path),
            false => {}
        }
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "tells how much was tested")]
fn the_compatibility_kit_never_panics() {
    let Some(folder) = tck() else {
        println!("skipped: the openCypher compatibility kit is not here");
        return;
    };
    let mut files = Vec::new();
    features(&folder, &mut files);
    let (mut n_parsed, mut n_queries) = (0, 0);
    for file in files {
        let feature = std::fs::read_to_string(&file).expect("a readable feature");
        // Queries stand between triple quotes.
        for query in feature.split("\"\"\"").skip(1).step_by(2) {
            check_spans(query);
            n_queries += 1;
            match parse_statement(query) {
                Ok(_) => n_parsed += 1,
                Err(error) if std::env::var_os("THROUGHLINE_VERBOSE").is_some() => {
                    println!("{}: {error}\n{}", file.display(), query.trim());
                }
                Err(_) => {}
            }
        }
    }
    println!("{n_parsed} of {n_queries} queries parse");
}

/// Each level once: what looks ahead must not parse, or time would double at each level.
#[test]
fn patterns_within_patterns_are_read_in_time() {
    let n_levels = 20;
    let text = format!("{}1{}", "[(a {x: ".repeat(n_levels), "})--() | 1]".repeat(n_levels));
    statement(&format!("RETURN {text}"));
    let text = format!("{}true{}", "EXISTS { (a) WHERE ".repeat(40), " }".repeat(40));
    statement(&format!("MATCH (a) WHERE {text} RETURN a"));
    for (open, close) in [("[(a {x: ", "})--() | 1]"), ("EXISTS { (a) WHERE ", " }")] {
        let text = format!("RETURN {}1{}", open.repeat(5000), close.repeat(5000));
        assert!(error(&text).to_string().starts_with("nested too deeply"), "{}", error(&text));
    }
}
