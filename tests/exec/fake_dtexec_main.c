/* SPDX-License-Identifier: MIT */
/* fake_dtexec as a program of its own. */
#include "runtime/task_mode.h"

int main(int argc, char **argv)
{
	return task_mode(argc, argv);
}
