-- the idiom: rows to one text
SELECT STUFF((SELECT ',' + name FROM catalog.folders ORDER BY name FOR XML PATH('')), 1, 1, '') AS names;
SELECT f.name, STUFF((SELECT '; ' + e.package_name FROM catalog.executions e WHERE e.folder_name = f.name ORDER BY e.execution_id FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'), 1, 2, '') AS packages FROM catalog.folders f ORDER BY f.folder_id;
SELECT (SELECT '<' + name + '&>' FROM catalog.folders WHERE folder_id = 1 FOR XML PATH('')) AS escaped, (SELECT '<' + name + '&>' FROM catalog.folders WHERE folder_id = 1 FOR XML PATH(''), TYPE).value('(./text())[1]', 'nvarchar(20)') AS plain;
DECLARE @x nvarchar(max) = (SELECT name FROM catalog.folders WHERE 1 = 0 FOR XML PATH(''));
PRINT ISNULL(@x, 'NULL');
GO
-- PATH and RAW
SELECT folder_id AS [@id], name, cost AS [money/cost], 'EUR' AS [money/unit], created_time AS [at] FROM catalog.folders ORDER BY folder_id FOR XML PATH('folder'), ROOT('folders');
SELECT 1 AS a, NULL AS b, '' AS c FOR XML PATH;
SELECT folder_id AS id, name FROM catalog.folders WHERE folder_id < 3 ORDER BY 1 FOR XML RAW, ROOT;
SELECT folder_id AS id, name FROM catalog.folders WHERE folder_id < 3 ORDER BY 1 FOR XML RAW('f'), ELEMENTS;
SELECT f.folder_id AS [@id], (SELECT e.execution_id AS [@id] FROM catalog.executions e WHERE e.folder_name = f.name FOR XML PATH('e'), TYPE) AS [runs] FROM catalog.folders f ORDER BY 1 FOR XML PATH('f');
GO
SELECT 1 AS a, 2 AS [@b] FOR XML PATH;
GO
SELECT 1 AS [@b] FOR XML PATH('');
GO
SELECT (SELECT 1 AS a FOR XML PATH, TYPE).query('/row');
GO
SELECT (SELECT 1 AS a FOR XML PATH, TYPE).value('/row/a', 'int');
GO
