// Everybody in the chains of guarantees that one person begins, and what they borrowed.
MATCH p = ANY SHORTEST (:Person {id: $person})-[g:GUARANTEE WHERE g.from > $since AND g.from < $until]->+(q:Person WHERE q.id <> $person)
MATCH (q)-[:APPLY]->(l:Loan)
WITH DISTINCT l
RETURN sum(l.amount) AS lent, count(l) AS loans
