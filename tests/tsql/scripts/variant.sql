-- A sql_variant becomes another type only by a conversion that is written.
DECLARE @v sql_variant = 7, @i int;
SET @i = @v;
GO
DECLARE @v sql_variant = N'x'; DECLARE @s nvarchar(10) = @v;
GO
DECLARE @v sql_variant = 7, @i int;
SELECT @i = @v;
GO
DECLARE @i int; SELECT @i = note FROM catalog.executions;
GO
DECLARE @v sql_variant = 7, @t TABLE (a int, v sql_variant);
INSERT @t VALUES (@v, @v);
GO
DECLARE @v sql_variant = 7, @t TABLE (a int, v sql_variant);
INSERT @t (a, v) SELECT 1, @v;
INSERT @t (v, a) SELECT v, v FROM @t;
GO
DECLARE @v sql_variant = 7, @t TABLE (a int, v sql_variant);
INSERT @t VALUES (1, 'a');
UPDATE @t SET v = @v;
SELECT a, v, SQL_VARIANT_PROPERTY(v, 'BaseType') AS b FROM @t;
UPDATE @t SET a = v;
GO
DECLARE @v sql_variant = CAST(1.50 AS decimal(5,2)), @w sql_variant;
SET @w = @v;
SELECT @w AS w, SQL_VARIANT_PROPERTY(@w, 'BaseType') AS b, SQL_VARIANT_PROPERTY(@w, 'Scale') AS s, CAST(@w AS int) AS i, CONVERT(varchar(10), @w) AS t;
GO
