<?php

// Written by bundle.php from the files named below. Do not edit.

declare(strict_types=1);

// src/Environment.php
namespace FpmBridge {
final class Environment
{
    public string $script = '';
    public string $key = '';
    public ?string $listen = null;
    public ?int $worker = null;
    public string $refusal = '';
    public static function read(): ?self
    {
        $protocol = getenv('BRIDGE_PROTOCOL');
        if ($protocol === false || getenv('BRIDGE_ENCODING') !== 'framed') {
            return null;
        }
        $environment = new self();
        $environment->script = (string) getenv('BRIDGE_SCRIPT');
        $environment->key = (string) getenv('BRIDGE_KEY');
        if ($protocol !== '1') {
            $environment->refusal = "the bridge speaks protocol $protocol, this SDK speaks 1";
        } elseif (extension_loaded('swoole') || extension_loaded('openswoole')) {
            $environment->refusal = 'the swoole extension is loaded in this php-fpm, and its classes cannot be'
                . ' replaced: disable it for php-fpm (phpdismod -s fpm swoole openswoole) and restart php-fpm';
        }
        return $environment;
    }
    public function callback(): string
    {
        return (string) getenv('BRIDGE_CALLBACK');
    }
    public function token(): string
    {
        return (string) getenv('BRIDGE_TOKEN');
    }
    public function listen(): string
    {
        return $this->listen ?? $this->listen = (string) getenv('BRIDGE_LISTEN');
    }
    public function worker(): int
    {
        return $this->worker ?? $this->worker = (int) getenv('BRIDGE_WORKER');
    }
}
}

