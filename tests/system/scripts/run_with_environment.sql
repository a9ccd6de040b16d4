-- A run with an environment, logging level and caller, SYNCHRONIZED, and an error for the job step when it did not succeed.
DECLARE @execution_id BIGINT, @reference_id BIGINT, @status INT, @errmsg NVARCHAR(2000), @var0 smallint = 1, @logging_level smallint = 1
EXEC SSISDB.catalog.create_environment N'T', N'Run'
EXEC SSISDB.catalog.create_environment_variable N'T', N'Run', N'Hello', N'String', 0, N'Servus', N''
EXEC SSISDB.catalog.create_environment_reference N'T', N'project1', N'Run', 'R', NULL, @reference_id OUTPUT
EXEC SSISDB.catalog.set_object_parameter_value 20, N'T', N'project1', N'Greeting', N'Hello', NULL, 'R'
SELECT @reference_id = er.reference_id
FROM SSISDB.catalog.environment_references er
	INNER JOIN SSISDB.catalog.projects AS p ON p.project_id = er.project_id
	INNER JOIN SSISDB.catalog.folders f ON f.folder_id = p.folder_id AND (er.reference_type = 'R' OR er.environment_folder_name = f.name)
WHERE f.name = N'T' AND p.name = N'project1' AND er.environment_name = N'Run'
EXEC SSISDB.catalog.create_execution
	@package_name = N'package1.dtsx',
	@execution_id = @execution_id OUTPUT,
	@folder_name = N'T',
	@project_name = N'project1',
	@use32bitruntime = False,
	@reference_id = @reference_id
EXEC SSISDB.catalog.set_execution_parameter_value @execution_id, @object_type = 50, @parameter_name = N'LOGGING_LEVEL', @parameter_value = @logging_level
EXEC SSISDB.catalog.set_execution_parameter_value @execution_id, 50, N'SYNCHRONIZED', @var0
EXEC SSISDB.catalog.set_execution_parameter_value @execution_id, 50, N'CALLER_INFO', N'job step 1'
EXEC SSISDB.catalog.start_execution @execution_id
SET @status = (SELECT [status] FROM SSISDB.catalog.executions WHERE execution_id = @execution_id)
IF @status <> 7
BEGIN
	SET @errmsg = (SELECT TOP 1 message FROM SSISDB.catalog.event_messages WHERE operation_id = @execution_id AND event_name = 'OnError' ORDER BY event_message_id)
	RAISERROR (@errmsg, 16, 1)
END
ELSE PRINT 'ok'
SELECT parameter_name, parameter_value, value_set, runtime_override FROM SSISDB.catalog.execution_parameter_values
WHERE execution_id = @execution_id AND (object_type = 20 OR parameter_name IN ('CALLER_INFO', 'LOGGING_LEVEL', 'SYNCHRONIZED')) ORDER BY object_type, parameter_name
SELECT COUNT(*) AS errors FROM SSISDB.catalog.event_messages m WHERE m.operation_id = @execution_id AND m.message_type = 120
GO
