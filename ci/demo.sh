#!/usr/bin/env bash
# From nothing to a chat in the browser.
source "$(dirname "$0")/lib.sh"
ci/deps.sh demo
ci/build.sh
exec bin/fpmbridge serve examples/chat/server.php
