H/* GO /* */
*/ [a]]
GO
]
ED
!!ls
:connect x
:frob
quit