// src/Runtime.php
namespace FpmBridge {
use Closure;
use LogicException;
use Throwable;
use WeakReference;
final class Runtime
{
    public const VERSION = '0.1.0';
    private const TOP = 0;
    private const BEFORE = 1;
    private const BETWEEN = 2;
    private const HANDLER = 3;
    private const OVER = 4;
    private const SENT = 5;
    private const FATAL = 4437;
    private const RESCUE = 4194304;
    private const RESERVE = 4096;
    private const OUTPUT_CHUNK = 16384;
    private const CONTENT_TYPE = 'Content-Type: application/vnd.fpmbridge.frames';
    private static ?self $current = null;
    public Reply $reply;
    public Environment $environment;
    public bool $outdated = false;
    private ?Log $log = null;
    public ?Event $event = null;
    public ?Background $background = null;
    public string $unstarted = 'the script builds a server but does not call start()';
    public bool $starting = false;
    private ?Connections $connections = null;
    private ?Queries $queries = null;
    private array $events = [];
    private int $index = 0;
    private int $stage = 0;
    private bool $describing = false;
    private bool $quiet = true;
    private int $code = 0;
    private array $failure = [];
    private string $hash = "\0\0\0\0\0\0\0\0";
    private bool $flushing = false;
    private int $level = 0;
    private bool $fatal = false;
    private ?string $reserve = null;
    private ?WeakReference $server = null;
    private bool $built = false;
    private bool $reachedEnd = false;
    private bool $hosted = false;
    private ?Closure $handler = null;
    private ?Closure $before = null;
    private array $described = [];
    private ?Closure $key = null;
    public function __construct(Environment $environment)
    {
        $this->environment = $environment;
        $this->reply = new Reply();
    }
    public static function current(): ?self
    {
        return self::$current;
    }
    public static function require(): self
    {
        if (self::$current === null) {
            throw new LogicException('this script serves WebSocket through fpmbridge and PHP-FPM: start it with'
                . ' `fpmbridge serve ' . basename(get_included_files()[0]) . '`');
        }
        return self::$current;
    }
    public static function begin(): bool
    {
        $environment = Environment::read();
        if ($environment === null) {
            header('Content-Type: text/plain', true, 404);
            echo "404: this is the entry of fpmbridge, for its own requests only\n";
            return false;
        }
        self::$current = $run = new self($environment);
        $run->open();
        return $run->stage === self::TOP;
    }
    public function enter(bool $superglobals, ?Closure $key): string
    {
        $script = $this->environment->script;
        if ($superglobals) {
            Superglobals::disguise($script);
        }
        if ($this->describing) {
            Superglobals::describePlain();
            $this->key = $key;
        }
        chdir(dirname($script));
        return $script;
    }
    public static function host(?Environment $environment, ?Queries $queries): ?self
    {
        self::$current = null;
        if ($environment !== null) {
            self::$current = new self($environment);
            self::$current->hosted = true;
            self::$current->queries = $queries;
        }
        return self::$current;
    }
    public static function reachedEnd(): void
    {
        if (self::$current !== null) {
            self::$current->reachedEnd = true;
        }
    }
    public function build(object $server): bool
    {
        if ($this->server !== null && $this->server->get() !== null) {
            return false;
        }
        $this->server = WeakReference::create($server);
        $this->built = true;
        return true;
    }
    public function serve(string $identity, Closure $describe, Closure $handler, ?Closure $before = null): void
    {
        $this->hash = substr(md5(self::VERSION . $identity, true), 0, 8);
        $this->handler = $handler;
        $this->before = $before;
        if ($this->hosted || $this->describing) {
            $this->described = $describe();
            if ($this->hosted) {
                return;
            }
            $this->stage = self::OVER;
        } else {
            $this->loop();
        }
        exit(0);
    }
    public function abort(string $error): void
    {
        if ($this->hosted) {
            throw new LogicException($error);
        }
        [$file, $line] = Log::caller(debug_backtrace(DEBUG_BACKTRACE_IGNORE_ARGS), $this->environment->script, 0);
        $this->fail($error, $file, $line);
        $this->stage = self::OVER;
        exit(255);
    }
    public function hosted(Event $event): string
    {
        $this->log()->level(Log::INFO, Log::WARN);
        $level = ob_get_level();
        ob_start();
        try {
            if ($this->before !== null) {
                $before = $this->before;
                $this->before = null;
                $this->prepare($before);
            }
            $this->index = 0;
            $this->events = [$event];
            $this->handle($event);
        } finally {
            while (ob_get_level() > $level + 1) {
                ob_end_flush();
            }
            $this->log()->text((string) ob_get_clean());
        }
        return $this->endOfEvent();
    }
    public function described(): array
    {
        return $this->described;
    }
    public function isDescribing(): bool
    {
        return $this->describing || $this->hosted;
    }
    public function connections(): Connections
    {
        return $this->connections ?? $this->connections = new Connections($this->queries ?? new CallbackSocket(
            $this->environment->callback(),
            $this->environment->token()
        ));
    }
    public function shutdown(): void
    {
        $this->reserve = null;
        if ($this->stage >= self::OVER) {
            return;
        }
        $error = error_get_last();
        if ($error !== null && ($error['type'] & self::FATAL) !== 0) {
            $this->rescue();
            if (ob_get_level() === 0) {
                $this->capture();
            }
            $this->fatal = true;
            $this->fail(...self::cause($error));
        } elseif ($this->stage === self::HANDLER) {
            $this->code = Wire::EXITED;
        } elseif ($this->stage === self::BEFORE) {
            $this->fail('the script called exit before its first event', $this->environment->script, 0);
        } elseif ($this->describing) {
            $this->describeUnstarted();
        } elseif ($this->stage === self::TOP) {
            $why = $this->reachedEnd ? 'the script ended without start()' : 'the script called exit before start()';
            $this->fail($why, $this->environment->script, 0);
        }
        $this->stage = self::OVER;
    }
    public function output(string $printed, int $phase): string
    {
        if ($this->stage === self::SENT || ($phase & PHP_OUTPUT_HANDLER_CLEAN) !== 0) {
            return '';
        }
        if ($printed !== '') {
            $this->log()->text($printed);
        }
        if (($phase & PHP_OUTPUT_HANDLER_FINAL) !== 0) {
            $bytes = $this->last();
            $this->stage = self::SENT;
        } elseif ($this->flushing) {
            $this->flushing = false;
            $bytes = $this->endOfEvent();
        } else {
            return '';
        }
        if ((headers_list() !== [self::CONTENT_TYPE] || http_response_code() !== 200) && !headers_sent()) {
            header_remove();
            header(self::CONTENT_TYPE, true, 200);
        }
        return $bytes;
    }
    private function open(): void
    {
        $this->reserve = str_repeat("\0", self::RESERVE);
        ini_set('log_errors', '0');
        ini_set('html_errors', '0');
        if (ini_get('display_errors')) {
            ini_set('display_errors', '0');
        }
        while (ob_get_level() > 0 && ob_end_clean()) {
            continue;
        }
        $this->capture();
        register_shutdown_function([$this, 'shutdown']);
        set_error_handler([$this, 'warning']);
        header(self::CONTENT_TYPE);
        try {
            $this->events = Wire::read((string) file_get_contents('php://input'));
        } catch (WireException $broken) {
            $this->log()->add(Log::ERROR, 'the bridge sent broken frames: ' . $broken->getMessage());
            $this->stage = self::OVER;
            return;
        }
        if ($this->events === []) {
            $this->stage = self::OVER;
            return;
        }
        $this->describing = $this->events[0]->type === Wire::DESCRIBE;
        if ($this->describing) {
            $this->log()->level(Log::INFO, Log::WARN);
        }
        if ($this->environment->refusal !== '') {
            $this->fail($this->environment->refusal, '', 0);
            $this->stage = self::OVER;
        }
    }
    private function capture(): void
    {
        ob_start([$this, 'output'], self::OUTPUT_CHUNK, PHP_OUTPUT_HANDLER_FLUSHABLE | PHP_OUTPUT_HANDLER_CLEANABLE);
        $this->level = ob_get_level();
    }
    private function loop(): void
    {
        $last = count($this->events) - 1;
        if ($this->before !== null && $last >= 0) {
            $this->stage = self::BEFORE;
            try {
                $this->prepare($this->before);
            } catch (Throwable $thrown) {
                $this->failWith($thrown);
                $this->stage = self::OVER;
                return;
            }
        }
        $this->stage = self::BETWEEN;
        if (ob_get_length() > 0) {
            $this->log()->text($this->printedSoFar());
        }
        $this->quiet = false;
        if ($this->log !== null) {
            $this->log->level(Log::INFO, Log::WARN);
        }
        for ($this->index = 0; $this->index <= $last; $this->index++) {
            $this->handle($this->events[$this->index]);
            if ($this->stage === self::SENT) {
                return;
            }
            if ($this->index === $last) {
                break;
            }
            while (ob_get_level() > $this->level && ob_end_flush()) {
                continue;
            }
            $this->flushing = true;
            ob_flush();
            flush();
        }
        $this->index = $last;
        $this->stage = self::OVER;
    }
    private function prepare(Closure $before): void
    {
        $this->starting = true;
        try {
            $before();
            if ($this->background !== null) {
                $this->background->finish();
            }
        } catch (Abandoned $over) {
        }
        $this->starting = false;
        if ($this->background !== null) {
            $this->background->drop();
            $this->background = null;
        }
    }
    public function log(): Log
    {
        if ($this->log === null) {
            $this->log = new Log();
            if (!$this->quiet) {
                $this->log->level(Log::INFO, Log::WARN);
            }
        }
        return $this->log;
    }
    public function warning(int $type, string $message, string $file, int $line): bool
    {
        return $this->log()->warning($type, $message, $file, $line);
    }
    private function printedSoFar(): string
    {
        if (ob_get_level() !== $this->level) {
            return '';
        }
        $printed = (string) ob_get_contents();
        ob_clean();
        return $printed;
    }
    private function handle(Event $event): void
    {
        $this->event = $event;
        $this->code = Wire::DONE;
        $this->failure = [];
        $this->reply->to($event->fd);
        if ($this->connections !== null) {
            $this->connections->forget();
        }
        $this->stage = self::HANDLER;
        try {
            ($this->handler)($event, $this->reply);
            if ($this->background !== null) {
                $this->background->finish();
            }
        } catch (Abandoned $over) {
        } catch (Throwable $thrown) {
            $this->failWith($thrown);
        }
        if ($this->background !== null) {
            $this->background->drop();
            $this->background = null;
        }
        if ($this->stage === self::HANDLER) {
            $this->stage = self::BETWEEN;
        }
        $this->event = null;
    }
    private function endOfEvent(): string
    {
        $bytes = $this->reply->take();
        $meta = '';
        if ($this->failure !== []) {
            $bytes = '';
            $meta = Wire::json($this->failure);
        }
        if ($this->log !== null) {
            $bytes .= $this->log->take();
        }
        $flags = $this->outdated ? Wire::OUTDATED : 0;
        $id = $this->events[$this->index]->id;
        return $bytes . Wire::pack(Wire::END, $flags, 0, 0, $id, 0, $this->code, $meta, $this->hash);
    }
    private function last(): string
    {
        if ($this->stage === self::HANDLER) {
            $this->code = Wire::EXITED;
        }
        $error = error_get_last();
        if ($error !== null && !$this->fatal && ($error['type'] & self::FATAL) !== 0) {
            $this->rescue();
            $this->log()->add(Log::ERROR, ...self::cause($error));
        }
        if ($this->events === []) {
            return $this->log()->take();
        }
        if ($this->describing) {
            $id = $this->events[0]->id;
            $description = Wire::pack(Wire::DESCRIPTION, 0, 0, 0, 0, 0, 0, Wire::json($this->description()));
            return $this->log()->take() . $description . Wire::pack(Wire::END, 0, 0, 0, $id, 0, 0, '', $this->hash);
        }
        $bytes = $this->endOfEvent();
        for ($i = $this->index + 1, $n = count($this->events); $i < $n; $i++) {
            $bytes .= Wire::pack(Wire::END, 0, 0, 0, $this->events[$i]->id, 0, Wire::NOT_STARTED, '', $this->hash);
        }
        return $bytes;
    }
    private function description(): array
    {
        if ($this->failure !== []) {
            return $this->failure;
        }
        $key = $this->key === null ? '' : ($this->key)();
        return ['sdk' => self::VERSION, 'php' => PHP_VERSION, 'key' => $key] + $this->described;
    }
    private function describeUnstarted(): void
    {
        $script = $this->environment->script;
        if ($this->built) {
            $this->fail($this->unstarted, $script, 0);
            return;
        }
        if (!$this->reachedEnd && stripos((string) @file_get_contents($script), 'swoole') !== false) {
            $this->fail('the script called exit before it built a server; does it check PHP_SAPI, which is ' . PHP_SAPI
                . ' here, or extension_loaded(), or want arguments? What it printed is in the log', $script, 0);
            return;
        }
        while (ob_get_level() > $this->level && ob_end_clean()) {
            continue;
        }
        ob_clean();
        $this->log()->take();
        $this->described = ['kind' => 'plain', 'batch' => false];
        $this->hash = substr(md5(self::VERSION . ' plain', true), 0, 8);
    }
    private function fail(string $error, string $file, int $line): void
    {
        $this->code = Wire::FAILED;
        if (preg_match('/(class "?(open)?swoole[\\\\_]|undefined function (swoole_|go\(|defer\())/i', $error) === 1) {
            $error .= ' (it is not in this version of fpmbridge)';
        }
        $this->failure = ['error' => $error];
        if ($file !== '') {
            $this->failure['file'] = $file;
        }
        if ($line > 0) {
            $this->failure['line'] = $line;
        }
    }
    private function failWith(Throwable $thrown): void
    {
        $file = $thrown->getFile();
        $line = $thrown->getLine();
        if (Log::isSdk($file)) {
            [$file, $line] = Log::caller($thrown->getTrace(), $file, $line);
        }
        $this->fail(get_class($thrown) . ': ' . $thrown->getMessage(), $file, $line);
    }
    private function rescue(): void
    {
        $limit = ini_get('memory_limit');
        if ($limit !== false && $limit !== '-1') {
            @ini_set('memory_limit', (string) (memory_get_usage(true) + self::RESCUE));
        }
    }
    private static function cause(array $error): array
    {
        $text = explode("\n", $error['message'], 2)[0];
        $where = " in {$error['file']}:{$error['line']}";
        if (substr($text, -strlen($where)) === $where) {
            $text = substr($text, 0, -strlen($where));
        }
        $text = preg_replace('/, called in .+ on line \d+( and defined)?$/', '', $text);
        if (!Log::isSdk($error['file'])) {
            return [$text, $error['file'], $error['line']];
        }
        $trace = [];
        preg_match_all('/^#\d+ (.+?)\((\d+)\): /m', $error['message'], $calls, PREG_SET_ORDER);
        foreach ($calls as [, $file, $line]) {
            $trace[] = ['file' => $file, 'line' => $line];
        }
        [$file, $line] = Log::caller($trace, $error['file'], $error['line']);
        return [$text, $file, $line];
    }
}
}

