-- What asks for a database server: internal tables and objects of one's own are told by name, and the rest of the script goes on.
SELECT name FROM SSISDB.internal.folders
GO
CREATE OR ALTER VIEW dbo.failures AS SELECT 1 AS one
GO
CREATE PROCEDURE dbo.usp_run AS SELECT 1
GO
SELECT b.name FROM [other-server].SSISDB.catalog.folders AS b
EXEC [other-server].SSISDB.catalog.create_folder N'x'
GO
BACKUP DATABASE SSISDB TO DISK = N'x.bak' WITH INIT
GO
PRINT 'still here'
GO
