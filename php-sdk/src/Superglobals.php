<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * The only place that names $_SERVER, $_ENV and $GLOBALS, and a file of its own: PHP fills them in when it loads code
 * that names them, which costs 15 us. A request whose script cannot see them does without.
 */
final class Superglobals
{
    /**
     * Makes the rest of the request see what `php server.php` in the script's own folder would, and hides the bridge's
     * variables. getenv() of a single name still finds them: PHP reads it from the FastCGI request itself.
     *
     * @param string $script an absolute path
     * @param list<string> $arguments what follows its name in $argv
     */
    public static function disguise(string $script, array $arguments): void
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
            $_SERVER['BRIDGE_FRAME'],
            $_SERVER['BRIDGE_ARGV'],
            $_ENV['BRIDGE_CALLBACK'],
            $_ENV['BRIDGE_TOKEN']
        );
        $name = basename($script);
        $_SERVER['SCRIPT_FILENAME'] = $_SERVER['PATH_TRANSLATED'] = $script;
        $_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = $name;
        $_SERVER['argv'] = $GLOBALS['argv'] = array_merge([$name], $arguments);
        $_SERVER['argc'] = $GLOBALS['argc'] = 1 + count($arguments);
    }

    /**
     * $argv.
     *
     * @return list<string>
     */
    public static function arguments(): array
    {
        return array_values($_SERVER['argv'] ?? []);
    }

    /**
     * Hides variables of a process that the bridge started on the command line.
     *
     * @param list<string> $names
     */
    public static function hide(array $names): void
    {
        foreach ($names as $name) {
            unset($_SERVER[$name], $_ENV[$name]);
        }
    }

    /**
     * What GatewayWorker says of the client in hand.
     *
     * @param array<string, mixed> $connection as docs/protocol.md section 4 gives it
     */
    public static function client(string $id, array $connection): void
    {
        $_SERVER['REMOTE_ADDR'] = $connection['remote_addr'] ?? '';
        $_SERVER['REMOTE_PORT'] = $connection['remote_port'] ?? 0;
        $_SERVER['GATEWAY_ADDR'] = $connection['server_addr'] ?? '';
        $_SERVER['GATEWAY_PORT'] = $connection['server_port'] ?? 0;
        $_SERVER['GATEWAY_CLIENT_ID'] = $id;
    }

    /**
     * What PHP made of a form's body. The superglobals are empty afterwards, as in Swoole; the files stay uploads.
     *
     * @return array{array<int|string, mixed>, array<int|string, mixed>, int} $_POST, $_FILES, and the bytes that PHP
     *     refused since they are more than post_max_size; 0: none
     */
    public static function form(): array
    {
        [$post, $files] = [$_POST, $_FILES];
        $_POST = $_FILES = [];
        $sent = (int) getenv('CONTENT_LENGTH');
        $unread = $post === [] && $files === [] && $sent > self::bytes((string) ini_get('post_max_size'));
        return [$post, $files, $unread ? $sent : 0];
    }

    /**
     * A size of php.ini; one of 0 is none.
     */
    private static function bytes(string $size): int
    {
        $shift = ['k' => 10, 'm' => 20, 'g' => 30][strtolower(substr($size, -1))] ?? 0;
        $bytes = (int) $size << $shift;
        return $bytes > 0 ? $bytes : PHP_INT_MAX;
    }

    /**
     * The script's global variables.
     *
     * @return array<string, mixed>
     */
    public static function globals(): array
    {
        return $GLOBALS;
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
