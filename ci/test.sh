#!/usr/bin/env bash
# Everything that must pass, stage by stage, and how long each took.
source "$(dirname "$0")/lib.sh"

report=()
finish() {
	local code=$?
	echo
	[ ${#report[@]} = 0 ] || printf '%s\n' "${report[@]}"
	if [ $code = 0 ]; then echo "all passed in ${SECONDS} s"; else echo "FAILED: $current, after ${SECONDS} s"; fi
}
trap finish EXIT

current=
stage() { # NAME COMMAND...
	current=$1
	shift
	printf '\n==> %s\n' "$current"
	local start=$SECONDS
	"$@"
	report+=("$(printf '%-12s %4d s' "$current" $((SECONDS - start)))")
}

go_tests() {
	# The end-to-end tests come later.
	local packages
	packages=$(go list ./... | grep -Ev '^github.com/fpmbridge/fpmbridge(/e2e)?$')
	# shellcheck disable=SC2086
	go test -race $packages
}

stage deps ci/deps.sh
stage lint ci/lint.sh
stage go go_tests
# Allocations are counted without the race detector, which allocates for itself.
stage allocations go test -run 'Alloc|Bursts' ./bridge/... ./callback ./fcgi ./internal/rawio
stage php ci/php.sh
stage fuzz ci/fuzz.sh
stage end-to-end ci/e2e.sh
