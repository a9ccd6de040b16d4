EXEC [SSISDB].[catalog].[configure_catalog] @property_name=@name, @property_value=@value--
EXEC [SSISDB].[catalog].[configure_catalog] @property_name=@name, @property_value=@value--
EXEC [SSISDB].[catalog].[set_folder_description] @folder_name=@folder, @folder_description=@value--
EXEC [SSISDB].[catalog].[restore_project] @folder_name=@folder, @project_name=@project, @object_version_lsn=@version--
DECLARE @id bigint
EXEC [SSISDB].[catalog].[create_environment_reference] @folder_name=@folder, @project_name=@project, @environment_name=@environment, @reference_location=@where, @environment_folder_name=@environment_folder, @reference_id=@id OUTPUT--
EXEC [SSISDB].[catalog].[delete_environment_reference] @reference_id=@id--
DECLARE @id bigint
EXEC [SSISDB].[catalog].[create_environment_reference] @folder_name=@folder, @project_name=@project, @environment_name=@environment, @reference_location=@where, @environment_folder_name=@environment_folder, @reference_id=@id OUTPUT--
EXEC [SSISDB].[catalog].[set_object_parameter_value] @object_type=@type, @folder_name=@folder, @project_name=@project, @parameter_name=@parameter, @parameter_value=@value, @object_name=@container, @value_type=@how--
EXEC [SSISDB].[catalog].[set_object_parameter_value] @object_type=@type, @folder_name=@folder, @project_name=@project, @parameter_name=@parameter, @parameter_value=@value, @object_name=@container, @value_type=@how--
