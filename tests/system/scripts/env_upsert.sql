-- "Merge" of variables into an environment: a table variable that is emptied row by row.
SET NOCOUNT ON
DECLARE @FOLDER_NAME NVARCHAR(128) = N'T', @TARGET NVARCHAR(128) = N'Test', @FOLDER_ID BIGINT, @ENVIRONMENT_ID BIGINT
DECLARE @VARIABLES TABLE ([name] NVARCHAR(128), [value] NVARCHAR(1000), [description] NVARCHAR(1024))
DECLARE @NAME NVARCHAR(128), @VALUE NVARCHAR(1000), @DESCRIPTION NVARCHAR(1024)
INSERT INTO @VARIABLES ([name], [value], [description])
SELECT * FROM (
	VALUES ('Inbox', '\\files\in', 'where files arrive'),
		('Outbox', '\\files\out', ''),
		('Mail', 'ops@example.org', NULL)
) AS v([name], [value], [description])
SET @FOLDER_ID = (SELECT folder_id FROM [SSISDB].[catalog].[folders] WHERE name = @FOLDER_NAME)
IF NOT EXISTS (SELECT 1 FROM [SSISDB].[catalog].[environments] WHERE folder_id = @FOLDER_ID AND name = @TARGET)
	EXEC [SSISDB].[catalog].[create_environment] @environment_name = @TARGET, @folder_name = @FOLDER_NAME
SET @ENVIRONMENT_ID = (SELECT environment_id FROM [SSISDB].[catalog].[environments] WHERE folder_id = @FOLDER_ID AND name = @TARGET)
EXEC [SSISDB].[catalog].[create_environment_variable] @variable_name = N'Mail', @sensitive = 0, @description = N'', @environment_name = @TARGET, @folder_name = @FOLDER_NAME, @value = N'old@example.org', @data_type = N'String'
SELECT TOP 1 @NAME = [name], @VALUE = [value], @DESCRIPTION = [description] FROM @VARIABLES
WHILE @NAME IS NOT NULL
BEGIN
	PRINT @NAME
	IF NOT EXISTS (SELECT 1 FROM [SSISDB].[catalog].[environment_variables] WHERE environment_id = @ENVIRONMENT_ID AND name = @NAME)
		EXEC [SSISDB].[catalog].[create_environment_variable]
			  @variable_name = @NAME
			, @sensitive = 0
			, @description = @DESCRIPTION
			, @environment_name = @TARGET
			, @folder_name = @FOLDER_NAME
			, @value = @VALUE
			, @data_type = N'String'
	ELSE
		EXEC [SSISDB].[catalog].[set_environment_variable_value] @folder_name = @FOLDER_NAME, @environment_name = @TARGET, @variable_name = @NAME, @value = @VALUE
	DELETE TOP (1) FROM @VARIABLES
	SET @NAME = NULL
	SELECT TOP 1 @NAME = [name], @VALUE = [value], @DESCRIPTION = [description] FROM @VARIABLES
END
SELECT name, value, ISNULL(description, '<none>') AS description FROM SSISDB.catalog.environment_variables WHERE environment_id = @ENVIRONMENT_ID ORDER BY variable_id
