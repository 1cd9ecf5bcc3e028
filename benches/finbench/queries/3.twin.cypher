MATCH (a:Account {id: $id})-[t:TRANSFER* SHORTEST 1..1000 (r, n | WHERE r.ts > $since AND r.ts < $until)]->(b:Account {id: $id2})
RETURN length(t)
