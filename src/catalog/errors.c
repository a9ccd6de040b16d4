/* SPDX-License-Identifier: MIT */
/*
 * Error texts in our own words. They name the object and, where "not there"
 * and "not allowed to know" are the same, say both, so that nobody learns from
 * an error that something invisible exists. The numbers of the contract that
 * are never raised, and why, are listed in tests/catalog/errors.tsv.
 */
#include "catalog/errors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#define OR_HIDDEN "does not exist, or you do not have the permission to access it."

static const struct catalog_error errors[] = {
	{ 27100, 16, "The argument '%1' must not be NULL." },
	{ 27101, 16, "The value '%2' of the argument '%1' is not valid." },
	{ 27102, 16, "The argument '%1' must not be empty." },
	{ 27103, 16, "The execution %1 " OR_HIDDEN },
	{ 27104, 16, "The folder '%1' " OR_HIDDEN },
	{ 27105, 16, "The operation %1 " OR_HIDDEN },
	{ 27106, 16, "The parameter '%1' does not exist." },
	{ 27107, 16, "'%1' exists already." },
	{ 27109, 16, "The project '%1' " OR_HIDDEN },
	{ 27114, 16, "The environment reference %1 " OR_HIDDEN },
	{ 27115, 16, "The destination folder '%1' " OR_HIDDEN },
	{ 27121, 16, "The execution %1 is running or has finished. An execution can be started only once." },
	{ 27124, 16, "The operation %1 cannot be stopped: it does not exist, or it is not running." },
	{ 27126, 16, "The operation %1 cannot be stopped: it is stopping already." },
	{ 27139, 16, "The catalog cannot be configured while operations are active. Wait until they have"
		     " ended, or stop them." },
	{ 27140, 16, "The caller is not a member of the role '%1'." },
	{ 27142, 16, "The environment name '%1' contains characters that are not allowed." },
	{ 27143, 16, "You do not have the permission to stop the operation %1." },
	{ 27145, 16, "The project name '%1' contains characters that are not allowed." },
	{ 27146, 16, "The package '%1' " OR_HIDDEN },
	{ 27147, 16, "The data type '%2' of the value does not suit the data type '%3' of '%1'." },
	{ 27148, 16, "The data type of the parameter '%1' (%2) is not that of the environment variable"
		     " '%3' (%4)." },
	{ 27150, 16, "The project '%1' was deployed again after the execution %2 was created. Create a new"
		     " execution." },
	{ 27151, 10, "The restoration of the project '%1' to version %2 has started." },
	{ 27152, 10, "The restoration of the project '%1' to version %2 has finished." },
	{ 27154, 16, "The argument @sensitive must be given." },
	{ 27155, 16, "The project '%1' has version %2 already." },
	{ 27156, 16, "The catalog property '%1' does not exist." },
	{ 27157, 16, "The environment '%1' exists already, or you do not have the permission to access it." },
	{ 27159, 16, "The data type '%1' is not supported." },
	{ 27161, 10, "The permission was granted before; nothing is changed." },
	{ 27163, 16, "The value '%2' of the catalog property '%1' is not valid." },
	{ 27165, 10, "The operation %1 (type %2, status %3) was found at startup and is marked as ended"
		     " unexpectedly." },
	{ 27170, 16, "The project '%1' could not be read: %2" },
	{ 27173, 16, "The environment variable '%1' exists already." },
	{ 27175, 16, "The execution %1 has finished." },
	{ 27176, 16, "The parameter '%1' " OR_HIDDEN },
	{ 27178, 16, "You do not have the permission to execute the project '%1'." },
	{ 27179, 16, "The version %1 is not one of the project '%2', or you do not have the permission to"
		     " access it." },
	{ 27180, 16, "The environment variable name '%1' contains characters that are not allowed." },
	{ 27181, 16, "The project '%1' exists already, or you do not have the permission to access it." },
	{ 27182, 16, "The environment '%1' " OR_HIDDEN },
	{ 27183, 16, "The environment variable '%1' " OR_HIDDEN },
	{ 27184, 16, "The execution cannot be started: the required parameter '%1' has no value. Set it"
		     " with set_execution_parameter_value." },
	{ 27188, 16, "Only members of ssis_admin or sysadmin may create, delete, rename or describe"
		     " folders." },
	{ 27189, 16, "The folder name must not be empty." },
	{ 27190, 16, "The folder '%1' exists already." },
	{ 27191, 16, "The permission %1 does not apply to the object type %2." },
	{ 27192, 16, "You do not have the permission to manage permissions of the object %1." },
	{ 27196, 16, "The folder '%1' is not empty: it holds %2." },
	{ 27197, 16, "The %1 %2 does not exist." },
	{ 27199, 16, "The folder name '%1' contains characters that are not allowed." },
	{ 27201, 16, "The validation cannot be started: the required parameter '%1' has no value." },
	{ 27202, 16, "The project '%1' uses environment variables, but no environment reference was given." },
	{ 27203, 16, "The deployment of the project '%1' failed. The messages of the operation %2 say why:"
		     " %3" },
	{ 27204, 16, "The project '%1' refers to the environment '%2' already." },
	{ 27206, 16, "You do not have the permission to deploy the project '%1' into the folder '%2'." },
	{ 27207, 16, "The environment '%1' does not have the variable '%2' that the parameter '%3' uses." },
	{ 27208, 16, "The environment reference %1 is not part of the project, or you do not have the"
		     " permission to access it." },
	{ 27209, 16, "You do not have the permission to create environments in the folder '%1'." },
	{ 27210, 16, "The value of '%1' cannot be converted to the data type '%2': %3" },
	{ 27212, 16, "Data taps can be changed only before the execution is started." },
	{ 27213, 16, "The path '%1' of '%2' has a data tap already." },
	{ 27214, 16, "The path '%1' of the data flow task %2 has a data tap already." },
	{ 27215, 16, "The data tap %1 " OR_HIDDEN },
	{ 27216, 16, "The number of rows must not be negative." },
	{ 27217, 16, "The logging level %1 is not defined." },
	{ 27218, 16, "The running process of the execution %1 was not found." },
	{ 27219, 16, "You do not have the permission to run the procedure '%1'." },
	{ 27221, 16, "The sensitive environment variable '%1' cannot be used for the parameter '%2', which"
		     " is not sensitive." },
	{ 27223, 16, "You do not have the permission to move the project into the folder '%1'." },
	{ 27224, 16, "The parameters of the execution %1 cannot be changed: it has been started." },
	{ 27225, 16, "The properties of the execution %1 cannot be changed: it has been started." },
	{ 27226, 16, "The principal '%1' has granted or denied permissions and cannot be dropped." },
	{ 27231, 16, "The deployment of packages to the project '%1' failed. The messages of the operation"
		     " %2 say why: %3" },
	{ 27232, 16, "You do not have the permission to create customized logging levels." },
	{ 27233, 16, "The name of the customized logging level must not be empty." },
	{ 27234, 16, "The name '%1' of the customized logging level contains characters that are not"
		     " allowed." },
	{ 27235, 16, "The customized logging level '%1' exists already." },
	{ 27236, 16, "You do not have the permission to delete customized logging levels." },
	{ 27237, 16, "The customized logging level '%1' does not exist." },
	{ 27238, 16, "You do not have the permission to rename customized logging levels." },
	{ 27239, 16, "You do not have the permission to update customized logging levels." },
	{ 27240, 16, "The value of '%1' must not be negative." },
	{ 27241, 16, "The logging level 100 needs the property SERVER_CUSTOMIZED_LOGGING_LEVEL to name a"
		     " customized logging level." },
	{ 27243, 16, "The worker agent '%1' " OR_HIDDEN },
	{ 27251, 16, "A worker cannot be added: the execution %1 may run on any worker." },
	{ 27252, 16, "The worker agent '%1' is disabled." },
	{ 27255, 16, "The execution %1 does not run in Scale Out." },
	{ 27257, 16, "There is no active worker agent." },
	{ 27260, 16, "Only members of sysadmin may do that." },
	{ 27261, 16, "Scale Out is not enabled." },
};

