#!/usr/bin/env bash
# The program as people have it: end-to-end tests of the binary and the examples, then the binary itself.
source "$(dirname "$0")/lib.sh"
go test -race -count=1 . ./e2e
# Swoole's rules once more, with workers that stay; the Go stage has played them in request mode.
SWOOLE_CONFORMANCE_MODE=resident go test -count=1 ./conformance
ci/build.sh
bin/fpmbridge version
for script in examples/*/server.php; do
	bin/fpmbridge check "$script" --listen 127.0.0.1:0
done
