/* SPDX-License-Identifier: MIT */
/* Packages as short texts for tests, and what a run of one reported. */
#ifndef SO_TESTS_RUNTIME_PACKAGE_TEXT_H
#define SO_TESTS_RUNTIME_PACKAGE_TEXT_H

#include "base/buf.h"
#include "package/taskspec.h"
#include "runtime/run.h"

/* Executables; path is the refId behind "Package". extra goes into the element (variables, expressions, handlers, children). */
#define EXEC_ATTR(path, name, type, extra, attributes) \
	"<DTS:Executable DTS:refId=\"Package" path "\" DTS:CreationName=\"" type "\" DTS:DTSID=\"{ID-" name \
	"}\" DTS:ExecutableType=\"" type "\" DTS:ObjectName=\"" name "\" " attributes ">" extra \
	"</DTS:Executable>"
#define EXEC(path, name, type, extra) EXEC_ATTR(path, name, type, extra, "")
#define BODY(text) "<DTS:ObjectData>" text "</DTS:ObjectData>"
#define CHILDREN(text) "<DTS:Executables>" text "</DTS:Executables>"
#define CONSTRAINTS(text) "<DTS:PrecedenceConstraints>" text "</DTS:PrecedenceConstraints>"
#define HANDLERS(text) "<DTS:EventHandlers>" text "</DTS:EventHandlers>"
#define VARIABLES(text) "<DTS:Variables>" text "</DTS:Variables>"

#define EXPRESSION(path, name, text) \
	EXEC(path, name, "Microsoft.ExpressionTask", BODY("<ExpressionTask Expression=\"" text "\"/>"))
#define PROCESS(path, name, attributes) \
	EXEC(path, name, "Microsoft.ExecuteProcess", BODY("<ExecuteProcessData " attributes "/>"))
#define SHELL(path, name, script) \
	PROCESS(path, name, "Executable=\"sh\" Arguments=\"-c &quot;" script "&quot;\"")
#define SEQUENCE(path, name, extra) EXEC(path, name, "STOCK:SEQUENCE", extra)
#define CONSTRAINT(from, to, attributes) \
	"<DTS:PrecedenceConstraint DTS:From=\"Package" from "\" DTS:To=\"Package" to \
	"\" DTS:ObjectName=\"" from to "\" DTS:DTSID=\"{C" from to "}\" " attributes "/>"
#define AND_SUCCESS "DTS:LogicalAnd=\"True\""
#define AND_FAILURE "DTS:LogicalAnd=\"True\" DTS:Value=\"1\""
#define AND_COMPLETION "DTS:LogicalAnd=\"True\" DTS:Value=\"2\""
#define VARIABLE_ATTR(name, type, value, attributes) \
	"<DTS:Variable DTS:ObjectName=\"" name "\" DTS:Namespace=\"User\" DTS:DTSID=\"{V-" name "}\" " attributes \
	"><DTS:VariableValue DTS:DataType=\"" type "\">" value "</DTS:VariableValue></DTS:Variable>"
#define INT(name, value) VARIABLE_ATTR(name, "3", value, "DTS:IncludeInDebugDump=\"2345\"")
#define TEXT(name, value) VARIABLE_ATTR(name, "8", value, "")
#define HANDLER(event, path, extra) \
	"<DTS:EventHandler DTS:refId=\"Package" path ".EventHandlers[" event "]\" DTS:EventName=\"" event \
	"\" DTS:CreationName=\"" event "\" DTS:DTSID=\"{H-" event "}\">" extra "</DTS:EventHandler>"
#define PROPERTY_EXPRESSION(name, text) \
	"<DTS:PropertyExpression DTS:Name=\"" name "\">" text "</DTS:PropertyExpression>"

/* How to run a test package. Zeroed is fine. */
struct play {
	const struct taskspec *spec;
	int max_concurrent;
	bool validate_only;
	const char *project_dir;   /* the package is p.dtsx in there */
	const char *cancel_at;     /* "OnPreExecute Name": send this process a SIGTERM then */
	const char *package_attributes;
};

struct played {
	enum run_exit code;
	struct buf events; /* "OnPreExecute Name\n" per event */
	struct buf texts;  /* messages, one per line */
	struct buf log;    /* the event log as written */
	struct err err;
};

/* Write package "P" with this inside, run it, collect. Release with played_release. */
void play(const char *inside, const struct play *how, struct played *ret);
void played_release(struct played *played);
/* Only the events of one kind: names in order, "a b c". Caller frees. */
char *played_names(const struct played *played, const char *event_name);
/* Whether some message holds the text. */
bool played_says(const struct played *played, const char *text);

#endif
