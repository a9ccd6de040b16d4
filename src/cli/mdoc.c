/* SPDX-License-Identifier: MIT */
/*
 * A manual page per sub-command, written from its row of the table, so that
 * page and --help cannot differ.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

/* Text with what mdoc would read as a request or an escape made harmless, each sentence on its own line. */
static void print_escaped(const char *text)
{
	bool line_start = true;

	for (; *text; text++) {
		if (line_start && (*text == '.' || *text == '\''))
			fputs("\\&", stdout);
		line_start = *text == '\n';
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else if (*text == '.' && text[1] == ' ' && text[2])
			fputs(".\n", stdout), text++;
		else
			putchar(*text);
	}
}

static bool has_letter(const struct cli_option *options, char letter)
{
	for (const struct cli_option *o = options; o && o->name; o++) {
		if (o->letter == letter)
			return true;
	}
	return false;
}

/* own: letters of these rows hide the same letters of options. */
static void print_options(const struct cli_option *options, const struct cli_option *own)
{
	for (const struct cli_option *o = options; o && o->name; o++) {
		fputs(".It ", stdout);
		if (o->letter && !has_letter(own, o->letter))
			printf("Fl %c , ", o->letter);
		fputs("Fl -", stdout);
		for (const char *c = o->name; *c; c++) {
			if (*c == '-')
				putchar('\\');
			putchar(*c);
		}
		if (o->argument) {
			fputs(" Ar ", stdout);
			print_escaped(o->argument);
		}
		putchar('\n');
		print_escaped(o->text);
		fputs(".\n", stdout);
	}
}

static void print_details(const char *details)
{
	fputs(".Pp\n", stdout);
	for (const char *at = details; *at;) {
		size_t len = strcspn(at, "\n");
		char line[1024];
		snprintf(line, sizeof(line), "%.*s", (int)len, at);
		if (len)
			print_escaped(line);
		fputs(len ? "\n" : ".Pp\n", stdout);
		at += len + (at[len] == '\n');
	}
}

void cli_print_mdoc(const struct cli_command *command)
{
	char title[64];
	size_t i;

	for (i = 0; command->name[i] && i + 1 < sizeof(title); i++)
		title[i] = command->name[i] == ' ' ? '-' : (char)toupper((unsigned char)command->name[i]);
	title[i] = '\0';
	printf(".Dd November 22, 2026\n.Dt SCALEOUT-%s 1\n.Os\n.Sh NAME\n.Nm scaleout-", title);
	for (i = 0; command->name[i]; i++)
		putchar(command->name[i] == ' ' ? '-' : command->name[i]);
	printf("\n.Nd %s\n.Sh SYNOPSIS\n.Nm scaleout %s\n", command->summary, command->name);
	if (command->arguments[0]) {
		print_escaped(command->arguments);
		putchar('\n');
	}
	printf(".Sh DESCRIPTION\n.Ic scaleout %s\n:\n", command->name);
	print_escaped(command->summary);
	fputs(".\n", stdout);
	if (command->details)
		print_details(command->details);
	fputs(".Pp\nThe options are:\n.Bl -tag -width Ds\n", stdout);
	print_options(command->options, NULL);
	print_options(cli_global_options, command->options);
	if (command->refused) {
		fputs(".El\n.Pp\nThese are known but refused, and why:\n.Bl -tag -width Ds\n", stdout);
		print_options(command->refused, NULL);
	}
	fputs(".El\n.Sh EXIT STATUS\n0 done, 1 failed, 2 wrong usage.\n.Sh SEE ALSO\n.Xr scaleout 1\n", stdout);
}
