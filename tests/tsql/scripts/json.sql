SET NOCOUNT ON;
SELECT folder_id AS id, name, cost FROM catalog.folders ORDER BY folder_id DESC FOR JSON PATH;
SELECT folder_id AS [key.id], name AS [key.name], created_time AS [info.at.created], cost AS [info.cost], 1 AS last
FROM catalog.folders ORDER BY folder_id FOR JSON PATH, ROOT('folders'), INCLUDE_NULL_VALUES;
SELECT TOP 1 cost AS [a.b.c], folder_id AS [a.d] FROM catalog.folders WHERE folder_id = 3 FOR JSON PATH, WITHOUT_ARRAY_WRAPPER;
SELECT * FROM catalog.executions WHERE execution_id = 2 FOR JSON AUTO, ROOT;
GO
-- Every kind of value.
SELECT CAST(1 AS bit) AS b, CAST(-5 AS bigint) AS i, CAST(1.50 AS decimal(9,2)) AS d, CAST(2.5 AS float) AS f, CAST(3 AS money) AS m,
	CAST('2026-01-31' AS date) AS day, CAST('10:00:00.120' AS time) AS t, CAST('2026-01-31T10:00:00' AS datetime) AS dt,
	CAST('2026-01-31 10:00:00.5 +02:00' AS datetimeoffset) AS dto, CAST('2026-01-31 10:00:00 +00:00' AS datetimeoffset(0)) AS utc,
	0x000102FF AS bytes, CAST('64C020E2-F819-4C2D-A22F-EFB31A91E70A' AS uniqueidentifier) AS id,
	N'"/\' + CHAR(9) + CHAR(10) + CHAR(1) + N'é' AS text, NULL AS nothing
FOR JSON PATH;
GO
-- As a value, inside another, and from no rows.
DECLARE @json nvarchar(max) = (SELECT name FROM catalog.folders WHERE folder_id < 3 ORDER BY name FOR JSON PATH);
PRINT @json;
SET @json = (SELECT name FROM catalog.folders WHERE 1 = 0 FOR JSON PATH);
PRINT ISNULL(@json, 'NULL');
SELECT name FROM catalog.folders WHERE 1 = 0 FOR JSON PATH;
SELECT f.name, (SELECT e.execution_id AS id, e.note FROM catalog.executions AS e WHERE e.folder_name = f.name ORDER BY e.execution_id DESC FOR JSON PATH) AS runs
FROM catalog.folders AS f ORDER BY f.folder_id FOR JSON PATH;
SELECT f.folder_id, LEN((SELECT f.name AS n FOR JSON PATH, WITHOUT_ARRAY_WRAPPER)) AS length FROM catalog.folders AS f ORDER BY 1;
SELECT 1 AS n UNION ALL SELECT 2 FOR JSON PATH;
GO
-- What cannot be.
SELECT folder_id, COUNT(*) FROM catalog.folders GROUP BY folder_id FOR JSON PATH;
GO
SELECT 1 AS a, 2 AS [a.b] FOR JSON PATH;
GO
SELECT 1 AS [a.b], 2 AS c, 3 AS [a.d] FOR JSON PATH;
GO
SELECT 1 AS [a..b] FOR JSON PATH;
GO
SELECT 1 AS a FOR JSON PATH, ROOT('x'), WITHOUT_ARRAY_WRAPPER;
GO
SELECT 1 AS a FOR JSON AUTO;
GO
SELECT f.name FROM catalog.folders f JOIN catalog.executions e ON e.folder_name = f.name FOR JSON AUTO;
GO
SELECT 1 AS a FOR XML AUTO;
GO
DECLARE @x int; SELECT @x = 1 FOR JSON PATH;
GO
