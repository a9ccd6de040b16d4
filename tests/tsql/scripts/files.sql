-- A file as a value, as deployment scripts read it.
DECLARE @bytes varbinary(max);
SET @bytes = (SELECT * FROM OPENROWSET(BULK '/bytes', SINGLE_BLOB) AS BinaryData);
SELECT @bytes AS bytes, DATALENGTH(@bytes) AS length;
SELECT x.BulkColumn, LEN(x.BulkColumn) AS length FROM OPENROWSET(BULK N'C:\some\file.txt', SINGLE_CLOB) AS x;
SELECT f.name, d.content FROM catalog.folders AS f CROSS JOIN OPENROWSET(BULK '/bytes', SINGLE_BLOB) AS d (content)
WHERE f.folder_id = 1;
SELECT * FROM OPENROWSET(BULK '/bytes', SINGLE_CLOB) AS x;
GO
SELECT BulkColumn FROM OPENROWSET(BULK '/nosuch', SINGLE_BLOB) AS x;
GO
SELECT * FROM OPENROWSET(BULK '/bytes', SINGLE_NCLOB) AS x;
GO
SELECT * FROM OPENROWSET(BULK '/bytes', FORMATFILE = '/f') AS x;
GO
SELECT * FROM OPENROWSET('SQLNCLI', 'x', 'y') AS x;
GO
SELECT * FROM OPENROWSET(BULK '/bytes', SINGLE_BLOB);
GO