// src/Log.php
namespace FpmBridge {
final class Log
{
    public const DEBUG = 0;
    public const INFO = 1;
    public const WARN = 2;
    public const ERROR = 3;
    private const LIMIT = 262144;
    private const MAX_LINE = 16384;
    private const MAX_BUFFER_NOTICES = 1000;
    private int $printed = 0;
    private int $warnings = 0;
    private string $bytes = '';
    private string $line = '';
    private int $dropped = 0;
    private int $bufferNotices = 0;
    public function text(string $text): void
    {
        if ($text === '') {
            return;
        }
        $text = $this->line . $text;
        $this->line = '';
        $lines = explode("\n", $text);
        $last = array_pop($lines);
        foreach ($lines as $line) {
            $this->add($this->printed, rtrim($line, "\r"));
        }
        while (strlen($last) > self::MAX_LINE) {
            $this->add($this->printed, substr($last, 0, self::MAX_LINE));
            $last = substr($last, self::MAX_LINE);
        }
        $this->line = $last;
    }
    public function level(int $printed, int $warnings): void
    {
        $this->endLine();
        $this->printed = $printed;
        $this->warnings = $warnings;
    }
    public function add(int $level, string $text, string $file = '', int $line = 0): void
    {
        if ($text === '') {
            return;
        }
        if (strlen($this->bytes) + strlen($text) > self::LIMIT) {
            $this->dropped += strlen($text);
            return;
        }
        $meta = $file === '' ? '' : Wire::json(['file' => $file, 'line' => $line]);
        $this->bytes .= Wire::pack(Wire::LOG, 0, 0, 0, 0, 0, $level, $meta, $text);
    }
    public function take(): string
    {
        $this->endLine();
        $bytes = $this->bytes;
        $this->bytes = '';
        if ($this->dropped > 0) {
            $text = "the script printed {$this->dropped} bytes more than one event may log";
            $this->dropped = 0;
            return $bytes . Wire::pack(Wire::LOG, 0, 0, 0, 0, 0, self::WARN, '', $text);
        }
        return $bytes;
    }
    public function warning(int $type, string $message, string $file, int $line): bool
    {
        if ((error_reporting() & $type) === 0) {
            return false;
        }
        if ($type === E_NOTICE && strncmp($message, 'ob_', 3) === 0 && stripos($message, 'failed to') !== false) {
            $this->bufferNotices++;
            if ($this->bufferNotices > self::MAX_BUFFER_NOTICES) {
                throw new \LogicException('the script tries to remove every output buffer in an endless loop;'
                    . ' one of them is the bridge\'s: compare ob_get_level() with its first value instead of 0');
            }
        }
        if (self::isSdk($file)) {
            [$file, $line] = self::caller(debug_backtrace(DEBUG_BACKTRACE_IGNORE_ARGS), $file, $line);
        }
        if (ini_get('display_errors')) {
            ini_set('display_errors', '0');
        }
        $this->add($this->warnings, $message, $file, $line);
        return false;
    }
    private function endLine(): void
    {
        if ($this->line !== '') {
            $line = $this->line;
            $this->line = '';
            $this->add($this->printed, $line);
        }
    }
    public static function isSdk(string $file): bool
    {
        $root = dirname(__DIR__);
        foreach (['/src/', '/compat/', '/bundle/', '/entry.php'] as $own) {
            if (strncmp($file, $root . $own, strlen($root . $own)) === 0) {
                return true;
            }
        }
        return false;
    }
    public static function caller(array $trace, string $file, int $line): array
    {
        foreach ($trace as $frame) {
            if (isset($frame['file'], $frame['line']) && !self::isSdk($frame['file'])) {
                return [$frame['file'], (int) $frame['line']];
            }
        }
        return [$file, $line];
    }
}
}

