-- A job step: dynamic call with an OUTPUT parameter, a loop that waits, errors that are logged and thrown again.
USE SSISDB;
GO
SET NOCOUNT ON;
DECLARE @log TABLE (n int IDENTITY(1, 1) PRIMARY KEY, line nvarchar(4000) NOT NULL);
DECLARE @id bigint, @status int, @tries int = 0, @call nvarchar(max), @package nvarchar(260);
DECLARE work CURSOR LOCAL FAST_FORWARD FOR
	SELECT k.name FROM catalog.packages AS k JOIN catalog.projects AS p ON p.project_id = k.project_id
	JOIN catalog.folders AS f ON f.folder_id = p.folder_id
	WHERE f.name = N'T' AND p.name = N'project1' AND k.entry_point = 1 ORDER BY k.name;
OPEN work;
FETCH NEXT FROM work INTO @package;
WHILE @@FETCH_STATUS = 0
BEGIN
	BEGIN TRY
		SET @call = N'EXEC ' + QUOTENAME(N'SSISDB') + N'.catalog.create_execution @folder_name = @f, @project_name = @p, @package_name = @k,
			@use32bitruntime = 0, @execution_id = @e OUTPUT;';
		EXEC sp_executesql @call, N'@f nvarchar(128), @p nvarchar(128), @k nvarchar(260), @e bigint OUTPUT',
			@f = N'T', @p = N'project1', @k = @package, @e = @id OUTPUT;
		IF @package = N'package2.dtsx'
			EXEC catalog.set_execution_parameter_value @id, 30, N'Fail', 1;
		EXEC catalog.start_execution @execution_id = @id;
		SET @tries = 0;
		SELECT @status = status FROM catalog.executions WHERE execution_id = @id;
		WHILE @status NOT IN (3, 4, 6, 7, 9) AND @tries < 600
		BEGIN
			WAITFOR DELAY '00:00:00.050';
			SET @tries += 1;
			SELECT @status = status FROM catalog.executions WHERE execution_id = @id;
		END;
		IF @status <> 7
			RAISERROR(N'%s ended with status %d.', 16, 1, @package, @status);
		INSERT @log (line) VALUES (@package + N' succeeded');
	END TRY
	BEGIN CATCH
		INSERT INTO @log (line)
		SELECT CONCAT(ERROR_NUMBER(), N': ', ERROR_MESSAGE());
		INSERT INTO @log (line)
		SELECT TOP (1) LEFT(m.message, 20) FROM catalog.event_messages AS m
		WHERE m.operation_id = @id AND m.event_name = N'OnError' ORDER BY m.event_message_id;
	END CATCH;
	FETCH NEXT FROM work INTO @package;
END;
CLOSE work;
DEALLOCATE work;
SELECT line FROM @log ORDER BY n;
GO
BEGIN TRY
	EXEC catalog.create_execution N'T', N'project1', N'missing.dtsx', NULL, 0, NULL;
END TRY
BEGIN CATCH
	DECLARE @message nvarchar(2048) = ERROR_MESSAGE(), @severity int = ERROR_SEVERITY(), @state int = ERROR_STATE();
	PRINT CONCAT('number ', ERROR_NUMBER(), ' in ', ERROR_PROCEDURE());
	IF XACT_STATE() <> 0 ROLLBACK TRANSACTION;
	IF @severity > 10 PRINT @message;
END CATCH;
GO
DECLARE @status int, @id bigint;
EXEC @status = SSISDB.catalog.create_execution @folder_name = N'T', @project_name = N'project1', @package_name = N'package1.dtsx', @execution_id = @id OUT;
PRINT @status;
EXEC @status = [catalog].[start_execution] @execution_id = @id;
EXEC @status = [catalog].[stop_operation] @operation_id = @id;
GO
