#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME (5s). Go fuzzes one target at a time.
source "$(dirname "$0")/lib.sh"
# `go test -list` prints the targets of a package and then the package.
list=$(go test -list '^Fuzz' ./...) || { echo "$list"; exit 1; }
fuzz() { go test -run '^$' -fuzz "^$2\$" -fuzztime "${FUZZTIME:-5s}" "$1" 2>&1; }
while read -r package target; do
	echo "fuzz: $package $target"
	if ! out=$(fuzz "$package" "$target"); then
		echo "$out"
		# On a busy machine Go's fuzzer can meet its own -fuzztime as an error: no input failed, so there is nothing to look at.
		if [[ $out == *"Failing input"* || $out != *"    context deadline exceeded"* ]] || ! out=$(fuzz "$package" "$target"); then
			echo "$out"
			exit 1
		fi
	fi
	tail -n 1 <<<"$out"
done < <(awk '/^Fuzz/ {t[++n] = $1} /^ok/ {for (i = 1; i <= n; i++) print $2, t[i]; n = 0}' <<<"$list")
