MATCH (a:Account {id: $id})-[t:TRANSFER*1..3 (r, n | WHERE r.ts > $since AND r.ts < $until)]->(other:Account)<-[s:SIGN_IN]-(m:Medium {blocked: true})
WHERE s.ts > $since AND s.ts < $until AND list_sort(properties(rels(t), 'ts')) = properties(rels(t), 'ts')
RETURN DISTINCT other.id, length(t), m.id
