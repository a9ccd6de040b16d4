CREATE TABLE #t (id int IDENTITY(1, 1) PRIMARY KEY, name varchar(10) NOT NULL, n decimal(5, 1) DEFAULT 7);
INSERT INTO #t (name) OUTPUT inserted.id, inserted.name, inserted.n * 2 AS twice VALUES ('a'), ('b'), ('c');
DECLARE @log TABLE (id int, was decimal(5, 1), became decimal(5, 1), by_whom varchar(20) DEFAULT 'me');
UPDATE #t SET n = n + id OUTPUT inserted.id, deleted.n, inserted.n INTO @log (id, was, became) WHERE id > 1;
SELECT * FROM @log ORDER BY id;
UPDATE t SET name = UPPER(t.name) OUTPUT deleted.*, inserted.name AS new_name FROM #t t JOIN (VALUES (1), (3)) v(id) ON v.id = t.id;
DELETE FROM #t OUTPUT deleted.id WHERE name = 'b';
DELETE TOP (1) t OUTPUT deleted.name FROM #t t WHERE t.id >= 1;
SELECT * FROM #t;
INSERT #t (name) OUTPUT inserted.id INTO @log (id) SELECT name FROM catalog.folders WHERE folder_id < 3;
SELECT COUNT(*) AS logged, @@ROWCOUNT AS rc FROM @log;
GO
-- the statement fails as a whole when its OUTPUT does
DECLARE @strict TABLE (id int, name varchar(3) NOT NULL);
INSERT INTO #t (name) OUTPUT inserted.id, inserted.name INTO @strict VALUES ('x'), ('toolong');
SELECT COUNT(*) AS rows_left FROM #t;
INSERT INTO #t (name) OUTPUT inserted.nope VALUES ('y');
GO
SELECT COUNT(*) AS rows_left FROM #t;
INSERT INTO #t (name) OUTPUT deleted.id VALUES ('y');
GO
DELETE FROM #t OUTPUT id;
GO
