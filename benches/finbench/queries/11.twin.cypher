MATCH (p:Person {id: $person})-[g:GUARANTEE* SHORTEST 1..1000 (r, n | WHERE r.ts > $since AND r.ts < $until)]->(q:Person)
WHERE q.id <> $person
WITH DISTINCT q
MATCH (q)-[:APPLY]->(l:Loan)
WITH DISTINCT l
RETURN sum(l.amount), count(l)
