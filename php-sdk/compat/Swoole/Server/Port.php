<?php

namespace Swoole\Server;

use FpmBridge\Compat\Boot;
use FpmBridge\Compat\Loader;
use FpmBridge\Compat\State;
use FpmBridge\Compat\Values;
use FpmBridge\Wire;
use Swoole\Connection\Iterator;
use Swoole\Server;

/**
 * A listener of a server. The first one is the server's own: its settings and callbacks are the server's. Another one
 * uses the server's settings, protocol included, until set() gave it any, and a callback of the server for each event
 * that has none of its own (ServerObject::on_before_start() in ext-src/swoole_server.cc).
 */
#[\AllowDynamicProperties]
class Port
{
    public $host = null;
    public $port = 0;
    /** SWOOLE_SOCK_*, without the SSL bit. */
    public $type = 0;
    public $sock = -1;
    public $ssl = false;
    /** @var array|null what set() was given; start() fills it in where it was not called */
    public $setting = null;
    /** @var Iterator */
    public $connections = null;

    /** @var \WeakReference<Server>|null */
    private $server = null;
    /** @var State */
    private $state;
    private $index = 0;
    /** Where the script wants it; 0: at any free port. */
    private $asked = 0;
    /** @var array<string, callable> by the event's name in lower case; the first port's are the server's */
    private $callbacks = [];
    /** @var array<string, mixed> what on() was given, where it is no callable */
    private $given = [];
    /** set() was called: the server's settings do not count. */
    private $own = false;

    /** Events in lower case => the protocols that have them: 1 WebSocket, 2 HTTP, 4 TCP. 0: not served. */
    public const EVENTS = [
        'open' => 1, 'message' => 1, 'close' => 7, 'connect' => 7, 'receive' => 4, 'request' => 3, 'handshake' => 1,
        'beforehandshakeresponse' => 1, 'disconnect' => 7, 'bufferfull' => 5, 'bufferempty' => 5, 'packet' => 0,
    ];

    /** The extension's private properties, without "on". */
    private const CALLBACKS = [
        'Connect', 'Receive', 'Close', 'Packet', 'BufferFull', 'BufferEmpty', 'Request', 'Handshake', 'Open',
        'Message', 'Disconnect', 'BeforeHandshakeResponse',
    ];

    /** SWOOLE_SOCK_UNIX_STREAM. */
    private const UNIX = 5;

    private const PROTOCOLS = ['websocket' => 1, 'http' => 2, 'tcp' => 4];

    /**
     * @throws \Error always: Server::listen() makes ports
     */
    private function __construct()
    {
    }

    /**
     * @internal only a Swoole\Server builds it
     */
    final public static function ofServer(
        Server $server,
        State $state,
        int $index,
        string $host,
        int $at,
        int $type
    ): self {
        $port = new self();
        $port->host = $host;
        $port->asked = $at;
        // The extension binds a free port here; ours is bound already when events come.
        $port->port = $at !== 0 || ($type & ~Values::SSL) === self::UNIX ? $at : $state->run->environment->port($index);
        $port->type = $type & ~Values::SSL;
        $port->ssl = ($type & Values::SSL) !== 0;
        $port->sock = $index + 3;
        $port->index = $index;
        $port->connections = $index === 0 ? $server->connections : new Iterator($server, $state, $index);
        $port->server = \WeakReference::create($server);
        $port->state = $state;
        if ($state->run->isDescribing()) {
            $state->places[$index]['listen'] = Boot::here();
        }
        return $port;
    }

    /**
     * Merges settings into `setting`. From the first call on the server's settings do not count for this port.
     */
    public function set(array $settings): void
    {
        $this->setting = array_replace($this->setting ?? [], $settings);
        if ($this->index > 0 && $this->state->run->isDescribing()) {
            Boot::said($this->state, $settings, $this->index);
        }
        if ($this->index === 0 && $this->server->get() !== null) {
            $this->server->get()->set($settings);
        }
    }

    /**
     * Registers a callback for this port alone; a second one replaces it.
     *
     * @param callable|array $callback also a private method of the script's class
     * @param string $event_name a port's event in any case, without "on"
     * @return bool false, with a warning, for an unknown name and after start()
     */
    public function on(string $event_name, $callback): bool
    {
        if ($this->state->started) {
            return Loader::warn(__METHOD__, "can't register event callback function after server started");
        }
        $name = strtolower($event_name);
        if (!isset(self::EVENTS[$name])) {
            Boot::unknownEvent($this->state, $event_name, array_keys(self::EVENTS));
            return Loader::warn(__METHOD__, "unknown event types[$event_name]");
        }
        if ($this->index === 0) {
            return $this->server->get() !== null && $this->server->get()->on($event_name, $callback);
        }
        unset($this->given[$name]);
        if (!is_callable($callback)) {
            $this->given[$name] = $callback;
            $callback = Boot::closure($callback);
            if ($callback === null) {
                is_callable($this->given[$name], true, $called);
                $this->state->run->abort(__METHOD__ . "(): function '$called' is not callable");
            }
        }
        $this->callbacks[$name] = $callback;
        return true;
    }

    /**
     * @return callable|null what on() of this port was given
     */
    public function getCallback(string $event_name)
    {
        $name = strtolower($event_name);
        if (!isset(self::EVENTS[$name])) {
            return null;
        }
        return $this->index === 0
            ? $this->state->given[$name] ?? $this->state->callbacks[$name] ?? null
            : $this->given[$name] ?? $this->callbacks[$name] ?? null;
    }

    /**
     * The callback for an event: the port's own, else the server's.
     *
     * @internal
     * @return callable|null
     */
    final public function callback(string $name)
    {
        return $this->callbacks[$name] ?? $this->state->callbacks[$name] ?? null;
    }

