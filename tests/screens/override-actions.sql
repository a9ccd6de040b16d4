DECLARE @id bigint
EXEC [SSISDB].[catalog].[validate_project] @folder_name=@folder, @project_name=@project, @validate_type=N'F', @validation_id=@id OUTPUT, @use32bitruntime=False, @environment_scope=@scope, @reference_id=@reference
SELECT @id AS id--
