Declare @execution_id bigint
EXEC [SSISDB].[catalog].[create_execution] @package_name=N'p.dtsx', @execution_id=@execution_id OUTPUT, @folder_name=N'it''s', @project_name=N'p', @use32bitruntime=True, @reference_id=7, @useanyworker=True, @runinscaleout=True
Select @execution_id
DECLARE @var0 smallint = 3
EXEC [SSISDB].[catalog].[set_execution_parameter_value] @execution_id,  @object_type=50, @parameter_name=N'LOGGING_LEVEL', @parameter_value=@var0
DECLARE @var1 bit = 1
EXEC [SSISDB].[catalog].[set_execution_parameter_value] @execution_id,  @object_type=50, @parameter_name=N'DUMP_ON_ERROR', @parameter_value=@var1
DECLARE @var2 int = 45
EXEC [SSISDB].[catalog].[set_execution_parameter_value] @execution_id,  @object_type=30, @parameter_name=N'Days', @parameter_value=@var2
DECLARE @var3 nvarchar(4000) = N'it''s'
EXEC [SSISDB].[catalog].[set_execution_parameter_value] @execution_id,  @object_type=30, @parameter_name=N'Text', @parameter_value=@var3
-- @secret0 holds the sensitive value; it is passed beside the script
EXEC [SSISDB].[catalog].[set_execution_parameter_value] @execution_id,  @object_type=20, @parameter_name=N'CM.db.Password', @parameter_value=@secret0
DECLARE @var4 bit = CAST(1 AS bit)
EXEC [SSISDB].[catalog].[set_execution_parameter_value] @execution_id,  @object_type=30, @parameter_name=N'Flag', @parameter_value=@var4
EXEC [SSISDB].[catalog].[start_execution] @execution_id,  @retry_count=3
