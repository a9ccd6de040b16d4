# src/exec: executing at a distance. Three libraries, because the worker's side
# goes to worker machines: it links neither SQLite nor libuv nor libssh2.
noinst_LIBRARIES += libexec_protocol.a libexec_worker.a libexec_transport.a libexec_master.a
libexec_protocol_a_SOURCES = \
	src/exec/program.c src/exec/program.h \
	src/exec/protocol.c src/exec/protocol.h
libexec_worker_a_SOURCES = \
	src/exec/worker/agent.c src/exec/worker/agent.h src/exec/worker/agent_private.h \
	src/exec/worker/agent_project.c \
	src/exec/worker/agent_task.c \
	src/exec/worker/agent_tell.c \
	src/exec/worker/agent_unpack.c \
	src/exec/worker/cgroup.c src/exec/worker/cgroup.h \
	src/exec/worker/check.c src/exec/worker/check.h \
	src/exec/worker/facts.c src/exec/worker/facts.h \
	src/exec/worker/fork_server.c src/exec/worker/fork_server.h src/exec/worker/fork_server_process.c \
	src/exec/worker/fork_server_private.h \
	src/exec/worker/runner.c src/exec/worker/runner.h \
	src/exec/worker/spool.c src/exec/worker/spool.h \
	src/exec/worker/straggler.c src/exec/worker/straggler.h \
	src/exec/worker/supervisor.c src/exec/worker/supervisor.h \
	src/exec/worker/supervisor_private.h src/exec/worker/supervisor_start.c \
	src/exec/worker/task_folder.c src/exec/worker/task_folder.h \
	src/exec/worker/title.c src/exec/worker/title.h
libexec_transport_a_SOURCES = \
	src/exec/control.c src/exec/control.h src/exec/control_private.h \
	src/exec/hostkey.c src/exec/hostkey.h \
	src/exec/identity.c src/exec/identity.h \
	src/exec/install.c src/exec/install.h src/exec/install_script.h \
	src/exec/jump.c src/exec/jump.h \
	src/exec/known_hosts.c src/exec/known_hosts.h \
	src/exec/probe.c src/exec/probe.h \
	src/exec/settings.c src/exec/settings.h \
	src/exec/ssh_agent.c src/exec/ssh_agent.h src/exec/ssh_wire.h \
	src/exec/ssh_config.c src/exec/ssh_config.h \
	src/exec/ssh_methods.c src/exec/ssh_methods.h \
	src/exec/ssh_pattern.c src/exec/ssh_pattern.h \
	src/exec/transport.h \
	src/exec/transport_local.c \
	src/exec/transport_ssh.c src/exec/transport_ssh_private.h \
	src/exec/transport_ssh_auth.c \
	src/exec/transport_ssh_channel.c \
	src/exec/transport_ssh_command.c \
	src/exec/transport_ssh_connect.c \
	src/exec/transport_ssh_hostkey.c \
	src/exec/transport_ssh_key.c
libexec_master_a_SOURCES = \
	src/exec/master/control_server.c src/exec/master/control_server.h \
	src/exec/master/dispatch.c \
	src/exec/master/dump.c \
	src/exec/master/flight.c \
	src/exec/master/flight_talk.c \
	src/exec/master/link.c \
	src/exec/master/link_talk.c \
	src/exec/master/log_fields.c src/exec/master/log_fields.h \
	src/exec/master/master.c src/exec/master/master.h src/exec/master/master_private.h \
	src/exec/master/metrics.c src/exec/master/metrics.h \
	src/exec/master/project.c \
	src/exec/master/report.c \
	src/exec/master/scheduler.c src/exec/master/scheduler.h src/exec/master/scheduler_private.h \
	src/exec/master/scheduler_pool.c \
	src/exec/master/upkeep.c
TRANSPORT_LIBS = libexec_transport.a libexec_protocol.a libbase.a $(SSH2_LIBS) $(UV_LIBS) $(CRYPTO_LIBS) $(JANSSON_LIBS)
WORKER_LIBS = libexec_worker.a libexec_protocol.a libbase.a $(MD_LIBS) $(JANSSON_LIBS)
