# The rig of the fault tests: a catalog, N workers over N sshd of our own (each
# behind a proxy that can cut the link), a project whose packages leave
# witnesses, and the one oracle for everything. Needs tests/lib.sh; all in $work.
#
#   rig_start N [MASTER-OPTION...]   catalog, N workers w1..wN, each with its sshd and proxy, master
#   rig_master                       start the master (again), with the same options
#   run PACKAGE [OPTION...]          start an execution, print its id
#   proxy N COMMAND...               tell the proxy of worker N (proxy.c), wait until it has heard
#   check_invariants NAME            the oracle; resets what is looked at to what comes after
#   outcome NUMBER TEXT              a line of the table in doc/reliability.md
#
# Packages: quick; gate (waits for $work/gate); fail; stubborn (ignores TERM);
# fork (ignores TERM and leaves two daemons that do too); closer (closes its
# descriptors); big (writes 8 MB to its output); talk (a loop of $Package::Turns
# turns); secret (takes $Package::Key).
. "$SO_SOURCE_DIR/tests/system/lib_sshd.sh"
unset SSH_AUTH_SOCK SCALEOUT_CATALOG
XDG_STATE_HOME=$work/state
export XDG_STATE_HOME

catalog=$work/c.db
effects_file=$work/effects
master_options=
rig_program=$SO_BUILD_DIR/scaleout-worker
rig_sshd_options= # lines of sshd's configuration, separated by commas
workers=0
first_id=1
: >"$effects_file"

so() { "$SO_BUILD_DIR/scaleout" --catalog "$catalog" "$@"; }
# Rows of a query, columns separated by |.
rows() { so sql -h -1 -W -s '|' -Q "SET NOCOUNT ON $1"; }
value() { rows "SELECT $1" | tr -d ' \r\n'; }
slow_allowed() { [ -z "${SCALEOUT_SKIP_SLOW-}" ]; }
is_root() { [ "$(id -u)" = 0 ]; }
long() { [ -n "${SCALEOUT_LONG-}" ]; }

# --- the project ---

faults_executable() { # PACKAGE: the XML of what it does
	case $1 in
	talk)
		cat <<XML
<DTS:Executable DTS:refId="Package\\Loop" DTS:CreationName="STOCK:FORLOOP" DTS:DTSID="{3F7D20AF-646C-4ACB-AE8B-0EF723820001}"
  DTS:ExecutableType="STOCK:FORLOOP" DTS:LocaleID="-1" DTS:ObjectName="Loop" DTS:EvalExpression="@[User::i] &lt; @[\$Package::Turns]"
  DTS:AssignExpression="@[User::i] = @[User::i] + 1"><DTS:Variables /><DTS:Executables>
  <DTS:Executable DTS:refId="Package\\Loop\\Turn" DTS:CreationName="Microsoft.ExpressionTask"
    DTS:DTSID="{3F7D20AF-646C-4ACB-AE8B-0EF723820002}" DTS:ExecutableType="Microsoft.ExpressionTask" DTS:LocaleID="-1"
    DTS:ObjectName="Turn"><DTS:Variables /><DTS:ObjectData><ExpressionTask Expression="1" /></DTS:ObjectData></DTS:Executable>
</DTS:Executables></DTS:Executable>
XML
		;;
	esac
	cat <<XML
<DTS:Executable DTS:refId="Package\\Witness" DTS:CreationName="Microsoft.ExecuteProcess"
  DTS:DTSID="{2F7D20AF-646C-4ACB-AE8B-0EF723820001}" DTS:ExecutableType="Microsoft.ExecuteProcess" DTS:LocaleID="-1"
  DTS:ObjectName="Witness"><DTS:Variables />
  <DTS:ObjectData><ExecuteProcessData Executable="/bin/sh" Arguments="$work/witness.sh $1" /></DTS:ObjectData></DTS:Executable>
XML
}

faults_parameter() { # PACKAGE: prints "NAME TYPE-IN-PACKAGE TYPE-IN-MANIFEST SENSITIVE VALUE" if it has one
	case $1 in
	talk) echo "Turns 3 9 0 10" ;;
	secret) echo "Key 8 18 1" ;;
	esac
}

