# src/tui: the console. Sees the catalog only through tsql/client.h.
noinst_LIBRARIES += libtui.a
libtui_a_SOURCES = \
	src/tui/action.c src/tui/action.h \
	src/tui/app.c src/tui/app.h \
	src/tui/cdk_utf8_shim.c \
	src/tui/codes.c src/tui/codes.h \
	src/tui/commands.c \
	src/tui/console.c src/tui/console.h \
	src/tui/cursor.c src/tui/cursor.h \
	src/tui/details.c src/tui/details.h \
	src/tui/edit.c src/tui/edit.h \
	src/tui/export.c src/tui/export.h \
	src/tui/filter.c src/tui/filter.h \
	src/tui/frame.c src/tui/frame.h \
	src/tui/grid.c src/tui/grid.h \
	src/tui/health.c src/tui/health.h \
	src/tui/input.c src/tui/input.h \
	src/tui/jobs.c src/tui/jobs.h \
	src/tui/keymap.c src/tui/keymap.h \
	src/tui/pager.c src/tui/pager.h \
	src/tui/paging.c src/tui/paging.h \
	src/tui/form.c src/tui/form.h \
	src/tui/screens/execute.c src/tui/screens/execute.h \
	src/tui/screens/execute_draw.c src/tui/screens/execute_edit.c src/tui/screens/execute_read.c \
	src/tui/screens/execution_rows.c src/tui/screens/execution_rows.h \
	src/tui/screens/executions.c src/tui/screens/executions.h \
	src/tui/screens/executions_live.c \
	src/tui/screens/list_screen.c src/tui/screens/list_screen.h \
	src/tui/screens/messages.c \
	src/tui/screens/operations.c \
	src/tui/screens/overlays.c \
	src/tui/screens/overview.c src/tui/screens/overview.h src/tui/screens/overview_sections.c \
	src/tui/screens/properties.c src/tui/screens/properties.h \
	src/tui/screens/property_edits.c src/tui/screens/property_edits.h \
	src/tui/screens/property_parameters.c \
	src/tui/screens/queue_actions.c src/tui/screens/queue_actions.h \
	src/tui/screens/queue_list.c \
	src/tui/screens/screens.h \
	src/tui/screens/stop.c \
	src/tui/screens/text_screen.c \
	src/tui/screens/tree_nodes.c src/tui/screens/tree_nodes.h \
	src/tui/screens/tree_properties.c src/tui/screens/tree_properties.h \
	src/tui/screens/tree_screen.c \
	src/tui/screens/validate.c src/tui/screens/validate.h \
	src/tui/screens/worker_actions.c src/tui/screens/worker_actions.h \
	src/tui/screens/workers.c \
	src/tui/script.c src/tui/script.h \
	src/tui/state.c src/tui/state.h \
	src/tui/text.c src/tui/text.h \
	src/tui/theme.c src/tui/theme.h \
	src/tui/tree.c src/tui/tree.h \
	src/tui/ui_cdk.c src/tui/ui_cdk.h \
	src/tui/view.c src/tui/view.h \
	src/tui/width_table.h
# CDK's text writers are replaced by ours (cdk_utf8_shim.c), so every program
# with the console in it is linked with these.
TUI_WRAP = -Wl,--wrap=writeChtype,--wrap=writeChtypeAttrib,--wrap=writeChar,--wrap=writeCharAttrib \
	-Wl,-u,__wrap_writeChtype
TUI_LINK = libtui.a $(CDK_LIBS) $(PANELW_LIBS) $(NCURSESW_LIBS) -lpthread
