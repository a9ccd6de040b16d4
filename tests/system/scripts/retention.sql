-- Retention and versions: the properties, changed only where they differ, and the clean-up procedures in a loop.
USE SSISDB
GO
SELECT property_name, property_value FROM catalog.catalog_properties WHERE property_name IN (N'RETENTION_WINDOW', N'MAX_PROJECT_VERSIONS', N'OPERATION_CLEANUP_ENABLED') ORDER BY 1
DECLARE @want TABLE (property nvarchar(256) PRIMARY KEY, value nvarchar(256))
INSERT @want VALUES (N'RETENTION_WINDOW', N'30'), (N'MAX_PROJECT_VERSIONS', N'5'), (N'OPERATION_CLEANUP_ENABLED', N'TRUE')
DECLARE @p nvarchar(256), @v nvarchar(256), @sql nvarchar(max) = N''
SELECT @sql += N'EXEC [SSISDB].[catalog].[configure_catalog] @property_name=N''' + w.property + N''', @property_value=' + QUOTENAME(w.value, '''') + N';' + NCHAR(13) + NCHAR(10)
FROM @want AS w JOIN catalog.catalog_properties AS c ON c.property_name = w.property AND c.property_value <> w.value ORDER BY w.property
PRINT REPLACE(@sql, NCHAR(13), N'')
EXEC (@sql)
SELECT property_name, property_value FROM catalog.catalog_properties WHERE property_name IN (SELECT property FROM @want) ORDER BY 1
GO
DECLARE @days int = 30, @max int = (SELECT CONVERT(int, property_value) FROM catalog.catalog_properties WHERE property_name = 'RETENTION_WINDOW')
WHILE @days >= @max
BEGIN
	EXEC internal.cleanup_server_retention_window
	SET @days -= 5
END
SELECT COUNT(*) AS left_over FROM catalog.operations WHERE created_time < DATEADD(DAY, -30, CAST(GETDATE() AS datetimeoffset)) AND status NOT IN (2, 5, 8)
GO
