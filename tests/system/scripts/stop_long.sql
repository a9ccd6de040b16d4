-- Ends what runs too long, and lists what is queued: a watchdog job.
SET NOCOUNT ON
DECLARE @e bigint, @stopped int = 0
EXEC SSISDB.catalog.create_execution N'T', N'project1', N'package1.dtsx', NULL, 0, 0, 1, @execution_id = @e OUTPUT
EXEC SSISDB.catalog.start_execution @execution_id = @e, @retry_count = 2
IF OBJECT_ID('tempdb..#running') IS NOT NULL DROP TABLE #running
CREATE TABLE #running (execution_id bigint NOT NULL PRIMARY KEY CLUSTERED, package_name nvarchar(260) COLLATE DATABASE_DEFAULT NULL, minutes int DEFAULT (0), CONSTRAINT CK_minutes CHECK (minutes >= 0))
INSERT INTO #running (execution_id, package_name, minutes)
SELECT execution_id, package_name, ISNULL(DATEDIFF(MINUTE, start_time, SYSDATETIMEOFFSET()), 0) FROM SSISDB.catalog.executions WITH (READUNCOMMITTED) WHERE status IN (2, 5)
WHILE EXISTS (SELECT TOP 1 1 FROM #running)
BEGIN
	SELECT TOP (1) @e = execution_id FROM #running ORDER BY execution_id
	BEGIN TRY
		EXEC SSISDB.catalog.stop_operation @operation_id = @e
		SET @stopped = @stopped + 1
	END TRY
	BEGIN CATCH
		IF ERROR_NUMBER() NOT IN (27124, 27126) THROW;
	END CATCH
	DELETE #running WHERE execution_id = @e
END
SELECT @stopped AS stopped, (SELECT status FROM SSISDB.catalog.executions WHERE execution_id = @e) AS status
DROP TABLE IF EXISTS #running
GO
