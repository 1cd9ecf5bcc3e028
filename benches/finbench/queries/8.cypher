// Where the money of a loan went: from the account that it was paid into at most three transfers or
// withdrawals on, each of more than a share of the amount before it.
MATCH (l:Loan {id: $loan})-[d:DEPOSIT WHERE d.from > $since AND d.from < $until]->(a:Account)
MATCH p = (a)-[t:TRANSFER|WITHDRAW WHERE t.from > $since AND t.from < $until]->{1,3}(b:Account)
WHERE all(i IN range(0, size(t) - 1) WHERE t[i].amount > $ratio * CASE i WHEN 0 THEN d.amount ELSE t[i - 1].amount END)
RETURN b.id AS account, count(*) AS ways, length(p) AS steps