faults_package() { # NAME NUMBER
	faults_parameter "$1" | (
		read -r parameter type _ sensitive given || parameter=
		cat <<XML
<?xml version="1.0"?>
<DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:refId="Package" DTS:CreationName="Microsoft.Package"
  DTS:DTSID="{0F7D20AF-646C-4ACB-AE8B-0EF72382000$2}" DTS:ExecutableType="Microsoft.Package" DTS:ObjectName="$1"
  DTS:LocaleID="1033" DTS:PackageType="5" DTS:ProtectionLevel="0" DTS:VersionBuild="1"
  DTS:VersionGUID="{1F7D20AF-646C-4ACB-AE8B-0EF72382000$2}"><DTS:Property DTS:Name="PackageFormatVersion">8</DTS:Property>
XML
		[ -z "$parameter" ] || cat <<XML
<DTS:PackageParameters><DTS:PackageParameter DTS:CreationName="" DTS:DataType="$type" DTS:ObjectName="$parameter"
  DTS:DTSID="{4F7D20AF-646C-4ACB-AE8B-0EF72382000$2}" $([ "$sensitive" = 0 ] || echo 'DTS:Sensitive="True"')
  ><DTS:Property DTS:DataType="$type" DTS:Name="ParameterValue">$given</DTS:Property></DTS:PackageParameter></DTS:PackageParameters>
XML
		cat <<XML
<DTS:Variables><DTS:Variable DTS:CreationName="" DTS:DTSID="{5F7D20AF-646C-4ACB-AE8B-0EF72382000$2}" DTS:Namespace="User"
  DTS:IncludeInDebugDump="6789" DTS:ObjectName="i"><DTS:VariableValue DTS:DataType="3">0</DTS:VariableValue></DTS:Variable></DTS:Variables>
<DTS:Executables>$(faults_executable "$1")</DTS:Executables></DTS:Executable>
XML
	)
}

faults_metadata() { # NAME NUMBER
	cat <<XML
<SSIS:PackageMetaData SSIS:Name="$1.dtsx"><SSIS:Properties>
<SSIS:Property SSIS:Name="ID">{0F7D20AF-646C-4ACB-AE8B-0EF72382000$2}</SSIS:Property><SSIS:Property SSIS:Name="Name">$1</SSIS:Property>
<SSIS:Property SSIS:Name="VersionMajor">1</SSIS:Property><SSIS:Property SSIS:Name="VersionMinor">0</SSIS:Property>
<SSIS:Property SSIS:Name="VersionBuild">1</SSIS:Property><SSIS:Property SSIS:Name="VersionComments"></SSIS:Property>
<SSIS:Property SSIS:Name="VersionGUID">{1F7D20AF-646C-4ACB-AE8B-0EF72382000$2}</SSIS:Property>
<SSIS:Property SSIS:Name="PackageFormatVersion">8</SSIS:Property><SSIS:Property SSIS:Name="Description"></SSIS:Property>
<SSIS:Property SSIS:Name="ProtectionLevel">0</SSIS:Property></SSIS:Properties><SSIS:Parameters>
XML
	faults_parameter "$1" | while read -r parameter _ type sensitive given; do
		cat <<XML
<SSIS:Parameter SSIS:Name="$parameter"><SSIS:Properties>
<SSIS:Property SSIS:Name="ID">{6f7d20af-646c-4acb-ae8b-0ef72382000$2}</SSIS:Property><SSIS:Property SSIS:Name="CreationName"></SSIS:Property>
<SSIS:Property SSIS:Name="Description"></SSIS:Property><SSIS:Property SSIS:Name="IncludeInDebugDump">0</SSIS:Property>
<SSIS:Property SSIS:Name="Required">0</SSIS:Property><SSIS:Property SSIS:Name="Sensitive">$sensitive</SSIS:Property>
<SSIS:Property SSIS:Name="Value">$given</SSIS:Property><SSIS:Property SSIS:Name="DataType">$type</SSIS:Property>
</SSIS:Properties></SSIS:Parameter>
XML
	done
	echo '</SSIS:Parameters></SSIS:PackageMetaData>'
}

