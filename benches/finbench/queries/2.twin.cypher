MATCH (:Person {id: $person})-[:OWN]->(a:Account)<-[t:TRANSFER*1..3 (r, n | WHERE r.ts > $since AND r.ts < $until)]-(other:Account)
WHERE list_reverse(list_sort(properties(rels(t), 'ts'))) = properties(rels(t), 'ts')
WITH DISTINCT other
MATCH (other)<-[d:DEPOSIT]-(l:Loan)
WHERE d.ts > $since AND d.ts < $until
WITH DISTINCT other, l
RETURN other.id, sum(l.amount), count(l)
