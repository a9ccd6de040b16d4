# src/tsql: the T-SQL language over SQLite. Uses base and SQLite, and libcrypto for HASHBYTES.
noinst_LIBRARIES += libtsql.a
libtsql_a_SOURCES = \
	src/tsql/ast.h \
	src/tsql/call.c \
	src/tsql/check.c src/tsql/check.h \
	src/tsql/client.c src/tsql/client.h \
	src/tsql/convert_impl.h \
	src/tsql/convert_number.c \
	src/tsql/convert_text.c \
	src/tsql/cursor.c src/tsql/cursor.h \
	src/tsql/datetime.c src/tsql/datetime.h \
	src/tsql/datetime_text.c \
	src/tsql/decimal.c src/tsql/decimal.h \
	src/tsql/eval.c src/tsql/eval.h src/tsql/eval_impl.h \
	src/tsql/eval_condition.c \
	src/tsql/eval_operator.c \
	src/tsql/exec.c src/tsql/exec.h \
	src/tsql/exec_error.c \
	src/tsql/exec_output.c src/tsql/exec_output.h \
	src/tsql/exec_principal.c \
	src/tsql/exec_result.c \
	src/tsql/exec_table.c \
	src/tsql/exec_text.c \
	src/tsql/exec_tran.c \
	src/tsql/function.c src/tsql/function.h \
	src/tsql/function_args.c src/tsql/function_args.h \
	src/tsql/functions_date.c \
	src/tsql/functions_date_make.c \
	src/tsql/functions_format.c \
	src/tsql/functions_json.c \
	src/tsql/functions_math.c \
	src/tsql/functions_more.c \
	src/tsql/functions_system.c \
	src/tsql/functions_text.c \
	src/tsql/functions_text_make.c \
	src/tsql/help.c \
	src/tsql/json.c src/tsql/json.h \
	src/tsql/json_text.c src/tsql/json_text.h \
	src/tsql/lexer.c src/tsql/lexer.h \
	src/tsql/like.c \
	src/tsql/openjson.c \
	src/tsql/parse_call.c \
	src/tsql/parse_cursor.c \
	src/tsql/parse_error.c \
	src/tsql/parse_expr.c \
	src/tsql/parse_goto.c \
	src/tsql/parse_impl.h \
	src/tsql/parse_json.c \
	src/tsql/parse_literal.c \
	src/tsql/parse_option.c \
	src/tsql/parse_output.c \
	src/tsql/parse_principal.c \
	src/tsql/parse_quantified.c \
	src/tsql/parse_select.c \
	src/tsql/parse_statement.c \
	src/tsql/parse_table.c \
	src/tsql/parse_table_function.c \
	src/tsql/parser.c src/tsql/parser.h \
	src/tsql/plan.c src/tsql/plan.h src/tsql/plan_impl.h \
	src/tsql/row_source.c \
	src/tsql/rows.c src/tsql/rows.h \
	src/tsql/select.c src/tsql/select_impl.h \
	src/tsql/select_apply.c \
	src/tsql/select_condition.c \
	src/tsql/select_cte.c \
	src/tsql/select_expr.c \
	src/tsql/exec_alter.c src/tsql/exec_check.c \
	src/tsql/exec_create.c src/tsql/parse_declare_table.c src/tsql/exec_change.h src/tsql/exec_merge.c src/tsql/parse_merge.c src/tsql/parse_group.c src/tsql/select_pivot.c src/tsql/select_sets.c src/tsql/format_date.c src/tsql/format_impl.h src/tsql/functions_hash.c src/tsql/functions_parse.c \
	src/tsql/aggregate.c src/tsql/aggregate.h src/tsql/select_aggregate.c src/tsql/select_bound.c src/tsql/select_merge.c \
	src/tsql/select_source.c \
	src/tsql/select_top.c \
	src/tsql/select_window.c \
	src/tsql/server.h \
	src/tsql/session.c src/tsql/session.h \
	src/tsql/split.c src/tsql/split.h \
	src/tsql/sqlerr.c src/tsql/sqlerr.h \
	src/tsql/sqlite_ext.c src/tsql/sqlite_ext.h \
	src/tsql/store.h \
	src/tsql/string_agg.c src/tsql/string_agg.h \
	src/tsql/table.c src/tsql/table.h \
	src/tsql/table_function.c src/tsql/table_function.h \
	src/tsql/timezone.c src/tsql/timezone.h \
	src/tsql/tree.c src/tsql/tree.h \
	src/tsql/type_facts.c \
	src/tsql/types.h \
	src/tsql/value.c src/tsql/value.h \
	src/tsql/value_convert.c \
	src/tsql/value_format.c \
	src/tsql/value_store.c \
	src/tsql/xml.c
