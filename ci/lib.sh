# Sourced by the other scripts: they run in the root of the repository and stop at the first failure.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Debian keeps php-fpm and nginx in sbin, which a normal user's PATH may lack.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

have() { command -v "$1" >/dev/null 2>&1; }

have_fpm() { compgen -c php-fpm | grep -Ex 'php-fpm([0-9]\.?[0-9]*)?' >/dev/null; }
