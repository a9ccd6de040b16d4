-- Settings kept as JSON in source control become variables; what is there is told back as JSON.
SET NOCOUNT ON;
DECLARE @settings nvarchar(max) = N'{"folder":"T","environment":"Json","variables":[
	{"name":"Url","type":"String","value":"https://example.org/a?b=1&c=2","sensitive":false},
	{"name":"Batch","type":"Int32","value":500},
	{"name":"Key","type":"String","value":"s3cret","sensitive":true,"description":"of the API"}]}';
IF ISJSON(@settings) = 0 THROW 50001, N'The settings are no JSON.', 1;
DECLARE @folder sysname = JSON_VALUE(@settings, '$.folder'), @environment sysname = JSON_VALUE(@settings, '$.environment');
EXEC SSISDB.catalog.create_environment @folder, @environment;
DECLARE @name sysname, @type nvarchar(128), @text nvarchar(4000), @sensitive bit, @description nvarchar(1024), @value sql_variant;
DECLARE c CURSOR LOCAL FORWARD_ONLY FOR
	SELECT name, type, value, ISNULL(sensitive, 0), ISNULL(description, N'')
	FROM OPENJSON(@settings, '$.variables') WITH (name sysname, type nvarchar(128), value nvarchar(4000), sensitive bit, description nvarchar(1024)) AS j;
OPEN c;
FETCH c INTO @name, @type, @text, @sensitive, @description;
WHILE @@FETCH_STATUS = 0
BEGIN
	SET @value = CASE @type WHEN N'Int32' THEN CAST(CAST(@text AS int) AS sql_variant) WHEN N'Boolean' THEN CAST(CAST(@text AS bit) AS sql_variant) ELSE CAST(@text AS sql_variant) END;
	EXEC SSISDB.catalog.create_environment_variable @folder_name = @folder, @environment_name = @environment, @variable_name = @name, @data_type = @type, @sensitive = @sensitive, @value = @value, @description = @description;
	FETCH c INTO @name, @type, @text, @sensitive, @description;
END;
CLOSE c; DEALLOCATE c;
SELECT f.name AS folder, e.name AS environment, (SELECT v.name, v.type, CAST(v.value AS nvarchar(400)) AS value, v.sensitive
	FROM SSISDB.catalog.environment_variables v WHERE v.environment_id = e.environment_id ORDER BY v.variable_id FOR JSON PATH, INCLUDE_NULL_VALUES) AS variables
FROM SSISDB.catalog.environments e JOIN SSISDB.catalog.folders f ON f.folder_id = e.folder_id
FOR JSON PATH, WITHOUT_ARRAY_WRAPPER;
GO
