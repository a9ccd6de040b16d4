-- MERGE: the forms of the reference's page, on temporary tables.
CREATE TABLE #Production (ProductID int PRIMARY KEY, Name nvarchar(20), Qty int NOT NULL DEFAULT 5);
INSERT INTO #Production VALUES (1, 'one', 10), (2, 'two', 20), (3, 'three', 30);
MERGE INTO #Production WITH (HOLDLOCK) AS target USING (VALUES (2, 'TWO', 5), (3, 'gone', -30), (4, 'four', 40)) AS source (ProductID, Name, Delta) ON target.ProductID = source.ProductID
WHEN MATCHED AND target.Qty + source.Delta <= 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET Qty += source.Delta, target.Name = source.Name
WHEN NOT MATCHED BY TARGET THEN INSERT (ProductID, Name, Qty) VALUES (source.ProductID, source.Name, Delta)
WHEN NOT MATCHED BY SOURCE THEN UPDATE SET Name = Name + N' (kept)'
OUTPUT $action, inserted.ProductID, inserted.Qty, deleted.ProductID AS old, deleted.Qty AS oldqty;
SELECT @@ROWCOUNT AS n;
SELECT * FROM #Production ORDER BY ProductID;
DECLARE @changes TABLE (Change varchar(20), id int);
MERGE #Production t USING (SELECT 1 AS id UNION ALL SELECT 9) s ON s.id = t.ProductID
WHEN MATCHED THEN UPDATE SET ProductID = 11
WHEN NOT MATCHED THEN INSERT VALUES (id, NULL, 1)
WHEN NOT MATCHED BY SOURCE AND t.ProductID > 3 THEN DELETE
OUTPUT $action, ISNULL(inserted.ProductID, deleted.ProductID) INTO @changes;
SELECT * FROM @changes ORDER BY id;
-- a value is computed in its own rows only; the rest is left alone
MERGE #Production USING (SELECT 2 AS id) s ON ProductID = id WHEN NOT MATCHED THEN INSERT VALUES (1 / 0, '', 0);
SELECT @@ROWCOUNT AS n;
MERGE #Production USING (SELECT 77 AS id) s ON ProductID = id WHEN NOT MATCHED THEN INSERT (ProductID, Qty) VALUES (id, DEFAULT);
SELECT * FROM #Production ORDER BY ProductID;
-- a key that one row gives up is free for another
MERGE #Production t USING (VALUES (2), (78)) s (id) ON s.id = t.ProductID WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (ProductID) VALUES (2);
SELECT ProductID FROM #Production ORDER BY ProductID;
GO
MERGE #Production t USING (VALUES (2), (2)) s (id) ON s.id = t.ProductID WHEN MATCHED THEN UPDATE SET Name = 'x';
SELECT Name FROM #Production WHERE ProductID = 2;
GO
MERGE #Production t USING (VALUES (2)) s (id) ON s.id = t.ProductID WHEN MATCHED THEN DELETE
GO
MERGE #Production t USING (VALUES (2), (50)) s (id) ON s.id = t.ProductID WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (ProductID) VALUES (77);
SELECT ProductID FROM #Production ORDER BY ProductID;
GO
MERGE catalog.folders t USING (VALUES (2)) s (id) ON s.id = t.folder_id WHEN MATCHED THEN DELETE;
GO
MERGE #nosuch t USING (VALUES (2)) s (id) ON s.id = t.a WHEN MATCHED THEN DELETE;
GO