# What the packages run. The supervisor's cookie is SPOOL/EXECUTION-TRY.
faults_witness() {
	cat <<SH
key=\${SCALEOUT_KEY##*/}
wait_gate() { while [ ! -e "$work/gate" ]; do sleep 0.02; done; }
echo "\$key start" >>"$effects_file"
case \$1 in
gate) wait_gate ;;
fail) exit 1 ;;
stubborn) trap '' TERM; while :; do sleep 0.05; done ;;
fork)
	trap '' TERM HUP
	setsid sh -c '(trap "" TERM HUP; while :; do sleep 0.05; done) & echo \$\$ >>"$work/daemons"; while :; do sleep 0.05; done' </dev/null >/dev/null 2>&1 &
	while :; do sleep 0.05; done ;;
closer) exec 0<&- 1>&- 2>&- 3>&- 4>&- 5>&- ;;
big) head -c 8000000 /dev/zero ;;
secret) wait_gate ;;
esac
echo "\$key end" >>"$effects_file"
SH
}

faults_project() {
	faults_witness >"$work/witness.sh"
	mkdir -p "$work/project"
	number=0
	entries= metadata=
	for package in quick gate fail stubborn fork closer big talk secret; do
		faults_package "$package" $number >"$work/project/$package.dtsx"
		entries="$entries<SSIS:Package SSIS:Name=\"$package.dtsx\" SSIS:EntryPoint=\"1\" />"
		metadata="$metadata$(faults_metadata "$package" $number)"
		number=$((number + 1))
	done
	cat >"$work/project/@Project.manifest" <<XML
<SSIS:Project SSIS:ProtectionLevel="DontSaveSensitive" xmlns:SSIS="www.microsoft.com/SqlServer/SSIS"><SSIS:Properties>
<SSIS:Property SSIS:Name="ID">{12bf0cdd-e3dc-4494-84ad-66329d498bb0}</SSIS:Property>
<SSIS:Property SSIS:Name="Name">Faults</SSIS:Property>
<SSIS:Property SSIS:Name="VersionMajor">1</SSIS:Property><SSIS:Property SSIS:Name="VersionMinor">0</SSIS:Property>
<SSIS:Property SSIS:Name="VersionBuild">0</SSIS:Property><SSIS:Property SSIS:Name="VersionComments"></SSIS:Property>
<SSIS:Property SSIS:Name="CreationDate">2024-06-11T09:00:00.0000000+00:00</SSIS:Property>
<SSIS:Property SSIS:Name="CreatorName">tests</SSIS:Property><SSIS:Property SSIS:Name="CreatorComputerName">localhost</SSIS:Property>
<SSIS:Property SSIS:Name="Description"></SSIS:Property><SSIS:Property SSIS:Name="TargetServerVersion">150</SSIS:Property>
<SSIS:Property SSIS:Name="FormatVersion">1</SSIS:Property></SSIS:Properties>
<SSIS:Packages>$entries</SSIS:Packages><SSIS:ConnectionManagers />
<SSIS:DeploymentInfo><SSIS:ProjectConnectionParameters /><SSIS:PackageInfo>$metadata</SSIS:PackageInfo></SSIS:DeploymentInfo>
</SSIS:Project>
XML
	echo '<SSIS:Parameters xmlns:SSIS="www.microsoft.com/SqlServer/SSIS" />' >"$work/project/Project.params"
	"$SO_SOURCE_DIR/samples/pack" "$work/project" "$work/Faults.ispac" && so deploy "$work/Faults.ispac" Tests
}

# --- the machines ---

# Worker N's sshd lives in $work/sshdN; its port, listener and key in files there, for lib_sshd.sh keeps one only.
rig_sshd() {
	number=$1
	shift
	sshd_skip=$((number * 50 - 50)) # each its own range of ports
	IFS=,
	# shellcheck disable=SC2086
	set -- $rig_sshd_options
	unset IFS
	sshd_start "$work/sshd$number" "$@" || return 1
	echo "$SSHD_PORT" >"$work/sshd$number/port"
}
listener() { cat "$work/sshd$1/pid"; }
sessions() { # of worker N
	SSHD_PID=$(listener "$1")
	sshd_sessions
}

