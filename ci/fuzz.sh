#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME (5s). Go fuzzes one target at a time.
source "$(dirname "$0")/lib.sh"
# `go test -list` prints the targets of a package and then the package.
list=$(go test -list '^Fuzz' ./...) || { echo "$list"; exit 1; }
while read -r package target; do
	echo "fuzz: $package $target"
	if ! out=$(go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-5s}" "$package" 2>&1); then
		echo "$out"
		exit 1
	fi
	tail -n 1 <<<"$out"
done < <(awk '/^Fuzz/ {t[++n] = $1} /^ok/ {for (i = 1; i <= n; i++) print $2, t[i]; n = 0}' <<<"$list")
