-- Checks of conventions before a release: each rule a query, all findings in one list, an error when there are any.
USE SSISDB;
SET NOCOUNT ON;
EXEC catalog.create_environment N'T', N'Nothing';
EXEC catalog.create_folder N'Twin'; EXEC catalog.move_project N'T', N'Flaky', N'Twin';
CREATE TABLE #findings (rule_id tinyint NOT NULL, severity char(1) NOT NULL CHECK (severity IN ('E', 'W')), finding nvarchar(400) NOT NULL);
INSERT #findings SELECT 1, 'W', FORMATMESSAGE(N'project %s of folder %s has no description', p.name, f.name) FROM catalog.projects p JOIN catalog.folders f ON f.folder_id = p.folder_id WHERE NULLIF(LTRIM(RTRIM(p.description)), N'') IS NULL;
INSERT #findings SELECT 2, 'E', N'parameter ' + QUOTENAME(o.parameter_name) + N' is required and has no value' FROM catalog.object_parameters o WHERE o.required = 1 AND o.value_set = 0;
INSERT #findings SELECT 3, 'W', CONCAT(N'package ', k.name, N' exists ', COUNT(*), N' times') FROM catalog.packages k GROUP BY k.name HAVING COUNT(*) > 1;
INSERT #findings (rule_id, severity, finding)
SELECT 4, 'E', N'environment ' + e.name + N' is empty' FROM catalog.environments e WHERE NOT EXISTS (SELECT * FROM catalog.environment_variables v WHERE v.environment_id = e.environment_id);
SELECT rule_id, severity, finding FROM #findings ORDER BY severity, rule_id, finding;
DECLARE @errors int = (SELECT COUNT(*) FROM #findings WHERE severity = 'E'), @list nvarchar(max);
SELECT @list = COALESCE(@list + N', ', N'') + CAST(rule_id AS nvarchar(3)) FROM (SELECT DISTINCT rule_id FROM #findings) AS d ORDER BY rule_id;
PRINT N'rules hit: ' + ISNULL(@list, N'none');
IF @errors > 0 RAISERROR(N'%d errors', 16, 1, @errors) ELSE PRINT N'no errors';
GO
DECLARE @xml xml = (SELECT rule_id AS [@id], severity, finding FROM #findings ORDER BY rule_id, finding FOR XML PATH('finding'), ROOT('findings'), TYPE);
SELECT CAST(@xml AS nvarchar(max)) AS report;
DROP TABLE #findings;
GO