rig_proxy() {
	mkfifo "$work/proxy$1"
	"$SO_BUILD_DIR/fault_proxy" "$work/proxy$1.port" "$work/proxy$1" "$work/proxy$1.count" "$(cat "$work/sshd$1/port")" &
	echo $! >"$work/proxy$1.pid"
	wait_for 10 test -s "$work/proxy$1.count"
}
heard() { [ "$(cut -d' ' -f1 "$work/proxy$1.count")" -ge "$2" ]; }
proxy() {
	proxy_number=$1
	shift
	proxy_before=$(cut -d' ' -f1 "$work/proxy$proxy_number.count")
	echo "$*" >"$work/proxy$proxy_number"
	wait_for 10 heard "$proxy_number" $((proxy_before + 1))
}
cuts() { cut -d' ' -f2 "$work/proxy$1.count"; }

rig_worker() { # N [OPTION...]
	number=$1
	shift
	so worker add "w$number" --host 127.0.0.1 --port "$(cat "$work/proxy$number.port")" --user "$(id -un)" \
		--identity "$work/sshd$number/user_key" --program "$rig_program" --spool "$work/spool-$number" \
		--accept-host-key "$(ssh-keygen -lf "$work/sshd$number/host_key.pub" | cut -d' ' -f2)" --slots 8 --enable "$@"
}

rig_master() {
	# shellcheck disable=SC2086
	"$SO_BUILD_DIR/scaleoutd" --catalog "$catalog" $master_options </dev/null
}
master_pid() { cat "$catalog.lock"; }
# A zombie has ended: nobody may be there to collect it.
gone() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }
kill_master() {
	killed=$(master_pid)
	kill -9 "$killed"
	wait_for 10 gone "$killed"
}
online() { [ "$(value 'COUNT(*) FROM scaleout.workers WHERE IsOnline = 1')" = "${1:-$workers}" ]; }

rig_available() {
	sshd_available && command -v zip >/dev/null && [ -x "$SO_BUILD_DIR/fault_proxy" ]
}

rig_setup() {
	# The master first: other commands would start one, with options of their own.
	so init --quiet && rig_master && faults_project || return 1
	for number in $(seq "$workers"); do
		rig_sshd "$number" && rig_proxy "$number" && rig_worker "$number" || return 1
	done
	wait_for 30 online
}

# Ends the test when the rig cannot be built.
rig_start() {
	workers=$1
	shift
	master_options=$*
	at_end=rig_stop
	if ! rig_available; then
		skip "$suite" "sshd, zip or fault_proxy is missing"
		finish
	fi
	if ! rig_setup >"$work/setup.log" 2>&1; then
		not_ok "the rig is set up" "$(tail -n 20 "$work/setup.log" "$catalog.log" 2>&1)"
		finish
	fi
	rig_reference
}

rig_stop() {
	[ "$failed" = 0 ] || [ -z "${SO_KEEP-}" ] || cp -a "$work" "$SO_KEEP"
	[ "$failed" = 0 ] || tail -n 15 "$catalog.log"
	# By its process id if it does not listen any more, which would be a fault of its own.
	master=$(master_pid 2>/dev/null)
	so master stop >/dev/null 2>&1
	[ -z "$master" ] || wait_for 8 gone "$master" || kill -9 "$master" 2>/dev/null
	for file in "$work"/sshd*/pid; do
		[ -s "$file" ] || continue
		SSHD_PID=$(cat "$file")
		sshd_stop
	done
	for file in "$work"/proxy*.pid; do
		[ ! -s "$file" ] || kill "$(cat "$file")" 2>/dev/null
	done
	# What a failed test has left: by its cookie, one by one.
	for pid in $(cookies_left); do kill -9 "$pid" 2>/dev/null; done
}

# --- executions ---

