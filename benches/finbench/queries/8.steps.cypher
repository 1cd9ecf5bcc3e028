MATCH (l:Loan {id: $loan})-[d:DEPOSIT]->(a:Account)-[t1:TRANSFER|WITHDRAW]->(b:Account)
WHERE d.ts > $since AND d.ts < $until AND t1.ts > $since AND t1.ts < $until AND t1.amount > $ratio * d.amount
RETURN b.id, count(*), 1
UNION ALL
MATCH (l:Loan {id: $loan})-[d:DEPOSIT]->(a:Account)-[t1:TRANSFER|WITHDRAW]->(x1:Account)-[t2:TRANSFER|WITHDRAW]->(b:Account)
WHERE d.ts > $since AND d.ts < $until AND t1.ts > $since AND t1.ts < $until AND t1.amount > $ratio * d.amount AND t2.ts > $since AND t2.ts < $until AND t2.amount > $ratio * t1.amount
RETURN b.id, count(*), 2
UNION ALL
MATCH (l:Loan {id: $loan})-[d:DEPOSIT]->(a:Account)-[t1:TRANSFER|WITHDRAW]->(x1:Account)-[t2:TRANSFER|WITHDRAW]->(x2:Account)-[t3:TRANSFER|WITHDRAW]->(b:Account)
WHERE d.ts > $since AND d.ts < $until AND t1.ts > $since AND t1.ts < $until AND t1.amount > $ratio * d.amount AND t2.ts > $since AND t2.ts < $until AND t2.amount > $ratio * t1.amount AND t3.ts > $since AND t3.ts < $until AND t3.amount > $ratio * t2.amount AND NOT id(t3) = id(t1)
RETURN b.id, count(*), 3
