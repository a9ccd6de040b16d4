-- An environment with its variables in one transaction, as generators of such scripts write it: RAISERROR for progress, GOTO for the way out.
DECLARE @ReturnCode INT = 0, @folder_id BIGINT
DECLARE @folder sysname = N'Nightly'
	, @env sysname = N'Prod'
	, @Server nvarchar(200) = N'Data Source=db1;Initial Catalog=Stage;'
;
SET NOCOUNT ON
BEGIN TRANSACTION
	IF NOT EXISTS (SELECT 1 FROM [SSISDB].[catalog].[folders] WHERE name = @folder)
	BEGIN
		RAISERROR('Creating folder: %s ...', 10, 1, @folder) WITH NOWAIT;
		EXEC @ReturnCode = [SSISDB].[catalog].[create_folder] @folder_name = @folder, @folder_id = @folder_id OUTPUT
		IF (@@ERROR <> 0 OR @ReturnCode <> 0) GOTO QuitWithRollback;
	END
	RAISERROR('Creating environment: %s', 10, 1, @env) WITH NOWAIT;
	EXEC @ReturnCode = [SSISDB].[catalog].[create_environment] @folder_name = @folder, @environment_name = @env
	IF (@@ERROR <> 0 OR @ReturnCode <> 0) GOTO QuitWithRollback;
	DECLARE @var sql_variant
	SET @var = CONVERT(SQL_VARIANT, @Server)
	EXEC @ReturnCode = [SSISDB].[catalog].[create_environment_variable] @variable_name = N'Server', @sensitive = 0, @description = N'', @environment_name = @env, @folder_name = @folder, @value = @var, @data_type = N'String'
	IF (@@ERROR <> 0 OR @ReturnCode <> 0) GOTO QuitWithRollback;
	SELECT @var = CASE @@SERVERNAME WHEN 'never-such-a-host' THEN 1 ELSE 2 END
	EXEC @ReturnCode = [SSISDB].[catalog].[create_environment_variable] @variable_name = N'Level', @sensitive = False, @description = N'', @environment_name = @env, @folder_name = @folder, @value = @var, @data_type = N'Int32'
	IF (@@ERROR <> 0 OR @ReturnCode <> 0) GOTO QuitWithRollback;
COMMIT TRANSACTION
RAISERROR(N'Complete!', 10, 1) WITH NOWAIT;
GOTO EndSave
QuitWithRollback:
IF (@@TRANCOUNT > 0) ROLLBACK TRANSACTION
RAISERROR(N'Variable creation failed', 16, 1) WITH NOWAIT;
EndSave:
GO
SELECT v.name, v.type, CAST(v.value AS nvarchar(100)) AS value FROM [SSISDB].[catalog].[environment_variables] v
INNER JOIN [SSISDB].[catalog].[environments] e ON e.environment_id = v.environment_id WHERE e.name = N'Prod' ORDER BY v.name
GO
