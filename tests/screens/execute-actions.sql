Declare @execution_id bigint
EXEC [SSISDB].[catalog].[create_execution] @package_name=N'RotateLogs.dtsx', @execution_id=@execution_id OUTPUT, @folder_name=N'Samples', @project_name=N'Housekeeping', @use32bitruntime=False, @reference_id=Null, @useanyworker=False, @runinscaleout=True
Select @execution_id
DECLARE @var0 smallint = 3
EXEC [SSISDB].[catalog].[set_execution_parameter_value] @execution_id,  @object_type=50, @parameter_name=N'LOGGING_LEVEL', @parameter_value=@var0
DECLARE @var1 bit = 1
EXEC [SSISDB].[catalog].[set_execution_parameter_value] @execution_id,  @object_type=50, @parameter_name=N'DUMP_ON_ERROR', @parameter_value=@var1
DECLARE @var2 int = 45
EXEC [SSISDB].[catalog].[set_execution_parameter_value] @execution_id,  @object_type=30, @parameter_name=N'KeepDays', @parameter_value=@var2
EXEC [SSISDB].[catalog].[add_execution_worker] @execution_id,  @workeragent_id=N'64C020E2-F819-4C2D-A22F-EFB31A91E70A'
EXEC [SSISDB].[catalog].[start_execution] @execution_id,  @retry_count=3
--
Declare @execution_id bigint
EXEC [SSISDB].[catalog].[create_execution] @package_name=N'SucceedOnRetry.dtsx', @execution_id=@execution_id OUTPUT, @folder_name=N'Samples', @project_name=N'Housekeeping', @use32bitruntime=False, @reference_id=Null, @useanyworker=False, @runinscaleout=True
Select @execution_id
DECLARE @var0 smallint = 1
EXEC [SSISDB].[catalog].[set_execution_parameter_value] @execution_id,  @object_type=50, @parameter_name=N'LOGGING_LEVEL', @parameter_value=@var0
EXEC [SSISDB].[catalog].[add_execution_worker] @execution_id,  @workeragent_id=N'64C020E2-F819-4C2D-A22F-EFB31A91E70A'
EXEC [SSISDB].[catalog].[start_execution] @execution_id,  @retry_count=0
--
