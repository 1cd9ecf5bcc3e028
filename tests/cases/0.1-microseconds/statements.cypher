CREATE (:Vessel {id: 'angara', name: 'Angara', built: date('1992-05-17'), first: date('0001-01-01'), last: date('9999-12-31')});
CREATE (:Port {id: 'rajin', open: true, depth: 9.5, berths: 3, least: -9223372036854775807, note: 'Rason', tags: ['ice-free', 'rail'], numbers: [1, 2, 3], seen: [date('2023-09-07'), date('2023-10-01')]});
CREATE (:Report {id: 'call', at: datetime('2023-09-07T12:30:15.123456+02:00'), utc: datetime('2023-09-07T12:30:00Z'), old: datetime('1890-01-01T00:00:00.000001-05:30'), times: [datetime('2023-09-07T12:30Z'), datetime('2023-09-08T12:30+09:00')]});
CREATE (:Wait {id: 'wait', week: duration('P7D'), long: duration('P1Y2M3DT4H5M6.789012S'), back: duration('PT-0.5S'), mixed: duration({months: 1, days: -14, hours: 16, microseconds: -1}), list: [duration('PT12H'), duration('P1M')]});
MATCH (v:Vessel), (p:Port) CREATE (v)-[:CALLED_AT {from: datetime('2023-09-07T12:30:00.5+09:00'), to: date('2023-09-08')}]->(p), (v)-[:CALLED_AT {from: '2023-09'}]->(p);
MATCH (w:Wait) SET w.week = duration('P14D') REMOVE w.back;
CALL evidence.claim({about: 'rajin', property: 'depth', value: datetime('2023-09-07T12:30:15.123456+02:00'), stance: 'supports'});
