<?php

namespace Swoole\Http;

use FpmBridge\Event;
use FpmBridge\Unsupported;

/**
 * The request that opened a connection. Parts that are absent are null.
 */
#[\AllowDynamicProperties]
class Request
{
    public $fd = 0;
    public $streamId = 0;
    public $header = null;
    public $server = null;
    public $cookie = null;
    public $get = null;
    public $files = null;
    public $post = null;
    public $tmpfiles = null;

    /** Of these the extension keeps the last value; of others an array of all (swoole_http_request.cc:410-438). */
    private const LAST = [
        'host' => true,
        'user-agent' => true,
        'accept' => true,
        'content-type' => true,
        'content-length' => true,
        'authorization' => true,
        'connection' => true,
        'accept-encoding' => true,
    ];

    /** @var array<int, string> request heads by object id: a property would show in var_dump() */
    private static $heads = [];

    /**
     * @internal
     */
    final public static function ofEvent(Event $event): self
    {
        $handshake = $event->handshake();
        $connection = $event->connection();
        $request = new self();
        $request->fd = $event->fd;
        $request->header = [];
        foreach ($handshake->lines as [$name, $value]) {
            if ($name === 'cookie') {
                continue;
            }
            if (!isset($request->header[$name]) || isset(self::LAST[$name])) {
                $request->header[$name] = $value;
            } elseif (is_array($request->header[$name])) {
                $request->header[$name][] = $value;
            } else {
                $request->header[$name] = [$request->header[$name], $value];
            }
        }
        $time = (float) ($connection['dispatch_time'] ?? 0);
        if ($handshake->queryString !== '') {
            $request->server['query_string'] = $handshake->queryString;
            $request->get = $handshake->query();
        }
        $request->server['request_method'] = $handshake->method;
        $request->server['request_uri'] = $handshake->path;
        $request->server['path_info'] = urldecode($handshake->path);
        $request->server['request_time'] = (int) $time;
        $request->server['request_time_float'] = $time;
        $request->server['server_protocol'] = $handshake->protocol;
        $request->server['server_port'] = (int) ($connection['server_port'] ?? 0);
        $request->server['remote_port'] = (int) ($connection['remote_port'] ?? 0);
        $request->server['server_addr'] = (string) ($connection['server_addr'] ?? '');
        $request->server['remote_addr'] = (string) ($connection['remote_addr'] ?? '');
        $request->server['master_time'] = (int) ($connection['recv_time'] ?? 0);
        if ($handshake->header('cookie') !== null) {
            $request->cookie = $handshake->cookies();
        }
        self::$heads[spl_object_id($request)] = $handshake->head;
        return $request;
    }

    public function __destruct()
    {
        unset(self::$heads[spl_object_id($this)]);
    }

    /**
     * The raw body: '' for a handshake.
     *
     * @return string|false
     */
    public function getContent()
    {
        return '';
    }

    /**
     * @return string|false
     */
    public function rawContent()
    {
        return '';
    }

    /**
     * The request as it came, head and body.
     *
     * @return string|false
     */
    public function getData()
    {
        return self::$heads[spl_object_id($this)] ?? '';
    }

    /**
     * @return string|false
     */
    public function getMethod()
    {
        return $this->server['request_method'] ?? false;
    }

    public function isCompleted(): bool
    {
        return true;
    }

    /**
     * @throws Unsupported always
     */
    public function parse(string $data)
    {
        throw new Unsupported('Swoole\Http\Request::parse() is not in this version of fpmbridge');
    }

    /**
     * @throws Unsupported always
     */
    public static function create(array $options = [])
    {
        throw new Unsupported('Swoole\Http\Request::create() is not in this version of fpmbridge');
    }
}
