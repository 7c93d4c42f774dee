#!/usr/bin/env bash
# Builds bin/fpmbridge. The version is git's, when there is a git.
source "$(dirname "$0")/lib.sh"
version=$(git describe --tags --always --dirty 2>/dev/null || true)
go build -ldflags "-X main.version=$version" -o bin/fpmbridge .
