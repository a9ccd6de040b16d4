-- Housekeeping: how much there is, what is old, the maintenance procedures, batches inside a transaction.
USE SSISDB
GO
SET NOCOUNT ON
DECLARE @window int, @before datetimeoffset
SELECT @window = CONVERT(int, property_value) FROM [catalog].[catalog_properties] WHERE property_name = 'RETENTION_WINDOW'
IF @window <= 0 RETURN
SET @before = DATEADD(DAY, -@window, GETDATE())
SELECT old = COUNT(*) FROM catalog.operations WHERE created_time < @before AND status NOT IN (2, 5)
CREATE TABLE #doomed (operation_id bigint NOT NULL PRIMARY KEY)
INSERT #doomed (operation_id) SELECT TOP (100) o.operation_id FROM catalog.operations o WHERE ISNULL(o.end_time, o.created_time) < @before
WHILE EXISTS (SELECT * FROM #doomed)
BEGIN
	DELETE TOP (10) FROM #doomed
END
DROP TABLE #doomed
BEGIN TRAN
EXEC catalog.configure_catalog N'RETENTION_WINDOW', 30
IF @@ERROR <> 0 GOTO QuitWithRollback
COMMIT TRAN
GOTO EndSave
QuitWithRollback:
	IF (@@TRANCOUNT > 0) ROLLBACK TRANSACTION
EndSave:
PRINT CONCAT('open transactions: ', @@TRANCOUNT)
GO
DECLARE @rc int
EXEC @rc = [internal].[cleanup_server_retention_window]
PRINT @rc
EXEC @rc = [internal].[cleanup_server_project_version]
PRINT @rc
GO
SELECT COUNT(*) AS executions FROM catalog.executions
SELECT property_value FROM catalog.catalog_properties WHERE property_name = N'RETENTION_WINDOW'
GO
