// Constants
RETURN null
RETURN true, false
RETURN TRUE, False
RETURN 0, 1, 42, 9223372036854775807
RETURN -1, - 1, +1, --1
RETURN 0x1F, 0x1f
RETURN 0o17
RETURN 1.5, .5, 1.5e3, 1e3, 1E-3
RETURN 'a', "a", ''
RETURN 'it\'s', "say \"so\"", 'line\nbreak', '\u00e4'
RETURN 'ä', 'ру', '🚢'
RETURN [], [1], [1, 'a', null], [[1], [2]]
RETURN {}, {a: 1}, {a: {b: [1]}}, {`a b`: 1}
RETURN $name, $1
// Operators
RETURN 1 + 2 - 3 * 4 / 5 % 6 ^ 7
RETURN (1 + 2) * 3
RETURN 1 = 1, 1 <> 2, 1 < 2, 1 <= 2, 2 > 1, 2 >= 1
RETURN 1 < 2 < 3
RETURN 1 < 2 AND 2 < 3 OR NOT 3 < 2 XOR true
RETURN NOT NOT true
RETURN 'a' + 'b'
RETURN [1] + [2] + 3
RETURN 'abc' STARTS WITH 'a'
RETURN 'abc' ENDS WITH 'c'
RETURN 'abc' CONTAINS 'b'
RETURN 'abc' =~ 'a.*'
RETURN 1 IN [1, 2]
RETURN NOT 1 IN [1, 2]
RETURN null IS NULL, 1 IS NOT NULL
MATCH (n) RETURN n.x IS NULL
MATCH (n) RETURN n.x.y
MATCH (n) RETURN n['x']
MATCH (n) RETURN n.list[0], n.list[-1], n.list[1..2], n.list[1..], n.list[..2]
MATCH (n) RETURN (n).x
MATCH (n) RETURN n:Port
MATCH (n) RETURN n:Port:Harbour
MATCH (n) WHERE n:Port|Harbour RETURN n
MATCH (n) WHERE n:Port AND n.x = 1 RETURN n
MATCH (n) WHERE NOT n:Port RETURN n
RETURN -2 ^ 2
RETURN 2 ^ -1
RETURN 1 - -1
RETURN 1--1
RETURN [1, 2, 3][0]
RETURN {a: 1}.a
RETURN {a: 1}['a']
RETURN 'abc' + 1
// Functions
RETURN size('abc'), toUpper('a'), coalesce(null, 1)
RETURN count(*), count(1), count(DISTINCT 1)
RETURN sum(1), avg(1), min(1), max(1), collect(1), stDev(1)
RETURN percentileCont(1, 0.5), percentileDisc(1, 0.5)
RETURN date('2024-01-01'), datetime('2024-01-01T00:00:00Z'), duration('P1D')
RETURN date({year: 2024, month: 1, day: 1})
RETURN duration.between(date('2024-01-01'), date('2024-02-01'))
RETURN date.truncate('month', date('2024-01-15'))
RETURN range(1, 3), range(1, 9, 2)
RETURN rand(), pi(), e()
MATCH p = (a)-->(b) RETURN nodes(p), relationships(p), length(p)
MATCH (n) RETURN labels(n), keys(n), properties(n), id(n)
MATCH ()-[r]->() RETURN type(r), startNode(r), endNode(r)
// Case
RETURN CASE 1 WHEN 1 THEN 'one' ELSE 'many' END
RETURN CASE WHEN 1 < 2 THEN 'less' END
MATCH (n) RETURN CASE n.x WHEN 1 THEN 'a' WHEN 2 THEN 'b' ELSE 'c' END AS y
MATCH (n) RETURN CASE WHEN n.x IS NULL THEN 0 WHEN n.x > 1 THEN n.x ELSE 1 END
// Lists
RETURN [x IN [1, 2] WHERE x > 1 | x * 2]
RETURN [x IN [1, 2] | x * 2]
RETURN [x IN [1, 2] WHERE x > 1]
RETURN [x IN [1, 2]]
RETURN all(x IN [1, 2] WHERE x > 0), any(x IN [1] WHERE x > 0)
RETURN none(x IN [1, 2] WHERE x > 0), single(x IN [1] WHERE x > 0)
RETURN reduce(total = 0, x IN [1, 2] | total + x)
RETURN [1 IN [1, 2]]
RETURN [(1 IN [1, 2]), 2]
// Patterns in expressions
MATCH (a) WHERE (a)-->() RETURN a
MATCH (a) WHERE (a)-[:OWNS]->(:Vessel) RETURN a
MATCH (a) WHERE NOT (a)--() RETURN a
MATCH (a) WHERE (a)-[:OWNS*]->(:Vessel) AND a.x = 1 RETURN a
MATCH (a) WHERE EXISTS { (a)-->(b) } RETURN a
MATCH (a) WHERE EXISTS { MATCH (a)-->(b) WHERE b.x = 1 } RETURN a
MATCH (a) WHERE EXISTS { MATCH (a)-->(b) RETURN b } RETURN a
MATCH (a) WHERE exists { (a)-->() } RETURN a
MATCH (a) RETURN COUNT { (a)-->() } AS n
MATCH (a) RETURN COLLECT { MATCH (a)-->(b) RETURN b.name } AS names
MATCH (a) RETURN [(a)-->(b) | b.name] AS names
MATCH (a) RETURN [(a)-->(b) WHERE b.x = 1 | b.name] AS names
MATCH (a) RETURN [p = (a)-->(b) | length(p)] AS lengths
MATCH (a) RETURN size([(a)-->(b) | 1])
MATCH (a), (b) RETURN shortestPath((a)-[*]-(b))
// Names that are words
MATCH (match) RETURN match.return
MATCH (n) RETURN n.where, n.order, n.limit
MATCH (n:Order) RETURN n
MATCH ()-[r:MATCH]->() RETURN r
MATCH (count) RETURN count(count)
MATCH (shortest) RETURN shortest
MATCH (any) RETURN any
MATCH (n {order: 1, all: 2}) RETURN n
MATCH (chronological) RETURN chronological.wait
MATCH (end) RETURN end
RETURN 1 AS all
MATCH (wait) RETURN wait
// Refused by everyone
RETURN 1 +
RETURN * 1
RETURN / 2
RETURN 1 ** 2
RETURN 1 == 1
RETURN 1 !
RETURN (1
RETURN 1)
RETURN (1, 2)
RETURN [1, 2
RETURN [1 2]
RETURN [1,]
RETURN [,1]
RETURN [1..2]
RETURN {a: 1
RETURN {a 1}
RETURN {a: 1,}
RETURN {1: 1}
RETURN {a: }
RETURN $
RETURN $ x
RETURN NOT
RETURN 1 AND
RETURN AND 1
RETURN 1 OR OR 2
RETURN 1 IN
RETURN 1 IS
RETURN 1 IS 2
RETURN 'a' STARTS 'b'
RETURN 'a' STARTS WITH
RETURN CASE END
RETURN CASE 1 END
RETURN CASE WHEN 1 END
RETURN CASE WHEN 1 THEN END
RETURN CASE WHEN 1 THEN 2
RETURN CASE ELSE 1 END
RETURN f(
RETURN f(1,
RETURN f(,1)
RETURN f(1 2)
RETURN n.
RETURN n..x
RETURN n[
RETURN n[]
RETURN n[1
RETURN [x IN ]
RETURN [x IN [1] WHERE ]
RETURN [x IN [1] | ]
RETURN all(x IN [1] WHERE )
RETURN reduce(t = 0, x IN [1])
RETURN reduce(t, x IN [1] | t)
RETURN EXISTS { }
RETURN EXISTS { MATCH }
RETURN 0x
RETURN 0xG
RETURN 1.2.3
RETURN 1e
RETURN 'a' 'b'
RETURN 1 2 3
RETURN @a
RETURN #a
RETURN a ? b : c
RETURN ~1
RETURN 1 & 2
RETURN a := 1
RETURN :Port
RETURN n:
RETURN n:!
RETURN ''' '
RETURN 'a\'
RETURN '\u00'
RETURN '\q'
RETURN `
RETURN a b
RETURN ()
RETURN (())
RETURN <>
RETURN 1 <
RETURN < 1
RETURN 1 <> 
RETURN -
RETURN 12a
