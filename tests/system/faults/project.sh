# The project of the fault tests: packages that leave witnesses (lib.sh says which). Read by lib.sh.
faults_packages='quick gate fail stubborn fork closer big talk secret brief daemon'
faults_script=$work/witness.sh # as the packages find it

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
  <DTS:ObjectData><ExecuteProcessData Executable="/bin/sh" Arguments="$faults_script $1" /></DTS:ObjectData></DTS:Executable>
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
brief) sleep 0.3 ;;
daemon)
	for n in 1 2; do
		setsid sh -c 'trap "" TERM HUP; echo \$\$ >>"$work/left.daemons"; while :; do sleep 0.05; done' </dev/null >/dev/null 2>&1 &
	done
	while [ "\$(cat "$work/left.daemons" 2>/dev/null | wc -l)" -lt 2 ]; do sleep 0.02; done ;;
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
	for package in $faults_packages; do
		digit=$(printf %x $number) # one place of a GUID
		faults_package "$package" "$digit" >"$work/project/$package.dtsx"
		entries="$entries<SSIS:Package SSIS:Name=\"$package.dtsx\" SSIS:EntryPoint=\"1\" />"
		metadata="$metadata$(faults_metadata "$package" "$digit")"
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
