MATCH (:Person {id: $person})-[:OWN]->(a:Account)-[t1:TRANSFER]->(b:Account)
WHERE t1.ts > $since AND t1.ts < $until
RETURN b.id, count(*), 1
UNION ALL
MATCH (:Person {id: $person})-[:OWN]->(a:Account)-[t1:TRANSFER]->(x1:Account)-[t2:TRANSFER]->(b:Account)
WHERE t1.ts > $since AND t1.ts < $until AND t2.ts > $since AND t2.ts < $until AND t1.ts < t2.ts
RETURN b.id, count(*), 2
UNION ALL
MATCH (:Person {id: $person})-[:OWN]->(a:Account)-[t1:TRANSFER]->(x1:Account)-[t2:TRANSFER]->(x2:Account)-[t3:TRANSFER]->(b:Account)
WHERE t1.ts > $since AND t1.ts < $until AND t2.ts > $since AND t2.ts < $until AND t1.ts < t2.ts AND t3.ts > $since AND t3.ts < $until AND t2.ts < t3.ts
RETURN b.id, count(*), 3
