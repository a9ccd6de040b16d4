-- Looks for a text in all messages, parameters and overrides, and shows where it was found, with wild cards that are escaped.
DECLARE @search nvarchar(100) = N'Hello', @pattern nvarchar(210);
SET @pattern = N'%' + REPLACE(REPLACE(REPLACE(@search, N'\', N'\\'), N'%', N'\%'), N'_', N'\_') + N'%';
SELECT 'parameter' AS [where], CONCAT(o.object_name, '.', o.parameter_name) AS what, SUBSTRING(CAST(o.design_default_value AS nvarchar(200)), 1, 20) AS text
FROM SSISDB.catalog.object_parameters o WHERE CONVERT(nvarchar(4000), o.design_default_value) LIKE @pattern ESCAPE N'\'
UNION ALL
SELECT DISTINCT 'value', p.parameter_name, CAST(p.parameter_value AS nvarchar(20)) FROM SSISDB.catalog.execution_parameter_values p
WHERE TRY_CAST(p.parameter_value AS nvarchar(4000)) LIKE @pattern ESCAPE '\'
UNION ALL
SELECT 'message', MIN(m.package_name), CAST(COUNT(*) AS nvarchar(10)) + N'x' FROM SSISDB.catalog.event_messages m
WHERE PATINDEX(N'%' + @search + N'%', m.message) > 0 HAVING COUNT(*) > 0
ORDER BY 1, 2;
SELECT TOP (3) value, LEN(value) AS len FROM STRING_SPLIT(N'a,bb,,ccc', N',') WHERE RTRIM(value) <> '' ORDER BY len DESC;
SELECT REVERSE(LEFT(REVERSE(N'/ISSERVER "\SSISDB\T\project1\package1.dtsx"'), CHARINDEX(N'\', REVERSE(N'/ISSERVER "\SSISDB\T\project1\package1.dtsx"')) - 1)) AS package,
	PARSENAME('a.b.c', 1) AS last, TRANSLATE('[x]{y}', '[]{}', '()()') AS parens, STRING_ESCAPE('a"b', 'json') AS escaped, TRIM('  t ') + '|' AS trimmed;
GO
