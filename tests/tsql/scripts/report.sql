-- What report writers do: failures of late per folder, a loop that waits for an end, a summary in a temporary table.
USE SSISDB;
GO
SET NOCOUNT ON;
DECLARE @since datetimeoffset = '2020-01-01', @failed int, @i int = 0;
SELECT @failed = COUNT(*) FROM [catalog].[executions] WHERE [status] IN (3, 4, 6) AND start_time >= @since;
PRINT CONCAT('failed: ', @failed);
WHILE NOT EXISTS (SELECT 1 FROM catalog.executions WHERE execution_id = 3 AND status = 7) AND @i < 5
BEGIN
	WAITFOR DELAY '00:00:00.001';
	SET @i += 1;
END
PRINT 'waited ' + CAST(@i AS varchar(10));
SELECT	e.folder_name,
	outcome = CASE e.[status] WHEN 7 THEN N'succeeded' WHEN 4 THEN N'failed' ELSE N'other' END,
	COUNT(*) AS [executions],
	MIN(CONVERT(date, e.start_time)) AS first_day
INTO #summary
FROM [catalog].[executions] AS e
GROUP BY e.folder_name, CASE e.[status] WHEN 7 THEN N'succeeded' WHEN 4 THEN N'failed' ELSE N'other' END;
SELECT * FROM #summary ORDER BY folder_name, outcome;
SELECT DATEDIFF(day, MIN(start_time), MAX(start_time)) AS days FROM catalog.executions;
GO
IF (SELECT COUNT(*) FROM #summary) <> 3 RAISERROR('expected %d rows', 16, 1, 3);
DROP TABLE #summary;
GO 2
BEGIN TRY
	EXEC catalog.create_execution @folder_name = 'nosuch', @project_name = 'p', @package_name = 'x.dtsx';
END TRY
BEGIN CATCH
	SELECT ERROR_NUMBER() AS number, ERROR_SEVERITY() AS severity, ERROR_PROCEDURE() AS [procedure], LEFT(ERROR_MESSAGE(), 31) AS message;
END CATCH
