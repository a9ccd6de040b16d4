SET NOCOUNT ON;
WITH n (i, twice) AS (SELECT 1, 2 UNION ALL SELECT i + 1, twice + 2 FROM n WHERE i < 5)
SELECT * FROM n ORDER BY i;
-- A hierarchy: folders below folders.
CREATE TABLE #part (id int PRIMARY KEY, parent int, name nvarchar(20));
INSERT #part VALUES (1, NULL, 'car'), (2, 1, 'engine'), (3, 1, 'wheel'), (4, 2, 'piston'), (5, 3, 'tyre'), (6, NULL, 'boat');
WITH tree AS (
	SELECT id, CAST(name AS nvarchar(200)) AS path, 0 AS depth FROM #part WHERE parent IS NULL AND id = 1
	UNION ALL
	SELECT p.id, CAST(t.path + N'/' + p.name AS nvarchar(200)), t.depth + 1
	FROM #part AS p INNER JOIN tree AS t ON p.parent = t.id
), deep AS (SELECT * FROM tree WHERE depth > 0)
SELECT d.id, d.path, d.depth, (SELECT COUNT(*) FROM tree) AS nodes FROM deep AS d ORDER BY d.path;
-- Days of a month, with a variable; two anchors and two members.
DECLARE @first date = '2026-02-26';
WITH d AS (SELECT @first AS day UNION ALL SELECT DATEADD(day, 1, day) FROM d WHERE MONTH(DATEADD(day, 1, day)) = MONTH(@first))
SELECT day FROM d;
WITH m AS (SELECT 1 AS v UNION ALL SELECT 100 UNION ALL SELECT v * 2 FROM m WHERE v < 4 UNION ALL SELECT v + 1 FROM m WHERE v > 99 AND v < 102)
SELECT v FROM m ORDER BY v;
GO
-- The limit on turns.
WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 101) SELECT MAX(i) AS m FROM n;
WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 102) SELECT MAX(i) AS m FROM n;
WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT MAX(i) AS m FROM n OPTION (MAXRECURSION 0);
WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT MAX(i) AS m FROM n OPTION (MAXRECURSION 3);
WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT TOP 3 i FROM n;
GO
SELECT 1 AS a OPTION (MAXRECURSION 40000);
GO
-- What a member may not be.
WITH n AS (SELECT 1 AS i UNION SELECT i + 1 FROM n WHERE i < 3) SELECT * FROM n;
GO
WITH n AS (SELECT i + 1 AS i FROM n) SELECT * FROM n;
GO
WITH n AS (SELECT i + 1 AS i FROM n UNION ALL SELECT 1) SELECT * FROM n;
GO
WITH n AS (SELECT 1 AS i UNION ALL SELECT a.i + 1 FROM n AS a JOIN n AS b ON a.i = b.i WHERE a.i < 3) SELECT * FROM n;
GO
WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 3 AND EXISTS (SELECT 1 FROM n)) SELECT * FROM n;
GO
WITH n AS (SELECT 1 AS i UNION ALL SELECT MAX(i) + 1 FROM n) SELECT * FROM n;
GO
WITH n AS (SELECT 1 AS i UNION ALL SELECT n.i FROM catalog.folders AS f LEFT JOIN n ON n.i = f.folder_id) SELECT * FROM n;
GO
WITH n AS (SELECT 1 AS i UNION ALL SELECT CAST(i AS bigint) + 1 FROM n WHERE i < 3) SELECT * FROM n;
GO
WITH n AS (SELECT 1 AS i, 2 AS j UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT * FROM n;
GO
