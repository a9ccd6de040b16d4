-- PIVOT and UNPIVOT: the examples of the reference's page.
CREATE TABLE #pvt (VendorID int, Emp1 int, Emp2 int, Emp3 int, Emp4 int, Emp5 int);
INSERT INTO #pvt VALUES (1, 4, 3, 5, 4, 4), (2, 4, 1, 5, 5, 5), (3, 4, 3, 5, 4, 4), (4, 4, 2, 5, 5, 4), (5, 5, 1, 5, 5, NULL);
SELECT VendorID, Employee, Orders FROM (SELECT VendorID, Emp1, Emp2, Emp3, Emp4, Emp5 FROM #pvt) p UNPIVOT (Orders FOR Employee IN (Emp1, Emp2, Emp3, Emp4, Emp5)) AS unpvt WHERE VendorID IN (1, 5);
SELECT * FROM #pvt UNPIVOT (Orders FOR Employee IN (Emp1, [emp2])) AS u WHERE VendorID < 3;
SELECT VendorID, [Emp1], Emp5 AS e5 FROM (SELECT VendorID, Employee, Orders FROM #pvt UNPIVOT (Orders FOR Employee IN (Emp1, Emp5)) AS u) AS s PIVOT (SUM(Orders) FOR Employee IN ([Emp1], [Emp5], [none])) AS p ORDER BY VendorID DESC;
SELECT 'Average' AS Cost_Sorted_By_Production_Days, [0], [1], [2], [3], [4] FROM (SELECT DaysToManufacture, StandardCost FROM (VALUES (0, 1.5), (0, 2.5), (1, 10.0), (4, 8.0), (4, NULL)) v(DaysToManufacture, StandardCost)) AS SourceTable PIVOT (AVG(StandardCost) FOR DaysToManufacture IN ([0], [1], [2], [3], [4])) AS PivotTable;
SELECT folder_name, [2] AS running, [7] AS good FROM (SELECT folder_name, status, execution_id FROM catalog.executions) e PIVOT (COUNT(execution_id) FOR status IN ([2], [7])) p ORDER BY 1;
SELECT p.*, f.folder_id FROM (SELECT folder_name, status, execution_id FROM catalog.executions) e PIVOT (MAX(e.execution_id) FOR e.status IN ([2], [4])) AS p JOIN catalog.folders f ON f.name = p.folder_name ORDER BY f.folder_id;
GO
SELECT * FROM (SELECT folder_id, name FROM catalog.folders) f UNPIVOT (v FOR c IN (folder_id, name)) u;
GO
SELECT * FROM catalog.folders f PIVOT (SUM(cost) FOR nosuch IN ([a])) p;
GO
SELECT * FROM catalog.folders PIVOT (SUM(cost + 1) FOR name IN ([a])) p;
GO
SELECT * FROM catalog.folders PIVOT (SUM(cost) FOR name IN ([a], [A])) p;
GO
