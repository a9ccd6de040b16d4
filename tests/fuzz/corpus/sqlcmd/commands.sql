@:on error exit
:out "a b"
:error stderr
:help
:listvar
exit(select 1)
