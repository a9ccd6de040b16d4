-- A dashboard's query: named CTEs with columns, APPLY with a named list of columns, optional filters, averages by window.
DECLARE @FolderName nvarchar(128) = NULL, @PackageName nvarchar(260) = NULL, @StatusValue int = NULL, @daysBack int = 3
;WITH StatusDescription (StatusValue, StatusDescription) AS (
	SELECT 1, 'Created' UNION ALL SELECT 2, 'Running' UNION ALL SELECT 3, 'Canceled' UNION ALL SELECT 4, 'Failed'
	UNION ALL SELECT 5, 'Pending' UNION ALL SELECT 6, 'Ended unexpectedly' UNION ALL SELECT 7, 'Succeeded'
	UNION ALL SELECT 8, 'Stopping' UNION ALL SELECT 9, 'Completed'
), ProvidedParameters (FolderName, PackageName, StatusValue) AS (
	SELECT @FolderName, @PackageName, @StatusValue
)
SELECT ROW_NUMBER() OVER (ORDER BY E.execution_id) AS Nr
	, CASE WHEN DATEDIFF(HOUR, E.start_time, ISNULL(E.end_time, SYSDATETIMEOFFSET())) > 24 THEN -1 ELSE SIGN(DATEDIFF(MILLISECOND, E.start_time, ISNULL(E.end_time, SYSDATETIMEOFFSET())) + 1) END AS Duration
	, CASE WHEN CALC.StartDateTime <= CALC.EndDateTime THEN 'ordered' END AS Times
	, E.package_name AS PackageName
	, SD.StatusDescription AS Status
	, CAST(ISNULL(ED.HasDataStatistics, 0) AS BIT) AS HasDataStatistics
	, COUNT(*) OVER (PARTITION BY E.project_name) AS RunsOfProject
	, FORMAT(1.0 * SUM(CASE E.status WHEN 4 THEN 1 ELSE 0 END) OVER () / COUNT(*) OVER (), 'P0') AS FailureRate
FROM SSISDB.catalog.executions E
CROSS APPLY (SELECT CONVERT(DATETIME, E.start_time) AS StartDateTime, CONVERT(DATETIME, E.end_time) AS EndDateTime) CALC(StartDateTime, EndDateTime)
LEFT OUTER JOIN StatusDescription SD ON SD.StatusValue = E.status
LEFT OUTER JOIN ProvidedParameters PP ON ISNULL(PP.PackageName, E.package_name) = E.package_name AND ISNULL(PP.FolderName, E.folder_name) = E.folder_name
	AND ISNULL(PP.StatusValue, E.status) = E.status
OUTER APPLY (SELECT DISTINCT 1 AS HasDataStatistics FROM SSISDB.catalog.execution_data_statistics EDS WHERE EDS.execution_id = E.execution_id) ED
WHERE CALC.StartDateTime >= DATEADD(DAY, -@daysBack, GETDATE())
	AND (@FolderName IS NULL OR E.folder_name = @FolderName)
ORDER BY E.execution_id
OPTION (RECOMPILE)
