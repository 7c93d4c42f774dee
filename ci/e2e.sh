#!/usr/bin/env bash
# The program as people have it: the end-to-end tests of the root package, then the binary itself.
source "$(dirname "$0")/lib.sh"
go test -race -count=1 . ./examples/...
ci/build.sh
bin/fpmbridge version
for script in examples/*/server.php; do
	bin/fpmbridge check "$script" --listen 127.0.0.1:0
done
