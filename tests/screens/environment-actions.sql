EXEC [SSISDB].[catalog].[set_environment_variable_value] @folder_name=@folder, @environment_name=@name, @variable_name=@variable, @value=@value--
EXEC [SSISDB].[catalog].[set_environment_variable_value] @folder_name=@folder, @environment_name=@name, @variable_name=@variable, @value=@value--
EXEC [SSISDB].[catalog].[create_environment_variable] @folder_name=@folder, @environment_name=@name, @variable_name=@variable, @data_type=@type, @sensitive=@secret, @value=@value, @description=N''--
EXEC [SSISDB].[catalog].[delete_environment_variable] @folder_name=@folder, @environment_name=@name, @variable_name=@variable--
