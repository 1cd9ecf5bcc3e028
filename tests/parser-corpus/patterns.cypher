// Nodes
MATCH () RETURN 1 AS one
MATCH (:Port) RETURN 1 AS one
MATCH ({name: 'x'}) RETURN 1 AS one
MATCH (n:Port|Harbour) RETURN n
MATCH (n:Port&Harbour) RETURN n
MATCH (n:!Port) RETURN n
MATCH (n:%) RETURN n
MATCH (n:(Port|Harbour)&!Closed) RETURN n
MATCH (n WHERE n.x = 1) RETURN n
MATCH (n:Port WHERE n.x = 1) RETURN n
MATCH (n:Port {x: 1} WHERE n.y = 2) RETURN n
MATCH (n $properties) RETURN n
MATCH (`a name`:`A Label` {`a key`: 1}) RETURN `a name`
// Relationships
MATCH (a)-->(b) RETURN a
MATCH (a)<--(b) RETURN a
MATCH (a)--(b) RETURN a
MATCH (a)<-->(b) RETURN a
MATCH (a)-[r]->(b) RETURN r
MATCH (a)<-[r]-(b) RETURN r
MATCH (a)-[r]-(b) RETURN r
MATCH (a)<-[r]->(b) RETURN r
MATCH (a)-[]->(b) RETURN a
MATCH (a)-[:OWNS]->(b) RETURN a
MATCH (a)-[r:OWNS]->(b) RETURN r
MATCH (a)-[:OWNS|MANAGES]->(b) RETURN a
MATCH (a)-[:OWNS|:MANAGES]->(b) RETURN a
MATCH (a)-[:OWNS|MANAGES|HOLDS]->(b) RETURN a
MATCH (a)-[:!OWNS]->(b) RETURN a
MATCH (a)-[r {share: 0.5}]->(b) RETURN r
MATCH (a)-[r:OWNS {share: 0.5}]->(b) RETURN r
MATCH (a)-[r:OWNS WHERE r.share > 0.5]->(b) RETURN r
MATCH (a)-[r]->(b)-[s]->(c) RETURN r, s
MATCH (a)-[r]->(b)<-[s]-(c)--(d) RETURN a
MATCH (a)-->(a) RETURN a
MATCH p = (a)-->(b) RETURN p
MATCH p = (a) RETURN p
MATCH p = (a)-->(b), q = (b)-->(c) RETURN p, q
MATCH (a) - [r] -> (b) RETURN r
MATCH (a) - - (b) RETURN a
// Repetition, Cypher 9's way
MATCH (a)-[*]->(b) RETURN b
MATCH (a)-[*2]->(b) RETURN b
MATCH (a)-[*1..3]->(b) RETURN b
MATCH (a)-[*..3]->(b) RETURN b
MATCH (a)-[*2..]->(b) RETURN b
MATCH (a)-[*..]->(b) RETURN b
MATCH (a)-[*0..1]->(b) RETURN b
MATCH (a)-[r:OWNS*1..3]->(b) RETURN r
MATCH (a)-[:OWNS|MANAGES*]->(b) RETURN b
MATCH (a)-[r:OWNS*1..3 {share: 1}]->(b) RETURN r
MATCH p = shortestPath((a)-[*]-(b)) RETURN p
MATCH p = allShortestPaths((a)-[:OWNS*..4]->(b)) RETURN p
// Repetition, GQL's way
MATCH (a)-[:OWNS]->{1,3}(b) RETURN b
MATCH (a)-[:OWNS]->{2}(b) RETURN b
MATCH (a)-[:OWNS]->{2,}(b) RETURN b
MATCH (a)-[:OWNS]->{,2}(b) RETURN b
MATCH (a)-[:OWNS]->*(b) RETURN b
MATCH (a)-[:OWNS]->+(b) RETURN b
MATCH (a)-[:OWNS]->?(b) RETURN b
MATCH (a)-->{1,3}(b) RETURN b
MATCH (a)--{1,3}(b) RETURN b
MATCH (a) ((x)-[r]->(y)){1,3} (b) RETURN b
MATCH (a) ((x)-[r]->(y) WHERE r.share > 0.5){1,3} (b) RETURN b
MATCH ((x)-[r]->(y))+ RETURN r
MATCH (a) (()-[:OWNS]->()-[:MANAGES]->())* (b) RETURN b
MATCH ((a)-->(b)) RETURN a
// Modes and selectors
MATCH WALK (a)-[:OWNS]->{1,3}(b) RETURN b
MATCH TRAIL (a)-[:OWNS]->{1,3}(b) RETURN b
MATCH ACYCLIC (a)-[:OWNS]->{1,3}(b) RETURN b
MATCH SIMPLE (a)-[:OWNS]->{1,3}(b) RETURN b
MATCH p = TRAIL PATH (a)-[:OWNS]->*(b) RETURN p
MATCH ALL (a)-[:OWNS]->*(b) RETURN b
MATCH ANY (a)-[:OWNS]->*(b) RETURN b
MATCH ANY 3 (a)-[:OWNS]->*(b) RETURN b
MATCH ANY SHORTEST (a)-[:OWNS]->*(b) RETURN b
MATCH ALL SHORTEST (a)-[:OWNS]->*(b) RETURN b
MATCH SHORTEST 3 (a)-[:OWNS]->*(b) RETURN b
MATCH SHORTEST 3 GROUPS (a)-[:OWNS]->*(b) RETURN b
MATCH SHORTEST 3 GROUP (a)-[:OWNS]->*(b) RETURN b
MATCH SHORTEST GROUP (a)-[:OWNS]->*(b) RETURN b
MATCH ALL SHORTEST TRAIL (a)-[:OWNS]->*(b) RETURN b
MATCH ANY SHORTEST ACYCLIC PATHS (a)-[:OWNS]->*(b) RETURN b
MATCH p = ANY SHORTEST (a)-[:OWNS]->+(b) RETURN p
MATCH SHORTEST 2 WALK PATHS GROUPS (a)-[:OWNS]->*(b) RETURN b
// Ours
MATCH p = ALL CHRONOLOGICAL (a)-[:CALLED_AT]-(b) RETURN p
MATCH p = STRONGEST 3 CHRONOLOGICAL STRICT CERTAINLY WAIT <= 7 DAYS WITHIN 2 WEEKS (a)-[:CALLED_AT]-{1,4}(b) RETURN p
MATCH p = EARLIEST (a WAIT <= 3)-[:CALLED_AT]-{1,4}(b) RETURN p
MATCH p = FASTEST TRAIL (a)-[:CALLED_AT]-{1,4}(b) RETURN p
MATCH p = LATEST 2 (a)-[:CALLED_AT]-{1,4}(b) RETURN p
USING LENS {asOf: date('2024-01-01')} MATCH (n) RETURN n
// Refused by everyone
MATCH (a)-(b) RETURN a
MATCH (a)->(b) RETURN a
MATCH (a)-[r->(b) RETURN a
MATCH (a)-[r]>(b) RETURN a
MATCH (a)-[r]->b RETURN a
MATCH (a)-[r]-> RETURN a
MATCH -[r]->(b) RETURN b
MATCH (a)-->-->(b) RETURN a
MATCH (a)-[r:]->(b) RETURN r
MATCH (a:) RETURN a
MATCH (a:Port:) RETURN a
MATCH (:) RETURN 1
MATCH (a b) RETURN a
MATCH (a {x}) RETURN a
MATCH (a {x: }) RETURN a
MATCH (a {x: 1,}) RETURN a
MATCH (a {: 1}) RETURN a
MATCH (a {x = 1}) RETURN a
MATCH (a)-[*-1]->(b) RETURN a
MATCH (a)-[*1...3]->(b) RETURN a
MATCH (a)-[*a..b]->(b) RETURN a
MATCH (a)-[:OWNS]->{}(b) RETURN a
MATCH (a)-[:OWNS]->{1,2(b) RETURN a
MATCH (a)-[:OWNS]->{a}(b) RETURN a
MATCH (a)-[:OWNS]->{1,2}{3}(b) RETURN a
MATCH p (a)-->(b) RETURN p
MATCH p = RETURN p
MATCH p = q = (a) RETURN p
MATCH SHORTEST SHORTEST (a)-->(b) RETURN a
MATCH TRAIL WALK (a)-->(b) RETURN a
MATCH ANY ALL (a)-->(b) RETURN a
MATCH (a)(b) RETURN a
MATCH (a)-[r|OWNS]->(b) RETURN r
MATCH (a)-[:OWNS|]->(b) RETURN a
MATCH (a)-[:|OWNS]->(b) RETURN a
MATCH (a:Port|) RETURN a
MATCH (a:&Port) RETURN a
MATCH (a:Port!) RETURN a
MATCH (a WHERE) RETURN a
MATCH (WHERE a.x = 1 RETURN a
MATCH (a)-[r WHERE]->(b) RETURN a
MATCH shortestPath((a)-[*]-(b) RETURN a
MATCH (1) RETURN 1
MATCH ('a') RETURN 1
MATCH (a.b) RETURN a
MATCH [a] RETURN a
MATCH {a} RETURN a
MATCH (a)=(b) RETURN a
MATCH (a)<-[r]<-(b) RETURN a
MATCH (a)-[r]--(b) RETURN a
MATCH (a)-[[r]]-(b) RETURN a
CREATE (a)-[:OWNS]-
CREATE (a)-->(b
