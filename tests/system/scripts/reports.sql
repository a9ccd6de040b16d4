-- Dashboards and message reports over what has run: windows, aggregates, CTEs, the type tables people carry around.
USE SSISDB
GO
SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED
SET NOCOUNT ON
;WITH runs AS (
	SELECT e.execution_id, e.package_name, e.status, e.start_time, e.end_time,
		ROW_NUMBER() OVER (PARTITION BY e.package_name ORDER BY e.execution_id DESC) AS latest,
		COUNT(*) OVER (PARTITION BY e.package_name) AS times
	FROM catalog.executions AS e WITH (NOLOCK)
	WHERE e.start_time >= DATEADD(DAY, -7, SYSDATETIMEOFFSET())
)
SELECT package_name, times, status_text = CASE status WHEN 1 THEN 'created' WHEN 2 THEN 'running' WHEN 4 THEN 'failed' WHEN 7 THEN 'succeeded' ELSE 'other' END,
	CASE WHEN DATEDIFF(SECOND, start_time, ISNULL(end_time, SYSDATETIMEOFFSET())) BETWEEN 0 AND 600 THEN 'short' ELSE 'long' END AS took
FROM runs WHERE latest = 1 ORDER BY package_name
GO
DECLARE @types TABLE (message_type smallint PRIMARY KEY, what varchar(20))
INSERT INTO @types VALUES (-1, 'unknown'), (10, 'pre-validate'), (20, 'post-validate'), (30, 'pre-execute'), (40, 'post-execute'), (60, 'progress'), (70, 'information'), (110, 'warning'), (120, 'error'), (130, 'task failed'), (200, 'custom'), (400, 'other')
SELECT t.what, COUNT(*) AS messages
FROM catalog.operation_messages AS m INNER JOIN @types AS t ON t.message_type = m.message_type
WHERE t.message_type IN (120, 130) GROUP BY t.what HAVING COUNT(*) > 0 ORDER BY t.what
GO
SELECT TOP (1) o.object_name, m.package_name, m.event_name, LEFT(m.message_source_name, 20) AS source, m.execution_path
FROM catalog.event_messages AS m JOIN catalog.operations AS o ON o.operation_id = m.operation_id
WHERE o.operation_id = (SELECT MAX(execution_id) FROM catalog.executions WHERE status = 4) AND m.event_name = N'OnError'
ORDER BY m.event_message_id
GO
SELECT d.package_name, STRING_AGG(d.result, ', ') AS results
FROM (SELECT DISTINCT x.package_name, CASE s.execution_result WHEN 0 THEN N'success' WHEN 1 THEN N'failure' ELSE N'other' END AS result
	FROM catalog.executable_statistics AS s JOIN catalog.executables AS x ON x.executable_id = s.executable_id AND x.execution_id = s.execution_id) AS d
GROUP BY d.package_name ORDER BY d.package_name
GO
SELECT e.status, COUNT(*) AS executions, MIN(CONVERT(char(10), e.start_time, 120)) AS first_day, MAX(DATEDIFF(HOUR, e.start_time, e.end_time)) AS hours
INTO #kpi FROM catalog.executions AS e GROUP BY e.status
SELECT status, executions, CASE WHEN first_day = CONVERT(char(10), GETDATE(), 120) OR first_day = CONVERT(char(10), DATEADD(DAY, -1, GETDATE()), 120) THEN 'lately' END AS days, hours FROM #kpi ORDER BY status
DROP TABLE #kpi
GO
SELECT p.parameter_name, p.parameter_data_type, CAST(p.parameter_value AS nvarchar(50)) AS value
FROM catalog.execution_parameter_values AS p
WHERE p.execution_id = (SELECT MIN(execution_id) FROM catalog.executions) AND p.object_type = 50 AND p.parameter_name = N'LOGGING_LEVEL'
OPTION (RECOMPILE)
GO
EXEC sp_help 'catalog.folders'
GO
