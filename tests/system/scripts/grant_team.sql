-- Rights for a team: login, user, permissions on a folder and its objects, and a report of who may do what.
USE SSISDB
GO
IF NOT EXISTS (SELECT * FROM sys.server_principals WHERE name = N'daemon') CREATE LOGIN [daemon] FROM WINDOWS WITH DEFAULT_DATABASE = [master]
IF NOT EXISTS (SELECT * FROM sys.database_principals WHERE name = N'daemon') CREATE USER [daemon] FOR LOGIN [daemon] WITH DEFAULT_SCHEMA = [dbo]
GO
DECLARE @folder_id bigint = (SELECT folder_id FROM catalog.folders WHERE name = N'T'), @principal_id int = DATABASE_PRINCIPAL_ID(N'daemon'), @permission smallint
DECLARE p CURSOR FOR SELECT n FROM (VALUES (1), (101), (103)) AS t (n)
OPEN p
FETCH NEXT FROM p INTO @permission
WHILE @@FETCH_STATUS = 0
BEGIN
	EXEC catalog.grant_permission @object_type = 1, @object_id = @folder_id, @principal_id = @principal_id, @permission_type = @permission
	FETCH NEXT FROM p INTO @permission
END
CLOSE p
DEALLOCATE p
GO
SELECT dp.name AS principal, f.name AS [object],
	CASE x.permission_type WHEN 1 THEN 'READ' WHEN 2 THEN 'MODIFY' WHEN 3 THEN 'EXECUTE' WHEN 4 THEN 'MANAGE_PERMISSIONS' WHEN 100 THEN 'CREATE_OBJECTS' WHEN 101 THEN 'READ_OBJECTS' WHEN 102 THEN 'MODIFY_OBJECTS' WHEN 103 THEN 'EXECUTE_OBJECTS' WHEN 104 THEN 'MANAGE_OBJECT_PERMISSIONS' END AS permission,
	CASE x.is_deny WHEN 1 THEN 'DENY' ELSE 'GRANT' END AS kind
FROM catalog.explicit_object_permissions x
JOIN sys.database_principals dp ON dp.principal_id = x.principal_id
JOIN catalog.folders f ON f.folder_id = x.object_id AND x.object_type = 1
ORDER BY dp.name, x.permission_type
GO
EXEC sp_addrolemember N'ssis_logreader', N'daemon'
SELECT r.name AS role_name, m.name AS member_name, m.type_desc FROM sys.database_role_members rm
INNER JOIN sys.database_principals r ON r.principal_id = rm.role_principal_id
INNER JOIN sys.database_principals m ON m.principal_id = rm.member_principal_id WHERE m.name = 'daemon'
EXECUTE AS LOGIN = N'daemon'
SELECT IS_MEMBER('ssis_logreader') AS reader, IS_MEMBER('ssis_admin') AS admin
REVERT
GO