// src/Wire.php
namespace FpmBridge {
final class Wire
{
    public const DESCRIBE = 1;
    public const OPEN = 2;
    public const MESSAGE = 3;
    public const CLOSE = 4;
    public const PUSH = 64;
    public const CLOSE_FD = 65;
    public const LOG = 66;
    public const DESCRIPTION = 67;
    public const END = 127;
    public const HELLO = 128;
    public const EXISTS = 129;
    public const INFO = 130;
    public const LIST = 131;
    public const COUNT = 132;
    public const REPLY = 192;
    public const DONE = 0;
    public const FAILED = 1;
    public const EXITED = 2;
    public const NOT_STARTED = 3;
    public const OUTDATED = 1;
    public const CLOSE_BARE = 1;
    public const CLOSE_RESET = 2;
    public const CLOSE_NO_WAIT = 4;
    public const FIN = 1;
    public const COMPRESS = 2;
    public const HEADER = 32;
    public const MAX_LENGTH = 16777216;
    private const UNPACK = 'Nlength/Ctype/Cflags/Copcode/Cattempt/Jid/Jfd/Ncode/Nmeta';
    public static function pack(
        int $type,
        int $flags,
        int $opcode,
        int $attempt,
        int $id,
        int $fd,
        int $code,
        string $meta = '',
        string $payload = ''
    ): string {
        $size = strlen($meta);
        return pack(
            'NCCCCJJNN',
            $size + strlen($payload),
            $type,
            $flags,
            $opcode,
            $attempt,
            $id,
            $fd,
            $code,
            $size
        ) . $meta . $payload;
    }
    public static function header(string $bytes, int $offset = 0): array
    {
        if (strlen($bytes) - $offset < self::HEADER) {
            throw new WireException("truncated: a frame's header breaks off at byte " . strlen($bytes));
        }
        $head = unpack(self::UNPACK, $bytes, $offset);
        if ($head['meta'] > $head['length']) {
            throw new WireException("meta: longer than its frame at byte $offset");
        }
        return $head;
    }
    public static function read(string $bytes, int $limit = 0): array
    {
        $events = [];
        $end = strlen($bytes);
        for ($at = 0; $at < $end; $at += self::HEADER + $length) {
            $head = self::header($bytes, $at);
            $length = $head['length'];
            if ($limit > 0 && $length > $limit) {
                throw new WireException("too_large: a frame claims $length bytes at byte $at");
            }
            if ($end - $at - self::HEADER < $length) {
                throw new WireException("truncated: a frame breaks off at byte $end");
            }
            $event = new Event();
            $event->type = $head['type'];
            $event->flags = $head['flags'];
            $event->opcode = $head['opcode'];
            $event->attempt = $head['attempt'];
            $event->id = $head['id'];
            $event->fd = $head['fd'];
            $event->code = $head['code'];
            $meta = $head['meta'];
            if ($meta > 0) {
                $event->meta = substr($bytes, $at + self::HEADER, $meta);
            }
            if ($length > $meta) {
                $event->data = substr($bytes, $at + self::HEADER + $meta, $length - $meta);
            }
            $events[] = $event;
        }
        return $events;
    }
    public static function json(array $value): string
    {
        $flags = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PARTIAL_OUTPUT_ON_ERROR
            | JSON_INVALID_UTF8_SUBSTITUTE;
        $json = json_encode($value, $flags);
        return $json === false ? '{}' : $json;
    }
}
}

