-- Goes back to the version before the last when the newest is bad: versions by LAG, restore, and who did it.
DECLARE @folder sysname = N'T', @project sysname = N'project1', @project_id bigint, @lsn bigint, @now bigint
DECLARE @back TABLE (project_stream varbinary(max))
SELECT @project_id = p.project_id, @now = p.object_version_lsn FROM SSISDB.catalog.projects p JOIN SSISDB.catalog.folders f ON p.folder_id = f.folder_id WHERE f.name = @folder AND p.name = @project
;WITH v AS (
	SELECT object_version_lsn, LAG(object_version_lsn, 1, NULL) OVER (ORDER BY object_version_lsn) AS previous, created_by, created_time, restored_by, description
	FROM SSISDB.catalog.object_versions WHERE object_id = @project_id AND object_type = 20
)
SELECT @lsn = previous FROM v WHERE object_version_lsn = @now
IF @lsn IS NULL
	PRINT 'there is no version before this one'
ELSE
	INSERT @back EXEC SSISDB.catalog.restore_project @folder_name = @folder, @project_name = @project, @object_version_lsn = @lsn
SELECT DENSE_RANK() OVER (ORDER BY object_version_lsn) AS nr, CASE WHEN object_version_lsn = (SELECT object_version_lsn FROM SSISDB.catalog.projects WHERE project_id = @project_id) THEN 'current' ELSE '' END AS state,
	CASE WHEN restored_by IS NULL THEN 0 ELSE 1 END AS restored, IIF(created_by = SUSER_SNAME(), 'me', 'other') AS who
FROM SSISDB.catalog.object_versions WHERE object_id = @project_id ORDER BY object_version_lsn
GO