run() {
	package=$1
	shift
	so run "\\SSISDB\\Tests\\Faults\\$package.dtsx" "$@" | sed -n 's/^Execution ID: //p'
}
status_of() { value "status FROM catalog.executions WHERE execution_id = $1"; }
has_status() { [ "$(status_of "$1")" = "$2" ]; }
tries_of() { value "executed_count FROM catalog.executions WHERE execution_id = $1"; }
has_effect() { grep -qx "$1" "$effects_file"; }
effects() { grep -E "$1" "$effects_file" | LC_ALL=C sort | tr '\n' ',' | sed 's/,$//'; }
all_ended() { [ "$(value "COUNT(*) FROM catalog.executions WHERE execution_id >= $first_id AND status IN (2, 5, 8)")" = 0 ]; }
last_id() { value "COALESCE(MAX(execution_id), 0) FROM catalog.executions"; }
count_effects() { # start|end, of what is looked at
	awk -F'[- ]' -v a="$first_id" -v w="$1" '$1 >= a && $3 == w' "$effects_file" | wc -l
}
count_results() { value "COUNT(*) FROM catalog.executions WHERE execution_id >= $first_id AND status IN (3, 4, 6, 7, 9)"; }

# N executions on worker W that wait at the gate; sets first and last.
at_gate() {
	rm -f "$work/gate"
	first=$(run gate --worker "w$2")
	last=$first
	for _ in $(seq 2 "$1"); do last=$(run gate --worker "w$2"); done
	for id in $(seq "$first" "$last"); do
		wait_for 30 has_effect "$id-1 start" || return 1
	done
}
open_gate() { : >"$work/gate"; }

# says NAME WORDS TEXT: the words as they are, not as a pattern.
says() {
	if printf '%s\n' "$3" | grep -Fq -- "$2"; then
		ok
	else
		not_ok "$1" "expected to hold: $2" "actual: $3"
	fi
}

# --- the oracle ---

# "EXECUTION TYPE SOURCE" of the messages in the order of their numbers; our own notes (source type 20) left out.
messages_of() {
	rows "SELECT operation_id, message_type, message_source_name, package_name FROM catalog.event_messages
		WHERE operation_id >= $1 AND message_source_type <> 20 ORDER BY operation_id, event_message_id" |
		awk -F'|' '{ name = $4; sub(/\.dtsx$/, "", name); print $1, $2, $3 == name ? "(package)" : $3 }'
}
rig_reference() {
	reference=$(run quick)
	if wait_for 30 has_status "$reference" 7; then
		messages_of "$reference" | awk -v id="$reference" '$1 == id { print $2, $3 }' >"$work/reference"
		master_fds=$(fds "$(master_pid)")
		agent_count=$(agent_pids | wc -l)
	else
		not_ok "an execution without a fault succeeds" "$(so messages "$reference")" "$(tail -n 20 "$catalog.log")"
		finish
	fi
	wait_for 10 nothing_left
	first_id=$((reference + 1))
}

agent_pids() {
	for pid in $(pgrep -f "scaleout-worker serve --spool $work/spool-"); do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" != scaleout-worker ] || echo "$pid"
	done
}
# Supervisors of a task: they carry its agent's command line under another name.
supervisor_pids() {
	for pid in $(pgrep -f "scaleout-worker serve --spool $work/spool-"); do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" != scaleout-task ] || echo "$pid"
	done
}
# Emptied folders that wait for the next claim (staging/free.*) belong there.
tasks_left() {
	find "$work"/spool-*/*/*/tasks "$work"/spool-*/*/*/trash "$work"/spool-*/*/*/staging "$work"/state/scaleout/*/*/tasks \
		-mindepth 1 -maxdepth 1 ! -name 'free.*' 2>/dev/null
}
nothing_left() {
	tasks_left
	[ -z "$(tasks_left)" ]
}
cookies_left() {
	for id in "$work"/spool-*/*/*/id "$work"/state/scaleout/*/*/id; do
		[ ! -s "$id" ] || grep -lsz "^SCALEOUT_KEY=$(cat "$id")/" /proc/[0-9]*/environ | cut -d/ -f3
	done
}
no_process_left() { [ -z "$(cookies_left)$(supervisor_pids)" ]; }
fds() { ls "/proc/$1/fd" 2>/dev/null | wc -l; }
fds_at_most() { [ "$(fds "$(master_pid)")" -le "$1" ]; }

