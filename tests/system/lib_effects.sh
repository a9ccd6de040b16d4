# The witness of the system tests: a project whose packages append
# "EXECUTION-TRY start|end" to an effects file, and two workers over a real sshd.
# Needs tests/lib.sh and tests/system/lib_sshd.sh; everything lies in $work.
#
#   effects_setup           catalog, sshd, project, workers w1 and w2, master
#   so ARGS...              scaleout on that catalog
#   effects_run PACKAGE [OPTIONS...]   starts an execution, prints its id
#   effects FILTER          lines of the effects file that match
#   value SQL-EXPRESSION    one value from the catalog

effects_file=$work/effects
so() { "$SO_BUILD_DIR/scaleout" --catalog "$work/c.db" "$@"; }
value() { so sql -h -1 -W -Q "SET NOCOUNT ON SELECT $1" | tr -d ' \r\n'; }

# One package: a single Execute Process that runs the witness script with a word.
effects_package() {
	cat <<XML
<?xml version="1.0"?>
<DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts" DTS:refId="Package" DTS:CreationName="Microsoft.Package"
  DTS:DTSID="{0F7D20AF-646C-4ACB-AE8B-0EF72382000$2}" DTS:ExecutableType="Microsoft.Package" DTS:ObjectName="$1"
  DTS:LocaleID="1033" DTS:PackageType="5" DTS:ProtectionLevel="0" DTS:VersionBuild="1"
  DTS:VersionGUID="{1F7D20AF-646C-4ACB-AE8B-0EF72382000$2}">
  <DTS:Property DTS:Name="PackageFormatVersion">8</DTS:Property>
  <DTS:Variables />
  <DTS:Executables>
    <DTS:Executable DTS:refId="Package\\Witness" DTS:CreationName="Microsoft.ExecuteProcess"
      DTS:DTSID="{2F7D20AF-646C-4ACB-AE8B-0EF72382000$2}" DTS:ExecutableType="Microsoft.ExecuteProcess"
      DTS:LocaleID="-1" DTS:ObjectName="Witness">
      <DTS:Variables />
      <DTS:ObjectData><ExecuteProcessData Executable="/bin/sh" Arguments="$work/witness.sh $1" /></DTS:ObjectData>
    </DTS:Executable>
  </DTS:Executables>
</DTS:Executable>
XML
}

effects_metadata() {
	cat <<XML
<SSIS:PackageMetaData SSIS:Name="$1.dtsx"><SSIS:Properties>
<SSIS:Property SSIS:Name="ID">{0F7D20AF-646C-4ACB-AE8B-0EF72382000$2}</SSIS:Property>
<SSIS:Property SSIS:Name="Name">$1</SSIS:Property>
<SSIS:Property SSIS:Name="VersionMajor">1</SSIS:Property><SSIS:Property SSIS:Name="VersionMinor">0</SSIS:Property>
<SSIS:Property SSIS:Name="VersionBuild">1</SSIS:Property><SSIS:Property SSIS:Name="VersionComments"></SSIS:Property>
<SSIS:Property SSIS:Name="VersionGUID">{1F7D20AF-646C-4ACB-AE8B-0EF72382000$2}</SSIS:Property>
<SSIS:Property SSIS:Name="PackageFormatVersion">8</SSIS:Property><SSIS:Property SSIS:Name="Description"></SSIS:Property>
<SSIS:Property SSIS:Name="ProtectionLevel">0</SSIS:Property></SSIS:Properties><SSIS:Parameters />
</SSIS:PackageMetaData>
XML
}

# quick: start, end. gate: waits for $work/gate. fail: ends with 1. stubborn: ignores TERM. daemon: leaves one behind.
effects_project() {
	cat >"$work/witness.sh" <<SH
key=\${SCALEOUT_KEY##*/}
echo "\$key start" >>"$effects_file"
case \$1 in
gate) while [ ! -e "$work/gate" ]; do sleep 0.02; done ;;
fail) exit 1 ;;
stubborn) trap '' TERM; while :; do sleep 0.05; done ;;
daemon) (trap '' TERM HUP; setsid sh -c 'trap "" TERM; echo \$\$ >"$work/daemon"; while :; do sleep 0.05; done') >/dev/null 2>&1 & 
	while [ ! -s "$work/daemon" ]; do sleep 0.02; done ;;
esac
echo "\$key end" >>"$effects_file"
SH
	mkdir -p "$work/project"
	packages='quick gate fail stubborn daemon'
	number=0
	entries= metadata=
	for package in $packages; do
		effects_package "$package" $number >"$work/project/$package.dtsx"
		entries="$entries<SSIS:Package SSIS:Name=\"$package.dtsx\" SSIS:EntryPoint=\"1\" />"
		metadata="$metadata$(effects_metadata "$package" $number)"
		number=$((number + 1))
	done
	cat >"$work/project/@Project.manifest" <<XML
