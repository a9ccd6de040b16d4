-- APPLY over what the left side says
SELECT f.name, e.execution_id FROM catalog.folders f CROSS APPLY (SELECT TOP (1) execution_id FROM catalog.executions x WHERE x.folder_name = f.name ORDER BY execution_id DESC) e ORDER BY f.folder_id;
SELECT f.name, e.execution_id, e.status FROM catalog.folders f OUTER APPLY (SELECT TOP 1 execution_id, status FROM catalog.executions x WHERE x.folder_name = f.name ORDER BY execution_id) AS e ORDER BY f.folder_id;
GO
-- an aggregate, a VALUES constructor, a union and an expression on the right
SELECT f.name, n.n, n.last FROM catalog.folders f CROSS APPLY (SELECT COUNT(*) AS n, MAX(execution_id) AS last FROM catalog.executions x WHERE x.folder_name = f.name) n ORDER BY f.folder_id;
SELECT f.folder_id, v.what, v.value FROM catalog.folders f CROSS APPLY (VALUES ('name', f.name), ('cost', CAST(f.cost AS nvarchar(20)))) v(what, value) ORDER BY f.folder_id, v.what DESC;
SELECT f.folder_id, u.x FROM catalog.folders f CROSS APPLY (SELECT f.folder_id * 10 AS x UNION ALL SELECT f.folder_id * 100) u ORDER BY u.x;
SELECT d.twice, e.four FROM catalog.folders f CROSS APPLY (SELECT f.folder_id * 2 AS twice) d CROSS APPLY (SELECT d.twice * 2 AS four) e WHERE e.four > 4 ORDER BY 1;
GO
-- functions of the language
SELECT value FROM STRING_SPLIT('a,b,,c', ',');
SELECT value, ordinal FROM STRING_SPLIT(N'x;y', ';', 1) ORDER BY ordinal DESC;
SELECT e.execution_id, s.value FROM catalog.executions e CROSS APPLY STRING_SPLIT(e.package_name, '.') s ORDER BY e.execution_id, s.value;
SELECT f.name, s.value FROM catalog.folders f OUTER APPLY STRING_SPLIT(CASE WHEN f.folder_id > 2 THEN NULL ELSE f.name END, ' ') s ORDER BY f.folder_id, s.value;
SELECT name FROM catalog.folders f WHERE 'two' IN (SELECT value FROM STRING_SPLIT(f.name, ' '));
SELECT value FROM GENERATE_SERIES(1, 5, 2);
SELECT value FROM GENERATE_SERIES(0.5, -0.5, -0.5);
SELECT f.folder_id, c.counter_name FROM catalog.folders f CROSS APPLY catalog.dm_execution_performance_counters(f.folder_id) c ORDER BY 1;
SELECT f.folder_id, (SELECT COUNT(*) FROM catalog.dm_execution_performance_counters(f.folder_id + 2) c) AS n FROM catalog.folders f ORDER BY 1;
GO
-- with a CTE, a variable, a temporary table, nested
DECLARE @top int = 1;
WITH big AS (SELECT execution_id, folder_name FROM catalog.executions WHERE execution_id > 1)
SELECT f.name, b.execution_id FROM catalog.folders f CROSS APPLY (SELECT TOP (@top) b.execution_id FROM big b WHERE b.folder_name = f.name) b ORDER BY f.name;
CREATE TABLE #t (id int, list varchar(50)); INSERT INTO #t VALUES (1, '1,2'), (2, '3'), (3, NULL);
SELECT t.id, s.value FROM #t t CROSS APPLY STRING_SPLIT(t.list, ',') s WHERE s.value > 1 ORDER BY t.id, s.value;
SELECT t.id, x.n FROM #t t OUTER APPLY (SELECT COUNT(*) n FROM STRING_SPLIT(t.list, ',') s WHERE EXISTS (SELECT 1 FROM #t u WHERE u.id = s.value AND u.id <> t.id)) x ORDER BY t.id;
SELECT t.id, y.a, y.b FROM #t t CROSS APPLY (SELECT s.value AS a, z.b FROM STRING_SPLIT(t.list, ',') s CROSS APPLY (SELECT s.value + t.list AS b) z) y ORDER BY 1, 2;
SELECT t.id FROM #t t WHERE t.id IN (SELECT q.id FROM #t x CROSS APPLY (SELECT TOP 1 t.id AS id) q WHERE x.id = 1) ORDER BY 1;
SELECT * FROM (VALUES (1, 'a'), (2, NULL), (3, 'ccc')) AS v(id, t) ORDER BY id DESC;
SELECT v.n * 2 AS m FROM (VALUES (1), (2.5)) v(n) ORDER BY 1;
GO
-- OPENJSON
SELECT [key], value, type FROM OPENJSON(N'{"a":1,"b":"x\u0041\n","c":[1, 2],"d":{"e":null},"f":null,"g":true}');
SELECT [key], value FROM OPENJSON('{"list":[10,20]}', '$.list');
SELECT id, name, j FROM OPENJSON('[{"id":1,"name":"x","sub":{"k":[1 , 2]}},{"id":"2"}]') WITH (id int, name nvarchar(10), j nvarchar(max) '$.sub.k' AS JSON);
SELECT f.folder_id, j.value FROM catalog.folders f CROSS APPLY OPENJSON('["' + f.name + '"]') j ORDER BY 1;
GO
-- what goes wrong
SELECT f.name FROM catalog.folders f CROSS APPLY (SELECT nope FROM catalog.executions) e;
GO
SELECT f.name FROM catalog.folders f CROSS APPLY (SELECT 1 / (f.folder_id - 1) AS x) e;
GO
SELECT f.name FROM catalog.folders f JOIN STRING_SPLIT(f.name, ' ') s ON 1 = 1;
GO
SELECT value FROM STRING_SPLIT('a', 'bc');
GO
SELECT * FROM OPENJSON('{bad}');
GO
SELECT x.y FROM (VALUES (1, 2), (3)) x(y, z);
GO
SELECT * FROM OPENQUERY(srv, 'select 1') q;
GO
