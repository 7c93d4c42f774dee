<?php

namespace Swoole\Server;

use FpmBridge\Compat\State;

/**
 * A listener. In this version there is one, the server's own: it shares the server's callbacks.
 */
#[\AllowDynamicProperties]
class Port
{
    public $host = null;
    public $port = 0;
    public $type = 0;
    public $sock = -1;
    public $ssl = false;
    public $setting = null;
    public $connections = null;

    /** @var \WeakReference<\Swoole\Server>|null */
    private $server = null;

    /**
     * @internal only a Swoole\Server builds it
     */
    final public static function ofServer(\Swoole\Server $server): self
    {
        $port = new self();
        $port->host = $server->host;
        $port->port = $server->port;
        $port->type = $server->type;
        $port->ssl = $server->ssl;
        $port->connections = $server->connections;
        $port->server = \WeakReference::create($server);
        return $port;
    }

    /**
     * As Server::set().
     */
    public function set(array $settings): void
    {
        $this->setting = $settings + ($this->setting ?? []);
        if ($this->server !== null && $this->server->get() !== null) {
            $this->server->get()->set($settings);
        }
    }

    /**
     * As Server::on().
     */
    public function on(string $event_name, $callback): bool
    {
        return $this->server !== null && $this->server->get() !== null
            && $this->server->get()->on($event_name, $callback);
    }

    /**
     * @return callable|null
     */
    public function getCallback(string $event_name)
    {
        $server = $this->server === null ? null : $this->server->get();
        return $server === null ? null : $server->getCallback($event_name);
    }
}
