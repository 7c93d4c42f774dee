#!/usr/bin/env bash
# The program as people have it: end-to-end tests of the binary and the examples, then the binary itself.
source "$(dirname "$0")/lib.sh"
go test -race -count=1 . ./e2e
ci/build.sh
bin/fpmbridge version
for script in examples/*/server.php; do
	bin/fpmbridge check "$script" --listen 127.0.0.1:0
done
