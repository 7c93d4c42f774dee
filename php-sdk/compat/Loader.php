<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

/**
 * Finds the drop-in classes under all their names, and keeps Swoole's last error.
 *
 * When a class is loaded, all its aliases are registered at once: type hints and instanceof do not ask an autoloader.
 * The classes that every server needs are loaded together; under entry.php they came with the bundle.
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
        'Table' => 'swoole_table',
        'Lock' => 'swoole_lock',
        'Atomic' => 'swoole_atomic',
        'Atomic\Long' => 'swoole_atomic_long',
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
        'Table' => '/Swoole/Table.php',
        'Lock' => '/Swoole/Lock.php',
        'Atomic' => '/Swoole/Atomic.php',
        'Atomic\Long' => '/Swoole/Atomic/Long.php',
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
        'table' => 'Table',
        'lock' => 'Lock',
        'atomic' => 'Atomic',
        'atomic\long' => 'Atomic\Long',
        'exception' => 'Exception',
        'error' => 'Error',
    ];

    /** Parents first. */
    private const SERVERS = [
        'Server', 'Http\Server', 'WebSocket\Server', 'WebSocket\Frame', 'Connection\Iterator', 'Server\Port',
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
        } elseif (strncmp($name, 'fpmbridge\\', 10) === 0) {
            // include, not is_file(): a file that opcache knows costs no system call.
            $path = strtr(substr($class, 10), '\\', '/') . '.php';
            $path = strncmp($path, 'Compat/', 7) === 0 ? '/compat' . substr($path, 6) : "/src/$path";
            @include dirname(__DIR__) . $path;
            return;
        } elseif (strncmp($name, 'gateway', 7) === 0) {
            if ($name === 'gatewayworker\\lib\\gateway' || $name === 'gatewayclient\\gateway') {
                require_once dirname(__DIR__) . '/compat/GatewayWorker/Lib/Gateway.php';
                GatewayCall::alias();
            }
            return;
        } elseif ($name !== 'co' && $name !== 'chan' && strncmp($name, 'co\\', 3) !== 0) {
            return;
        }
        $short = self::NAMES[$name] ?? null;
        if ($short === null) {
            Classes::load(strtolower($class));
            return;
        }
        if (class_exists('Swoole\\' . $short, false)) {
            return;
        }
        if ($short === 'WebSocket\CloseFrame') {
            self::one('WebSocket\Frame');
        } elseif (in_array($short, self::SERVERS, true)) {
            foreach (self::SERVERS as $server) {
                self::one($server);
            }
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
        Warning::raise("$method(): $message");
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

    /**
     * The aliases of the classes that came with the bundle.
     */
    public static function aliases(): void
    {
        foreach (array_merge(self::SERVERS, ['Table']) as $short) { // bundle/typed.php has Table
            if (class_exists('Swoole\\' . $short, false) && !class_exists(self::CLASSES[$short], false)) {
                self::alias($short);
            }
        }
    }

    private static function one(string $short): void
    {
        if (!class_exists('Swoole\\' . $short, false)) {
            require dirname(__DIR__) . '/compat' . self::FILES[$short];
            if (Names::$aliases) {
                self::alias($short);
            }
        }
    }

    private static function alias(string $short): void
    {
        class_alias('Swoole\\' . $short, 'OpenSwoole\\' . $short);
        class_alias('Swoole\\' . $short, self::CLASSES[$short]);
    }
}
