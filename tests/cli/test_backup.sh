#!/bin/sh
# backup, restore and rekey on the command line: the way of the passphrase, exit statuses, what the messages say.
. "${SO_SOURCE_DIR:-$(dirname "$0")/../..}/tests/lib.sh"
export HOME="$work" XDG_DATA_HOME="$work/data" XDG_STATE_HOME="$work/state" SCALEOUT_CATALOG="$work/c.db"
so() {
	"$SO_BUILD_DIR/scaleout" "$@"
}
status_of() {
	"$@" >"$work/out" 2>"$work/err" </dev/null
	echo $?
}

equals "init makes a catalog" 0 "$(status_of so init)"
so sql -Q "EXEC catalog.create_folder N'kept'" >/dev/null
printf 'a long passphrase\n' >"$work/pass"
printf 'another\n' >"$work/wrong"
: >"$work/empty"
equals "a backup without passphrase is wrong usage" 2 "$(status_of so backup "$work/b")"
equals "an empty passphrase too" 2 "$(status_of so backup --passphrase-file "$work/empty" "$work/b")"
equals "a missing passphrase file fails" 1 "$(status_of so backup --passphrase-file "$work/none" "$work/b")"
equals "nothing was written" "" "$(ls "$work" | grep '^b')"
equals "a backup is made" 0 "$(status_of so backup --passphrase-file "$work/pass" "$work/b")"
equals "for its owner only" 600 "$(stat -c %a "$work/b")"
equals "a second one does not replace it" 1 "$(status_of so backup --passphrase-file "$work/pass" "$work/b")"
matches "and says so" 'exists already' "$(cat "$work/err")"
equals "a wrong passphrase is refused" 1 "$(status_of so restore --passphrase-file "$work/wrong" --to "$work/new/c.db" "$work/b")"
matches "and named" 'passphrase is wrong' "$(cat "$work/err")"
equals "the catalog itself is not overwritten" 1 "$(status_of so restore --passphrase-file "$work/pass" "$work/b")"
matches "which says how" "$work/c.db exists already" "$(cat "$work/err")"
matches "and where the old one would be" "force.*$work/c.db.before-restore" "$(cat "$work/err")"
so sql -Q "EXEC catalog.rename_folder N'kept', N'later'" >/dev/null
equals "unless that is asked for" 0 "$(status_of so restore --force --passphrase-file "$work/pass" "$work/b")"
matches "which says where the old one is" "$work/c.db.before-restore" "$(cat "$work/out")"
equals "and there it is" later \
	"$(so --catalog "$work/c.db.before-restore" sql -h -1 -W -Q 'SET NOCOUNT ON SELECT name FROM catalog.folders' | tr -d ' \n')"
equals "the passphrase may come from standard input" 0 "$(so restore --passphrase-file - --to "$work/new/c.db" "$work/b" <"$work/pass" >/dev/null; echo $?)"
equals "the restored catalog holds what was there" kept \
	"$(so --catalog "$work/new/c.db" sql -h -1 -W -Q 'SET NOCOUNT ON SELECT name FROM catalog.folders' | tr -d ' \n')"
old=$(cksum <"$work/new/c.db.key")
equals "a new key is made" 0 "$(status_of so rekey --catalog "$work/new/c.db")"
equals "it is for its owner only" 600 "$(stat -c %a "$work/new/c.db.key")"
[ "$old" != "$(cksum <"$work/new/c.db.key")" ] && ok || not_ok "the key is another one"
equals "the catalog opens with it" 0 "$(status_of so --catalog "$work/new/c.db" sql -Q 'SELECT 1')"
cp "$work/c.db.key" "$work/new/c.db.key"
equals "and not with another" 1 "$(status_of so --catalog "$work/new/c.db" sql -Q 'SELECT 1')"
matches "which is said" 'not the key of this catalog' "$(cat "$work/err")"
finish
