/* SPDX-License-Identifier: MIT */
/* The rows of the command table; each is defined in the file of its name. */
#ifndef SO_CLI_COMMANDS_H
#define SO_CLI_COMMANDS_H

#include "cli/command.h"

extern const struct cli_command cli_console_command;
extern const struct cli_command cli_init_command;
extern const struct cli_command cli_backup_command;
extern const struct cli_command cli_restore_command;
extern const struct cli_command cli_rekey_command;
extern const struct cli_command cli_deploy_command;
extern const struct cli_command cli_run_command;
extern const struct cli_command cli_executions_command;
extern const struct cli_command cli_messages_command;
extern const struct cli_command cli_stop_command;
extern const struct cli_command cli_dumps_command;
extern const struct cli_command cli_validate_command;
extern const struct cli_command cli_status_command;
extern const struct cli_command cli_conf_command;
extern const struct cli_command cli_sql_command;
extern const struct cli_command cli_queue_list_command;
extern const struct cli_command cli_queue_set_command;
extern const struct cli_command cli_queue_pause_command;
extern const struct cli_command cli_queue_resume_command;
extern const struct cli_command cli_worker_drain_command;
extern const struct cli_command cli_worker_add_command;
extern const struct cli_command cli_worker_list_command;
extern const struct cli_command cli_worker_upgrade_command;
extern const struct cli_command cli_worker_check_command;
extern const struct cli_command cli_worker_trust_command;
extern const struct cli_command cli_worker_enable_command;
extern const struct cli_command cli_worker_disable_command;
extern const struct cli_command cli_worker_remove_command;
extern const struct cli_command cli_master_start_command;
extern const struct cli_command cli_master_stop_command;

#endif
