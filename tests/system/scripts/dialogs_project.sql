-- The dialogs of a project: Configure (values, references), Move, Versions, Permissions, Execute.
EXEC [SSISDB].[catalog].[create_environment] @environment_name=N'Day', @environment_description=N'', @folder_name=N'T'
GO
DECLARE @var sql_variant = N'Good day'
EXEC [SSISDB].[catalog].[create_environment_variable] @variable_name=N'Words', @sensitive=False, @description=N'', @environment_name=N'Day', @folder_name=N'T', @value=@var, @data_type=N'String'
GO
Declare @reference_id bigint
EXEC [SSISDB].[catalog].[create_environment_reference] @environment_name=N'Day', @reference_id=@reference_id OUTPUT, @project_name=N'project1', @folder_name=N'T', @reference_type=R
Select CASE WHEN @reference_id > 0 THEN 'referred' END
GO
Declare @reference_id bigint
EXEC [SSISDB].[catalog].[create_environment_reference] @environment_name=N'Day', @environment_folder_name=N'T', @reference_id=@reference_id OUTPUT, @project_name=N'Flaky', @folder_name=N'T', @reference_type=A
GO
EXEC [SSISDB].[catalog].[set_object_parameter_value] @object_type=20, @parameter_name=N'Greeting', @object_name=N'project1', @folder_name=N'T', @project_name=N'project1', @value_type=R, @parameter_value=N'Words'
GO
DECLARE @var sql_variant = N'everyone'
EXEC [SSISDB].[catalog].[set_object_parameter_value] @object_type=30, @parameter_name=N'Who', @object_name=N'package1.dtsx', @folder_name=N'T', @project_name=N'project1', @value_type=V, @parameter_value=@var
GO
EXEC [SSISDB].[catalog].[clear_object_parameter_value] @object_type=30, @parameter_name=N'Fail', @object_name=N'package2.dtsx', @folder_name=N'T', @project_name=N'project1'
GO
SET NOCOUNT ON
SELECT p.object_type, p.object_name, p.parameter_name, p.value_type, p.value_set, p.design_default_value, p.default_value, p.referenced_variable_name
FROM SSISDB.catalog.object_parameters AS p JOIN SSISDB.catalog.projects AS j ON j.project_id = p.project_id
WHERE j.name = N'project1' AND p.parameter_name NOT LIKE N'CM.%' ORDER BY p.object_type, p.object_name, p.parameter_name
SELECT r.environment_name, r.environment_folder_name, r.reference_type, j.name FROM SSISDB.catalog.environment_references AS r
JOIN SSISDB.catalog.projects AS j ON j.project_id = r.project_id ORDER BY j.name
GO
DECLARE @ref bigint = (SELECT reference_id FROM SSISDB.catalog.environment_references r JOIN SSISDB.catalog.projects p ON p.project_id = r.project_id WHERE p.name = N'project1')
Declare @execution_id bigint
EXEC [SSISDB].[catalog].[create_execution] @package_name=N'package1.dtsx', @execution_id=@execution_id OUTPUT, @folder_name=N'T', @project_name=N'project1', @use32bitruntime=False, @reference_id=@ref, @runinscaleout=False
Select CASE WHEN @execution_id > 0 THEN 'created' END
DECLARE @var0 smallint = 1
EXEC [SSISDB].[catalog].[set_execution_parameter_value] @execution_id,  @object_type=50, @parameter_name=N'LOGGING_LEVEL', @parameter_value=@var0
DECLARE @var1 sql_variant = N'you'
EXEC [SSISDB].[catalog].[set_execution_parameter_value] @execution_id,  @object_type=30, @parameter_name=N'Who', @parameter_value=@var1
DECLARE @var2 bit = 1
EXEC [SSISDB].[catalog].[set_execution_parameter_value] @execution_id,  @object_type=50, @parameter_name=N'SYNCHRONIZED', @parameter_value=@var2
EXEC [SSISDB].[catalog].[set_execution_property_override_value] @execution_id, @property_path=N'\Package.Properties[Description]', @property_value=N'a run', @sensitive=False
EXEC [SSISDB].[catalog].[start_execution] @execution_id
SELECT status, environment_name, reference_type FROM SSISDB.catalog.executions WHERE execution_id = @execution_id
SELECT object_type, parameter_name, parameter_value FROM SSISDB.catalog.execution_parameter_values WHERE execution_id = @execution_id AND parameter_name IN (N'Greeting', N'Who', N'SYNCHRONIZED') ORDER BY parameter_name
SELECT property_path, property_value FROM SSISDB.catalog.execution_property_override_values WHERE execution_id = @execution_id
GO
EXEC [SSISDB].[catalog].[create_folder] @folder_name=N'Elsewhere'
EXEC [SSISDB].[catalog].[move_environment] @source_folder=N'T', @environment_name=N'Day', @destination_folder=N'Elsewhere'
EXEC [SSISDB].[catalog].[move_project] @source_folder=N'T', @project_name=N'Flaky', @destination_folder=N'Elsewhere'
SELECT f.name, p.name FROM SSISDB.catalog.projects p JOIN SSISDB.catalog.folders f ON f.folder_id = p.folder_id ORDER BY 1, 2
GO
DECLARE @lsn bigint = (SELECT MIN(v.object_version_lsn) FROM SSISDB.catalog.object_versions v JOIN SSISDB.catalog.projects p ON p.project_id = v.object_id WHERE p.name = N'project1')
DECLARE @stream TABLE (project_stream varbinary(max))
INSERT @stream EXEC [SSISDB].[catalog].[restore_project] @folder_name=N'T', @project_name=N'project1', @object_version_lsn=@lsn
SELECT COUNT(*) AS versions, SUM(CASE WHEN v.restored_by IS NULL THEN 0 ELSE 1 END) AS restored
FROM SSISDB.catalog.object_versions v JOIN SSISDB.catalog.projects p ON p.project_id = v.object_id WHERE p.name = N'project1'
GO
DECLARE @folder bigint = (SELECT folder_id FROM SSISDB.catalog.folders WHERE name = N'T'), @reader int
CREATE LOGIN [nobody]
CREATE USER [nobody] FOR LOGIN [nobody]
SET @reader = DATABASE_PRINCIPAL_ID(N'nobody')
EXEC [SSISDB].[catalog].[grant_permission] @object_type=1, @object_id=@folder, @principal_id=@reader, @permission_type=1
EXEC [SSISDB].[catalog].[deny_permission] @object_type=1, @object_id=@folder, @principal_id=@reader, @permission_type=104
SELECT permission_type, is_deny FROM SSISDB.catalog.explicit_object_permissions WHERE principal_id = @reader ORDER BY permission_type
EXEC [SSISDB].[catalog].[revoke_permission] @object_type=1, @object_id=@folder, @principal_id=@reader, @permission_type=104
SELECT COUNT(*) FROM SSISDB.catalog.explicit_object_permissions WHERE principal_id = @reader
ALTER ROLE [ssis_logreader] ADD MEMBER [nobody]
GO
EXEC [SSISDB].[catalog].[delete_project] @project_name=N'project1', @folder_name=N'T'
GO
SELECT COUNT(*) FROM SSISDB.catalog.projects
GO