// src/Event.php
namespace FpmBridge {
final class Event
{
    public int $type = 0;
    public int $id = 0;
    public int $attempt = 0;
    public int $fd = 0;
    public int $opcode = 0;
    public int $flags = 0;
    public int $code = 0;
    public string $data = '';
    public string $meta = '';
    private ?Handshake $handshake = null;
    public function isBinary(): bool
    {
        return $this->opcode === 2;
    }
    public function cause(): string
    {
        return $this->type === Wire::CLOSE ? (string) ($this->decoded()['cause'] ?? '') : '';
    }
    public function connection(): array
    {
        return $this->type === Wire::OPEN ? $this->decoded() : [];
    }
    public function handshake(): Handshake
    {
        return $this->handshake ?? $this->handshake = new Handshake($this->type === Wire::OPEN ? $this->data : '');
    }
    private function decoded(): array
    {
        $value = json_decode($this->meta, true);
        return is_array($value) ? $value : [];
    }
}
}

// src/Reply.php
namespace FpmBridge {
use InvalidArgumentException;
final class Reply
{
    public const TEXT = 1;
    public const BINARY = 2;
    public const PING = 9;
    public const PONG = 10;
    private const LIST_BYTES = 524288;
    private const MAX_REASON = 123;
    private const MAX_CONTROL = 125;
    private int $sender;
    private string $bytes = '';
    private array $fds = [];
    private string $data = '';
    private int $opcode = 0;
    private int $flags = 0;
    public function __construct(int $sender = 0)
    {
        $this->sender = $sender;
    }
    public function send(string $data, int $opcode = self::TEXT): self
    {
        return $this->push($this->sender, $data, $opcode);
    }
    public function push($fds, string $data, int $opcode = self::TEXT): self
    {
        if ($opcode === self::PING || $opcode === self::PONG) {
            if (strlen($data) > self::MAX_CONTROL) {
                throw new InvalidArgumentException('a ping or pong carries at most 125 bytes');
            }
            $flags = Wire::FIN;
        } elseif ($opcode === self::TEXT || $opcode === self::BINARY) {
            $flags = Wire::FIN | Wire::COMPRESS;
        } else {
            throw new InvalidArgumentException("opcode $opcode is not 1 text, 2 binary, 9 ping or 10 pong");
        }
        foreach (is_iterable($fds) ? $fds : [$fds] as $fd) {
            $this->frame((int) $fd, $data, $opcode, $flags);
        }
        return $this;
    }
    public function close(?int $fd = null, int $code = 1000, string $reason = ''): self
    {
        $sendable = in_array($code, [1000, 1001, 1003], true) || ($code >= 1007 && $code <= 1014)
            || ($code >= 3000 && $code <= 4999);
        if (!$sendable) {
            throw new InvalidArgumentException("close code $code must not be sent (RFC 6455 section 7.4)");
        }
        return $this->end($fd ?? $this->sender, $code, $reason, 0);
    }
    public function frame(int $fd, string $data, int $opcode, int $flags): void
    {
        if (
            $this->fds !== [] && $opcode === $this->opcode && $flags === $this->flags && !isset($this->fds[$fd])
            && $data === $this->data
        ) {
            $this->fds[$fd] = $fd;
            return;
        }
        if (strlen($data) > Wire::MAX_LENGTH - self::LIST_BYTES) {
            throw new InvalidArgumentException('a message of ' . strlen($data) . ' bytes is too large: 15.5 MiB');
        }
        if ($this->fds !== []) {
            $this->flush();
        }
        $this->fds = [$fd => $fd];
        $this->data = $data;
        $this->opcode = $opcode;
        $this->flags = $flags;
    }
    public function end(int $fd, int $code, string $reason, int $flags): self
    {
        if (strlen($reason) > self::MAX_REASON) {
            throw new InvalidArgumentException('a close reason carries at most 123 bytes');
        }
        if ($this->fds !== []) {
            $this->flush();
        }
        $this->bytes .= Wire::pack(Wire::CLOSE_FD, $flags, 0, 0, 0, $fd, $code, '', $reason);
        return $this;
    }
    public function to(int $sender): void
    {
        $this->sender = $sender;
    }
    public function take(): string
    {
        if ($this->fds !== []) {
            $this->flush();
        }
        $bytes = $this->bytes;
        $this->bytes = '';
        return $bytes;
    }
    private function flush(): void
    {
        if (count($this->fds) === 1) {
            $this->bytes .= Wire::pack(
                Wire::PUSH,
                $this->flags,
                $this->opcode,
                0,
                0,
                (int) key($this->fds),
                0,
                '',
                $this->data
            );
        } else {
            foreach (array_chunk($this->fds, self::LIST_BYTES >> 3) as $fds) {
                $this->bytes .= Wire::pack(
                    Wire::PUSH,
                    $this->flags,
                    $this->opcode,
                    0,
                    0,
                    0,
                    count($fds),
                    pack('J*', ...$fds),
                    $this->data
                );
            }
        }
        $this->fds = [];
        $this->data = '';
    }
}
}