    /**
     * The server starts, and this callback is not to be called; getCallback() still gives it.
     *
     * @internal
     * @param string $name in lower case
     * @return bool whether there was one
     */
    final public function silence(string $name): bool
    {
        $was = $this->callback($name);
        if ($was === null) {
            return false;
        }
        if ($this->index === 0) {
            $this->state->given += [$name => $was];
            unset($this->state->callbacks[$name]);
        } else {
            $this->given += [$name => $was];
            unset($this->callbacks[$name]);
        }
        return true;
    }

    /**
     * The callbacks that are this port's alone.
     *
     * @internal
     * @return array<string, callable> by event in lower case
     */
    final public function ownCallbacks(): array
    {
        return $this->callbacks;
    }

    /**
     * What is spoken here.
     *
     * @internal
     * @return string `websocket` (and HTTP), `http` or `tcp`
     */
    final public function protocol(): string
    {
        $server = $this->server->get();
        $set = $this->setting ?? [];
        $http = !empty($set['open_http_protocol']) || !empty($set['open_http2_protocol']);
        $websocket = !empty($set['open_websocket_protocol']);
        if ($this->index === 0) {
            $websocket = $websocket || $server instanceof \Swoole\WebSocket\Server;
            $http = $http || $server instanceof \Swoole\Http\Server;
        } elseif (isset($set['open_websocket_protocol']) && !$websocket && !isset($set['open_http_protocol'])) {
            // "No WebSocket here" on a server that speaks HTTP, and nothing that could take bytes.
            $http = $http || ($server instanceof \Swoole\Http\Server && $this->callback('receive') === null);
        }
        return $websocket ? 'websocket' : ($http ? 'http' : 'tcp');
    }

    /**
     * The server starts. Gives what tells this port from any other one, beside what the server says of itself.
     *
     * @internal
     * @param array $inherited the server's settings
     */
    final public function start(array $inherited): string
    {
        $identity = '';
        if ($this->index > 0) {
            $this->own = $this->setting !== null;
            $identity = " $this->host $this->asked $this->type $this->ssl "
                . implode(' ', array_keys($this->callbacks)) . ($this->own ? Wire::json($this->setting) : '');
        }
        if (!$this->own) {
            $this->setting = $inherited;
        }
        return $identity;
    }

    /**
     * This port in the description (docs/protocol.md section 6), after start(): not every request needs it.
     *
     * @internal
     * @return array<string, mixed>
     */
    final public function describe(): array
    {
        $protocol = $this->protocol();
        $this->check($protocol);
        $bit = self::PROTOCOLS[$protocol];
        $events = [];
        foreach (self::EVENTS as $name => $protocols) {
            if (($protocols & $bit) !== 0 && ($this->callbacks !== [] || isset($this->state->callbacks[$name]))) {
                if ($this->callback($name) !== null) {
                    $events[] = $name;
                }
            }
        }
        if (in_array('disconnect', $events, true) && !in_array('close', $events, true)) {
            $events[] = 'close'; // onDisconnect is one
        }
        $described = [
            'host' => $this->host,
            'port' => $this->asked,
            'type' => $this->type | ($this->ssl ? Values::SSL : 0),
            'protocol' => $protocol,
            'events' => $events,
        ];
        if ($this->own) {
            $described['settings'] = (object) $this->setting;
        }
        $places = ($this->state->places[$this->index] ?? []) + ($this->own ? [] : $this->state->places[0] ?? []);
        if ($places !== []) {
            $described['places'] = $places;
        }
        return $described;
    }

    /**
     * The callbacks that a protocol cannot do without.
     */
    private function check(string $protocol): void
    {
        if (in_array($this->type, [Values::SOCK_UDP, Values::SOCK_UDP6, Values::SOCK_UNIX_DGRAM], true)) {
            return; // the bridge refuses it, with a sentence
        }
        $needs = ['websocket' => 'message', 'http' => 'request', 'tcp' => 'receive'][$protocol];
        if ($this->callback($needs) === null && ($this->index === 0 || $this->callback('receive') === null)) {
            $which = $this->index === 0 ? '' : " for the port $this->host:$this->asked";
            $which .= $this->index === 0 ? '' : Boot::at($this->state, 'listen', $this->index);
            $this->state->run->abort('Swoole\Server::start(): require on' . ucfirst($needs) . " callback$which");
        }
    }

    /**
     * @throws \Error always, as in the extension
     */
    public function __clone()
    {
        throw new \Error('Trying to clone an uncloneable object of class ' . static::class);
    }

    /**
     * @throws \Exception always, as in the extension
     */
    public function __serialize(): array
    {
        throw new \Exception("Serialization of '" . static::class . "' is not allowed");
    }

    /**
     * What print_r() and var_dump() show: what the script can use, and the callbacks, as private properties.
     *
     * @return array<string, mixed>
     */
    public function __debugInfo()
    {
        $shown = (array) $this;
        unset($shown["\0Swoole\\Server\\Port\0server"]);
        unset($shown["\0Swoole\\Server\\Port\0state"]);
        unset($shown["\0Swoole\\Server\\Port\0index"]);
        unset($shown["\0Swoole\\Server\\Port\0asked"]);
        unset($shown["\0Swoole\\Server\\Port\0callbacks"]);
        unset($shown["\0Swoole\\Server\\Port\0given"]);
        unset($shown["\0Swoole\\Server\\Port\0own"]);
        $callbacks = [];
        foreach (self::CALLBACKS as $name) {
            $callbacks["\0Swoole\\Server\\Port\0on$name"] = $this->getCallback($name);
        }
        return $callbacks + $shown;
    }
}
