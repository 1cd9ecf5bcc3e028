// How many transfers within the window lead from one account to another, at least.
MATCH p = ANY SHORTEST (:Account {id: $id})-[t:TRANSFER WHERE t.from > $since AND t.from < $until]->+(:Account {id: $id2})
RETURN length(p) AS length
