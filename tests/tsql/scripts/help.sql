USE SSISDB;
EXEC sp_help 'catalog.folders';
EXEC master..sp_help @objname = N'[SSISDB].[catalog].[set_execution_parameter_value]';
EXEC sp_help 'catalog.dm_execution_performance_counters';
EXEC sp_help catalog;
EXEC sp_help;
SELECT OBJECT_NAME(OBJECT_ID('catalog.executions')) AS v, OBJECT_SCHEMA_NAME(OBJECT_ID('catalog.start_execution')) AS s,
	OBJECT_NAME(OBJECT_ID('catalog.start_execution')) AS p, OBJECT_NAME(7) AS nothing;
GO
