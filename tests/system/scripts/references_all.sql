-- Refers every project of a folder to an environment and binds each parameter that has a variable of its name.
USE [SSISDB];
SET XACT_ABORT, NOCOUNT ON;
EXEC catalog.create_environment @folder_name = N'T', @environment_name = N'Shared', @environment_description = N'for all';
EXEC catalog.create_environment_variable @folder_name = N'T', @environment_name = N'Shared', @variable_name = N'Greeting', @data_type = N'String', @sensitive = 0, @value = N'Good day', @description = N'';
DECLARE @reference_id bigint, @project sysname, @parameter sysname, @type smallint, @object nvarchar(260);
DECLARE project_cursor CURSOR FAST_FORWARD LOCAL READ_ONLY FOR
	SELECT p.name FROM catalog.projects p INNER JOIN catalog.folders f ON f.folder_id = p.folder_id WHERE f.name = N'T' ORDER BY p.name;
OPEN project_cursor;
FETCH NEXT FROM project_cursor INTO @project;
WHILE (@@FETCH_STATUS <> -1)
BEGIN
	IF (@@FETCH_STATUS <> -2)
	BEGIN
		IF NOT EXISTS (SELECT * FROM catalog.environment_references r JOIN catalog.projects p ON p.project_id = r.project_id WHERE p.name = @project AND r.environment_name = N'Shared')
			EXEC catalog.create_environment_reference @environment_name = N'Shared', @reference_id = @reference_id OUTPUT, @project_name = @project, @folder_name = N'T', @reference_type = R;
		DECLARE parameter_cursor CURSOR LOCAL STATIC FOR
			SELECT o.object_type, o.object_name, o.parameter_name FROM catalog.object_parameters AS o
			JOIN catalog.projects AS p ON p.project_id = o.project_id AND p.name = @project
			WHERE EXISTS (SELECT v.name FROM catalog.environment_variables AS v JOIN catalog.environments AS e ON e.environment_id = v.environment_id AND e.name = N'Shared'
				WHERE v.name = o.parameter_name AND v.type = o.data_type)
			ORDER BY 1, 2, 3;
		OPEN parameter_cursor;
		FETCH NEXT FROM parameter_cursor INTO @type, @object, @parameter;
		WHILE @@FETCH_STATUS = 0
		BEGIN
			EXEC catalog.set_object_parameter_value @object_type = @type, @folder_name = N'T', @project_name = @project, @parameter_name = @parameter,
				@parameter_value = @parameter, @object_name = @object, @value_type = R;
			RAISERROR('%s: %s of %s', 0, 1, @project, @parameter, @object) WITH NOWAIT;
			FETCH NEXT FROM parameter_cursor INTO @type, @object, @parameter;
		END
		CLOSE parameter_cursor; DEALLOCATE parameter_cursor;
	END
	FETCH NEXT FROM project_cursor INTO @project;
END
CLOSE project_cursor
DEALLOCATE project_cursor
SELECT p.name, o.parameter_name, o.value_type, o.referenced_variable_name, o.value_set, r.reference_type FROM catalog.object_parameters o
JOIN catalog.projects p ON o.project_id = p.project_id JOIN catalog.environment_references r ON r.project_id = p.project_id
WHERE o.value_type = 'R' ORDER BY p.name;
