// Reading
MATCH (n) RETURN n
MATCH (n) RETURN n;
match (n) return n
MATCH (n:Port) RETURN n.name
MATCH (n:Port:Harbour) RETURN n.name AS name
MATCH (n {name: 'Rajin'}) RETURN n
MATCH (n:Port {name: 'Rajin', country: 'KP'}) RETURN n
MATCH (n) WHERE n.name = 'Rajin' RETURN n
MATCH (n), (m) RETURN n, m
MATCH (n) MATCH (m) RETURN n, m
OPTIONAL MATCH (n) RETURN n
MATCH (n) OPTIONAL MATCH (n)-[r]->(m) RETURN n, r, m
MATCH (n) OPTIONAL MATCH (n)-[r]->(m) WHERE m.x = 1 RETURN n
MATCH (n) RETURN *
MATCH (n) RETURN *, n.name AS name
MATCH (n) RETURN DISTINCT n
MATCH (n) RETURN DISTINCT n.name, n.flag
MATCH (n) RETURN n ORDER BY n.name
MATCH (n) RETURN n ORDER BY n.name ASC
MATCH (n) RETURN n ORDER BY n.name DESC, n.flag ASCENDING
MATCH (n) RETURN n ORDER BY n.name DESCENDING SKIP 2 LIMIT 3
MATCH (n) RETURN n SKIP 2
MATCH (n) RETURN n LIMIT 3
MATCH (n) RETURN n LIMIT $k
MATCH (n) RETURN n SKIP 1 + 1 LIMIT 2 * 3
MATCH (n) RETURN n.name AS `a name`
MATCH (n) RETURN count(*)
MATCH (n) RETURN count(n), count(DISTINCT n)
MATCH (n) RETURN n.flag, count(*) AS calls ORDER BY calls DESC
RETURN 1
RETURN 1 AS one, 2 AS two
// Chaining
MATCH (n) WITH n RETURN n
MATCH (n) WITH n AS m RETURN m
MATCH (n) WITH n, count(*) AS c WHERE c > 1 RETURN n
MATCH (n) WITH DISTINCT n.flag AS flag RETURN flag
MATCH (n) WITH * RETURN n
MATCH (n) WITH *, n.name AS name RETURN name
MATCH (n) WITH n ORDER BY n.name LIMIT 1 RETURN n
MATCH (n) WITH n ORDER BY n.name SKIP 1 LIMIT 1 WHERE n.x = 1 RETURN n
WITH 1 AS x RETURN x
WITH 1 AS x WITH x + 1 AS y RETURN y
UNWIND [1, 2] AS x RETURN x
UNWIND $list AS x RETURN x
UNWIND [1, 2] AS x UNWIND [3, 4] AS y RETURN x, y
MATCH (n) UNWIND n.list AS x RETURN x
RETURN 1 AS x UNION RETURN 2 AS x
RETURN 1 AS x UNION ALL RETURN 2 AS x
RETURN 1 AS x UNION RETURN 2 AS x UNION RETURN 3 AS x
MATCH (n) RETURN n UNION MATCH (m) RETURN m AS n
// Writing
CREATE (n)
CREATE (n:Port)
CREATE (n:Port {name: 'Rajin'})
CREATE (n:Port:Harbour {name: 'Rajin'}) RETURN n
CREATE (a)-[:OWNS]->(b)
CREATE (a)-[r:OWNS {share: 0.5}]->(b)
CREATE (a)<-[:OWNS]-(b)
CREATE p = (a)-[:OWNS]->(b) RETURN p
CREATE (a), (b), (a)-[:OWNS]->(b)
MATCH (a), (b) CREATE (a)-[:OWNS]->(b)
CREATE (n $properties)
MERGE (n:Port {name: 'Rajin'})
MERGE (n:Port {name: 'Rajin'}) ON CREATE SET n.new = true
MERGE (n:Port {name: 'Rajin'}) ON MATCH SET n.seen = true ON CREATE SET n.new = true
MATCH (a), (b) MERGE (a)-[r:OWNS]->(b) RETURN r
MATCH (a), (b) MERGE (a)-[r:OWNS]-(b) RETURN r
MATCH (n) SET n.x = 1
MATCH (n) SET n.x = 1, n.y = 2
MATCH (n) SET n = {x: 1}
MATCH (n) SET n += {x: 1}
MATCH (n) SET n:Port
MATCH (n) SET n:Port:Harbour
MATCH (n) SET n.x = null RETURN n
MATCH (n) REMOVE n.x
MATCH (n) REMOVE n:Port, n.y
MATCH (n) DELETE n
MATCH (n) DETACH DELETE n
MATCH (n)-[r]->(m) DELETE r, n
MATCH (n) DELETE n RETURN count(*)
// Procedures
CALL db.labels()
CALL db.labels() YIELD label
CALL db.labels() YIELD label RETURN label
CALL db.labels() YIELD label AS l RETURN l
CALL db.labels() YIELD label WHERE label STARTS WITH 'P' RETURN label
MATCH (n) CALL db.labels() YIELD label RETURN n, label
// Comments and blanks
MATCH (n) /* a comment */ RETURN n
MATCH (n) RETURN n // to the end
/* first */ RETURN 1
MATCH(n)RETURN(n)
RETURN/**/1
// Refused by everyone
MATCH
RETURN
MATCH (n)
MATCH (n) RETURN
MATCH n RETURN n
MATCH (n RETURN n
MATCH (n)) RETURN n
MATCH (n) RETURN n,
MATCH (n) RETURN , n
MATCH (n) WHERE RETURN n
MATCH (n) WHERE n.x = RETURN n
MATCH (n) RETURN n LIMIT
MATCH (n) RETURN n SKIP
MATCH (n) RETURN n ORDER n.x
MATCH (n) RETURN n ORDER BY
MATCH (n) RETURN n LIMIT 1 SKIP 1
MATCH (n) RETURN n LIMIT 1 ORDER BY n.x
MATCH (n) RETURN n RETURN n
MATCH (n) WITH n
MATCH (n) WITH RETURN n
RETURN 1 UNION
UNION RETURN 1
RETURN 1 AS x UNION ALL
MATCH (n), RETURN n
MATCH (n) (m) RETURN n
UNWIND [1, 2] RETURN 1
UNWIND AS x RETURN x
CREATE
CREATE (n
CREATE ()-[]->
CREATE n
MERGE
MATCH (n) SET
MATCH (n) SET n.x
MATCH (n) SET n.x 1
MATCH (n) REMOVE
MATCH (n) REMOVE n
MATCH (n) DELETE
MATCH (n) DETACH n
CALL
CALL db.labels( RETURN 1
RETURN 1;;RETURN
RETURN 1 2
RETURN * 2
SELECT * FROM t
RETURN 1 AS
RETURN 1 AS 2
RETURN 'open
RETURN "open
RETURN `open
RETURN 1 /* open
MATCH (n) WHERE WHERE n.x RETURN n
OPTIONAL (n) RETURN n
MATCH OPTIONAL (n) RETURN n
MATCH (n) RETURN DISTINCT
MATCH (n) RETURN n AS
