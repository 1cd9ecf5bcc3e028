MATCH (a:Account {id: $id})-[t1:TRANSFER]->(other:Account)<-[s:SIGN_IN]-(m:Medium {blocked: true})
WHERE t1.ts > $since AND t1.ts < $until AND s.ts > $since AND s.ts < $until
RETURN DISTINCT other.id, 1, m.id
UNION ALL
MATCH (a:Account {id: $id})-[t1:TRANSFER]->(x1:Account)-[t2:TRANSFER]->(other:Account)<-[s:SIGN_IN]-(m:Medium {blocked: true})
WHERE t1.ts > $since AND t1.ts < $until AND t2.ts > $since AND t2.ts < $until AND t1.ts < t2.ts AND s.ts > $since AND s.ts < $until
RETURN DISTINCT other.id, 2, m.id
UNION ALL
MATCH (a:Account {id: $id})-[t1:TRANSFER]->(x1:Account)-[t2:TRANSFER]->(x2:Account)-[t3:TRANSFER]->(other:Account)<-[s:SIGN_IN]-(m:Medium {blocked: true})
WHERE t1.ts > $since AND t1.ts < $until AND t2.ts > $since AND t2.ts < $until AND t1.ts < t2.ts AND t3.ts > $since AND t3.ts < $until AND t2.ts < t3.ts AND s.ts > $since AND s.ts < $until
RETURN DISTINCT other.id, 3, m.id
