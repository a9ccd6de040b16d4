@:setvar a "x ""y"""
select $(a), '$(b)' -- $(c
GO 3 -- n
:r f
:list
reset
