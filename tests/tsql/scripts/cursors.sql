-- A loop over names, as scripts write it.
SET NOCOUNT ON;
DECLARE @name nvarchar(128), @id bigint;
DECLARE c CURSOR LOCAL FAST_FORWARD FOR
	SELECT name, folder_id FROM catalog.folders WHERE folder_id <= 2 ORDER BY name;
OPEN c;
FETCH NEXT FROM c INTO @name, @id;
WHILE @@FETCH_STATUS = 0
BEGIN
	PRINT CONCAT(@id, ': ', @name);
	FETCH NEXT FROM c INTO @name, @id;
END
CLOSE c;
DEALLOCATE c;
PRINT CONCAT('after: ', @name, ' ', @@FETCH_STATUS);
GO
-- Without INTO a row is a result; scrolling.
DECLARE s SCROLL CURSOR FOR SELECT execution_id FROM catalog.executions ORDER BY execution_id FOR READ ONLY;
OPEN s;
SELECT @@CURSOR_ROWS AS rows, CURSOR_STATUS('global', 's') AS status;
FETCH LAST FROM s;
FETCH PRIOR FROM s;
FETCH ABSOLUTE -3 FROM s;
FETCH RELATIVE 1 FROM s;
FETCH ABSOLUTE 7 FROM s;
SELECT @@FETCH_STATUS AS status;
GO
-- It is the session's, and lives on in the next batch.
FETCH FIRST FROM GLOBAL s;
CLOSE s;
SELECT CURSOR_STATUS('global', 's') AS status;
DEALLOCATE s;
SELECT CURSOR_STATUS('global', 's') AS status;
GO
-- The variables of the declaration count, and reopening reads anew.
SET NOCOUNT ON;
CREATE TABLE #n (n int);
INSERT #n VALUES (1), (2), (3);
DECLARE @limit int = 2, @n int;
DECLARE v CURSOR LOCAL STATIC FOR SELECT n FROM #n WHERE n >= @limit ORDER BY n;
SET @limit = 99;
OPEN v;
INSERT #n VALUES (4);
FETCH v INTO @n;
WHILE @@FETCH_STATUS = 0
BEGIN
	PRINT @n;
	FETCH v INTO @n;
END
CLOSE v;
OPEN v;
FETCH LAST FROM v INTO @n;
PRINT @n;
GO
SELECT CURSOR_STATUS('local', 'v') AS gone;
GO
-- Cursor variables.
DECLARE @c CURSOR, @d CURSOR, @x int;
SELECT CURSOR_STATUS('variable', '@c') AS status;
SET @c = CURSOR SCROLL FOR SELECT 1 UNION ALL SELECT 2;
SET @d = @c;
OPEN @c;
FETCH FROM @d INTO @x;
FETCH FROM @c INTO @x;
PRINT @x;
DEALLOCATE @c;
FETCH FIRST FROM @d INTO @x;
PRINT @x;
FETCH NEXT FROM @c INTO @x;
GO
-- Errors.
DECLARE e CURSOR FOR SELECT 1 AS a, 2 AS b;
DECLARE @one int;
FETCH NEXT FROM e INTO @one;
OPEN e;
OPEN e;
FETCH NEXT FROM e INTO @one;
FETCH PRIOR FROM e;
DECLARE e CURSOR FOR SELECT 1;
CLOSE e;
CLOSE e;
DEALLOCATE e;
OPEN e;
GO
DECLARE bad CURSOR FOR SELECT nosuch FROM catalog.folders;
GO
DECLARE w CURSOR LOCAL FOR SELECT name FROM catalog.folders ORDER BY name;
DECLARE @w int;
OPEN w;
BEGIN TRY
	FETCH NEXT FROM w INTO @w;
END TRY
BEGIN CATCH
	PRINT CONCAT('caught ', ERROR_NUMBER(), ', status ', @@FETCH_STATUS);
END CATCH
GO
-- Dynamic SQL does not see the batch's own cursors, but the session's.
DECLARE g CURSOR GLOBAL FOR SELECT 'global';
DECLARE l CURSOR LOCAL FOR SELECT 'local';
OPEN g;
OPEN l;
EXEC ('FETCH NEXT FROM g');
EXEC ('FETCH NEXT FROM l');
GO
