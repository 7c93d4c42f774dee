<?php

namespace Swoole\Http;

use FpmBridge\Compat\Answer;
use FpmBridge\Compat\Loader;
use FpmBridge\Compat\MimeTypes;
use FpmBridge\Compat\Nulls;
use FpmBridge\Compat\State;
use FpmBridge\Compat\Values;
use FpmBridge\Event;
use FpmBridge\Runtime;
use FpmBridge\Wire;
use Swoole\Server as BaseServer;

/**
 * The response to a request. What end() sends leaves when the event is over; write(), and an end() behind it, at once.
 */
#[\AllowDynamicProperties]
class Response
{
    public $fd = 0;
    public $socket = null;
    public $header = null;
    public $cookie = null;
    public $trailer = null;

    private const MAX_NAME = 127;

    /** @var Answer|null null: nobody waits for it */
    private $fpmbridge = null;

    /** @var State|null */
    private $state = null;

    /**
     * @internal
     */
    final public static function ofEvent(Event $event, State $state, Answer $answer): self
    {
        $response = new self();
        $response->fd = $event->fd;
        $response->state = $state;
        $response->fpmbridge = $answer;
        return $response;
    }

    public function __destruct()
    {
        if ($this->fpmbridge !== null && $this->fpmbridge->open()) {
            $this->fpmbridge->abandon($this->lines());
            $this->established();
        }
    }

    /**
     * Makes `header`, `cookie` and `trailer` arrays.
     */
    public function initHeader(): bool
    {
        if (!$this->available()) {
            return false;
        }
        $this->header = $this->header ?? [];
        $this->cookie = $this->cookie ?? [];
        $this->trailer = $this->trailer ?? [];
        return true;
    }

    public function isWritable(): bool
    {
        return $this->fpmbridge !== null && $this->fpmbridge->open();
    }

    /**
     * @param \Swoole\Http\Cookie|string $name_or_object
     * @return bool false for a name with characters that it must not have (with a warning), and when it is too late
     */
    public function cookie(
        $name_or_object,
        ?string $value = '',
        ?int $expires = 0,
        ?string $path = '/',
        ?string $domain = '',
        ?bool $secure = false,
        ?bool $httponly = false,
        ?string $samesite = '',
        ?string $priority = '',
        ?bool $partitioned = false
    ): bool {
        $path = func_num_args() > 3 ? $path : '';
        $rest = [$expires, $path, $domain, $secure, $httponly, $samesite, $priority, $partitioned];
        return $this->addCookie(__METHOD__, $name_or_object, true, $value, ...$rest);
    }

    /**
     * As cookie().
     */
    public function setCookie(
        $name_or_object,
        ?string $value = '',
        ?int $expires = 0,
        ?string $path = '/',
        ?string $domain = '',
        ?bool $secure = false,
        ?bool $httponly = false,
        ?string $samesite = '',
        ?string $priority = '',
        ?bool $partitioned = false
    ): bool {
        return $this->cookie(...func_get_args());
    }

    /**
     * As cookie(); the value goes out as it is.
     */
    public function rawcookie(
        $name_or_object,
        ?string $value = '',
        ?int $expires = 0,
        ?string $path = '/',
        ?string $domain = '',
        ?bool $secure = false,
        ?bool $httponly = false,
        ?string $samesite = '',
        ?string $priority = '',
        ?bool $partitioned = false
    ): bool {
        $path = func_num_args() > 3 ? $path : '';
        $rest = [$expires, $path, $domain, $secure, $httponly, $samesite, $priority, $partitioned];
        return $this->addCookie(__METHOD__, $name_or_object, false, $value, ...$rest);
    }

    /**
     * As rawcookie().
     */
    public function setRawCookie(
        $name_or_object,
        ?string $value = '',
        ?int $expires = 0,
        ?string $path = '/',
        ?string $domain = '',
        ?bool $secure = false,
        ?bool $httponly = false,
        ?string $samesite = '',
        ?string $priority = '',
        ?bool $partitioned = false
    ): bool {
        return $this->rawcookie(...func_get_args());
    }

