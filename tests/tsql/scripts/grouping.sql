-- Grouping sets: the examples of the reference's page on GROUP BY.
DECLARE @sales TABLE (Country varchar(50), Region varchar(50), Sales int);
INSERT INTO @sales VALUES ('Canada', 'Alberta', 100), ('Canada', 'British Columbia', 200), ('Canada', 'British Columbia', 300), ('United States', 'Montana', 100);
SELECT Country, Region, SUM(Sales) AS TotalSales FROM @sales GROUP BY ROLLUP (Country, Region) ORDER BY GROUPING(Country), Country, GROUPING(Region), Region;
SELECT Country, Region, SUM(Sales) AS TotalSales FROM @sales GROUP BY CUBE (Country, Region) ORDER BY GROUPING_ID(Country, Region), Country, Region;
SELECT Country, SUM(Sales) AS TotalSales FROM @sales GROUP BY GROUPING SETS (Country, ()) ORDER BY GROUPING(Country), 1;
SELECT Country, Region, SUM(Sales) AS s FROM @sales GROUP BY Country, Region WITH ROLLUP ORDER BY s, Country, Region;
SELECT Country, Region, COUNT(*) AS n, GROUPING(Region) AS g FROM @sales GROUP BY GROUPING SETS ((Country, Region), (Country), ROLLUP (Region)) HAVING COUNT(*) > 1 ORDER BY n DESC, g, Country;
SELECT TOP 2 Country, COALESCE(Region, '(all)') AS Region, AVG(Sales) AS a FROM @sales WHERE Sales > 100 GROUP BY Country, ROLLUP (Region) ORDER BY Country, Region;
SELECT CASE WHEN GROUPING(Country) = 1 THEN 'Total' ELSE Country END AS c, MAX(Region) AS m FROM @sales GROUP BY ROLLUP (Country) ORDER BY GROUPING(Country), c;
SELECT x.c, x.t FROM (SELECT Country AS c, SUM(Sales) AS t FROM @sales GROUP BY ROLLUP (Country)) x WHERE x.c IS NULL;
SELECT COUNT(*) AS n, SUM(Sales) AS s FROM @sales WHERE 1 = 0 GROUP BY ();
SELECT Sales % 2 AS odd, COUNT(*) AS n FROM @sales GROUP BY ROLLUP (Sales % 2) ORDER BY n, odd;
SELECT DISTINCT GROUPING(Country) AS g FROM @sales GROUP BY CUBE ((Country, Region)) ORDER BY g;
SELECT Country FROM @sales GROUP BY ROLLUP (Country) UNION ALL SELECT 'end' ORDER BY 1;
GO
SELECT folder_name, GROUPING(status) FROM catalog.executions GROUP BY ROLLUP (folder_name);
GO
SELECT name FROM catalog.folders GROUP BY ROLLUP (folder_id);
GO
