// The same without CHRONOLOGICAL: walked back from the person's accounts, the order asked for afterwards.
MATCH (:Person {id: $person})-[:OWN]->(a:Account)
MATCH (a)<-[t:TRANSFER WHERE t.from > $since AND t.from < $until]-{1,3}(other:Account)
WHERE all(i IN range(1, size(t) - 1) WHERE t[i].from < t[i - 1].from)
WITH DISTINCT other
MATCH (other)<-[d:DEPOSIT WHERE d.from > $since AND d.from < $until]-(l:Loan)
WITH DISTINCT other, l
RETURN other.id AS other, sum(l.amount) AS lent, count(l) AS loans
