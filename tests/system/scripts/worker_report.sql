-- Scale Out at a glance: workers, tags, who ran what, default mode.
USE SSISDB
SELECT property_name, CASE WHEN property_name IN ('MACHINE_NAME') THEN '' ELSE 'x' END AS v FROM catalog.master_properties WHERE property_name LIKE '%NAME%' ORDER BY 1
SELECT w.DisplayName, w.MachineName, CASE w.IsEnabled WHEN 1 THEN 'enabled' ELSE 'disabled' END AS state,
	CASE WHEN DATEDIFF(SECOND, w.LastOnlineTime, SYSDATETIMEOFFSET()) < 120 THEN 'online' ELSE 'offline' END AS reach
FROM catalog.worker_agents AS w ORDER BY 1
SELECT COUNT(DISTINCT e.worker_agent_id) AS workers, SUM(e.executed_count) AS tries, COUNT(CASE WHEN e.worker_agent_id IS NULL THEN 1 END) AS local_runs FROM catalog.executions e
DECLARE @mode nvarchar(100); SELECT @mode = property_value FROM catalog.catalog_properties WHERE property_name = N'DEFAULT_EXECUTION_MODE'
PRINT 'default mode: ' + CASE @mode WHEN '1' THEN 'Scale Out' ELSE 'Server' END
GO
EXEC [SSISDB].[catalog].[configure_catalog] @property_name = N'DEFAULT_EXECUTION_MODE', @property_value = N'1'
DECLARE @execution_id bigint
EXEC [SSISDB].[catalog].[create_execution] @package_name = N'package1.dtsx', @execution_id = @execution_id OUTPUT, @folder_name = N'T', @project_name = N'project1', @use32bitruntime = False, @reference_id = Null, @useanyworker = True, @runinscaleout = True
DECLARE @var0 smallint = 1
EXEC [SSISDB].[catalog].[set_execution_parameter_value] @execution_id, @object_type = 50, @parameter_name = N'LOGGING_LEVEL', @parameter_value = @var0
EXEC [SSISDB].[catalog].[start_execution] @execution_id, @retry_count = 0
SELECT status, runs = executed_count FROM catalog.executions WHERE execution_id = @execution_id
EXEC SSISDB.catalog.stop_operation @execution_id
GO
