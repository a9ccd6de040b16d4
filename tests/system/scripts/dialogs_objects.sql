-- What the Script button of the dialogs gives: folder, environment with variables of every type, properties, removal.
EXEC [SSISDB].[catalog].[create_folder] @folder_name=N'Billing'
EXEC [SSISDB].[catalog].[set_folder_description] @folder_name=N'Billing', @folder_description=N'Nightly bills'

GO
EXEC [SSISDB].[catalog].[rename_folder] @old_name=N'Billing', @new_name=N'Invoices'
GO

EXEC [SSISDB].[catalog].[create_environment] @environment_name=N'Night', @environment_description=N'', @folder_name=N'Invoices'

GO
DECLARE @var sql_variant = N'Data Source=.;Initial Catalog=Bills;'
EXEC [SSISDB].[catalog].[create_environment_variable] @variable_name=N'Source', @sensitive=False, @description=N'Where bills come from', @environment_name=N'Night', @folder_name=N'Invoices', @value=@var, @data_type=N'String'
GO
DECLARE @var bit = N'True'
EXEC [SSISDB].[catalog].[create_environment_variable] @variable_name=N'Final', @sensitive=False, @description=N'', @environment_name=N'Night', @folder_name=N'Invoices', @value=@var, @data_type=N'Boolean'
GO
DECLARE @var tinyint = N'200'
EXEC [SSISDB].[catalog].[create_environment_variable] @variable_name=N'Pages', @sensitive=False, @description=N'', @environment_name=N'Night', @folder_name=N'Invoices', @value=@var, @data_type=N'Byte'
GO
DECLARE @var datetime = N'2031-02-03 04:05:06'
EXEC [SSISDB].[catalog].[create_environment_variable] @variable_name=N'Since', @sensitive=False, @description=N'', @environment_name=N'Night', @folder_name=N'Invoices', @value=@var, @data_type=N'DateTime'
GO
DECLARE @var decimal(38,18) = N'12.5'
EXEC [SSISDB].[catalog].[create_environment_variable] @variable_name=N'Rate', @sensitive=False, @description=N'', @environment_name=N'Night', @folder_name=N'Invoices', @value=@var, @data_type=N'Decimal'
GO
DECLARE @var float = N'0.25'
EXEC [SSISDB].[catalog].[create_environment_variable] @variable_name=N'Share', @sensitive=False, @description=N'', @environment_name=N'Night', @folder_name=N'Invoices', @value=@var, @data_type=N'Double'
GO
DECLARE @var smallint = N'-3'
EXEC [SSISDB].[catalog].[create_environment_variable] @variable_name=N'Shift', @sensitive=False, @description=N'', @environment_name=N'Night', @folder_name=N'Invoices', @value=@var, @data_type=N'Int16'
GO
DECLARE @var int = N'70000'
EXEC [SSISDB].[catalog].[create_environment_variable] @variable_name=N'Batch', @sensitive=False, @description=N'', @environment_name=N'Night', @folder_name=N'Invoices', @value=@var, @data_type=N'Int32'
GO
DECLARE @var bigint = N'5000000000'
EXEC [SSISDB].[catalog].[create_environment_variable] @variable_name=N'Highest', @sensitive=False, @description=N'', @environment_name=N'Night', @folder_name=N'Invoices', @value=@var, @data_type=N'Int64'
GO
DECLARE @var sql_variant = N'hidden'
EXEC [SSISDB].[catalog].[create_environment_variable] @variable_name=N'Key', @sensitive=True, @description=N'', @environment_name=N'Night', @folder_name=N'Invoices', @value=@var, @data_type=N'String'
GO
DECLARE @var int = N'71000'
EXEC [SSISDB].[catalog].[set_environment_variable_value] @variable_name=N'Batch', @environment_name=N'Night', @folder_name=N'Invoices', @value=@var
GO
EXEC [SSISDB].[catalog].[set_environment_variable_property] @variable_name=N'Shift', @environment_name=N'Night', @folder_name=N'Invoices', @property_name=N'Description', @property_value=N'hours'
EXEC [SSISDB].[catalog].[set_environment_property] @environment_name=N'Night', @folder_name=N'Invoices', @property_name=N'Description', @property_value=N'After ten'
EXEC [SSISDB].[catalog].[set_environment_variable_protection] @variable_name=N'Source', @environment_name=N'Night', @folder_name=N'Invoices', @sensitive=True
EXEC [SSISDB].[catalog].[rename_environment] @folder_name=N'Invoices', @environment_name=N'Night', @new_environment_name=N'Late'
GO
SET NOCOUNT ON
SELECT f.[name] AS folder, e.[name] AS environment, e.[description], v.[name], v.[type], v.sensitive, v.[value], v.[description] AS what
FROM [SSISDB].[catalog].[environment_variables] v
INNER JOIN [SSISDB].[catalog].[environments] e ON e.environment_id = v.environment_id
INNER JOIN [SSISDB].[catalog].[folders] f ON f.folder_id = e.folder_id
ORDER BY v.[name]
GO
EXEC [SSISDB].[catalog].[delete_environment_variable] @variable_name=N'Key', @environment_name=N'Late', @folder_name=N'Invoices'
EXEC [SSISDB].[catalog].[delete_environment] @environment_name=N'Late', @folder_name=N'Invoices'
EXEC [SSISDB].[catalog].[delete_folder] @folder_name=N'Invoices'
GO
SELECT COUNT(*) AS folders_left FROM SSISDB.catalog.folders WHERE name = N'Invoices'
GO
DECLARE @property_value sql_variant
EXEC [SSISDB].[catalog].[configure_catalog] @property_name=N'RETENTION_WINDOW', @property_value=90
EXEC [SSISDB].[catalog].[configure_catalog] @property_name=N'SERVER_LOGGING_LEVEL', @property_value=2
EXEC [SSISDB].[catalog].[configure_catalog] @property_name=N'MAX_PROJECT_VERSIONS', @property_value=5
SELECT property_name, property_value FROM SSISDB.catalog.catalog_properties WHERE property_name IN (N'RETENTION_WINDOW', N'SERVER_LOGGING_LEVEL', N'MAX_PROJECT_VERSIONS') ORDER BY property_name
GO
