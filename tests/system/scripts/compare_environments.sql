-- Two environments side by side: FULL JOIN, EXCEPT and INTERSECT, and MERGE into the copy's list.
USE SSISDB
EXEC catalog.create_environment N'T', N'A'; EXEC catalog.create_environment N'T', N'B'
EXEC catalog.create_environment_variable N'T', N'A', N'x', N'String', 0, N'1', N''
EXEC catalog.create_environment_variable N'T', N'A', N'y', N'Int32', 0, 2, N''
EXEC catalog.create_environment_variable N'T', N'B', N'y', N'Int32', 0, 3, N''
EXEC catalog.create_environment_variable N'T', N'B', N'z', N'String', 0, N'only here', N''
GO
WITH v AS (SELECT e.name AS env, v.name, v.type, CONVERT(nvarchar(4000), v.value) AS value FROM catalog.environment_variables v JOIN catalog.environments e ON e.environment_id = v.environment_id)
SELECT COALESCE(a.name, b.name) AS variable, a.value AS in_A, b.value AS in_B,
	CASE WHEN a.name IS NULL THEN 'only B' WHEN b.name IS NULL THEN 'only A' WHEN a.value = b.value THEN 'same' ELSE 'differs' END AS verdict
FROM (SELECT * FROM v WHERE env = 'A') AS a FULL OUTER JOIN (SELECT * FROM v WHERE env = 'B') AS b ON a.name = b.name
ORDER BY variable
GO
SELECT name, type FROM catalog.environment_variables WHERE environment_id = (SELECT environment_id FROM catalog.environments WHERE name = 'A')
EXCEPT
SELECT name, type FROM catalog.environment_variables WHERE environment_id = (SELECT environment_id FROM catalog.environments WHERE name = 'B')
GO
CREATE TABLE #target (name sysname PRIMARY KEY, value sql_variant NULL, changed datetime2(0) NOT NULL DEFAULT SYSDATETIME())
INSERT #target (name, value) SELECT v.name, v.value FROM catalog.environment_variables v JOIN catalog.environments e ON e.environment_id = v.environment_id WHERE e.name = N'B'
MERGE INTO #target AS t
USING (SELECT v.name, v.value FROM catalog.environment_variables v JOIN catalog.environments e ON e.environment_id = v.environment_id WHERE e.name = N'A') AS s
ON (t.name = s.name)
WHEN MATCHED AND t.value <> s.value THEN UPDATE SET t.value = s.value, changed = DEFAULT
WHEN NOT MATCHED BY TARGET THEN INSERT (name, value) VALUES (s.name, s.value)
WHEN NOT MATCHED BY SOURCE THEN DELETE
OUTPUT $action, COALESCE(inserted.name, deleted.name) AS name, deleted.value AS old, inserted.value AS new;
SELECT name, value FROM #target ORDER BY name
GO
