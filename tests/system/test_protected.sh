#!/bin/sh
# Projects protected by a password, made here with the openssl command: deployed
# with scaleout deploy --password-file, run, and every file searched for the secret.
# The secret is the name of a folder that the package makes: that is the witness.
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
export HOME="$work/home" SCALEOUT_CATALOG="$work/cat/c.db"
unset XDG_DATA_HOME XDG_STATE_HOME XDG_RUNTIME_DIR
mkdir -p "$HOME" "$work/cat"
so() { "$SO_BUILD_DIR/scaleout" "$@"; }
at_end='so master stop >/dev/null 2>&1'
value() { so sql -h -1 -W -Q "SET NOCOUNT ON SELECT $1" | tr -d '\r\n'; }
password='correct horse'
secret=canary-51a7c0ffee
printf '%s\n' "$password" >"$work/password"
printf 'wrong\n' >"$work/wrong"
salt=73616c7473616c74
iv=000102030405060708090a0b0c0d0e0f
key=$(openssl kdf -keylen 32 -kdfopt digest:SHA1 -kdfopt pass:"$password" -kdfopt hexsalt:$salt -kdfopt iter:1000 PBKDF2 | tr -d ':\n')
bytes_of() { # HEX: two digits are one byte, which printf takes in octal
	rest=$1
	while [ -n "$rest" ]; do
		pair=${rest%"${rest#??}"}
		rest=${rest#??}
		printf "\\$(printf '%03o' "0x$pair")"
	done
}
base64_of() { bytes_of "$1" | openssl base64 -A; }

# encrypt: the element on standard input as it lies in a protected file
encrypt() {
	data=$( (bytes_of $iv; openssl enc -aes-256-cbc -K "$key" -iv $iv) | openssl base64 -A)
	cat <<XML
<EncryptedData Type="http://www.w3.org/2001/04/xmlenc#Element" Salt="$(base64_of $salt)" IV="$(base64_of $iv)" xmlns="http://www.w3.org/2001/04/xmlenc#"><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes256-cbc" /><CipherData><CipherValue>$data</CipherValue></CipherData></EncryptedData>
XML
}
dts='xmlns:DTS="www.microsoft.com/SqlServer/Dts"'
ssis='xmlns:SSIS="www.microsoft.com/SqlServer/SSIS"'

package() { # NAME DIGIT LEVEL INSIDE
	cat <<XML
<DTS:Executable $dts DTS:refId="Package" DTS:CreationName="Microsoft.Package" DTS:DTSID="{0F7D20AF-646C-4ACB-AE8B-0EF72382010$2}"
 DTS:ExecutableType="Microsoft.Package" DTS:ObjectName="$1" DTS:ProtectionLevel="$3" DTS:VersionGUID="{1F7D20AF-646C-4ACB-AE8B-0EF72382010$2}">
<DTS:Property DTS:Name="PackageFormatVersion">8</DTS:Property>$4</DTS:Executable>
XML
}
# A connection manager whose path is the secret: as it is when it is open.
marked="<DTS:Property $dts DTS:Name=\"ConnectionString\" Sensitive=\"1\">$work/$secret</DTS:Property>"
child() { # LEVEL MARKED
	package child 1 "$1" "<DTS:ConnectionManagers><DTS:ConnectionManager DTS:refId=\"Package.ConnectionManagers[out]\" DTS:CreationName=\"FILE\"
 DTS:DTSID=\"{3F7D20AF-646C-4ACB-AE8B-0EF723820101}\" DTS:ObjectName=\"out\"><DTS:ObjectData><DTS:ConnectionManager DTS:FileUsageType=\"3\"
 DTS:ConnectionString=\"$work/none\">$2</DTS:ConnectionManager></DTS:ObjectData></DTS:ConnectionManager></DTS:ConnectionManagers>
<DTS:Executables><DTS:Executable DTS:refId=\"Package\\Make\" DTS:CreationName=\"Microsoft.FileSystemTask\" DTS:DTSID=\"{2F7D20AF-646C-4ACB-AE8B-0EF723820101}\"
 DTS:ExecutableType=\"Microsoft.FileSystemTask\" DTS:ObjectName=\"Make\"><DTS:ObjectData><FileSystemData TaskOperationType=\"CreateDirectory\"
 TaskSourcePath=\"{3F7D20AF-646C-4ACB-AE8B-0EF723820101}\" /></DTS:ObjectData></DTS:Executable></DTS:Executables>"
}
parent() { # LEVEL
	package parent 2 "$1" "<DTS:Executables><DTS:Executable DTS:refId=\"Package\\Run\" DTS:CreationName=\"Microsoft.ExecutePackageTask\"
 DTS:DTSID=\"{2F7D20AF-646C-4ACB-AE8B-0EF723820102}\" DTS:ExecutableType=\"Microsoft.ExecutePackageTask\" DTS:ObjectName=\"Run\"><DTS:ObjectData>
<ExecutePackageTask><UseProjectReference>True</UseProjectReference><PackageName>child.dtsx</PackageName></ExecutePackageTask></DTS:ObjectData></DTS:Executable></DTS:Executables>"
}
property() { echo "<SSIS:Property SSIS:Name=\"$1\">$2</SSIS:Property>"; }
metadata() { # NAME DIGIT LEVEL
	echo "<SSIS:PackageMetaData SSIS:Name=\"$1.dtsx\"><SSIS:Properties>$(property ID "{0F7D20AF-646C-4ACB-AE8B-0EF72382010$2}")$(property Name "$1")$(property VersionGUID "{1F7D20AF-646C-4ACB-AE8B-0EF72382010$2}")$(property ProtectionLevel "$3")</SSIS:Properties><SSIS:Parameters /></SSIS:PackageMetaData>"
}
project() { # NAME LEVEL-NAME LEVEL; $work/NAME/*.dtsx are there
	cat >"$work/$1/@Project.manifest" <<XML
<SSIS:Project SSIS:ProtectionLevel="$2" $ssis><SSIS:Properties>$(property ID "{12bf0cdd-e3dc-4494-84ad-66329d498bb0}")$(property Name "$1")$(property FormatVersion 1)</SSIS:Properties>
<SSIS:Packages><SSIS:Package SSIS:Name="child.dtsx" SSIS:EntryPoint="1" /><SSIS:Package SSIS:Name="parent.dtsx" SSIS:EntryPoint="1" /></SSIS:Packages><SSIS:ConnectionManagers />
<SSIS:DeploymentInfo><SSIS:ProjectConnectionParameters /><SSIS:PackageInfo>$(metadata child 1 "$3")$(metadata parent 2 "$3")</SSIS:PackageInfo></SSIS:DeploymentInfo></SSIS:Project>
XML
	"$SO_SOURCE_DIR/samples/pack" "$work/$1" "$work/$1.ispac"
}

mkdir "$work/Sensitive" "$work/All"
child 2 "$(printf '%s' "$marked" | encrypt)" >"$work/Sensitive/child.dtsx"
parent 2 >"$work/Sensitive/parent.dtsx"
echo "<SSIS:Parameters $ssis />" >"$work/Sensitive/Project.params"
project Sensitive EncryptSensitiveWithPassword 2
child 3 "$marked" | encrypt >"$work/All/child.dtsx"
parent 3 | encrypt >"$work/All/parent.dtsx"
echo "<SSIS:Parameters $ssis />" | encrypt >"$work/All/Project.params"
project All EncryptAllWithPassword 3

so init --quiet
equals "a project encrypted as a whole is refused without its password" 1 "$(so deploy "$work/All.ispac" T >"$work/out" 2>&1; echo $?)"
matches "and says that it is encrypted" 'encrypted as a whole' "$(cat "$work/out")"
equals "a wrong password is refused" 1 "$(so deploy --password-file "$work/wrong" "$work/All.ispac" T >"$work/out" 2>&1; echo $?)"
matches "and says so" 'password is wrong' "$(cat "$work/out")"
check "without the password the rest of the other one is deployed" so deploy "$work/Sensitive.ispac" T
so run T/Sensitive/child.dtsx --server --wait --timeout 60 >"$work/out" 2>&1
equals "and its secret is not there" no "$([ -e "$work/$secret" ] && echo yes || echo no)"
rm -rf "$work/none"

for kind in Sensitive All; do
	check "$kind deploys with its password" so deploy --password-file "$work/password" "$work/$kind.ispac" T
	for each in child parent; do
		equals "$each of $kind runs" 0 "$(so run "T/$kind/$each.dtsx" --server --logging-level 3 --wait --timeout 60 >"$work/out" 2>&1; echo $?)"
		equals "its secret has had its value" yes "$([ -d "$work/$secret" ] && echo yes || echo no)"
		rm -rf "${work:?}/$secret"
	done
done
equals "no message tells it" 0 "$(value "COUNT(*) FROM catalog.event_messages WHERE message LIKE N'%$secret%'")"
equals "no context tells it" 0 "$(value "COUNT(*) FROM catalog.event_message_context WHERE CAST(property_value AS nvarchar(max)) LIKE N'%$secret%'")"
check "the master stops" so master stop
equals "no file of catalog, logs and workers holds secret or password" "" "$(grep -rlaE "$secret|$password" "$work/cat" "$HOME" 2>/dev/null)"
finish
