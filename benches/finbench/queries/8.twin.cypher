MATCH (l:Loan {id: $loan})-[d:DEPOSIT]->(a:Account)-[t:TRANSFER|WITHDRAW* TRAIL 1..3 (r, n | WHERE r.ts > $since AND r.ts < $until)]->(b:Account)
WHERE d.ts > $since AND d.ts < $until
WITH d, b, length(t) AS steps, list_concat(properties(rels(t), 'amount'), [0, 0]) AS amounts
WHERE amounts[1] > $ratio * d.amount
  AND (steps < 2 OR amounts[2] > $ratio * amounts[1])
  AND (steps < 3 OR amounts[3] > $ratio * amounts[2])
RETURN b.id, count(*), steps
