<?php

namespace Swoole\Http;

use FpmBridge\Compat\RequestParser;
use FpmBridge\Event;
use FpmBridge\Handshake;
use FpmBridge\Multipart;
use FpmBridge\Runtime;
use FpmBridge\Wire;

/**
 * An HTTP request, or the one that opened a WebSocket. Parts that are absent are null.
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

    /** Methods whose body is parsed. */
    private const WITH_BODY = ['POST' => true, 'PUT' => true, 'DELETE' => true, 'PATCH' => true];

    /**
     * Head and body as they came by object id, the body null if the bridge has it, or a parser: a property would show
     * in var_dump().
     *
     * @var array<int, array{string, string|null}|RequestParser>
     */
    private static $raw = [];

    /** @var array<int, array> options of create() by object id */
    private static $options = [];

    /**
     * @param array|null $taken what PHP made of the body: $_POST and $_FILES
     * @internal
     */
    final public static function ofEvent(Event $event, array $settings = [], ?array $taken = null): self
    {
        $handshake = $event->handshake();
        $connection = $event->connection();
        $request = new self();
        $request->fd = $event->fd;
        $request->streamId = $event->stream();
        $time = (float) ($connection['dispatch_time'] ?? 0);
        $request->readHead($handshake, $settings, $time);
        $request->server['server_port'] = (int) ($connection['server_port'] ?? 0);
        $request->server['remote_port'] = (int) ($connection['remote_port'] ?? 0);
        $request->server['server_addr'] = (string) ($connection['server_addr'] ?? '');
        $request->server['remote_addr'] = (string) ($connection['remote_addr'] ?? '');
        $request->server['master_time'] = (int) ($connection['recv_time'] ?? 0);
        $body = $event->body();
        self::$raw[spl_object_id($request)] = [$handshake->head, $taken === null ? $body : null];
        if ($taken !== null) {
            $request->takeForm($taken[0], Multipart::perFile($taken[1]), $settings);
        } elseif ($body !== '') {
            $request->readBody($body, $settings);
        }
        return $request;
    }

    public function __destruct()
    {
        $id = spl_object_id($this);
        unset(self::$raw[$id], self::$options[$id]);
        foreach ($this->tmpfiles ?? [] as $file) {
            if (is_string($file) && is_file($file)) {
                @unlink($file);
            }
        }
    }

    /**
     * The raw body, '' if there is none. A multipart body is asked for, while its request is being handled.
     *
     * @return string|false
     */
    public function getContent()
    {
        $id = spl_object_id($this);
        $raw = self::$raw[$id] ?? ['', ''];
        if ($raw instanceof RequestParser) {
            return $raw->body;
        }
        if ($raw[1] === null) {
            $raw[1] = self::fetch((int) $this->fd, (int) $this->streamId);
            if ($raw[1] === null) {
                return false;
            }
            self::$raw[$id] = $raw;
        }
        return $raw[1];
    }

    /**
     * @return string|false
     */
    public function rawContent()
    {
        return $this->getContent();
    }

    /**
     * The request as it came, head and body; header lines are sorted and their names in lower case.
     *
     * @return string|false
     */
    public function getData()
    {
        $raw = self::$raw[spl_object_id($this)] ?? ['', ''];
        return $raw instanceof RequestParser ? $raw->data : $raw[0] . $this->getContent();
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
        $raw = self::$raw[spl_object_id($this)] ?? null;
        return !$raw instanceof RequestParser || $raw->completed;
    }

    /**
     * Feeds a request of create() with bytes.
     *
     * @return int|false how many bytes it took; false when it is complete already, or cannot be read
     */
    public function parse(string $data)
    {
        $id = spl_object_id($this);
        $parser = self::$raw[$id] ?? null;
        if (!$parser instanceof RequestParser) {
            return false;
        }
        $taken = $parser->feed($data);
        if ($taken !== false && $parser->completed) {
            $options = self::$options[$id] + ['parse_cookie' => true, 'parse_body' => true, 'parse_files' => false];
            $settings = [
                'http_parse_cookie' => $options['parse_cookie'],
                'http_parse_post' => $options['parse_body'],
                'http_parse_files' => $options['parse_files'],
                'upload_tmp_dir' => $options['upload_tmp_dir'] ?? '',
            ];
            $this->readHead($parser->head, $settings, microtime(true));
            if ($parser->body !== '') {
                $this->readBody($parser->body, $settings);
            }
        }
        return $taken;
    }

    /**
     * A request that parse() fills.
     *
     * @param array $options parse_cookie, parse_body, parse_files, upload_tmp_dir
     */
    public static function create(array $options = []): self
    {
        $request = new self();
        $id = spl_object_id($request);
        self::$raw[$id] = new RequestParser();
        self::$options[$id] = $options;
        return $request;
    }

    /**
     * @throws \Error always, as in the extension
     */
    public function __clone()
    {
        $this->tmpfiles = null; // they are those of the other one
        throw new \Error('Trying to clone an uncloneable object of class ' . static::class);
    }

    /**
     * @throws \Exception always, as in the extension
     */
    public function __serialize(): array
    {
        throw new \Exception("Serialization of '" . static::class . "' is not allowed");
    }

    private function readHead(Handshake $head, array $settings, float $time): void
    {
        $cookies = $settings['http_parse_cookie'] ?? true;
        $this->header = [];
        foreach ($head->lines as [$name, $value]) {
            if ($name === 'cookie' && $cookies) {
                continue;
            }
            if (!isset($this->header[$name]) || isset(self::LAST[$name])) {
                $this->header[$name] = $value;
            } elseif (is_array($this->header[$name])) {
                $this->header[$name][] = $value;
            } else {
                $this->header[$name] = [$this->header[$name], $value];
            }
        }
        if ($head->queryString !== '') {
            $this->server['query_string'] = $head->queryString;
            $this->get = $head->query();
        }
        $this->server['request_method'] = $head->method;
        $this->server['request_uri'] = $head->path;
        $this->server['path_info'] = urldecode($head->path);
        $this->server['request_time'] = (int) $time;
        $this->server['request_time_float'] = $time;
        $this->server['server_protocol'] = $head->protocol;
        if ($cookies && $head->header('cookie') !== null) {
            $this->cookie = $head->cookies();
        }
    }

    private function readBody(string $body, array $settings): void
    {
        $type = (string) ($this->header['content-type'] ?? '');
        if (!($settings['http_parse_post'] ?? true) || !isset(self::WITH_BODY[$this->server['request_method']])) {
            return;
        }
        if (stripos($type, 'application/x-www-form-urlencoded') === 0) {
            parse_str($body, $this->post);
        } elseif (($boundary = Multipart::boundary($type)) !== '') {
            $form = new Multipart($body, $boundary, (string) ($settings['upload_tmp_dir'] ?? ''));
            $this->takeForm($form->post, $form->files, $settings);
        }
    }

    /**
     * @param array $files one array per file
     */
    private function takeForm(array $post, array $files, array $settings): void
    {
        if ($post !== []) {
            $this->post = $post;
        }
        if ($files !== []) {
            $this->files = $settings['http_parse_files'] ?? false ? Multipart::perKey($files) : $files;
            $temporary = Multipart::temporary($files);
            $this->tmpfiles = $temporary === [] ? null : $temporary;
        }
    }

    /**
     * The body of a request whose form PHP has parsed, from the bridge.
     *
     * @return string|null
     */
    private static function fetch(int $fd, int $stream)
    {
        $run = Runtime::current();
        if ($run === null) {
            return null;
        }
        $body = '';
        $key = $stream > 0 ? pack('n', Wire::stream($stream)) : '';
        do {
            $reply = $run->queries()->send(Wire::ASK_RESPONSE, 0, Wire::BODY, $fd, strlen($body), '', $key);
            if ($reply->code !== 0) {
                return null;
            }
            $body .= $reply->data;
        } while (strlen($reply->data) === Wire::BODY_PIECE);
        return $body;
    }
}
