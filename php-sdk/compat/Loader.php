<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

/**
 * Finds the drop-in classes under all their names, and keeps Swoole's last error.
 *
 * When a class is loaded, all its aliases are registered at once: type hints and instanceof do not ask an autoloader.
 */
final class Loader
{
    public static int $lastError = 0;

    /** Lower-cased name below `Swoole\` => [file and class below `Swoole\`, underscore name of Swoole 1 to 4] */
    private const CLASSES = [
        'server' => ['Server', 'swoole_server'],
        'http\server' => ['Http\Server', 'swoole_http_server'],
        'websocket\server' => ['WebSocket\Server', 'swoole_websocket_server'],
        'websocket\frame' => ['WebSocket\Frame', 'swoole_websocket_frame'],
        'websocket\closeframe' => ['WebSocket\CloseFrame', 'swoole_websocket_closeframe'],
        'http\request' => ['Http\Request', 'swoole_http_request'],
        'http\response' => ['Http\Response', 'swoole_http_response'],
        'server\port' => ['Server\Port', 'swoole_server_port'],
        'connection\iterator' => ['Connection\Iterator', 'swoole_connection_iterator'],
        'timer' => ['Timer', 'swoole_timer'],
        'exception' => ['Exception', 'swoole_exception'],
        'error' => ['Error', 'swoole_error'],
    ];

    /**
     * The autoloader. Class names come as the script spells them.
     */
    public static function load(string $class): void
    {
        $name = strtolower($class);
        if (strncmp($name, 'swoole\\', 7) === 0) {
            $name = substr($name, 7);
        } elseif (strncmp($name, 'openswoole\\', 11) === 0) {
            $name = substr($name, 11);
        } elseif (strncmp($name, 'swoole_', 7) === 0) {
            // websocket_closeframe, connection_iterator: the first underscore is the namespace's.
            $name = implode('\\', explode('_', substr($name, 7), 2));
        } elseif ($name === 'fpmbridge\\compat\\state') {
            require __DIR__ . '/State.php';
            return;
        } else {
            return;
        }
        if (!isset(self::CLASSES[$name])) {
            return;
        }
        [$short, $old] = self::CLASSES[$name];
        if (class_exists('Swoole\\' . $short, false)) {
            return;
        }
        require __DIR__ . '/Swoole/' . strtr($short, '\\', '/') . '.php';
        foreach (['OpenSwoole\\' . $short, $old] as $alias) {
            if (!class_exists($alias, false)) {
                class_alias('Swoole\\' . $short, $alias);
            }
        }
    }

    /**
     * Raises a warning as the extension does, and sets the last error.
     *
     * @param string $method the method that warns, as __METHOD__
     * @return false
     */
    public static function warn(string $method, string $message, int $error = SWOOLE_ERROR_PHP_FATAL_ERROR): bool
    {
        self::$lastError = $error;
        trigger_error("$method(): $message", E_USER_WARNING);
        return false;
    }

    /**
     * @return false
     */
    public static function fail(int $error): bool
    {
        self::$lastError = $error;
        return false;
    }
}