    /**
     * @param string $reason '' is the usual one; a code that has none becomes 200 then
     */
    public function status(?int $http_code, ?string $reason = ''): bool
    {
        $http_code = $http_code ?? Nulls::int(__METHOD__, 1, 'http_code');
        $reason = $reason ?? Nulls::string(__METHOD__, 2, 'reason');
        if (!$this->available() || ($reason !== '' && $this->isBroken(__METHOD__, $reason))) {
            return false;
        }
        $this->fpmbridge->status = min(max($http_code, 1), 999);
        $this->fpmbridge->reason = $reason;
        return true;
    }

    public function setStatusCode(?int $http_code, ?string $reason = ''): bool
    {
        $http_code = $http_code ?? Nulls::int(__METHOD__, 1, 'http_code');
        $reason = $reason ?? Nulls::string(__METHOD__, 2, 'reason');
        return $this->status($http_code, $reason);
    }

    /**
     * @param string|array|null $value an array is a line for each element; null takes the header away; '' leaves out
     *     what the server adds by itself (Server, Date, Connection, Content-Type)
     * @param bool $format Names-Like-This
     */
    public function header(?string $key, $value, bool $format = true): bool
    {
        $key = $key ?? Nulls::string(__METHOD__, 1, 'key');
        if (!$this->available()) {
            return false;
        }
        if ($key === '' || strlen($key) > self::MAX_NAME) {
            return Loader::warn(__METHOD__, $key === '' ? 'header key is empty' : 'header key is too long');
        }
        if ($this->isBroken(__METHOD__, $key)) {
            return false;
        }
        foreach (is_array($value) ? $value : [$value] as $item) {
            if ($item !== null && $this->isBroken(__METHOD__, (string) $item)) {
                return false;
            }
        }
        $this->header[$format ? ucwords(strtolower($key), '-') : $key] = $value;
        return true;
    }

    public function setHeader(?string $key, $value, bool $format = true): bool
    {
        $key = $key ?? Nulls::string(__METHOD__, 1, 'key');
        return $this->header($key, $value, $format);
    }

    /**
     * A header behind the body; only write() makes one possible.
     */
    public function trailer(string $key, string $value): bool
    {
        if (!$this->available() || $this->isBroken(__METHOD__, $key . $value)) {
            return false;
        }
        if (strlen($key) > self::MAX_NAME) {
            return Loader::warn(__METHOD__, 'trailer key is too long');
        }
        $this->trailer[strtolower($key)] = $value;
        return true;
    }

    /**
     * Over HTTP/2: a ping. Nobody hears of its answer.
     *
     * @param string $data 8 bytes; what is missing is NUL, what is more is left out
     * @return bool false, with a warning, over HTTP/1
     */
    public function ping(string $data = ''): bool
    {
        return $this->control(__METHOD__, Wire::PING, 0, substr($data, 0, 8));
    }

    /**
     * Over HTTP/2: tells the client to open no more streams on this connection, which ends behind those that are open.
     *
     * @param int $error_code one of RFC 9113 section 7
     * @param string $debug_data at most 1024 bytes, more is left out
     * @return bool false, with a warning, over HTTP/1
     */
    public function goaway(int $error_code = 0, string $debug_data = ''): bool
    {
        return $this->control(__METHOD__, Wire::GO_AWAY, $error_code & 0xffffffff, substr($debug_data, 0, 1024));
    }

    private function control(string $method, int $what, int $code, string $data): bool
    {
        if (!$this->available()) {
            return false;
        }
        if ($this->fpmbridge->stream === 0) {
            return Loader::warn($method, "fd[$this->fd] is not a HTTP2 conncetion");
        }
        $this->fpmbridge->control($what, $code, $data);
        return true;
    }

    /**
     * Sends a piece of the body at once. A client that reads slowly makes it wait.
     *
     * @return bool false, last error 7106: the response is over, or the client has gone
     */
    public function write(?string $content): bool
    {
        $content = $content ?? Nulls::string(__METHOD__, 1, 'content');
        if (!$this->available()) {
            return false;
        }
        if ($content === '') {
            return Loader::warn(__METHOD__, 'the data sent must not be empty', Values::ERROR_NO_PAYLOAD);
        }
        $sent = $this->fpmbridge->write($this->fpmbridge->begun ? '' : $this->lines(), $content);
        return $sent || Loader::fail(Values::ERROR_HTTP_CONTEXT_UNAVAILABLE);
    }

