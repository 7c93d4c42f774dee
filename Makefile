# What people call; CI calls the same. Anything longer than a line lives in ci/.
.DEFAULT_GOAL := help
.PHONY: help demo build test lint fmt fuzz bench php docs

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## install what is missing, build, and serve a chat to open in a browser
	@ci/demo.sh

build: ## build bin/fpmbridge
	@ci/build.sh

test: ## everything that must pass: vet, lint, Go and PHP tests, fuzzing, end to end
	@ci/test.sh

lint: ## go vet and golangci-lint
	@ci/lint.sh

fmt: ## format the Go code
	@ci/lint.sh fmt

fuzz: ## run every fuzz target for FUZZTIME (5s)
	@ci/fuzz.sh

bench: ## measure and write docs/performance.md
	@ci/bench.sh

php: ## the PHP tests alone
	@ci/php.sh

docs: ## write docs/swoole.md and docs/gatewayworker.md from the lists in php-sdk/tests/parity
	@php php-sdk/tests/parity/docs.php
