MATCH (:Person {id: $person})-[:OWN]->(a:Account)-[t:TRANSFER*1..3 (r, n | WHERE r.ts > $since AND r.ts < $until)]->(b:Account)
WHERE list_sort(properties(rels(t), 'ts')) = properties(rels(t), 'ts')
RETURN b.id, count(*), length(t)