    /**
     * @return bool false, last error 7106: it was ended or detached before
     */
    public function end(?string $content = null): bool
    {
        if (!$this->available()) {
            return false;
        }
        $lines = $this->fpmbridge->begun ? self::linesOf($this->trailer ?? []) : $this->lines();
        $sent = $this->fpmbridge->end($lines, (string) $content);
        $this->established();
        return $sent || Loader::fail(Values::ERROR_HTTP_CONTEXT_UNAVAILABLE);
    }

    /**
     * Sends a file, and ends. Ranges of a whole file are served, too.
     *
     * @param int $length 0: to its end
     */
    public function sendfile(string $filename, int $offset = 0, int $length = 0): bool
    {
        if (!$this->available()) {
            return false;
        }
        if ($this->fpmbridge->begun) {
            return Loader::warn(__METHOD__, "can't use sendfile when HTTP chunk is enabled");
        }
        if ($filename === '') {
            return Loader::warn(__METHOD__, 'file name is empty');
        }
        clearstatcache(true, $filename);
        if (!file_exists($filename)) {
            return Loader::warn(__METHOD__, "stat($filename) failed, Error: No such file or directory[2]", 2);
        }
        if (!is_file($filename) || !is_readable($filename)) {
            return Loader::warn(__METHOD__, "parameter \$file[$filename] given is not a regular file", 9013);
        }
        $size = (int) filesize($filename);
        if ($offset < 0 || $offset > $size) {
            return Loader::warn(__METHOD__, "parameter \$offset[$offset] exceeds the file size");
        }
        if ($length < 0 || $length > $size - $offset) {
            return Loader::warn(__METHOD__, "parameter \$length[$length] exceeds the file size");
        }
        if (!isset($this->header['Content-Type'])) {
            $this->header['Content-Type'] = MimeTypes::get($filename);
        }
        $sent = $this->fpmbridge->file($this->lines(), $filename, $offset, $length);
        return $sent || Loader::fail(Values::ERROR_HTTP_CONTEXT_UNAVAILABLE);
    }

    public function redirect(?string $location, ?int $http_code = 302): bool
    {
        $location = $location ?? Nulls::string(__METHOD__, 1, 'location');
        $http_code = $http_code ?? Nulls::int(__METHOD__, 2, 'http_code');
        return $this->status($http_code) && $this->header('Location', $location) && $this->end();
    }

    /**
     * Leaves the answer to whoever calls create() with this fd.
     */
    public function detach(): bool
    {
        if (!$this->available()) {
            return false;
        }
        $this->fpmbridge->detach();
        return true;
    }

    /**
     * A response to the request that a connection waits with.
     *
     * @param object|array|int $server a server, [server, request], or the fd
     * @return Response|false false, with a warning, if there is no such connection; by its fd alone there is always a
     *     response, whose methods give false and 7106 then
     */
    public static function create($server = -1, int $fd = -1)
    {
        $stream = 0;
        if (is_array($server)) {
            if (!(($server[1] ?? null) instanceof Request)) {
                return Loader::warn(__METHOD__, 'parameter $1.second must be instanceof Http\Request');
            }
            $fd = $fd > 0 ? $fd : (int) $server[1]->fd;
            $stream = $fd === (int) $server[1]->fd ? (int) $server[1]->streamId : 0;
            $server = $server[0] ?? null;
        }
        if (is_object($server) && !$server instanceof BaseServer || $server === null) {
            return Loader::warn(__METHOD__, 'parameter $1 must be instanceof Server or Coroutine\Socket');
        }
        $alone = !is_object($server);
        $fd = $alone ? (int) $server : $fd;
        $run = Runtime::require();
        if ($run->memory === null) {
            return Loader::warn(__METHOD__, 'server is not running');
        }
        $known = $fd > 0 && $run->connections()->exists($fd);
        if (!$known && !$alone) {
            return Loader::warn(__METHOD__, 'parameter $2 must be valid connection session id');
        }
        $response = new self();
        $response->fd = $fd;
        $response->fpmbridge = $known ? new Answer($run, $fd, false, false, $stream) : null;
        return $response;
    }

    public function upgrade(): bool
    {
        return $this->available() && Loader::warn(__METHOD__, 'async server dose not support protocol upgrade');
    }

