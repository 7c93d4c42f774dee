<?php

foreach (['extension_loaded', 'phpversion', 'php_sapi_name'] as $name) {
    require dirname(__DIR__, 2) . "/compat/standins/$name.php";
}