<SSIS:Project SSIS:ProtectionLevel="DontSaveSensitive" xmlns:SSIS="www.microsoft.com/SqlServer/SSIS"><SSIS:Properties>
<SSIS:Property SSIS:Name="ID">{12bf0cdd-e3dc-4494-84ad-66329d498bbf}</SSIS:Property>
<SSIS:Property SSIS:Name="Name">Effects</SSIS:Property>
<SSIS:Property SSIS:Name="VersionMajor">1</SSIS:Property><SSIS:Property SSIS:Name="VersionMinor">0</SSIS:Property>
<SSIS:Property SSIS:Name="VersionBuild">0</SSIS:Property><SSIS:Property SSIS:Name="VersionComments"></SSIS:Property>
<SSIS:Property SSIS:Name="CreationDate">2024-06-11T09:00:00.0000000+00:00</SSIS:Property>
<SSIS:Property SSIS:Name="CreatorName">tests</SSIS:Property>
<SSIS:Property SSIS:Name="CreatorComputerName">localhost</SSIS:Property>
<SSIS:Property SSIS:Name="Description"></SSIS:Property>
<SSIS:Property SSIS:Name="TargetServerVersion">150</SSIS:Property>
<SSIS:Property SSIS:Name="FormatVersion">1</SSIS:Property></SSIS:Properties>
<SSIS:Packages>$entries</SSIS:Packages><SSIS:ConnectionManagers />
<SSIS:DeploymentInfo><SSIS:ProjectConnectionParameters /><SSIS:PackageInfo>$metadata</SSIS:PackageInfo></SSIS:DeploymentInfo>
</SSIS:Project>
XML
	echo '<SSIS:Parameters xmlns:SSIS="www.microsoft.com/SqlServer/SSIS" />' >"$work/project/Project.params"
	"$SO_SOURCE_DIR/samples/pack" "$work/project" "$work/Effects.ispac"
	so deploy "$work/Effects.ispac" Tests
}

effects_setup() {
	XDG_STATE_HOME=$work/state
	export XDG_STATE_HOME
	: >"$effects_file"
	sshd_start "$work/sshd" &&
		so init --quiet &&
		effects_project &&
		for name in w1 w2; do
			so worker add $name --host 127.0.0.1 --port "$SSHD_PORT" --user "$(id -un)" --identity "$SSHD_KEY" \
				--fingerprint "$SSHD_FINGERPRINT" $allow_root --program "$SO_BUILD_DIR/scaleout-worker" \
				--spool "$work/spool-$name" --slots 8 --enable || return 1
		done && so master start && wait_for 20 effects_online
}

effects_online() { [ "$(value 'COUNT(*) FROM scaleout.workers WHERE IsOnline = 1')" = 2 ]; }

# Ends the master and the sshd; what still runs is a test's failure to be seen by effects_left.
effects_teardown() {
	so master stop >/dev/null 2>&1
	sshd_stop
	# Agents leave when their connection has gone; until then they may still write into $work.
	wait_for 10 agents_gone
}

effects_run() {
	package=$1
	shift
	so run "\\SSISDB\\Tests\\Effects\\$package.dtsx" "$@" | sed -n 's/^Execution ID: //p'
}

effects() { grep -E "$1" "$effects_file" | LC_ALL=C sort | tr '\n' ',' | sed 's/,$//'; }
status_of() { value "status FROM catalog.executions WHERE execution_id = $1"; }
has_status() { [ "$(status_of "$1")" = "$2" ]; }
has_effect() { grep -qx "$1" "$effects_file"; }
all_have_status() {
	[ "$(value "COUNT(*) FROM catalog.executions WHERE execution_id BETWEEN $1 AND $2 AND status = $3")" = $(($2 - $1 + 1)) ]
}
message_count() { value "COUNT(*) FROM catalog.event_messages WHERE operation_id = $1"; }

# Process ids of the agents of our spools. Supervisors are forks of theirs under another name.
agent_pids() {
	for pid in $(pgrep -f "scaleout-worker serve --spool $work/spool-"); do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" != scaleout-worker ] || echo "$pid"
	done
}
agents_gone() { [ -z "$(agent_pids)" ]; }
master_pid() { cat "$work/c.db.lock"; }

# Folders of tasks that are left on the workers.
tasks_left() { find "$work"/spool-*/*/*/tasks "$work"/state/scaleout/*/*/tasks -mindepth 1 -maxdepth 1 2>/dev/null | wc -l; }
nothing_left() { [ "$(tasks_left)" = 0 ]; }
# Processes that carry the cookie of a task of these spools.
cookies_left() {
	for id in "$work"/spool-*/*/*/id; do
		grep -lsz "^SCALEOUT_KEY=$(cat "$id")/" /proc/[0-9]*/environ
	done
}
