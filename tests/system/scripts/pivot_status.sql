-- Packages against states as a table: PIVOT, the same with a dynamic list of columns, and ROLLUP for the sums.
USE SSISDB;
SELECT package_name, ISNULL([4], 0) AS failed, ISNULL([7], 0) AS succeeded
FROM (SELECT package_name, status, execution_id FROM catalog.executions) AS src
PIVOT (COUNT(execution_id) FOR status IN ([4], [7])) AS pvt
ORDER BY package_name;
GO
DECLARE @cols nvarchar(max), @query nvarchar(max);
SELECT @cols = STUFF((SELECT DISTINCT ',' + QUOTENAME(CAST(status AS nvarchar(10))) FROM catalog.executions FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'), 1, 1, '');
SET @query = N'SELECT folder_name, ' + @cols + N' FROM (SELECT folder_name, status, execution_id FROM catalog.executions) x PIVOT (COUNT(execution_id) FOR status IN (' + @cols + N')) p ORDER BY folder_name';
EXECUTE sp_executesql @query;
GO
SELECT CASE WHEN GROUPING(folder_name) = 1 THEN 'all' ELSE folder_name END AS folder, CASE WHEN GROUPING(package_name) = 1 THEN 'sum' ELSE package_name END AS package, COUNT(*) AS runs
FROM catalog.executions GROUP BY ROLLUP (folder_name, package_name) ORDER BY GROUPING(folder_name), folder_name, GROUPING(package_name), package_name;
GO
