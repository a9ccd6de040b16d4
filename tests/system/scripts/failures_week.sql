-- What failed lately, with the first error of each, and how often.
USE SSISDB
GO
SELECT
	ex.folder_name,
	ex.project_name,
	ex.package_name,
	CASE WHEN ex.end_time >= ex.start_time THEN 1 ELSE 0 END AS ended,
	LEFT(em.message, 21) AS message
FROM SSISDB.catalog.event_messages em
JOIN SSISDB.catalog.executions ex
	ON em.operation_id = ex.execution_id
WHERE em.message_type = 120 and ex.start_time >= dateadd(dd, -7, getdate()) ---AND ex.status = 7
ORDER BY ex.start_time DESC, em.event_message_id;

SELECT ex.package_name, COUNT(*) AS error_count
FROM SSISDB.catalog.event_messages em (NOLOCK)
JOIN SSISDB.catalog.executions ex (NOLOCK)
	ON em.operation_id = ex.execution_id
WHERE em.message_type = 120 and ex.start_time >= dateadd(dd, -7, getdate())
GROUP BY ex.package_name
ORDER BY MAX(ex.start_time) DESC;
GO
SELECT DISTINCT E.Folder_Name AS Project_Name, EM.Package_Name, EM.Message_Source_Name AS Component_Name,
	case when MSG.message_type = 120 then 'ERROR' when MSG.message_type = 130 then 'WARNING' END result,
	OPR.object_name, DATEDIFF(day, convert(date, MSG.message_time), getdate()) / 2 AS age
FROM SSISDB.catalog.operation_messages AS MSG
INNER JOIN SSISDB.catalog.operations AS OPR ON OPR.operation_id = MSG.operation_id
INNER JOIN SSISDB.catalog.executions AS E ON E.execution_id = MSG.operation_id
INNER JOIN SSISDB.catalog.event_messages AS EM ON EM.operation_id = MSG.operation_id
WHERE MSG.message_type in (120) -- only errors
	and ISNULL(EM.subcomponent_name, '') <> 'SSIS.Pipeline'
	and EM.event_name = 'OnError'
	and MSG.message_time > getdate() - 30
	and E.Folder_Name = 'T'
GO
