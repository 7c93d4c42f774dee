#!/usr/bin/env bash
# The PHP tests: syntax, style, phpunit, and the SDK's core under the oldest and the newest PHP.
source "$(dirname "$0")/lib.sh"

echo "php: syntax"
find php-sdk examples -name '*.php' -print0 | xargs -0 -n 1 -P 2 php -l | { grep -v '^No syntax errors' || true; }

echo "php: style"
if [ -f php-sdk/phpcs.xml ]; then
	phpcs --standard=php-sdk/phpcs.xml
else
	phpcs --standard=PSR12 --extensions=php php-sdk
fi

echo "php: phpunit"
if [ -f php-sdk/phpunit.xml ]; then
	phpunit --configuration php-sdk/phpunit.xml
else
	phpunit php-sdk/tests
fi

for version in 7.4 8.5; do
	echo "php: the SDK's core under PHP $version"
	out=$(PHP=$version .cache/npm/node_modules/.bin/php-wasm-cli "$PWD/php-sdk/tests/wasm.php")
	echo "$out"
	if [[ $out != *OK* ]]; then
		echo "php: php-sdk/tests/wasm.php did not say OK under PHP $version" >&2
		exit 1
	fi
done
