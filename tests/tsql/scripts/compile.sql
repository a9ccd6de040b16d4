-- An unknown column of a known view: nothing of the batch runs.
PRINT 'not printed'
SELECT nosuch FROM catalog.folders
GO
IF 1 = 0
	SELECT f.nosuch FROM catalog.folders f
PRINT 'not printed either'
GO
PRINT 'not printed'
IF EXISTS (SELECT * FROM catalog.folders WHERE nosuch = 1) PRINT 1
GO
-- A missing object waits for its statement, ends the batch, and its own TRY does not catch it.
PRINT 'before'
BEGIN TRY
	SELECT * FROM catalog.nosuch
END TRY
BEGIN CATCH
	PRINT 'not caught'
END CATCH
PRINT 'not printed'
GO
-- A statement that does not run needs no object.
IF 1 = 0 SELECT * FROM catalog.nosuch
PRINT 'after'
GO
-- The outer TRY catches it, with the line of the inner text.
BEGIN TRY
	EXEC ('PRINT ''inner''
BEGIN TRY
	SELECT * FROM catalog.nosuch
END TRY
BEGIN CATCH
	PRINT ''not caught''
END CATCH
PRINT ''not printed''')
END TRY
BEGIN CATCH
	PRINT CONCAT(ERROR_NUMBER(), ' in line ', ERROR_LINE(), ', ', ISNULL(ERROR_PROCEDURE(), 'no procedure'))
END CATCH
GO
BEGIN TRY
	EXEC sp_executesql N'PRINT ''not printed''

SELECT nosuch FROM catalog.folders'
END TRY
BEGIN CATCH
	PRINT CONCAT(ERROR_NUMBER(), ' in line ', ERROR_LINE(), ', ', ISNULL(ERROR_PROCEDURE(), 'no procedure'))
END CATCH
GO
-- It ends the inner text, not the batch, and leaves the transaction open.
BEGIN TRAN
EXEC ('
SELECT nosuch FROM catalog.folders')
EXEC ('PRINT 1
SELECT * FROM nosuch
PRINT 2')
PRINT @@TRANCOUNT
ROLLBACK
GO
-- The line of an error in an inner text, of a syntax error there, and of a procedure.
EXEC ('PRINT 1

SELECT 1 / 0')
EXEC ('

SELEC 1')
BEGIN TRY
	EXEC sp_executesql N'
SELECT 1 / @a', N'@a int', @a = 0
END TRY
BEGIN CATCH
	PRINT CONCAT(ERROR_NUMBER(), ' in line ', ERROR_LINE(), ', ', ISNULL(ERROR_PROCEDURE(), 'no procedure'))
END CATCH
BEGIN TRY

	EXEC catalog.start_execution 99
END TRY
BEGIN CATCH
	PRINT CONCAT(ERROR_NUMBER(), ' in line ', ERROR_LINE(), ', ', ISNULL(ERROR_PROCEDURE(), 'no procedure'))
END CATCH
GO
-- What cannot be recursive is told before anything runs.
PRINT 'not printed';
WITH c AS (SELECT folder_id AS a FROM catalog.folders UNION ALL SELECT DISTINCT a + 1 FROM c WHERE a < 5) SELECT * FROM c
GO
-- A temporary table is looked at when its statement is reached.
CREATE TABLE #t (a int)
PRINT 'made'
SELECT b FROM #t
PRINT 'not printed'
GO
DROP TABLE #t
-- All unknown columns are told, of all queries of the batch; each once.
PRINT 'not printed'
SELECT nosuch1, UPPER(nosuch2), name, f.nosuch3 + 1 AS x
FROM catalog.folders f WHERE nosuch4 = 1 AND x.y = 2
ORDER BY nosuch5
SELECT a.nosuch6, COUNT(nosuch7) FROM catalog.folders a JOIN catalog.executions b ON a.nosuch8 = b.folder_name GROUP BY a.nosuch6
IF EXISTS (SELECT 1 FROM catalog.folders WHERE folder_id IN (SELECT nosuch9 FROM catalog.executions)) PRINT 1
SELECT name, COUNT(*) FROM catalog.folders
GO
EXEC ('SELECT nosuch1,
nosuch2 FROM catalog.folders')
PRINT @@ERROR
BEGIN TRY
	EXEC ('SELECT nosuch1, nosuch2 FROM catalog.folders')
END TRY
BEGIN CATCH
	PRINT ERROR_MESSAGE()
END CATCH
GO
