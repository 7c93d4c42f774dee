#!/usr/bin/env bash
# The PHP tests: syntax, style, phpunit, and the SDK's core under the oldest and the newest PHP.
source "$(dirname "$0")/lib.sh"

echo "php: syntax"
# parse-error.php is one on purpose: a test serves it.
find php-sdk examples -name '*.php' ! -name parse-error.php -print0 | xargs -0 -n 1 -P 2 php -l | { grep -v '^No syntax errors' || true; }

echo "php: style"
phpcs --standard=php-sdk/phpcs.xml

echo "php: phpunit"
phpunit --configuration php-sdk/phpunit.xml

for version in 7.4 8.5; do
	echo "php: the SDK's core under PHP $version"
	for test in wasm wasm-client; do
		out=$(PHP=$version .cache/npm/node_modules/.bin/php-wasm-cli "$PWD/php-sdk/tests/$test.php")
		echo "$out"
		if [[ $out != *OK* ]]; then
			echo "php: php-sdk/tests/$test.php did not say OK under PHP $version" >&2
			exit 1
		fi
	done
done
