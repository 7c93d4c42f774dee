#!/usr/bin/env bash
# The program as people have it: end-to-end tests of the binary and the examples, then the binary itself.
source "$(dirname "$0")/lib.sh"
# Three processes, each with a third of the tests by time: they wait more than they compute.
binary=$(mktemp -d)/e2e.test
trap 'rm -rf "$(dirname "$binary")"' EXIT
go test -race -count=1 .
go test -race -c -o "$binary" ./e2e
third() { (cd e2e && "$binary" -test.timeout 15m -test.run "^Test[$1]" >"$binary.$1.log" 2>&1) || { cat "$binary.$1.log"; return 1; }; }
running=()
for names in C-F ABP-R; do
	third "$names" & running+=($!)
done
failed=
third ^A-FP-R || failed=1 # all others
for pid in "${running[@]}"; do wait "$pid" || failed=1; done
[ -z "$failed" ]
tail -qn 1 "$binary".*.log
# Swoole's rules once more, with workers that stay; the Go stage has played them in request mode.
SWOOLE_CONFORMANCE_MODE=resident go test -count=1 ./conformance
ci/build.sh
bin/fpmbridge version
for script in examples/*/server.php; do
	bin/fpmbridge check "$script" --listen 127.0.0.1:0
done
