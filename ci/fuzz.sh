#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME (5s): as many at a time as there are cores, each in one process.
source "$(dirname "$0")/lib.sh"

fuzz() { go test -run '^$' -fuzz "^$2\$" -fuzztime "${FUZZTIME:-5s}" -parallel 1 "$1" 2>&1; }

# PACKAGE TARGET: its output is printed whole when it has ended.
one() {
	local out
	if ! out=$(fuzz "$1" "$2"); then
		echo "$out"
		# On a busy machine Go's fuzzer can meet its own -fuzztime as an error: no input failed, so there is nothing to look at.
		if [[ $out == *"Failing input"* || $out != *"    context deadline exceeded"* ]] || ! out=$(fuzz "$1" "$2"); then
			echo "fuzz: $1 $2: $out"
			return 1
		fi
	fi
	echo "fuzz: $1 $2: $(tail -n 1 <<<"$out")"
}

if [ $# = 2 ]; then
	one "$@"
	exit
fi
# `go test -list` prints the targets of a package and then the package.
list=$(go test -list '^Fuzz' ./...) || { echo "$list"; exit 1; }
awk '/^Fuzz/ {t[++n] = $1} /^ok/ {for (i = 1; i <= n; i++) print $2, t[i]; n = 0}' <<<"$list" |
	xargs -n 2 -P "$(getconf _NPROCESSORS_ONLN)" "$0"