const struct catalog_error *catalog_errors(size_t *ret_count)
{
	*ret_count = ARRAY_LEN(errors);
	return errors;
}

static int compare_numbers(const void *key, const void *row)
{
	int number = *(const int *)key;
	int other = ((const struct catalog_error *)row)->number;

	return (number > other) - (number < other);
}

const struct catalog_error *catalog_error_find(int number)
{
	return bsearch(&number, errors, ARRAY_LEN(errors), sizeof(errors[0]), compare_numbers);
}

static void fill_in(const char *text, const char *const *inserts, struct buf *ret)
{
	size_t count = 0;

	while (inserts[count])
		count++;
	for (; *text; text++) {
		if (text[0] != '%' || text[1] < '1' || text[1] > '9') {
			buf_addc(ret, *text);
			continue;
		}
		text++;
		if ((size_t)(*text - '1') < count)
			buf_adds(ret, inserts[*text - '1']);
	}
}

int raise_error_list(struct tsql_call *call, int number, const char *const *inserts)
{
	const struct catalog_error *e = catalog_error_find(number);
	struct buf text = BUF_INIT;
	int r = -ERR_SQL;

	if (e)
		fill_in(e->text, inserts, &text);
	if (e && e->severity == 10)
		tsql_call_info(call, number, "%s", text.data);
	else
		r = tsql_call_error(call, number, 1, "%s", text.data);
	buf_release(&text);
	return r;
}

struct id_text id_text(int64_t id)
{
	struct id_text t;

	snprintf(t.text, sizeof(t.text), "%lld", (long long)id);
	return t;
}
