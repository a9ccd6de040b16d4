-- Text that makes all variables of a folder again, in the two ways people write it: one column per row, and one text by FOR XML PATH.
USE SSISDB
GO
EXEC catalog.create_environment N'T', N'Src'
DECLARE @d datetime = '20240229 13:14:15', @s sql_variant = CAST(2.50 AS decimal(38, 18))
EXEC catalog.create_environment_variable N'T', N'Src', N'Path', N'String', 0, N'C:\It''s "here" & <there>', N'a path'
EXEC catalog.create_environment_variable N'T', N'Src', N'Rate', N'Decimal', 0, @s, N''
EXEC catalog.create_environment_variable N'T', N'Src', N'Since', N'DateTime', 0, @d, N''
EXEC catalog.create_environment_variable N'T', N'Src', N'Pwd', N'String', 1, N'secret', N''
GO
SELECT
	'EXEC [catalog].[create_environment_variable] @variable_name=N''' + v.name + ''', @data_type=N''' + v.type + ''', @environment_name=N''' + e.name + ''', @folder_name=N''' + f.name + ''', @value=' + CASE WHEN v.value IS NULL THEN 'NULL' ELSE 'N''' + REPLACE(CAST(v.value AS NVARCHAR(MAX)), '''', '''''') + '''' END + ', @sensitive=' + CAST(v.sensitive AS VARCHAR(1)) + ', @description=N''' + ISNULL(v.description, '') + ''';' AS Script
FROM [SSISDB].[catalog].[folders] f
JOIN [SSISDB].[catalog].[environments] e ON f.folder_id = e.folder_id
JOIN [SSISDB].[catalog].[environment_variables] v ON e.environment_id = v.environment_id
WHERE f.name IN ('T', 'PRO')
ORDER BY v.name
GO
DECLARE @sql varchar(max) = ''
DECLARE @cr char(1) = char(13), @crlf char(2) = char(13) + char(10)
SELECT @sql = @sql + 'DECLARE @v' + CAST(v.variable_id - (SELECT MIN(variable_id) FROM catalog.environment_variables) AS varchar(10)) + ' sql_variant = N''' +
	CASE WHEN v.sensitive = 1 THEN '<REPLACE_ME>' ELSE CONVERT(nvarchar(max), v.value, 121) END + '''; -- ' + v.type + CHAR(10)
FROM catalog.environment_variables v INNER JOIN catalog.environments e ON e.environment_id = v.environment_id
WHERE e.name = 'Src' ORDER BY v.variable_id
PRINT @sql
GO
SELECT e.name, STUFF((SELECT ', ' + v.name + ' (' + LOWER(v.type) + ')' FROM catalog.environment_variables v WHERE v.environment_id = e.environment_id
	ORDER BY v.name FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'), 1, 2, '') AS variables,
	STUFF((SELECT ';' + v.name FROM catalog.environment_variables v WHERE v.environment_id = e.environment_id FOR XML PATH('')), 1, 1, '') AS plain
FROM catalog.environments e
