<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * The only place that names $_SERVER and $_ENV, and a file of its own: PHP fills them in when it loads code that names
 * them, which costs 15 us. A request whose script cannot see them does without.
 */
final class Superglobals
{
    /**
     * Makes the rest of the request see what `php server.php` in the script's own folder would, and hides the bridge's
     * variables. getenv() of a single name still finds them: PHP reads it from the FastCGI request itself.
     *
     * @param string $script an absolute path
     */
    public static function disguise(string $script): void
    {
        // By name: a loop over all variables costs 3 us.
        unset(
            $_SERVER['BRIDGE_PROTOCOL'],
            $_SERVER['BRIDGE_ENCODING'],
            $_SERVER['BRIDGE_SCRIPT'],
            $_SERVER['BRIDGE_KEY'],
            $_SERVER['BRIDGE_CALLBACK'],
            $_SERVER['BRIDGE_TOKEN'],
            $_SERVER['BRIDGE_LISTEN'],
            $_SERVER['BRIDGE_WORKER'],
            $_ENV['BRIDGE_CALLBACK'],
            $_ENV['BRIDGE_TOKEN']
        );
        $name = basename($script);
        $_SERVER['SCRIPT_FILENAME'] = $_SERVER['PATH_TRANSLATED'] = $script;
        $_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = $name;
        $_SERVER['argv'] = $GLOBALS['argv'] = [$name];
        $_SERVER['argc'] = $GLOBALS['argc'] = 1;
    }

    /**
     * Shows the script a describe event in the plain encoding (docs/protocol.md section 3), in case it is a plain one.
     */
    public static function describePlain(): void
    {
        $_SERVER['BRIDGE_PROTOCOL'] = '1';
        $_SERVER['BRIDGE_ENCODING'] = 'plain';
        $_SERVER['BRIDGE_EVENT'] = 'describe';
        $_SERVER['BRIDGE_EVENT_ID'] = '0';
        $_SERVER['BRIDGE_ATTEMPT'] = '1';
        $_SERVER['BRIDGE_FD'] = '0';
    }
}
