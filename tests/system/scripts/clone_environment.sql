-- Prints the script that makes an environment again, variable by variable, then copies one by a cursor.
USE [SSISDB]
GO
SET NOCOUNT ON
EXEC catalog.create_environment N'T', N'Old', N'to be copied'
EXEC catalog.create_environment_variable N'T', N'Old', N'Count', N'Int32', 0, 5, N'how many'
EXEC catalog.create_environment_variable N'T', N'Old', N'Name', N'String', 0, N'O''Neil', N''
DECLARE @when sql_variant = CAST('2030-01-02T03:04:05' AS datetime)
EXEC catalog.create_environment_variable N'T', N'Old', N'When', N'DateTime', 0, @when, NULL
EXEC catalog.create_environment_variable N'T', N'Old', N'Key', N'String', 1, N'hidden', N''
GO
DECLARE @env sysname = N'Old', @folder sysname = N'T', @cmd varchar(max) = ''
SELECT @cmd = @cmd + CHAR(13) + CHAR(10) + 'EXEC catalog.create_environment_variable @variable_name=N''' + v.name + ''', @data_type=N''' + v.[type]
	+ ''', @sensitive=' + CONVERT(varchar(2), v.sensitive) + ', @value=' + CASE WHEN v.sensitive = 1 THEN 'NULL' ELSE 'N''' + REPLACE(CAST(v.[value] AS nvarchar(4000)), '''', '''''') + '''' END
	+ ', @description=N''' + ISNULL(v.[description], '') + ''''
FROM catalog.environment_variables v JOIN catalog.environments e ON e.environment_id = v.environment_id
JOIN catalog.folders f ON f.folder_id = e.folder_id
WHERE e.name = @env AND f.name = @folder ORDER BY v.name
PRINT REPLACE(@cmd, CHAR(13) + CHAR(10), '/')
GO
DECLARE @name sysname, @type nvarchar(128), @sensitive bit, @value sql_variant, @description nvarchar(1024), @n int
IF NOT EXISTS (SELECT 1 FROM [SSISDB].[catalog].[environments] WHERE name = N'New')
	EXEC [SSISDB].[catalog].[create_environment] @environment_name = N'New', @folder_name = N'T'
DECLARE c CURSOR FOR SELECT v.name, v.type, v.sensitive, v.value, v.description
	FROM SSISDB.catalog.environment_variables AS v WHERE v.environment_id = (SELECT environment_id FROM SSISDB.catalog.environments WHERE name = N'Old') ORDER BY v.name
OPEN c
WHILE 1 = 1
BEGIN
	FETCH NEXT FROM c INTO @name, @type, @sensitive, @value, @description
	IF @@FETCH_STATUS <> 0 BREAK
	SELECT @value = ISNULL(@value, N''), @description = COALESCE(@description, N'')
	EXEC SSISDB.catalog.create_environment_variable @folder_name = N'T', @environment_name = N'New', @variable_name = @name, @data_type = @type, @sensitive = @sensitive, @value = @value, @description = @description
	RAISERROR(N'copied %s (%s)', 0, 1, @name, @type) WITH NOWAIT
END
CLOSE c
DEALLOCATE c
SELECT o.name, SQL_VARIANT_PROPERTY(o.value, 'BaseType') AS base, CASE WHEN o.value = n.value OR o.sensitive = 1 THEN 'same' ELSE 'other' END AS compared
FROM catalog.environment_variables o JOIN catalog.environment_variables n ON n.name = o.name AND n.environment_id > o.environment_id ORDER BY o.name
GO