// compat/Loader.php
namespace FpmBridge\Compat {
final class Loader
{
    public static int $lastError = 0;
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
    private const SERVERS = [
        'Server', 'Http\Server', 'WebSocket\Server', 'WebSocket\Frame', 'Connection\Iterator', 'Server\Port',
    ];
    public static function load(string $class): void
    {
        $name = strtolower($class);
        if (strncmp($name, 'swoole\\', 7) === 0) {
            $name = substr($name, 7);
        } elseif (strncmp($name, 'openswoole\\', 11) === 0) {
            $name = substr($name, 11);
        } elseif (strncmp($name, 'swoole_', 7) === 0) {
            $name = implode('\\', explode('_', substr($name, 7), 2));
        } elseif (strncmp($name, 'fpmbridge\\', 10) === 0) {
            $path = strtr(substr($class, 10), '\\', '/') . '.php';
            $path = strncmp($path, 'Compat/', 7) === 0 ? '/compat' . substr($path, 6) : "/src/$path";
            @include dirname(__DIR__) . $path;
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
        } elseif ($short === 'Server' || $short === 'Http\Server' || $short === 'WebSocket\Server') {
            self::servers();
            return;
        }
        self::one($short);
    }
    public static function warn(string $method, string $message, int $error = 503): bool
    {
        self::$lastError = $error;
        trigger_error("$method(): $message", E_USER_WARNING);
        return false;
    }
    public static function fail(int $error): bool
    {
        self::$lastError = $error;
        return false;
    }
    private static function servers(): void
    {
        foreach (self::SERVERS as $short) {
            if (class_exists('Swoole\\' . $short, false)) {
                foreach (self::SERVERS as $missing) {
                    self::one($missing);
                }
                return;
            }
        }
        require dirname(__DIR__) . '/bundle/swoole.php';
        if (Names::$aliases) {
            foreach (self::SERVERS as $short) {
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
}

// compat/Names.php
namespace FpmBridge\Compat {
use FpmBridge\Runtime;
use FpmBridge\Wire;
final class Names
{
    public static bool $aliases = true;
    private const ELSEWHERE = '/include|require|autoload|eval|constant|defined|_exists|serialize'
        . '|create_function/i';
    private const CONSTANTS = '/\b(?:SWOOLE|WEBSOCKET)_\w+/';
    private const OTHERS = '/swoole_[a-z]|openswoole|coroutine|\bco\b|\bgo\s*\(|\bdefer\s*\(|\bchan\b/i';
    private const SUPERGLOBALS = '/_SERVER|_ENV|GLOBALS|arg[vc]|getopt|INPUT_|phpinfo|get_browser|get_defined_vars'
        . '|extract|compact|\$\s*[{$]/i';
    private const ASK_AGAIN = 60;
    private const ALL = '{"all":true}';
    public static function prepare(Runtime $run): string
    {
        $script = $run->environment->script;
        return $run->enter(self::ofScript($run), static function () use ($script): string {
            return self::key($script);
        });
    }
    public static function all(): void
    {
        if (!defined('SWOOLE_VERSION')) {
            @include dirname(__DIR__) . '/compat/constants.php';
        }
        require_once dirname(__DIR__) . '/bundle/functions.php';
        self::$aliases = true;
    }
    public static function ofScript(Runtime $run): bool
    {
        $key = $run->environment->key;
        $script = $run->environment->script;
        if ($key !== '') {
            $stamp = self::stamp($script);
            if ($key === "$stamp []") {
                self::$aliases = false;
                return false;
            }
            if (strncmp($key, "$stamp ", strlen($stamp) + 1) === 0) {
                $needs = json_decode(substr($key, strlen($stamp) + 1), true);
                if (!isset($needs['all'])) {
                    self::$aliases = false;
                    foreach ($needs['constants'] ?? [] as $name => $value) {
                        defined($name) || define($name, $value);
                    }
                    return isset($needs['superglobals']);
                }
            } elseif (strncmp($key, 'later ', 6) !== 0 || (int) substr($key, 6) < time()) {
                $run->outdated = true;
            }
        }
        self::all();
        return true;
    }
    public static function key(string $script): string
    {
        $file = (string) realpath($script);
        clearstatcache(true, $file);
        $changed = (int) @filectime($file);
        $stamp = self::stamp($script);
        if ($changed === 0 || !in_array($file, get_included_files(), true)) {
            return 'later ' . (time() + self::ASK_AGAIN);
        }
        $from = self::settled($file, $changed);
        if ($from > time()) {
            return "later $from";
        }
        if ((string) ini_get('auto_prepend_file') !== '' || (string) ini_get('auto_append_file') !== '') {
            return "$stamp " . self::ALL;
        }
        $text = (string) @file_get_contents($file);
        $constants = self::named($text);
        if ($constants === null) {
            return "$stamp " . self::ALL;
        }
        $needs = $constants === [] ? [] : ['constants' => $constants];
        if (preg_match(self::SUPERGLOBALS, $text) !== 0) {
            $needs['superglobals'] = true;
        }
        return "$stamp " . Wire::json($needs);
    }
    public static function named(string $text): ?array
    {
        preg_match_all(self::CONSTANTS, $text, $found);
        $values = [];
        foreach ($found[0] as $name) {
            if (defined($name)) {
                $values[$name] = constant($name);
            }
        }
        $rest = strtr($text, array_fill_keys(array_keys($values), ''));
        return $text === '' || preg_match(self::ELSEWHERE, $text) !== 0 || preg_match(self::OTHERS, $rest) !== 0
            ? null
            : $values;
    }
    private static function stamp(string $script): string
    {
        $file = (string) realpath($script);
        return @filectime($file) . '.' . @fileinode($file);
    }
    private static function settled(string $file, int $changed): int
    {
        $now = time();
        if (!function_exists('opcache_get_status') || !ini_get('opcache.enable')) {
            return $changed + 1;
        }
        if (!ini_get('opcache.validate_timestamps')) {
            $status = @opcache_get_status(false);
            $statistics = is_array($status) ? $status['opcache_statistics'] : [];
            $started = max($statistics['start_time'] ?? 0, $statistics['last_restart_time'] ?? 0);
            return $changed < $started ? $now : $now + self::ASK_AGAIN;
        }
        $seen = $changed + 2 + (int) ini_get('opcache.revalidate_freq');
        return $seen < $now || @opcache_invalidate($file, true) ? $changed + 1 : $seen + 1;
    }
}
}
