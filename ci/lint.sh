#!/usr/bin/env bash
# go vet and golangci-lint; with `fmt`, formats instead. The linter is pinned in a module of its own, so that ours does
# not carry its dependencies; Go builds it once and keeps it in its build cache.
source "$(dirname "$0")/lib.sh"
linter() { go tool -modfile=ci/tools/go.mod golangci-lint "$@"; }
if [ "${1:-}" = fmt ]; then
	linter fmt ./...
	exit
fi
go vet ./...
linter run --allow-parallel-runners ./...
# People write their scripts on Macs, too.
GOOS=darwin go build -o /dev/null .
