#!/usr/bin/env bash
# Measures what docs/performance.md says, and writes it.
source "$(dirname "$0")/lib.sh"
ci/deps.sh
ci/build.sh
go build -o bin/wsload ./bench/wsload
exec go run ./bench -out docs/performance.md "$@"
