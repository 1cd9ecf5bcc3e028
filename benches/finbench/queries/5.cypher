// All ways of at most three transfers, each later than the one before, from one person's accounts; they
// are counted by their end and length, so that printing them is not what is measured.
MATCH (:Person {id: $person})-[:OWN]->(a:Account)
MATCH p = CHRONOLOGICAL STRICT (a)-[t:TRANSFER WHERE t.from > $since AND t.from < $until]->{1,3}(b:Account)
RETURN b.id AS account, count(*) AS ways, length(p) AS steps
