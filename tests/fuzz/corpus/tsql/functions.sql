-- every expected value is the one that the reference's page shows, or follows from its text
-- FORMAT
SELECT FORMAT(CAST('2011-08-01' AS date), 'd', 'en-US'), FORMAT(CAST('2011-08-01' AS date), 'D', 'en-US');
SELECT FORMAT(123456789, '###-##-####'), FORMAT(CAST('2022-06-20' AS date), 'dd/MM/yyyy'), FORMAT(1234.5, 'N'), FORMAT(1234.5, 'N0'), FORMAT(0.125, 'P');
SELECT FORMAT(1, 'C'), FORMAT(-1234.567, 'C', 'en-us'), FORMAT(26, 'X'), FORMAT(7, 'D4'), FORMAT(12345.678, 'E2'), FORMAT(1e20, 'G'), FORMAT(0, '#,##0.00'), FORMAT(1234567.891, '#,##0.00');
SELECT FORMAT(-5, '0;(0);zero'), FORMAT(0, '0;(0);zero'), FORMAT(0.256, '0.0%'), FORMAT(5, '000'), FORMAT(1500000, '0,,.0M'), FORMAT(12, '"n"0'), FORMAT(1234.5, '0.00E+00');
SELECT FORMAT(CAST('2026-02-03 16:05:06.789' AS datetime2(3)), 'yyyy-MM-dd HH:mm:ss.fff'), FORMAT(CAST('2026-02-03 16:05:06' AS datetime2), 'hh:mm tt'), FORMAT(CAST('2026-02-03' AS datetime), 'dddd, MMM d ''of'' yy'), FORMAT(CAST('2026-02-03' AS datetime), 's');
SELECT FORMAT(CAST('07:35' AS time), N'hh.mm'), FORMAT(CAST('07:35' AS time), N'hh\.mm'), FORMAT(CAST('07:35' AS time), N'hh\:mm'), FORMAT(NULL + 1, 'N');
GO
SELECT FORMAT(1, 'N', 'xx-YY');
GO
SELECT FORMAT('1', 'N');
GO
-- ...FROMPARTS, DATETRUNC, offsets, zones
SELECT DATEFROMPARTS(2010, 12, 31), DATETIME2FROMPARTS(2010, 12, 31, 23, 59, 59, 50, 2), DATETIMEFROMPARTS(2010, 12, 31, 23, 59, 59, 0), SMALLDATETIMEFROMPARTS(2010, 12, 31, 23, 59), TIMEFROMPARTS(14, 23, 44, 5, 1), DATETIMEOFFSETFROMPARTS(2010, 12, 31, 14, 23, 23, 0, 12, 0, 7), DATEFROMPARTS(2010, NULL, 1);
GO
SELECT DATEFROMPARTS(2010, 2, 29);
GO
DECLARE @d datetime2 = '2021-12-08 11:30:15.1234567';
SELECT DATETRUNC(year, @d), DATETRUNC(quarter, @d), DATETRUNC(month, @d), DATETRUNC(week, @d), DATETRUNC(iso_week, @d), DATETRUNC(day, @d), DATETRUNC(hour, @d), DATETRUNC(minute, @d), DATETRUNC(second, @d), DATETRUNC(millisecond, @d), DATETRUNC(microsecond, @d);
SELECT TODATETIMEOFFSET('2026-01-02 03:04:05', '+02:00'), TODATETIMEOFFSET(CAST('2026-01-02 03:04' AS datetime2(0)), -120), SWITCHOFFSET(CAST('2026-01-02 03:04:05 +02:00' AS datetimeoffset(0)), '-05:00');
SELECT CAST('2015-07-01 12:00' AS datetime2(0)) AT TIME ZONE 'Pacific Standard Time', CAST('2026-01-15 12:00' AS datetime2(0)) AT TIME ZONE 'Europe/Berlin', CAST('2026-07-15 12:00' AS datetime2(0)) AT TIME ZONE 'W. Europe Standard Time' AT TIME ZONE 'UTC';
SELECT CAST('2022-03-27T02:30' AS datetime2(0)) AT TIME ZONE 'Central European Standard Time', CAST('2022-10-30T02:30' AS datetime2(0)) AT TIME ZONE 'Central European Standard Time', CAST('2022-10-30T01:30 +00:00' AS datetimeoffset(0)) AT TIME ZONE 'Central European Standard Time';
GO
SELECT GETDATE() AT TIME ZONE '../../etc/passwd';
GO
-- text
SELECT TRANSLATE('2*[3+4]/{7-2}', '[]{}', '()()'), SOUNDEX('Smith'), SOUNDEX('Smythe'), DIFFERENCE('Green', 'Greene'), DIFFERENCE('Blotchet-Halls', 'Greene'), STRING_ESCAPE('a/"b' + CHAR(10), 'json'), PARSENAME('srv.db..t', 1), PARSENAME('srv.db..t', 2), PARSENAME('[a.b].[c]', 2);
SELECT TRIM('  x '), TRIM('.,! ' FROM '     #     test    .'), LTRIM('123abc.', '123.'), RTRIM('.123abc.', 'abc.'), TRIM(LEADING '.' FROM '..a..'), TRIM(TRAILING '.' FROM '..a..');
SELECT CONCAT_WS(',', 'a', NULL, 'b'), STUFF('abcdef', 2, 3, 'ijklmn'), QUOTENAME('abc[]def'), STR(123.45, 6, 1), STR(123.45, 2, 2), PATINDEX('%ter%', 'interesting data'), REPLACE('abcdefghicde', 'cde', 'xxx'), FORMATMESSAGE('Hi %s, %d%%, %5x', 'you', 5, 255);
GO
-- values
SELECT GREATEST('6.62', 3.1415, N'7'), LEAST(5, NULL, 2), LEFT_SHIFT(12345, 5), RIGHT_SHIFT(12345, 5), BIT_COUNT(255), GET_BIT(0xE + 0, 2), SET_BIT(0, 3), GREATEST(NULL, NULL + 1);
SELECT ATN2(35.175643, 129.44), ROUND(COT(124.1332), 6), DEGREES(PI() / 2), RADIANS(180.0), DEGREES(2);
SELECT SERVERPROPERTY('ProductMajorVersion'), SERVERPROPERTY('nope'), SCHEMA_NAME(4), SCHEMA_ID('catalog'), TYPE_NAME(56), TYPE_ID('nvarchar'), @@LANGUAGE, @@DATEFIRST, DATABASEPROPERTYEX('SSISDB', 'Status');
GO
-- JSON
SELECT ISJSON('{"a":1}'), ISJSON('"a"'), ISJSON('x'), ISJSON('"a"', SCALAR), ISJSON('[1]', ARRAY);
GO
DECLARE @j nvarchar(max) = N'{"info":{"type":1,"address":{"town":"Bristol","county":"Avon"},"tags":["Sport", "Water polo"]},"type":"Basic"}';
SELECT JSON_VALUE(@j, '$.info.type'), JSON_VALUE(@j, '$.info.address.town'), JSON_VALUE(@j, '$.info."address"'), JSON_VALUE(@j, '$.info.tags[1]'), JSON_QUERY(@j, '$.info.tags'), JSON_QUERY(@j, '$.type'), JSON_PATH_EXISTS(@j, '$.info.tags[2]');
SET @j = N'{"name":"John","skills":["C#","SQL"]}';
SELECT JSON_MODIFY(@j, '$.name', 'Mike'), JSON_MODIFY(@j, '$.surname', 'Smith'), JSON_MODIFY(@j, '$.name', NULL), JSON_MODIFY(@j, 'append $.skills', 'Azure'), JSON_MODIFY(@j, '$.skills', JSON_QUERY('["C#","T-SQL"]')), JSON_MODIFY(@j, '$.skills', NULL), JSON_MODIFY(@j, 'strict $.name', NULL), JSON_MODIFY(@j, '$.n', 1.5);
GO
SELECT JSON_VALUE('{"a":1}', 'strict $.b');
GO
SELECT JSON_VALUE('{"a":1', '$.a');
GO
-- STRING_AGG
SELECT STRING_AGG(name, ', ') WITHIN GROUP (ORDER BY name DESC) AS a, STRING_AGG(folder_id, '-') WITHIN GROUP (ORDER BY folder_id DESC) AS b, STRING_AGG(cost, '/') WITHIN GROUP (ORDER BY cost) AS c FROM catalog.folders;
SELECT status, STRING_AGG(CAST(execution_id AS varchar(10)) + ':' + folder_name, ';') WITHIN GROUP (ORDER BY folder_name DESC, execution_id) AS l FROM catalog.executions GROUP BY status ORDER BY status;
GO
SELECT CHECKSUM(1);
GO
