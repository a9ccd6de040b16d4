/* SPDX-License-Identifier: MIT */
/*
 * The shell scripts that install.c sends. Constant text for any POSIX sh with
 * coreutils or busybox; what differs comes in by read, never as text of the
 * script. Every answer is a line "word value".
 */
#ifndef SO_EXEC_INSTALL_SCRIPT_H
#define SO_EXEC_INSTALL_SCRIPT_H

#define SCRIPT_BEGIN "LC_ALL=C; export LC_ALL; umask 077; echo scaleout-begin\n"

/* Reads nothing. */
#define SCRIPT_SURVEY SCRIPT_BEGIN \
	"echo \"machine $(uname -m)\"; echo \"system $(uname -s)\"; echo \"home $HOME\"; echo \"uid $(id -u)\"\n" \
	"echo \"libc $( (getconf GNU_LIBC_VERSION || ldd --version 2>&1 | head -n 1) 2>/dev/null)\"\n" \
	"set -- $(df -Pk \"$HOME\" 2>/dev/null | tail -n 1); echo \"space_kb ${4:-0}\"\n" \
	"for t in dd head tail wc find mktemp sha256sum cut ls sync; do\n" \
	"  command -v $t >/dev/null 2>&1 || echo \"missing $t\"\n" \
	"done\n" \
	"if f=$(mktemp \"$HOME/.scaleout-XXXXXX\" 2>/dev/null); then\n" \
	"  printf '#!/bin/sh\\nexit 0\\n' >\"$f\"; chmod 700 \"$f\"; \"$f\" 2>/dev/null || echo 'noexec 1'; rm -f \"$f\"\n" \
	"else echo 'unwritable 1'; fi\n" \
	"PATH=\"$PATH:/usr/local/bin:/opt/scaleout/bin:$HOME/.local/bin\"\n" \
	"w=$(command -v scaleout-worker) && echo \"found $w\" && echo \"found_version $(\"$w\" --version 2>/dev/null)\"\n" \
	"sum() { sha256sum <\"$1\" 2>/dev/null | cut -d' ' -f1; }\n" \
	"for d in \"$HOME\"/.local/lib/scaleout/*/; do\n" \
	"  [ ! -f \"$d/scaleout-worker\" ] ||\n" \
	"    { d=${d%/}; echo \"installed ${d##*/} $(sum \"$d/scaleout-worker\") $(sum \"$d/scaleout-dtexec\")\"; }\n" \
	"done\n"

/* Reads: a line "NAME SIZE1 SUM1 SIZE2 SUM2", then the bytes of scaleout-worker and of scaleout-dtexec. */
#define SCRIPT_INSTALL SCRIPT_BEGIN \
	"fail() { echo \"failed $*\"; exit 0; }\n" \
	"read -r name size1 sum1 size2 sum2 || fail 'nothing arrived'\n" \
	"cd \"$HOME\" || fail 'there is no home folder'\n" \
	"base=.local/lib/scaleout\n" \
	"for d in . .local .local/lib $base; do\n" \
	"  [ -d $d ] || mkdir $d || fail \"cannot make $HOME/$d\"\n" \
	"  [ -z \"$(find $d -prune -perm -0002)\" ] || fail \"everybody may write to $HOME/$d\"\n" \
	"done\n" \
	"[ -z \"$(find $base -prune ! -user \"$(id -u)\")\" ] || fail \"$HOME/$base belongs to somebody else\"\n" \
	"chmod 700 $base\n" \
	"find $base -prune -o -name '.new.*' -mmin +60 -exec rm -rf {} + 2>/dev/null\n" \
	"new=$(mktemp -d $base/.new.XXXXXX) || fail \"cannot write to $HOME/$base\"\n" \
	"trap 'rm -rf \"$new\"' EXIT; trap 'exit 1' HUP INT TERM\n" \
	"head -c $((size1 + size2)) >\"$new/both\" || fail \"cannot write to $HOME/$base\"\n" \
	"[ \"$(wc -c <\"$new/both\")\" -eq $((size1 + size2)) ] || fail 'not everything arrived'\n" \
	"head -c $size1 \"$new/both\" >\"$new/scaleout-worker\" && tail -c $size2 \"$new/both\" >\"$new/scaleout-dtexec\" ||\n" \
	"  fail \"cannot write to $HOME/$base\"\n" \
	"rm \"$new/both\"\n" \
	"sum() { sha256sum <\"$1\" | cut -d' ' -f1; }\n" \
	"[ \"$(sum \"$new/scaleout-worker\")\" = \"$sum1\" ] && [ \"$(sum \"$new/scaleout-dtexec\")\" = \"$sum2\" ] ||\n" \
	"  fail 'what arrived is not what was sent'\n" \
	"chmod 700 \"$new/scaleout-worker\" \"$new/scaleout-dtexec\"\n" \
	"for p in scaleout-worker scaleout-dtexec; do\n" \
	"  said=$(\"$new/$p\" --version 2>&1) || { echo \"unrunnable $p: $said\" | tr '\\n' ' '; exit 0; }\n" \
	"done\n" \
	"if [ -d \"$base/$name\" ]; then\n" \
	"  [ \"$(sum \"$base/$name/scaleout-worker\")\" = \"$sum1\" ] && [ \"$(sum \"$base/$name/scaleout-dtexec\")\" = \"$sum2\" ] ||\n" \
	"    fail \"$HOME/$base/$name is there with other content\"\n" \
	"else\n" \
	"  sync \"$new/scaleout-worker\" \"$new/scaleout-dtexec\" || fail \"cannot write to $HOME/$base\"\n" \
	"  mv \"$new\" \"$base/$name\" && sync \"$base\" || fail \"cannot write to $HOME/$base\"\n" \
	"fi\n" \
	"echo \"done $name\"\n"

/* Reads: a line, the name of the version that was replaced (or "-"). */
#define SCRIPT_RETIRE SCRIPT_BEGIN \
	"read -r old || exit 0\n" \
	"cd \"$HOME/.local/lib/scaleout\" 2>/dev/null || exit 0\n" \
	"here=$(pwd -P)\n" \
	"[ \"$old\" = - ] || [ ! -d \"$old\" ] || : >\"$old/replaced\"\n" \
	"for d in */; do\n" \
	"  d=${d%/}; [ -e \"$d/replaced\" ] || continue\n" \
	"  n=$(ls -l /proc/[0-9]*/exe 2>/dev/null | grep -cF -e \"-> $here/$d/\")\n" \
	"  if [ \"$n\" -gt 0 ]; then echo \"kept $d $n\"\n" \
	"  else mv \"$d\" \".new.$d.$$\" && rm -rf \".new.$d.$$\" && echo \"deleted $d\"; fi\n" \
	"done\n"

#endif
