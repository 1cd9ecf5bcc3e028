// Accounts from which money came to one person's accounts in at most three transfers, each later than
// the one before, and that a loan was paid into: what was lent to each.
MATCH (:Person {id: $person})-[:OWN]->(a:Account)
MATCH p = CHRONOLOGICAL STRICT
    (other:Account)-[t:TRANSFER WHERE t.from > $since AND t.from < $until]->{1,3}(a)
WITH DISTINCT other
MATCH (other)<-[d:DEPOSIT WHERE d.from > $since AND d.from < $until]-(l:Loan)
WITH DISTINCT other, l
RETURN other.id AS other, sum(l.amount) AS lent, count(l) AS loans
