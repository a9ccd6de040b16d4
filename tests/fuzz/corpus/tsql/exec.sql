DECLARE @execution_id bigint
EXEC [SSISDB].[catalog].[create_execution] @package_name=N'package1.dtsx', @execution_id=@execution_id OUTPUT, @folder_name=N'folder1', @project_name=N'p', @use32bitruntime=False, @reference_id=Null
SELECT @execution_id