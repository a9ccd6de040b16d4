-- A row that a join means twice changes once, with the values of the first match, and counts once.
CREATE TABLE #t (id int, n int)
INSERT #t VALUES (1, 0), (2, 0), (3, 0)
CREATE TABLE #u (id int, k int)
INSERT #u VALUES (1, 10), (2, 10), (1, 10)
UPDATE t SET n = n + k OUTPUT inserted.id, deleted.n AS was, inserted.n FROM #t t JOIN #u u ON u.id = t.id
SELECT id, n FROM #t ORDER BY id
DELETE t OUTPUT deleted.id FROM #t t JOIN #u u ON u.id = t.id
SELECT @@ROWCOUNT AS deleted, (SELECT COUNT(*) FROM #t) AS rows_left
