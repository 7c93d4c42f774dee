<?php

// No strict_types: a script of the wild passes what it has.

return $server->push('1', 'x', '1', '1');
