-- GOTO back, out of a loop, out of TRY and CATCH, and over statements.
SET NOCOUNT ON;
DECLARE @i int = 0;
again:
SET @i += 1;
IF @i < 3 GOTO again;
PRINT @i;
WHILE 1 = 1
BEGIN
	SET @i += 1;
	IF @i = 10 GOTO [out of it];
END
PRINT 'not reached';
[out of it]: PRINT @i;
BEGIN TRY
	GOTO past_try;
END TRY
BEGIN CATCH
	PRINT 'not reached';
END CATCH
PRINT 'not reached';
past_try:
BEGIN TRY
	RAISERROR('x', 16, 1);
END TRY
BEGIN CATCH
	GOTO Done;
END CATCH
PRINT 'not reached';
DONE:
PRINT CONCAT('done, error ', ERROR_NUMBER());
GO
GOTO nowhere;
GO
a: PRINT 1; A: PRINT 2;
GO
PRINT 'nothing of this runs';
GOTO inside;
BEGIN
	PRINT 1;
	inside:
	PRINT 2;
END
GO
-- Procedures named by a variable.
DECLARE @p nvarchar(300) = N'[SSISDB].catalog.[double_it]', @r int, @v int = 21, @id bigint;
EXEC @r = @p @v OUTPUT;
SELECT @v AS value, @r AS code;
SET @p = 'sp_executesql';
EXEC @p N'SELECT @a AS a', N'@a int', @a = 7;
SET @p = 'nosuch';
EXEC @p;
SET @p = NULL;
EXEC @p;
SET @p = 'a b';
EXEC @p;
GO
-- What scripts set.
SET ANSI_NULLS, QUOTED_IDENTIFIER ON;
SET DATEFORMAT mdy; SET DATEFIRST 7; SET LANGUAGE us_english; SET LANGUAGE N'English';
SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED;
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ
SET IMPLICIT_TRANSACTIONS OFF SET TEXTSIZE -1 SET ROWCOUNT 0 SET DEADLOCK_PRIORITY LOW
PRINT 'set';
GO
SET ANSI_NULLS OFF;
GO
SET NOCOUNT, QUOTED_IDENTIFIER OFF;
GO
SET DATEFORMAT dmy;
GO
SET ROWCOUNT 5;
GO
SET IDENTITY_INSERT #t ON;
GO
SET STATISTICS IO ON;
GO
