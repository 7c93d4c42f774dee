#!/usr/bin/env bash
# Installs what is missing: `deps.sh demo` for a php-fpm, `deps.sh` for everything the tests use. As root on Debian or
# Ubuntu it installs; otherwise it says what to install and fails.
source "$(dirname "$0")/lib.sh"

# The PHP builds of other versions, pinned; they go into an ignored folder.
php_wasm=3.1.56

missing=()
need() { # PACKAGE CHECK...
	local package=$1
	shift
	"$@" || missing+=("$package")
}
have_ext() { have php && php -r "exit(extension_loaded('$1') ? 0 : 1);"; }

need php-fpm have_fpm
if [ "${1:-}" != demo ]; then
	need php-cli have php
	need php-mbstring have_ext mbstring
	need php-curl have_ext curl
	need php-xml have_ext xml
	need phpunit have phpunit
	need php-codesniffer have phpcs
	need redis-server have redis-server
	need nginx have nginx
	need wrk have wrk
	need chromium have chromium
fi

install_packages() {
	echo "deps: installing $*"
	# Installing nginx or redis must not start them: tests start their own, on ports of their own.
	if [ ! -e /usr/sbin/policy-rc.d ]; then
		printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
		chmod +x /usr/sbin/policy-rc.d
		trap 'rm -f /usr/sbin/policy-rc.d' EXIT
	fi
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q
	apt-get install -q -y --no-install-recommends "$@"
}

if [ ${#missing[@]} -gt 0 ]; then
	if [ "$(id -u)" = 0 ] && have apt-get; then
		install_packages "${missing[@]}"
	else
		echo "deps: please install these (names of Debian and Ubuntu): ${missing[*]}" >&2
		have apt-get && echo "deps:   sudo apt-get install --no-install-recommends ${missing[*]}" >&2
		exit 1
	fi
fi

if [ "${1:-}" != demo ]; then
	if ! have npm; then
		echo "deps: please install node and npm, for the tests under other PHP versions" >&2
		exit 1
	fi
	if ! grep -qs "\"version\": \"$php_wasm\"" .cache/npm/node_modules/@php-wasm/cli/package.json; then
		echo "deps: installing @php-wasm/cli $php_wasm into .cache/npm"
		mkdir -p .cache/npm
		npm install --prefix .cache/npm --no-save --no-audit --no-fund --loglevel=error "@php-wasm/cli@$php_wasm"
	fi
fi
echo "deps: everything is there"