    public function push($data, int $opcode = Values::OPCODE_TEXT, int $flags = Values::FLAG_FIN): bool
    {
        return Loader::warn(__METHOD__, "fd[$this->fd] is not a websocket conncetion");
    }

    /**
     * @return \Swoole\WebSocket\Frame|string|false
     */
    public function recv(float $timeout = 0)
    {
        return Loader::warn(__METHOD__, "fd[$this->fd] is not a websocket conncetion");
    }

    public function disconnect(int $code = Values::CLOSE_NORMAL, string $reason = ''): bool
    {
        return Loader::warn(__METHOD__, "fd[$this->fd] is not a websocket conncetion");
    }

    /**
     * Closes the connection, behind what was sent.
     */
    public function close(): bool
    {
        if ($this->fpmbridge === null) {
            return Loader::fail(Values::ERROR_SESSION_CLOSED);
        }
        $run = Runtime::require();
        $run->reply->end((int) $this->fd, 0, '', Wire::CLOSE_BARE);
        if ($this->fpmbridge->open()) {
            $this->fpmbridge->ended = true;
        }
        if ($this->state !== null) {
            $this->state->close((int) $this->fd);
        }
        return true;
    }

    private function available(): bool
    {
        return $this->fpmbridge !== null && $this->fpmbridge->open()
            || Loader::fail(Values::ERROR_HTTP_CONTEXT_UNAVAILABLE);
    }

    /**
     * After a 101 of its own the connection is a WebSocket.
     */
    private function established(): void
    {
        if ($this->fpmbridge->handshake && $this->fpmbridge->status === 101 && $this->state !== null) {
            $this->state->upgraded((int) $this->fd);
        }
    }

    private function lines(): string
    {
        $lines = self::linesOf($this->header ?? []);
        foreach ($this->cookie ?? [] as $cookie) {
            $lines .= "Set-Cookie: $cookie\r\n";
        }
        return $lines;
    }

    private static function linesOf(array $headers): string
    {
        $lines = '';
        foreach ($headers as $name => $values) {
            foreach (is_array($values) ? $values : [$values] as $value) {
                if ($value !== null) {
                    $lines .= "$name: " . rtrim(strtr((string) $value, "\r\n\0", '   ')) . "\r\n";
                }
            }
        }
        return $lines;
    }

    private function isBroken(string $method, string $text): bool
    {
        if (strpbrk($text, "\r\n") !== false) {
            Loader::warn($method, 'Header may not contain more than a single header, new line detected');
            return true;
        }
        if (strpos($text, "\0") !== false) {
            Loader::warn($method, 'Header may not contain NUL bytes');
            return true;
        }
        return false;
    }

    /**
     * @param Cookie|string $name a Cookie has all the rest
     */
    private function addCookie(
        string $method,
        $name,
        bool $encode,
        ?string $value,
        ?int $expires,
        ?string $path,
        ?string $domain,
        ?bool $secure,
        ?bool $httponly,
        ?string $samesite,
        ?string $priority,
        ?bool $partitioned
    ): bool {
        if (!$this->available()) {
            return false;
        }
        if (!$name instanceof Cookie) {
            $name = (new Cookie($encode))->withName((string) $name)->withValue((string) $value)
                ->withExpires((int) $expires)->withPath((string) $path)->withDomain((string) $domain)
                ->withSecure((bool) $secure)->withHttpOnly((bool) $httponly)->withSameSite((string) $samesite)
                ->withPriority((string) $priority)->withPartitioned((bool) $partitioned);
        }
        $line = $name->line($method);
        if ($line === false) {
            $name->reset();
            return false;
        }
        $this->cookie[] = $line;
        return true;
    }

    /**
     * @throws \Error always, as in the extension
     */
    public function __clone()
    {
        $this->fpmbridge = null; // it has no answer to give when it goes
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
     * What print_r() and var_dump() show: what the script can use.
     *
     * @return array<string, mixed>
     */
    public function __debugInfo()
    {
        $shown = (array) $this;
        unset($shown["\0Swoole\\Http\\Response\0fpmbridge"]);
        unset($shown["\0Swoole\\Http\\Response\0state"]);
        return $shown;
    }
}
