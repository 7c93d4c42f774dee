<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

/**
 * Finds the drop-in classes under all their names, and keeps Swoole's last error.
 *
 * When a class is loaded, all its aliases are registered at once: type hints and instanceof do not ask an autoloader.
 * And the classes that every server needs are loaded together: a require costs a tenth of a trip through PHP's
 * autoloader.
 */
final class Loader
{
    public static int $lastError = 0;

    /** Class below `Swoole\` => its underscore name of Swoole 1 to 4. */
    private const CLASSES = [
        'Server' => 'swoole_server',
        'Http\Server' => 'swoole_http_server',
        'WebSocket\Server' => 'swoole_websocket_server',
        'WebSocket\Frame' => 'swoole_websocket_frame',
        'WebSocket\CloseFrame' => 'swoole_websocket_closeframe',
        'Http\Request' => 'swoole_http_request',
        'Server\Port' => 'swoole_server_port',
        'Connection\Iterator' => 'swoole_connection_iterator',
        'Timer' => 'swoole_timer',
        'Exception' => 'swoole_exception',
        'Error' => 'swoole_error',
    ];

    /** Class below `Swoole\` => its file. */
    private const FILES = [
        'Server' => '/Swoole/Server.php',
        'Http\Server' => '/Swoole/Http/Server.php',
        'WebSocket\Server' => '/Swoole/WebSocket/Server.php',
        'WebSocket\Frame' => '/Swoole/WebSocket/Frame.php',
        'WebSocket\CloseFrame' => '/Swoole/WebSocket/CloseFrame.php',
        'Http\Request' => '/Swoole/Http/Request.php',
        'Server\Port' => '/Swoole/Server/Port.php',
        'Connection\Iterator' => '/Swoole/Connection/Iterator.php',
        'Timer' => '/Swoole/Timer.php',
        'Exception' => '/Swoole/Exception.php',
        'Error' => '/Swoole/Error.php',
    ];

    /** Lower-cased name below `Swoole\` => class. */
    private const NAMES = [
        'server' => 'Server',
        'http\server' => 'Http\Server',
        'websocket\server' => 'WebSocket\Server',
        'websocket\frame' => 'WebSocket\Frame',
        'websocket\closeframe' => 'WebSocket\CloseFrame',
        'http\request' => 'Http\Request',
        'server\port' => 'Server\Port',
        'connection\iterator' => 'Connection\Iterator',
        'timer' => 'Timer',
        'exception' => 'Exception',
        'error' => 'Error',
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
        } else {
            return;
        }
        $short = self::NAMES[$name] ?? null;
        if ($short === null || class_exists('Swoole\\' . $short, false)) {
            return;
        }
        if ($short === 'WebSocket\CloseFrame') {
            self::one('WebSocket\Frame');
        } elseif ($short === 'Server' || $short === 'Http\Server' || $short === 'WebSocket\Server') {
            if (!class_exists(State::class, false)) {
                require __DIR__ . '/State.php';
            }
            self::one('Server');
            self::one('Http\Server');
            self::one('WebSocket\Server');
            self::one('WebSocket\Frame');
            self::one('Connection\Iterator');
            self::one('Server\Port');
            return;
        }
        self::one($short);
    }

    /**
     * Raises a warning as the extension does, and sets the last error.
     *
     * @param string $method the method that warns, as __METHOD__
     * @return false
     */
    public static function warn(string $method, string $message, int $error = 503): bool
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

    private static function one(string $short): void
    {
        $class = 'Swoole\\' . $short;
        if (!class_exists($class, false)) {
            require __DIR__ . self::FILES[$short];
            class_alias($class, 'OpenSwoole\\' . $short);
            class_alias($class, self::CLASSES[$short]);
        }
    }
}
