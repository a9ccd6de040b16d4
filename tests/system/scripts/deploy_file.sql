-- A deployment as build servers run it: variables of sqlcmd, a file through OPENROWSET, checks, a return code.
:on error exit
:setvar Folder "Built"
:setvar Project "project1"
USE [SSISDB]
GO
SET NOCOUNT ON
DECLARE @folder_id bigint, @project_binary varbinary(max), @operation_id bigint, @rc int
IF NOT EXISTS (SELECT 1 FROM [catalog].[folders] WHERE [name] = N'$(Folder)')
BEGIN
	EXEC [catalog].[create_folder] @folder_name = N'$(Folder)', @folder_id = @folder_id OUTPUT
	PRINT 'folder made'
END
SELECT @project_binary = BulkColumn FROM OPENROWSET(BULK N'$(Ispac)', SINGLE_BLOB) AS x
EXEC @rc = [catalog].[deploy_project] @folder_name = N'$(Folder)', @project_name = N'$(Project)', @Project_Stream = @project_binary, @operation_id = @operation_id OUT
SELECT @rc AS rc, CASE WHEN DATALENGTH(@project_binary) > 1000 THEN 'whole' END AS [file]
SELECT o.status, o.operation_type, o.object_name FROM catalog.operations o WHERE o.operation_id = @operation_id
GO
DECLARE @back TABLE (content varbinary(max))
INSERT INTO @back EXEC [catalog].[get_project] @folder_name = N'$(Folder)', @project_name = N'$(Project)'
SELECT CASE WHEN b.content = f.BulkColumn THEN 'same bytes' ELSE 'other bytes' END FROM @back b CROSS JOIN OPENROWSET(BULK N'$(Ispac)', SINGLE_BLOB) AS f
GO
BEGIN TRY
	DECLARE @op bigint
	EXEC [catalog].[deploy_project] N'$(Folder)', N'broken', 0x504B0506, @op OUTPUT
END TRY
BEGIN CATCH
	PRINT CONCAT(ERROR_NUMBER(), ' in ', ERROR_PROCEDURE())
	SELECT TOP 1 status, object_name FROM catalog.operations ORDER BY operation_id DESC
END CATCH
GO
EXIT(SELECT COUNT(*) FROM catalog.packages)
