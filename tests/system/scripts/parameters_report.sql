-- All parameters with what they would get: design, server, environment; the text of a value by its type.
USE SSISDB
EXEC catalog.set_object_parameter_value @object_type = 20, @folder_name = N'T', @project_name = N'project1', @parameter_name = N'Greeting', @parameter_value = N'from the server'
SELECT CASE p.object_type WHEN 20 THEN N'project' WHEN 30 THEN N'package' END AS kind, p.object_name, p.parameter_name, p.data_type,
	CASE WHEN p.sensitive = 1 THEN N'******'
		WHEN p.value_type = 'R' THEN N'@' + p.referenced_variable_name
		WHEN p.value_set = 1 THEN CONVERT(nvarchar(100), p.default_value)
		ELSE CONVERT(nvarchar(100), p.design_default_value) END AS effective,
	CAST(p.required AS int) + CAST(p.value_set AS int) AS flags,
	COALESCE(CAST(SQL_VARIANT_PROPERTY(p.design_default_value, 'BaseType') AS sysname), N'?') AS base_type
FROM catalog.object_parameters AS p
INNER JOIN catalog.projects AS pr ON pr.project_id = p.project_id
WHERE pr.name = N'project1' AND p.parameter_name NOT LIKE N'CM.%'
ORDER BY p.object_type, p.object_name, p.parameter_name
GO
DECLARE @values TABLE (object_type smallint, parameter_data_type nvarchar(128), parameter_name sysname, parameter_value sql_variant, sensitive bit, required bit, value_set bit)
INSERT INTO @values
EXEC [SSISDB].[catalog].[get_parameter_values] @folder_name = N'T', @project_name = N'project1', @package_name = N'package2.dtsx'
SELECT object_type, parameter_name, parameter_data_type, parameter_value FROM @values ORDER BY object_type, parameter_name
GO
