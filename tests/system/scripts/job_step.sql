-- A job step that must not run twice at once, retries, and throws the package's own error.
SET NOCOUNT ON; SET XACT_ABORT ON;
DECLARE @package nvarchar(260) = N'package2.dtsx', @attempt tinyint = 1, @max tinyint = 2, @id bigint, @error nvarchar(2048), @state int;
IF EXISTS (SELECT 1 FROM SSISDB.catalog.executions WHERE package_name = @package AND status IN (1, 2, 5, 8) AND end_time IS NULL)
BEGIN
	RAISERROR('It runs already', 11, 1);
	RETURN;
END;
Again:
EXEC SSISDB.catalog.create_execution @folder_name = N'T', @project_name = N'project1', @package_name = @package, @reference_id = NULL, @use32bitruntime = 0, @execution_id = @id OUTPUT;
DECLARE @fail bit = IIF(@attempt < @max, 1, 0);
EXEC SSISDB.catalog.set_execution_parameter_value @id, 30, N'Fail', @fail;
EXEC SSISDB.catalog.set_execution_parameter_value @id, 50, N'SYNCHRONIZED', 1;
EXEC SSISDB.catalog.start_execution @id;
SELECT @state = status FROM SSISDB.catalog.executions WHERE execution_id = @id;
PRINT FORMATMESSAGE('attempt %i ended with %i', @attempt, @state);
IF @state <> 7 AND @attempt < @max
BEGIN
	SET @attempt += 1;
	WAITFOR DELAY '00:00:00.010';
	GOTO Again;
END;
BEGIN TRY
	IF @state = 7 THROW 60001, N'made up: it went well', 5;
END TRY
BEGIN CATCH
	SELECT @error = ERROR_MESSAGE();
	SELECT ERROR_NUMBER() AS number, ERROR_STATE() AS state, ERROR_LINE() AS line, @error AS message;
	THROW;
END CATCH;
PRINT 'not reached';
GO
PRINT CONCAT('the next batch runs, @@ERROR ', @@ERROR);
GO
