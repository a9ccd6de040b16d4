-- How long tasks take: statistics of executables, percentages, the slowest first, hours by a tally.
WITH stats AS (
	SELECT x.package_name, x.executable_name, x.package_path, s.execution_path, s.execution_duration, s.execution_result,
		RANK() OVER (PARTITION BY s.execution_id ORDER BY s.execution_duration DESC) AS slowest,
		100.0 * s.execution_duration / NULLIF(SUM(s.execution_duration) OVER (PARTITION BY s.execution_id), 0) AS percentage
	FROM SSISDB.catalog.executable_statistics AS s
	INNER JOIN SSISDB.catalog.executables AS x ON x.executable_id = s.executable_id AND x.execution_id = s.execution_id
)
SELECT package_name, package_path, COUNT(*) AS times, CASE WHEN ISNULL(MAX(percentage), 0) <= 100 THEN 'fits' END AS share,
	SUM(CASE execution_result WHEN 0 THEN 1 ELSE 0 END) AS good, SUM(IIF(execution_result = 1, 1, 0)) AS bad
FROM stats GROUP BY package_name, package_path ORDER BY package_name, package_path
GO
;WITH L0 AS (SELECT 1 AS c UNION ALL SELECT 1), L1 AS (SELECT 1 AS c FROM L0 AS A CROSS JOIN L0 AS B), L2 AS (SELECT 1 AS c FROM L1 AS A CROSS JOIN L1 AS B),
L3 AS (SELECT 1 AS c FROM L2 AS A CROSS JOIN L2 AS B), Nums AS (SELECT ROW_NUMBER() OVER (ORDER BY (SELECT NULL)) AS n FROM L3)
SELECT COUNT(h.hour_start) AS hours, SUM(h.runs) AS runs FROM (
	SELECT DATEADD(HOUR, 1 - n.n, DATEADD(HOUR, DATEDIFF(HOUR, 0, GETDATE()), 0)) AS hour_start,
		(SELECT COUNT(*) FROM SSISDB.catalog.executions e WHERE DATEADD(HOUR, DATEDIFF(HOUR, 0, CONVERT(datetime, e.start_time)), 0) = DATEADD(HOUR, 1 - n.n, DATEADD(HOUR, DATEDIFF(HOUR, 0, GETDATE()), 0))) AS runs
	FROM Nums AS n WHERE n.n <= 24) AS h
GO
DECLARE @from date = DATEADD(MONTH, DATEDIFF(MONTH, 0, GETDATE()), 0), @to date = EOMONTH(GETDATE())
;WITH days AS (SELECT @from AS d UNION ALL SELECT DATEADD(DAY, 1, d) FROM days WHERE d < @to)
SELECT IIF(COUNT(*) BETWEEN 28 AND 31, 'a month', 'wrong') AS days FROM days OPTION (MAXRECURSION 100)
GO
