-- Work tables as people make them: keys and defaults by ALTER TABLE, inside a transaction, indexes, identity, computed by UPDATE.
SET NOCOUNT ON
IF OBJECT_ID(N'tempdb.dbo.#runs', N'U') IS NOT NULL DROP TABLE #runs;
SELECT e.execution_id, e.package_name, e.status, CAST(NULL AS nvarchar(50)) AS status_text, IDENTITY(int, 1, 1) AS nr INTO #runs FROM SSISDB.catalog.executions AS e WHERE 1 = 0
GO
SET NOCOUNT ON
IF OBJECT_ID('tempdb..#runs') IS NOT NULL DROP TABLE #runs
CREATE TABLE #runs (nr int IDENTITY(1, 1) NOT NULL, execution_id bigint NOT NULL, package_name nvarchar(260) NULL, status int NULL, status_text nvarchar(50) NULL)
ALTER TABLE #runs ADD CONSTRAINT PK_runs PRIMARY KEY CLUSTERED (nr)
ALTER TABLE #runs ADD CONSTRAINT DF_text DEFAULT (N'?') FOR status_text
ALTER TABLE #runs ADD noted bit NOT NULL CONSTRAINT DF_noted DEFAULT (0)
CREATE NONCLUSTERED INDEX IX_status ON #runs (status) INCLUDE (package_name) WITH (FILLFACTOR = 90)
INSERT #runs (execution_id, package_name, status) SELECT execution_id, package_name, status FROM SSISDB.catalog.executions ORDER BY execution_id
SELECT nr, package_name, status, status_text, noted FROM #runs ORDER BY nr
UPDATE r SET status_text = s.text, noted = 1 FROM #runs r INNER JOIN (VALUES (4, N'failed'), (7, N'succeeded')) AS s (status, text) ON s.status = r.status
SELECT nr, status_text, noted FROM #runs ORDER BY nr
GO
BEGIN TRANSACTION
ALTER TABLE #runs ADD minutes int NULL
ALTER TABLE #runs DROP CONSTRAINT DF_text
COMMIT
INSERT #runs (execution_id) VALUES (0)
SELECT COUNT(*) AS unnamed FROM #runs WHERE status_text IS NULL AND minutes IS NULL
ALTER TABLE #runs DROP CONSTRAINT PK_runs
TRUNCATE TABLE #runs
INSERT INTO #runs (execution_id, package_name) OUTPUT inserted.nr, inserted.package_name SELECT 5, N'p'
SELECT @@IDENTITY AS id, SCOPE_IDENTITY() AS scope
DROP TABLE #runs
GO
