-- Deploys one file under several names in several folders, from a list, and keeps a log of each outcome.
:setvar Root "Wave"
USE SSISDB
GO
SET NOCOUNT ON
DECLARE @queue TABLE (id int IDENTITY PRIMARY KEY, folder sysname, project sysname, rc int NULL, operation_id bigint NULL, error nvarchar(4000) NULL)
INSERT @queue (folder, project) VALUES (N'$(Root)1', N'project1'), (N'$(Root)2', N'project1'), (N'$(Root)2', N'wrong name')
DECLARE @id int = 0, @folder sysname, @project sysname, @rc int, @op bigint, @stream varbinary(max)
SELECT @stream = CAST(x.BulkColumn AS varbinary(max)) FROM OPENROWSET(BULK '$(Ispac)', SINGLE_BLOB) x
WHILE 1 = 1
BEGIN
	SELECT TOP (1) @id = id, @folder = folder, @project = project FROM @queue WHERE id > @id ORDER BY id
	IF @@ROWCOUNT = 0 BREAK
	BEGIN TRY
		IF NOT EXISTS (SELECT * FROM catalog.folders WHERE name = @folder)
			EXEC catalog.create_folder @folder
		EXEC @rc = catalog.deploy_project @folder_name = @folder, @project_name = @project, @project_stream = @stream, @operation_id = @op OUTPUT
		UPDATE q SET rc = @rc, operation_id = @op FROM @queue AS q WHERE q.id = @id
	END TRY
	BEGIN CATCH
		UPDATE @queue SET error = CONCAT(ERROR_NUMBER(), N' (severity ', ERROR_SEVERITY(), N')') WHERE id = @id
		CONTINUE
	END CATCH
END
SELECT q.folder, q.project, q.rc, o.status, q.error FROM @queue q LEFT JOIN catalog.operations o ON o.operation_id = q.operation_id ORDER BY q.id
SELECT f.name, STRING_AGG(CONVERT(nvarchar(max), k.name), N'; ') WITHIN GROUP (ORDER BY k.name DESC) AS packages
FROM catalog.packages k JOIN catalog.projects p ON p.project_id = k.project_id JOIN catalog.folders f ON f.folder_id = p.folder_id
WHERE f.name LIKE N'$(Root)[0-9]' GROUP BY f.name ORDER BY f.name