# Lines that say what is wrong with the executions from first_id on.
wrong_executions() {
	rows "SELECT execution_id, status, executed_count, package_name FROM catalog.executions WHERE execution_id >= $first_id
		ORDER BY execution_id" >"$work/executions"
	awk -F'[|]' -v effects="$effects_file" '
		BEGIN {
			while ((getline line <effects) > 0) {
				split(line, part, /[- ]/)
				n = ++seen[part[1], part[2], part[3]]
				if (n > 1)
					print line ": " n " times"
				starts[part[1]] += part[3] == "start"
			}
		}
		{
			id = $1; status = $2; tries = $3; package = $4
			if (status == 1 && !starts[id]) # created, never asked to start
				next
			if (status != 3 && status != 4 && status != 6 && status != 7 && status != 9)
				print "execution " id " has status " status
			if (status == 7 && !((id, tries, "end") in seen))
				print "execution " id " is said to have succeeded, but did not end"
			if (status == 4 && (id, tries, "end") in seen && package != "fail.dtsx")
				print "execution " id " is said to have failed, but ended"
			if (starts[id] > tries)
				print "execution " id " started " starts[id] " times in " tries " tries"
			for (t = 1; t <= tries; t++)
				if ((id, t, "end") in seen && !((id, t, "start") in seen))
					print "execution " id " ended without a start"
		}' "$work/executions"
}
# Executions of one try that succeeded have exactly the reference's messages, in its order.
wrong_messages() {
	messages_of "$first_id" >"$work/messages"
	awk -v executions="$work/executions" -v reference="$work/reference" '
		BEGIN {
			while ((getline line <reference) > 0)
				expected[++count] = line
			while ((getline line <executions) > 0) {
				split(line, part, "|")
				if (part[2] == 7 && part[3] == 1 && part[4] != "talk.dtsx")
					look[part[1]] = 1
			}
		}
		$1 in look {
			n = ++number[$1]
			if (expected[n] != $2 " " $3 && !told[$1]++)
				print "message " n " of execution " $1 " is \"" $2 " " $3 "\" and not \"" expected[n] "\""
		}
		END {
			for (id in look)
				if (number[id] != count && !told[id])
					print "execution " id " has " number[id] + 0 " messages and not " count
		}' "$work/messages"
	rows "SELECT COUNT(*) FROM catalog.event_messages a JOIN catalog.event_messages b ON b.operation_id = a.operation_id
		AND b.event_message_id = a.event_message_id + 1 WHERE a.operation_id >= $first_id AND a.message_source_type <> 20
		AND b.message_source_type <> 20 AND b.message_time < a.message_time" | tr -d ' ' |
		sed -n '/^0$/!s/.*/& messages stand before earlier ones/p'
}

# Every execution has a true final status, one start and one result per try, each
# message once and in order; no process, no spool folder, no descriptor is left.
check_invariants() {
	check "$1: every execution ends" wait_for "${2:-60}" all_ended
	equals "$1: each try started and ended as its status says" "" "$(wrong_executions)"
	equals "$1: every message is there once and in order" "" "$(wrong_messages)"
	wait_for 20 nothing_left
	equals "$1: no folder of a task is left" "" "$(tasks_left)"
	check "$1: no process of a task is left" wait_for 20 no_process_left
	if [ "$workers" -gt 0 ]; then
		check "$1: the workers are online" wait_for 60 online
		check "$1: the master has leaked no descriptor ($master_fds before)" wait_for 10 fds_at_most "$master_fds"
	fi
	first_id=$(($(last_id) + 1))
}

# What was seen, before check_invariants: "N runs: N starts, N ends, N results".
counted() {
	wait_for 60 all_ended
	echo "$(value "COUNT(*) FROM catalog.executions WHERE execution_id >= $first_id AND status <> 1") runs: $(count_effects start) starts, $(count_effects end) ends, $(count_results) results"
}
outcome() {
	number=$1
	shift
	echo "outcome $number|$*"
	[ -z "${SCALEOUT_OUTCOMES-}" ] || echo "$number|$*" >>"$SCALEOUT_OUTCOMES"
}
