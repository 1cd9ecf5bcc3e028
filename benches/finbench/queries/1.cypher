// Accounts that money from one account reached in at most three transfers, each later than the one
// before, and that somebody signed in to from a blocked medium.
MATCH p = CHRONOLOGICAL STRICT
    (:Account {id: $id})-[t:TRANSFER WHERE t.from > $since AND t.from < $until]->{1,3}(other:Account)
MATCH (other)<-[s:SIGN_IN WHERE s.from > $since AND s.from < $until]-(m:Medium {blocked: true})
RETURN DISTINCT other.id AS other, length(p) AS distance, m.id AS medium
