#!/usr/bin/env bash
# Measures what docs/performance.md says, and writes it.
source "$(dirname "$0")/lib.sh"
ci/deps.sh
ci/build.sh
exec go run ./bench "$@"
