-- Scale Out: workers of an execution, any worker, retries, what the views tell.
DECLARE @execution_id bigint
EXEC [SSISDB].[catalog].[create_execution] @package_name=N'package1.dtsx', @execution_id=@execution_id OUTPUT, @folder_name=N'T', @project_name=N'project1', @use32bitruntime=False, @reference_id=Null, @useanyworker=True, @runinscaleout=True
DECLARE @var0 smallint = 1
EXEC [SSISDB].[catalog].[set_execution_parameter_value] @execution_id,  @object_type=50, @parameter_name=N'LOGGING_LEVEL', @parameter_value=@var0
EXEC [SSISDB].[catalog].[start_execution] @execution_id,  @retry_count=0
SET NOCOUNT ON
SELECT status FROM SSISDB.catalog.executions WHERE execution_id = @execution_id
EXEC [SSISDB].[catalog].[stop_operation] @operation_id=@execution_id
GO
DECLARE @execution_id bigint
EXEC [SSISDB].[catalog].[create_execution] @package_name=N'package1.dtsx', @execution_id=@execution_id OUTPUT, @folder_name=N'T', @project_name=N'project1', @useanyworker=False, @runinscaleout=True
BEGIN TRY
	EXEC [SSISDB].[catalog].[add_execution_worker] @execution_id,  @workeragent_id=N'0b4d1a52-9c7e-4a5b-8b21-0d3c5a1f7e66'
END TRY
BEGIN CATCH
	PRINT ERROR_NUMBER()
END CATCH
BEGIN TRY
	EXEC [SSISDB].[catalog].[start_execution] @execution_id, @retry_count=1
END TRY
BEGIN CATCH
	PRINT ERROR_NUMBER()
END CATCH
GO
SELECT IsEnabled, DisplayName FROM SSISDB.catalog.worker_agents
SELECT MachineName, WorkerAgentId FROM [SSISDB].[catalog].[master_properties] mp CROSS JOIN SSISDB.catalog.worker_agents WHERE 1 = 0
GO
EXEC [SSISDB].[catalog].[configure_catalog] @property_name=N'DEFAULT_EXECUTION_MODE', @property_value=1
SELECT property_value FROM SSISDB.catalog.catalog_properties WHERE property_name = N'DEFAULT_EXECUTION_MODE'
GO
