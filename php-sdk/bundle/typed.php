<?php

// Written by bundle.php from the files named below. Do not edit.

// src/Environment.php
namespace FpmBridge {
class Environment
{
    public string $script = '';
    public string $key = '';
    public ?string $listen = null;
    public ?int $worker = null;
    public string $refusal = '';
    public bool $direct = false;
    public static function read(): ?self
    {
        $environment = new self();
        $environment->key = $key = (string) \getenv('BRIDGE_KEY');
        $environment->script = (string) \getenv('BRIDGE_SCRIPT');
        if ($key !== '') {
            return $environment; // a bridge that has our description: what was checked for that, holds
        }
        $protocol = \getenv('BRIDGE_PROTOCOL');
        if ($protocol === false || \getenv('BRIDGE_ENCODING') !== 'framed') {
            return null;
        }
        if ($protocol !== '1') {
            $environment->refusal = "the bridge speaks protocol $protocol, this SDK speaks 1";
        } elseif (self::hasExtension()) {
            $environment->refusal = 'the swoole extension is loaded in this php-fpm, and its classes cannot be'
                . ' replaced: disable it for php-fpm (phpdismod -s fpm swoole openswoole) and restart php-fpm';
        }
        return $environment;
    }
    public static function hasExtension(): bool
    {
        return \preg_grep('/^(open)?swoole$/i', get_loaded_extensions()) !== [];
    }
    public function callback(): string
    {
        return (string) \getenv('BRIDGE_CALLBACK');
    }
    public function frame(): string
    {
        return (string) \base64_decode((string) \getenv('BRIDGE_FRAME'));
    }
    public function token(): string
    {
        return (string) \getenv('BRIDGE_TOKEN');
    }
    public function shared(): string
    {
        return (string) \getenv('BRIDGE_SHARED');
    }
    public function listen(): string
    {
        return $this->listen ?? $this->listen = (string) \getenv('BRIDGE_LISTEN');
    }
    public function port(int $listener): int
    {
        $address = \explode(' ', $this->listen())[$listener] ?? '';
        return (int) \substr((string) \strrchr($address, ':'), 1);
    }
    public function worker(): int
    {
        return $this->worker ?? $this->worker = (int) \getenv('BRIDGE_WORKER');
    }
    public function workers(): int
    {
        return \max(1, (int) \getenv('BRIDGE_WORKERS'));
    }
    public function resident(): bool
    {
        return \getenv('BRIDGE_MODE') === 'resident';
    }
    public function staying(): int
    {
        return (int) \getenv('BRIDGE_RESIDENT');
    }
    public function memoryLimit(): int
    {
        return (int) \getenv('BRIDGE_MEMORY');
    }
    public function ticket(): int
    {
        return (int) \getenv('BRIDGE_TICKET');
    }
    public function place(): ?int
    {
        return null;
    }
    public function takeOver(): void
    {
    }
    public function answer(string $frames): bool
    {
        return false;
    }
    public function arguments(): array
    {
        $all = (string) \getenv('BRIDGE_ARGV');
        return $all === '' ? [] : \explode("\0", (string) \base64_decode($all));
    }
    public function bridge(): int
    {
        return (int) \getenv('BRIDGE_PID');
    }
    public function __debugInfo(): array
    {
        return [];
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
    private const DESCRIBING = 1;
    private const RESIDENT = 2;
    private const HOSTED = 3;
    private const TOP = 0;
    private const BEFORE = 1;
    private const BETWEEN = 2;
    private const HANDLER = 3;
    private const OVER = 4;
    private const SENT = 5;
    public const FATAL = 4437;
    private const RESCUE = 4194304;
    private const LARGE = 1048576;
    private const RESERVE = 4096;
    private const END_TO_ID = "\0\0\0\x08\x7f\0\0\0";
    private const END_FROM_ID = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    private const OUTPUT_CHUNK = 16384;
    private const OUTPUT_FLAGS = 48;
    private const CONTENT_TYPE = 'Content-Type: application/vnd.fpmbridge.frames';
    private static ?self $current = null;
    public Reply $reply;
    public Environment $environment;
    public bool $outdated = false;
    public bool $lean = false;
    public bool $superglobals = true;
    public ?Client $client = null;
    private ?Log $log = null;
    public ?Event $event = null;
    public int $outputLevel = -1;
    public ?Closure $afterExit = null;
    public ?Background $background = null;
    public string $unstarted = 'the script builds a server but does not call start()';
    public ?Closure $beforeServing = null;
    public bool $starting = false;
    public bool $serving = false;
    public ?Shared\Space $space = null;
    public ?object $memory = null;
    public array $kept = [];
    public int $maxEvents = 0;
    public int $maxEventsGrace = 0;
    public ?Closure $exiting = null;
    public float $maxWait = 3.0;
    public ?Resident $worker = null;
    private ?Connections $connections = null;
    private ?Queries $queries = null;
    private array $events = [];
    private int $index = 0;
    private int $stage = 0;
    private int $kind = 0;
    private int $code = 0;
    private array $failure = [];
    private string $hash = "\0\0\0\0\0\0\0\0";
    private bool $flushing = false;
    private bool $fatal = false;
    private ?string $reserve = null;
    private ?WeakReference $server = null;
    private bool $reachedEnd = false;
    private ?Closure $handler = null;
    private ?Closure $before = null;
    private ?Closure $after = null;
    private array $described = [];
    private array $key = [];
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
                . ' `fpmbridge serve ' . \basename(\get_included_files()[0]) . '`');
        }
        return self::$current;
    }
    public static function begin(?Environment $environment = null): bool
    {
        $environment = $environment ?? Environment::read();
        if ($environment === null) {
            \header('Content-Type: text/plain', true, 404);
            echo "404: this is the entry of fpmbridge, for its own requests only\n";
            return false;
        }
        self::$current = $run = new self($environment);
        $run->open();
        return $run->stage === self::TOP;
    }
    public function enter(bool $superglobals, array $key): void
    {
        $this->superglobals = $superglobals;
        if ($superglobals) {
            Superglobals::disguise($this->environment->script, $this->environment->arguments());
        }
        if ($this->kind === self::DESCRIBING) {
            Superglobals::describePlain();
            $this->key = $key;
        }
    }
    public static function host(?Environment $environment, ?Queries $queries): ?self
    {
        self::$current = null;
        if ($environment !== null) {
            self::$current = new self($environment);
            self::$current->kind = self::HOSTED;
            self::$current->queries = $queries;
        }
        return self::$current;
    }
    public static function reachedEnd(): void
    {
        $run = self::$current;
        if ($run !== null) {
            if ($run->server === null && $run->stage === self::TOP && GatewayWorker::isWanted()) {
                GatewayWorker::serve();
            }
            $run->reachedEnd = true;
        }
    }
    public function build(object $server): bool
    {
        if ($this->server !== null && $this->server->get() !== null) {
            return false;
        }
        $this->server = WeakReference::create($server);
        return true;
    }
    public function server(): ?object
    {
        return $this->server === null ? null : $this->server->get();
    }
    public function serve(
        string $identity,
        ?Closure $describe,
        Closure $handler,
        ?Closure $before = null,
        ?Closure $after = null
    ): void {
        $this->serving = true;
        if ($this->beforeServing !== null) {
            ($this->beforeServing)();
        }
        if ($this->space !== null) {
            $identity .= $this->space->identity();
        }
        $this->hash = \hash('fnv1a64', self::VERSION . $identity, true);
        $kind = $this->kind;
        if ($kind === self::HOSTED) {
            $this->environment->takeOver();
            $this->handler = $handler;
            $this->before = $before;
            $this->after = $after;
            $this->described = $describe === null ? [] : $describe();
            return;
        }
        if ($kind === self::DESCRIBING && $describe !== null) {
            $this->described = $describe();
            $this->stage = self::OVER;
            if ($before !== null && $this->events[0]->opcode === Wire::MEASURE) {
                $start = \hrtime(true);
                $this->prepare($before);
                $this->described['before_us'] = \intdiv(\hrtime(true) - $start, 1000);
            }
        } elseif ($kind === self::RESIDENT) {
            Resident::serve($this, $handler, $before, $after);
        } else {
            $this->loop($handler, $before, $after);
        }
        exit(0);
    }
    public function abort(string $error): void
    {
        if ($this->kind === self::HOSTED) {
            throw new LogicException($error);
        }
        [$file, $line] = Log::caller(\debug_backtrace(\DEBUG_BACKTRACE_IGNORE_ARGS), $this->environment->script, 0);
        $this->fail($error, $file, $line);
        $this->stage = self::OVER;
        exit(255);
    }
    public function hosted(Event $event): string
    {
        $this->log()->level(Log::INFO, Log::WARN);
        $level = \ob_get_level();
        \ob_start();
        $this->outputLevel = $level + 1;
        try {
            $this->index = 0;
            $this->events = [$event];
            if ($this->before !== null) {
                $before = $this->before;
                $this->before = null;
                $this->prepare($before);
            }
            $this->next(0);
            if ($this->handler !== null) {
                $this->handle($event, $this->handler);
            }
            $this->stage = self::BETWEEN;
            if ($this->after !== null) {
                $this->afterwards($this->after);
            }
        } finally {
            while (\ob_get_level() > $level + 1) {
                \ob_end_flush();
            }
            $this->log()->text((string) \ob_get_clean());
        }
        return $this->endOfEvent();
    }
    public function described(): array
    {
        return $this->described;
    }
    public function forgetConnections(): void
    {
        if ($this->connections !== null) {
            $this->connections->forget();
        }
    }
    public function isDescribing(): bool
    {
        return $this->kind === self::DESCRIBING || $this->kind === self::HOSTED;
    }
    public function isAnalysing(): bool
    {
        return $this->kind === self::DESCRIBING && !$this->environment->resident();
    }
    public function shares(): bool
    {
        return !$this->serving && $this->kind !== self::HOSTED;
    }
    public function connections(): Connections
    {
        return $this->connections ?? $this->connections = new Connections($this->queries());
    }
    public function queries(): Queries
    {
        return $this->queries ?? $this->queries = new CallbackSocket(
            $this->environment->callback(),
            $this->environment->token()
        );
    }
    public function eventId(): int
    {
        $event = $this->event ?? $this->events[$this->index] ?? null;
        return $event === null ? 0 : $event->id;
    }
    public function shutdown(): void
    {
        $this->reserve = null;
        if ($this->stage >= self::OVER) {
            return;
        }
        $error = \error_get_last();
        if ($error !== null && ($error['type'] & self::FATAL) !== 0) {
            $this->rescue();
            if (\ob_get_level() === 0) {
                \ob_start([$this, 'output'], self::OUTPUT_CHUNK, self::OUTPUT_FLAGS);
            }
            $this->fatal = true;
            $this->fail(...self::cause($error));
        } elseif ($this->stage === self::HANDLER) {
            $this->code = Wire::EXITED;
            $this->exited('the event is over, what it asked for before is done');
            $this->goOn();
        } elseif ($this->stage === self::BEFORE) {
            $this->fail('the script called exit before its first event', $this->environment->script, 0);
        } elseif ($this->kind === self::DESCRIBING) {
            $this->describeUnstarted();
        } elseif ($this->stage === self::TOP) {
            $why = $this->reachedEnd ? 'the script ended without start()' : 'the script called exit before start()';
            $this->fail($why, $this->environment->script, 0);
        }
        $this->stage = self::OVER;
    }
    public function exited(string $effect): void
    {
        if ($this->event === null && $this->worker === null) {
            return;
        }
        $doing = $this->worker === null ? null : $this->worker->doing;
        $place = $this->memory === null ? ['', '', 0] : $this->memory->place($this->event, $doing);
        [$name, $file, $line] = $place;
        $text = $name === '' ? 'the script called exit' : "the callback $name, which begins here, called exit";
        $this->log()->add(Log::WARN, "$text: $effect", $file, $line);
    }
    private function goOn(): void
    {
        if ($this->afterExit === null) {
            return;
        }
        $rest = $this->afterExit;
        $this->afterExit = null;
        $this->stage = self::OVER;
        try {
            $rest();
        } catch (Throwable $thrown) {
            $text = \get_class($thrown) . ': ' . $thrown->getMessage();
            $this->log()->add(Log::ERROR, $text, $thrown->getFile(), $thrown->getLine());
        }
    }
    public function output(string $printed, int $phase): string
    {
        if ($this->stage === self::SENT || ($phase & \PHP_OUTPUT_HANDLER_CLEAN) !== 0) {
            return '';
        }
        if ($printed !== '') {
            $this->log()->text($printed);
        }
        if (($phase & \PHP_OUTPUT_HANDLER_FINAL) !== 0) {
            $bytes = $this->last();
            $this->stage = self::SENT;
            if ($this->environment->answer($bytes)) {
                return '';
            }
        } elseif ($this->flushing) {
            $this->flushing = false;
            $bytes = $this->endOfEvent();
        } else {
            return '';
        }
        if ((\headers_list() !== [self::CONTENT_TYPE] || \http_response_code() !== 200) && !\headers_sent()) {
            \header_remove();
            \header(self::CONTENT_TYPE, true, 200);
        }
        return $bytes;
    }
    private function open(): void
    {
        $this->reserve = \str_repeat("\0", self::RESERVE);
        while (\ob_get_level() > 0 && \ob_end_clean()) {
            continue;
        }
        $environment = $this->environment;
        $flags = $environment->direct ? self::OUTPUT_FLAGS | \PHP_OUTPUT_HANDLER_REMOVABLE : self::OUTPUT_FLAGS;
        \ob_start([$this, 'output'], self::OUTPUT_CHUNK, $flags);
        $this->outputLevel = \ob_get_level();
        \register_shutdown_function([$this, 'shutdown']);
        \set_error_handler([$this, 'warning']);
        \header(self::CONTENT_TYPE);
        try {
            $frames = $environment->frame();
            if ($frames === '') { // php://input costs 4,700 instructions more
                $frames = (string) \file_get_contents('php://input');
            }
            $this->events = $events = Wire::read($frames);
            $this->ini('0');
        } catch (WireException $broken) {
            $this->log()->add(Log::ERROR, 'the bridge sent broken frames: ' . $broken->getMessage());
            $this->stage = self::OVER;
            return;
        }
        if ($events === []) {
            if ($environment->ticket() !== 0) {
                $this->kind = self::RESIDENT;
            } else {
                $this->stage = self::OVER;
            }
            return;
        }
        if ($environment->key === '') {
            $this->meet($events[0]);
        }
    }
    private function meet(Event $first): void
    {
        $refusal = $this->environment->refusal;
        if ($first->type === Wire::DESCRIBE) {
            $this->kind = self::DESCRIBING;
            $this->log()->level(Log::INFO, Log::WARN);
            $refusal = $refusal ?: CallbackSocket::refusal() ?: Shared\Space::refusal($this->environment->shared());
        }
        if ($refusal !== '') {
            $this->fail($refusal, '', 0);
            $this->stage = self::OVER;
        }
    }
    private function ini(string $logged): void
    {
        if (!\function_exists('ini_set')) { // by disable_functions
            return;
        }
        \ini_set('log_errors', $logged);
        \ini_set('html_errors', '0');
        if (\ini_get('display_errors')) {
            \ini_set('display_errors', '0');
        }
    }
    private function loop(Closure $handler, ?Closure $before, ?Closure $after): void
    {
        $events = $this->events;
        $last = \count($events) - 1;
        if ($before !== null) {
            $this->stage = self::BEFORE;
            try {
                $this->prepare($before);
            } catch (Throwable $thrown) {
                $this->failWith($thrown);
                $this->stage = self::OVER;
                return;
            }
            $this->next(0);
        }
        if (\ob_get_length() > 0) {
            $this->log()->text($this->printedSoFar());
        }
        if ($this->log !== null) {
            $this->log->level(Log::INFO, Log::WARN);
        }
        foreach ($events as $index => $event) {
            if ($index > 0) {
                $this->next($index);
            }
            $this->handle($event, $handler);
            if ($this->stage === self::SENT) {
                return;
            }
            if ($index === $last) {
                if ($after !== null) {
                    $this->stage = self::BETWEEN;
                    $this->afterwards($after);
                }
                break;
            }
            $this->stage = self::BETWEEN;
            while (\ob_get_level() > $this->outputLevel && \ob_end_flush()) {
                continue;
            }
            $this->flushing = true;
            \ob_flush();
            \flush();
        }
        $this->stage = self::OVER;
    }
    private function next(int $index): void
    {
        $this->index = $index;
        $this->code = Wire::DONE;
        $this->failure = [];
        $this->forgetConnections();
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
    public function first(): ?Event
    {
        return $this->events[0] ?? null;
    }
    private function afterwards(Closure $after): void
    {
        try {
            $this->prepare($after);
        } catch (Throwable $thrown) {
            [$file, $line] = [$thrown->getFile(), $thrown->getLine()];
            $this->log()->add(Log::ERROR, \get_class($thrown) . ': ' . $thrown->getMessage(), $file, $line);
        }
    }
    public function log(): Log
    {
        if ($this->log === null) {
            $this->log = new Log();
            if ($this->stage >= self::BETWEEN || $this->kind === self::DESCRIBING) {
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
        if (\ob_get_level() !== $this->outputLevel) {
            return '';
        }
        $printed = (string) \ob_get_contents();
        \ob_clean();
        return $printed;
    }
    private function handle(Event $event, Closure $handler): void
    {
        $this->event = $event;
        $reply = $this->reply;
        $reply->sender = $event->fd;
        $this->stage = self::HANDLER;
        try {
            $handler($event, $reply);
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
        if (\strlen($bytes) > self::LARGE) {
            $this->ini('1');
        }
        $id = $this->events[$this->index]->id;
        if ($this->code === Wire::DONE && $meta === '' && !$this->outdated) {
            return $bytes . self::END_TO_ID . \pack('J', $id) . self::END_FROM_ID . $this->hash;
        }
        $flags = $this->outdated ? Wire::OUTDATED : 0;
        return $bytes . Wire::pack(Wire::END, $flags, 0, 0, $id, 0, $this->code, $meta, $this->hash);
    }
    private function unserved(): string
    {
        $lines = isset($this->failure['error']) ? [$this->failure['error']] : [];
        foreach (Wire::read($this->log()->take()) as $frame) {
            $lines[] = $frame->data;
        }
        return \implode("\n", $lines);
    }
    private function last(): string
    {
        if ($this->stage === self::HANDLER) {
            $this->code = Wire::EXITED;
        }
        $error = \error_get_last();
        if ($error !== null && !$this->fatal && ($error['type'] & self::FATAL) !== 0) {
            $this->rescue();
            $this->log()->add(Log::ERROR, ...self::cause($error));
        }
        $events = $this->events;
        if ($events === []) {
            return $this->kind === self::RESIDENT ? $this->unserved() : $this->log()->take();
        }
        if ($this->kind === self::DESCRIBING) {
            $id = $events[0]->id;
            $meta = Wire::json($this->description());
            $shared = $this->space !== null && $this->failure === [] ? $this->space->definitions() : '';
            $description = Wire::pack(Wire::DESCRIPTION, 0, 0, 0, 0, 0, 0, $meta, $shared);
            return $this->log()->take() . $description . Wire::pack(Wire::END, 0, 0, 0, $id, 0, 0, '', $this->hash);
        }
        $bytes = $this->endOfEvent();
        if (\count($events) > 1) {
            foreach (\array_slice($events, $this->index + 1) as $event) {
                $bytes .= Wire::pack(Wire::END, 0, 0, 0, $event->id, 0, Wire::NOT_STARTED, '', $this->hash);
            }
        }
        return $bytes;
    }
    private function description(): array
    {
        if ($this->failure !== []) {
            return $this->failure;
        }
        $key = $this->key === [] ? '' : ($this->key)($this->environment->script, $this->environment->resident());
        return ['sdk' => self::VERSION, 'php' => \PHP_VERSION, 'key' => $key] + $this->described;
    }
    private function describeUnstarted(): void
    {
        $script = $this->environment->script;
        if ($this->server !== null) {
            $this->fail($this->unstarted, $script, 0);
            return;
        }
        if (Unserved::isMeant($script, !$this->reachedEnd)) {
            $error = 'the script ' . ($this->reachedEnd ? 'ended' : 'called exit')
                . ' before it built a server; what it printed is in the log';
            $this->fail($error . Unserved::hint(''), $script, 0);
            return;
        }
        while (\ob_get_level() > $this->outputLevel && \ob_end_clean()) {
            continue;
        }
        \ob_clean();
        $this->log()->take();
        $this->described = ['kind' => 'plain', 'batch' => false];
        $this->hash = \hash('fnv1a64', self::VERSION . ' plain', true);
    }
    public function reside(Resident $worker): void
    {
        $this->worker = $this->reply->worker = $worker;
        $this->stage = self::SENT;
    }
    public function goesOn(): void
    {
        $this->reply->atOnce = true;
        $this->log()->print = true;
        $this->connections()->life = 50000000;
    }
    public function forked(): void
    {
        if ($this->queries instanceof CallbackSocket) {
            $this->queries->leave();
        }
        if ($this->worker !== null) {
            $this->worker->forked();
        }
        $this->queries = $this->connections = $this->worker = null;
        $this->event = $this->background = $this->memory = null;
        $this->log = new Log();
        $this->log->level(Log::INFO, Log::WARN);
        $this->log->print = true;
    }
    public function workerStatus(): int
    {
        if ($this->worker !== null && $this->worker->isStopping()) {
            return 3;
        }
        return $this->event === null ? 2 : 1;
    }
    public function turn(?Event $event): void
    {
        $this->event = $event;
        if ($event !== null) {
            $this->reply->sender = $event->fd;
        }
        if ($this->connections !== null) {
            $this->connections->forget();
        }
    }
    public function blame(Throwable $thrown): array
    {
        $this->failWith($thrown);
        return $this->failure;
    }
    public function failure(): array
    {
        return $this->failure;
    }
    private function fail(string $error, string $file, int $line): void
    {
        $this->code = Wire::FAILED;
        $unserved = $this->kind === self::DESCRIBING && $this->server === null;
        $page = '/(class "?(open)?swoole[\\\\_]|undefined function (swoole_|go\(|defer\())/i';
        if (\preg_match($page, $error) === 1) {
            $error .= ' (fpmbridge does not have it: docs/swoole.md)';
        } elseif (\preg_match('/class "?(workerman|gatewayworker)\\\\/i', $error) === 1) {
            $error .= ' (fpmbridge does not have it: docs/gatewayworker.md)';
        } elseif ($unserved && \strncmp($error, 'the script', 10) !== 0) {
            $error .= Unserved::hint($error);
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
        $this->fail(\get_class($thrown) . ': ' . $thrown->getMessage(), $file, $line);
    }
    private function rescue(): void
    {
        $limit = \ini_get('memory_limit');
        if ($limit !== false && $limit !== '-1') {
            \function_exists('ini_set') && @\ini_set('memory_limit', (string) (\memory_get_usage(true) + self::RESCUE));
        }
    }
    public static function cause(array $error): array
    {
        $text = \explode("\n", $error['message'], 2)[0];
        $where = " in {$error['file']}:{$error['line']}";
        if (\substr($text, -\strlen($where)) === $where) {
            $text = \substr($text, 0, -\strlen($where));
        }
        $text = \preg_replace('/, called in .+ on line \d+( and defined)?$/', '', $text);
        if (!Log::isSdk($error['file'])) {
            return [$text, $error['file'], $error['line']];
        }
        $trace = [];
        \preg_match_all('/^#\d+ (.+?)\((\d+)\): /m', $error['message'], $calls, \PREG_SET_ORDER);
        foreach ($calls as [, $file, $line]) {
            $trace[] = ['file' => $file, 'line' => $line];
        }
        [$file, $line] = Log::caller($trace, $error['file'], $error['line']);
        return [$text, $file, $line];
    }
    public function __debugInfo(): array
    {
        return [];
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
    public int $fd = 0;
    public int $type = 0;
    public bool $print = false;
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
        $lines = \explode("\n", $text);
        $last = \array_pop($lines);
        foreach ($lines as $line) {
            $this->add($this->printed, \rtrim($line, "\r"));
        }
        while (\strlen($last) > self::MAX_LINE) {
            $this->add($this->printed, \substr($last, 0, self::MAX_LINE));
            $last = \substr($last, self::MAX_LINE);
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
        if ($this->print) {
            $place = $file === '' ? '' : " in $file on line $line";
            $level > self::DEBUG && \fwrite(STDERR, "fpmbridge: $text$place\n");
            return;
        }
        if (\strlen($this->bytes) + \strlen($text) > self::LIMIT) {
            $this->dropped += \strlen($text);
            return;
        }
        $meta = $file === '' ? '' : Wire::json(['file' => $file, 'line' => $line]);
        $this->bytes .= Wire::pack(Wire::LOG, 0, $this->type, 0, 0, $this->fd, $level, $meta, $text);
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
    public function any(): bool
    {
        return $this->bytes !== '' || $this->line !== '' || $this->dropped > 0;
    }
    public function warning(int $type, string $message, string $file, int $line): bool
    {
        if ((\error_reporting() & $type) === 0) {
            return false;
        }
        if ($type === \E_NOTICE && \strncmp($message, 'ob_', 3) === 0 && \stripos($message, 'failed to') !== false) {
            $this->bufferNotices++;
            if ($this->bufferNotices > self::MAX_BUFFER_NOTICES) {
                throw new \LogicException('the script tries to remove every output buffer in an endless loop;'
                    . ' one of them is the bridge\'s: compare ob_get_level() with its first value instead of 0');
            }
        }
        if (self::isSdk($file)) {
            [$file, $line] = self::caller(\debug_backtrace(\DEBUG_BACKTRACE_IGNORE_ARGS), $file, $line);
        }
        if (\ini_get('display_errors')) {
            \function_exists('ini_set') && \ini_set('display_errors', '0');
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
        $root = \dirname(__DIR__);
        foreach (['/src/', '/compat/', '/bundle/', '/entry.php', '/entry-cli.php'] as $own) {
            if (\strncmp($file, $root . $own, \strlen($root . $own)) === 0) {
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
    public const CONNECT = 5;
    public const HANDSHAKE = 7;
    public const BEFORE_HANDSHAKE = 8;
    public const REQUEST = 9;
    public const RECEIVE = 6;
    public const BUFFER_FULL = 19;
    public const BUFFER_EMPTY = 20;
    public const TASK = 10;
    public const FINISH = 11;
    public const PIPE_MESSAGE = 12;
    public const START = 13;
    public const SHUTDOWN = 14;
    public const WORKER_ERROR = 17;
    public const PUSH = 64;
    public const CLOSE_FD = 65;
    public const LOG = 66;
    public const DESCRIPTION = 67;
    public const RESPONSE = 69;
    public const SEND = 68;
    public const CONNECTION = 73;
    public const ADD_TASK = 70;
    public const ADD_RESULT = 71;
    public const ADD_PIPE_MESSAGE = 72;
    public const SERVER = 74;
    public const END = 127;
    public const HELLO = 128;
    public const EXISTS = 129;
    public const INFO = 130;
    public const LIST = 131;
    public const COUNT = 132;
    public const ASK_RESPONSE = 134;
    public const ASK_FILE = 135;
    public const HEARTBEAT = 137;
    public const STATS = 133;
    public const TASKS = 136;
    public const WORKER = 138;
    public const TABLE = 140;
    public const ATOMIC = 141;
    public const LOCK = 142;
    public const REPLY = 192;
    public const CONTROL = 21;
    public const LAST = 75;
    public const BEGUN = 76;
    public const ALIVE = 143;
    public const RESIDENT = 170;
    public const DONE = 0;
    public const FAILED = 1;
    public const EXITED = 2;
    public const NOT_STARTED = 3;
    public const OUTDATED = 1;
    public const PROTECT = 1;
    public const PAUSE = 2;
    public const RESUME = 3;
    public const BIND = 4;
    public const PING = 5;
    public const GO_AWAY = 6;
    public const CLOSE_BARE = 1;
    public const CLOSE_RESET = 2;
    public const CLOSE_NO_WAIT = 4;
    public const RESPONSE_END = 1;
    public const RESPONSE_DETACH = 2;
    public const BODY = 1;
    public const BODY_PIECE = 1048576;
    public const FORM = 1;
    public const FIN = 1;
    public const COMPRESS = 2;
    private const LISTENER_IN_CODE = [3 => true, 4 => true, 6 => true, 19 => true, 20 => true];
    public const MEASURE = 1;
    public const HEADER = 32;
    public const MAX_LENGTH = 67108864;
    public const UNPACK = 'Nlength/Ctype/Cflags/Copcode/Cattempt/Jid/Jfd/Ncode/Nmeta';
    public static function stream(int $stream): int
    {
        return $stream > 0 ? ($stream >> 1) % 65535 + 1 : 0;
    }
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
        $size = \strlen($meta);
        return \pack(
            'J4',
            ($size + \strlen($payload)) << 32 | $type << 24 | $flags << 16 | $opcode << 8 | $attempt,
            $id,
            $fd,
            $code << 32 | $size
        ) . $meta . $payload;
    }
    public static function header(string $bytes, int $offset = 0): array
    {
        if (\strlen($bytes) - $offset < self::HEADER) {
            throw new WireException("truncated: a frame's header breaks off at byte " . \strlen($bytes));
        }
        $head = \unpack(self::UNPACK, $bytes, $offset);
        if ($head['meta'] > $head['length']) {
            throw new WireException("meta: longer than its frame at byte $offset");
        }
        return $head;
    }
    public static function read(string $bytes, int $limit = 0, ?int &$taken = null): array
    {
        $events = [];
        $end = \strlen($bytes);
        for ($at = 0; $at < $end; $at += self::HEADER + $length) {
            if ($end - $at < self::HEADER) {
                if ($taken !== null) {
                    break;
                }
                throw new WireException("truncated: a frame's header breaks off at byte $end");
            }
            $head = \unpack('Ja/Ji/Jf/Jb', $bytes, $at);
            $kind = $head['a'];
            $length = $kind >> 32 & 0xffffffff;
            $meta = $head['b'] & 0xffffffff;
            if ($meta > $length) {
                throw new WireException("meta: longer than its frame at byte $at");
            }
            if ($limit > 0 && $length > $limit) {
                throw new WireException("too_large: a frame claims $length bytes at byte $at");
            }
            if ($end - $at - self::HEADER < $length) {
                if ($taken !== null) {
                    break;
                }
                throw new WireException("truncated: a frame breaks off at byte $end");
            }
            $event = new Event();
            $event->type = $kind >> 24 & 255;
            $event->flags = $kind >> 16 & 255;
            $event->opcode = $kind >> 8 & 255;
            $event->attempt = $kind & 255;
            $event->id = $head['i'];
            $event->fd = $head['f'];
            if ($head['b'] !== $meta) {
                $event->code = $head['b'] >> 32 & 0xffffffff;
                if ($event->code > 0xffff && isset(self::LISTENER_IN_CODE[$event->type])) {
                    $event->listener = $event->code >> 16;
                    $event->code &= 0xffff;
                }
            }
            if ($meta > 0) {
                $event->meta = \substr($bytes, $at + self::HEADER, $meta);
            }
            if ($length > $meta) {
                $event->data = \substr($bytes, $at + self::HEADER + $meta, $length - $meta);
            }
            $events[] = $event;
        }
        if ($taken !== null) {
            $taken = $at;
        }
        return $events;
    }
    public static function json(array $value): string
    {
        $flags = \JSON_UNESCAPED_SLASHES | \JSON_UNESCAPED_UNICODE | \JSON_PARTIAL_OUTPUT_ON_ERROR
            | \JSON_INVALID_UTF8_SUBSTITUTE;
        $json = \json_encode($value, $flags);
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
    public int $listener = 0;
    public int $opcode = 0;
    public int $flags = 0;
    public int $code = 0;
    public string $data = '';
    public string $meta = '';
    private ?Handshake $handshake = null;
    private ?array $attributes = null;
    public function isBinary(): bool
    {
        return $this->opcode === 2;
    }
    public function cause(): string
    {
        return $this->type === Wire::CLOSE ? (string) ($this->decoded()['cause'] ?? '') : '';
    }
    public function listener(): int
    {
        if (!$this->connected()) {
            return $this->listener;
        }
        return \preg_match('/"listener":(\d+)/', $this->meta, $found) === 1 ? (int) $found[1] : 0;
    }
    public function stream(): int
    {
        return \preg_match('/^\{"fd":\d+,"stream":(\d+)/', $this->meta, $found) === 1 ? (int) $found[1] : 0;
    }
    public function connection(): array
    {
        return $this->connected() ? $this->decoded() : [];
    }
    public function attributes(): array
    {
        if ($this->attributes === null) {
            $this->attributes = $this->meta === '' ? [] : (array) ($this->decoded()['attributes'] ?? []);
        }
        return $this->attributes;
    }
    public function change(array $attributes, bool $merge): void
    {
        $this->attributes = $merge ? self::merged($this->attributes(), $attributes) : $attributes;
    }
    private static function merged(array $to, array $changes): array
    {
        foreach ($changes as $key => $value) {
            if ($value === null) {
                unset($to[$key]);
            } elseif (\is_array($value) && $value !== [] && \array_keys($value) !== \range(0, \count($value) - 1)) {
                $to[$key] = self::merged(\is_array($to[$key] ?? null) ? $to[$key] : [], $value);
            } else {
                $to[$key] = $value;
            }
        }
        return $to;
    }
    public function handshake(): Handshake
    {
        return $this->handshake ?? $this->handshake = new Handshake($this->head());
    }
    public function body(): string
    {
        return $this->type === Wire::REQUEST ? (string) \substr($this->data, $this->code) : '';
    }
    private function connected(): bool
    {
        return $this->meta !== '' && $this->type !== Wire::CLOSE && \strncmp($this->meta, '{"attributes"', 13) !== 0;
    }
    private function head(): string
    {
        if ($this->type === Wire::OPEN) {
            return $this->data;
        }
        $answered = $this->type === Wire::REQUEST || $this->type === Wire::HANDSHAKE
            || $this->type === Wire::BEFORE_HANDSHAKE;
        return $answered ? (string) \substr($this->data, 0, $this->code) : '';
    }
    private function decoded(): array
    {
        $value = \json_decode($this->meta, true);
        return \is_array($value) ? $value : [];
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
    private const MUCH = 65536;
    public ?Resident $worker = null;
    public bool $atOnce = false;
    public int $sender = 0;
    private string $bytes = '';
    private array $fds = [];
    private string $data = '';
    private int $bits = 0;
    public function send(string $data, int $opcode = self::TEXT): self
    {
        return $this->push($this->sender, $data, $opcode);
    }
    public function push($fds, string $data, int $opcode = self::TEXT): self
    {
        if ($opcode === self::PING || $opcode === self::PONG) {
            if (\strlen($data) > self::MAX_CONTROL) {
                throw new InvalidArgumentException('a ping or pong carries at most 125 bytes');
            }
            $flags = Wire::FIN;
        } elseif ($opcode === self::TEXT || $opcode === self::BINARY) {
            $flags = Wire::FIN | Wire::COMPRESS;
        } else {
            throw new InvalidArgumentException("opcode $opcode is not 1 text, 2 binary, 9 ping or 10 pong");
        }
        foreach (\is_iterable($fds) ? $fds : [$fds] as $fd) {
            $this->frame((int) $fd, $data, $opcode, $flags);
        }
        return $this;
    }
    public function close(?int $fd = null, int $code = 1000, string $reason = ''): self
    {
        $sendable = \in_array($code, [1000, 1001, 1003], true) || ($code >= 1007 && $code <= 1014)
            || ($code >= 3000 && $code <= 4999);
        if (!$sendable) {
            throw new InvalidArgumentException("close code $code must not be sent (RFC 6455 section 7.4)");
        }
        return $this->end($fd ?? $this->sender, $code, $reason, 0);
    }
    public function frame(int $fd, string $data, int $opcode, int $flags): void
    {
        $bits = $flags << 8 | $opcode;
        if ($this->fds !== []) {
            if ($bits === $this->bits && !isset($this->fds[$fd]) && $data === $this->data) {
                $this->fds[$fd] = $fd;
                return;
            }
            $this->flush();
        }
        if (\strlen($data) > Wire::MAX_LENGTH - self::LIST_BYTES) {
            throw new InvalidArgumentException('a message of ' . \strlen($data) . ' bytes is too large: 63.5 MiB');
        }
        $this->fds = [$fd => $fd];
        $this->data = $data;
        $this->bits = $bits;
        if ($this->atOnce && $this->worker !== null) {
            $this->worker->settle();
        }
    }
    public function end(int $fd, int $code, string $reason, int $flags): self
    {
        if (\strlen($reason) > self::MAX_REASON) {
            throw new InvalidArgumentException('a close reason carries at most 123 bytes');
        }
        if ($this->fds !== []) {
            $this->flush();
        }
        $this->bytes .= Wire::pack(Wire::CLOSE_FD, $flags, 0, 0, 0, $fd, $code, '', $reason);
        return $this;
    }
    public function bytes(int $fd, string $data): void
    {
        if (\strlen($data) > Wire::MAX_LENGTH - self::LIST_BYTES) {
            throw new InvalidArgumentException('a message of ' . \strlen($data) . ' bytes is too large: 63.5 MiB');
        }
        $this->add(Wire::pack(Wire::SEND, 0, 0, 0, 0, $fd, 0, '', $data));
    }
    public function change(int $fd, int $what, int $code = 0, string $data = ''): void
    {
        $this->add(Wire::pack(Wire::CONNECTION, 0, $what, 0, 0, $fd, $code, '', $data));
    }
    public function add(string $frame): void
    {
        if (\strlen($frame) > Wire::MAX_LENGTH + Wire::HEADER) {
            throw new InvalidArgumentException('data of ' . \strlen($frame) . ' bytes is too large: 64 MiB');
        }
        if ($this->fds !== []) {
            $this->flush();
        }
        $this->bytes .= $frame;
        if ($this->atOnce && $this->worker !== null) {
            $this->worker->settle();
        }
    }
    public function respond(int $fd, int $flags, int $status, string $head, string $data): void
    {
        $this->add(Wire::pack(Wire::RESPONSE, $flags, 0, 0, 0, $fd, $status, $head, $data));
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
        $fds = $this->fds;
        $flags = $this->bits >> 8;
        $opcode = $this->bits & 255;
        if (\count($fds) === 1) {
            $this->bytes .= Wire::pack(Wire::PUSH, $flags, $opcode, 0, 0, (int) \key($fds), 0, '', $this->data);
        } else {
            $most = self::LIST_BYTES >> 3;
            foreach (\count($fds) > $most ? \array_chunk($fds, $most) : [$fds] as $part) {
                $list = \pack('J*', ...$part);
                $this->bytes .= Wire::pack(Wire::PUSH, $flags, $opcode, 0, 0, 0, \count($part), $list, $this->data);
            }
        }
        $this->fds = [];
        $this->data = '';
        if ($this->worker !== null && \strlen($this->bytes) > self::MUCH) {
            $this->worker->settle();
        }
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
        'Table' => 'swoole_table',
        'Lock' => 'swoole_lock',
        'Atomic' => 'swoole_atomic',
        'Atomic\Long' => 'swoole_atomic_long',
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
        'Table' => '/Swoole/Table.php',
        'Lock' => '/Swoole/Lock.php',
        'Atomic' => '/Swoole/Atomic.php',
        'Atomic\Long' => '/Swoole/Atomic/Long.php',
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
        'table' => 'Table',
        'lock' => 'Lock',
        'atomic' => 'Atomic',
        'atomic\long' => 'Atomic\Long',
        'exception' => 'Exception',
        'error' => 'Error',
    ];
    private const SERVERS = [
        'Server', 'Http\Server', 'WebSocket\Server', 'WebSocket\Frame', 'Connection\Iterator', 'Server\Port',
    ];
    public static function load(string $class): void
    {
        $name = \strtolower($class);
        if (\strncmp($name, 'swoole\\', 7) === 0) {
            $name = \substr($name, 7);
        } elseif (\strncmp($name, 'openswoole\\', 11) === 0) {
            $name = \substr($name, 11);
        } elseif (\strncmp($name, 'swoole_', 7) === 0) {
            $name = \implode('\\', \explode('_', \substr($name, 7), 2));
        } elseif (\strncmp($name, 'fpmbridge\\', 10) === 0) {
            $path = \strtr(\substr($class, 10), '\\', '/') . '.php';
            $path = \strncmp($path, 'Compat/', 7) === 0 ? '/compat' . \substr($path, 6) : "/src/$path";
            @include \dirname(__DIR__) . $path;
            return;
        } elseif (\strncmp($name, 'gateway', 7) === 0) {
            if ($name === 'gatewayworker\\lib\\gateway' || $name === 'gatewayclient\\gateway') {
                require_once \dirname(__DIR__) . '/compat/GatewayWorker/Lib/Gateway.php';
                GatewayCall::alias();
            }
            return;
        } elseif ($name !== 'co' && $name !== 'chan' && \strncmp($name, 'co\\', 3) !== 0) {
            return;
        }
        $short = self::NAMES[$name] ?? null;
        if ($short === null) {
            Classes::load(\strtolower($class));
            return;
        }
        if (\class_exists('Swoole\\' . $short, false)) {
            return;
        }
        if ($short === 'WebSocket\CloseFrame') {
            self::one('WebSocket\Frame');
        } elseif (\in_array($short, self::SERVERS, true)) {
            foreach (self::SERVERS as $server) {
                self::one($server);
            }
            return;
        }
        self::one($short);
    }
    public static function warn(string $method, string $message, int $error = 503): bool
    {
        self::$lastError = $error;
        Warning::raise("$method(): $message");
        return false;
    }
    public static function fail(int $error): bool
    {
        self::$lastError = $error;
        return false;
    }
    public static function aliases(): void
    {
        foreach (\array_merge(self::SERVERS, ['Table']) as $short) { // bundle/typed.php has Table
            if (\class_exists('Swoole\\' . $short, false) && !\class_exists(self::CLASSES[$short], false)) {
                self::alias($short);
            }
        }
    }
    private static function one(string $short): void
    {
        if (!\class_exists('Swoole\\' . $short, false)) {
            require \dirname(__DIR__) . '/compat' . self::FILES[$short];
            if (Names::$aliases) {
                self::alias($short);
            }
        }
    }
    private static function alias(string $short): void
    {
        \class_alias('Swoole\\' . $short, 'OpenSwoole\\' . $short);
        \class_alias('Swoole\\' . $short, self::CLASSES[$short]);
    }
}
}

// compat/Names.php
namespace FpmBridge\Compat {
use FpmBridge\CommandLine;
use FpmBridge\Runtime;
use FpmBridge\Wire;
final class Names
{
    public static bool $aliases = true;
    private static ?array $needs = null;
    private const ELSEWHERE = '/include|require|autoload|eval|constant|defined|_exists|serialize'
        . '|create_function/i';
    private const CONSTANTS = '/\b(?:(?:SWOOLE|WEBSOCKET)_|SIG[A-Z_])\w+/';
    private const OTHERS = '/swoole_[a-z]|cli_[gs]et_process|openswoole|coroutine'
        . '|\bco\b|\bgo\s*\(|\bdefer\s*\(|\bchan\b|\b_(?:string|array)\s*\(|\bFILE_LOCK\b'
        . '|\bSTD(?:IN|OUT|ERR)\b/i';
    private const SUPERGLOBALS = '/_SERVER|_ENV|GLOBALS|arg[vc]|getopt|INPUT_|phpinfo|get_browser|get_defined_vars'
        . '|extract|compact|\$\s*[{$]/i';
    private const PROPERTIES = '/pid|connections|ports|print_r|var_|dump|object_vars|foreach\s*\(\s*\$(this|serv)'
        . '|->\s*[{$]|\(\s*array\s*\)|json_encode\(\s*\$(this|serv)|Reflection|clone|extends/i';
    private const PID_FILES = '/pid|arg[vc]|getopt/i';
    private const ASK_AGAIN = 60;
    public static function prepare(Runtime $run): string
    {
        $environment = $run->environment;
        $script = $environment->script;
        $key = $environment->key;
        if ($key !== '' && $key === self::stamp($script) . ' []') { // the cheapest script: no more questions
            self::$aliases = false;
            $run->lean = true;
            $run->superglobals = false;
        } else {
            $run->enter(self::ofScript($run), [self::class, 'key']);
            self::around($run, $script);
        }
        \chdir(\dirname($script));
        return $script;
    }
    public static function around(Runtime $run, string $script, bool $included = true): void
    {
        $text = self::$needs === null ? (string) @\file_get_contents($script) : '';
        if (isset(self::$needs['pids']) || $text !== '' && \preg_match(self::PID_FILES, $text) === 1) {
            PidFiles::hide($run);
        }
        if ($included && (isset(self::$needs['shebang']) || \strncmp($text, '#!', 2) === 0)) {
            Shebang::skip($script);
        }
    }
    public static function onCommandLine(): void
    {
        $run = Runtime::current();
        if ($run !== null && $run->environment instanceof CommandLine) {
            self::around($run, $run->environment->script, false);
        }
    }
    public static function all(): void
    {
        if (!\defined('SWOOLE_VERSION')) {
            @include \dirname(__DIR__) . '/compat/constants.php';
            \defined('SIGTERM') || @include \dirname(__DIR__) . '/compat/pcntl.php';
        }
        require_once \dirname(__DIR__) . '/bundle/functions.php';
        if (!\defined('STDERR')) {
            Standard::define();
        }
        self::$aliases = true;
        Loader::aliases();
    }
    public static function ofScript(Runtime $run): bool
    {
        $environment = $run->environment;
        $key = $environment->key;
        if ($key !== '') {
            $stamp = self::stamp($environment->script);
            if (\strncmp($key, "$stamp ", \strlen($stamp) + 1) === 0) {
                $needs = \json_decode(\substr($key, \strlen($stamp) + 1), true);
                self::$needs = $needs;
                if (!isset($needs['all'])) {
                    self::$aliases = false;
                    $run->lean = !isset($needs['properties']);
                    foreach ($needs['constants'] ?? [] as $name => $value) {
                        \defined($name) || \define($name, $value);
                    }
                    return isset($needs['superglobals']);
                }
            } elseif (\strncmp($key, 'later ', 6) !== 0 || (int) \substr($key, 6) < \time()) {
                $run->outdated = true;
            }
        }
        self::all();
        return true;
    }
    public static function key(string $script, bool $resident = false): string
    {
        $file = (string) \realpath($script);
        \clearstatcache(true, $file);
        $changed = (int) @\filectime($file);
        $stamp = self::stamp($script);
        if ($changed === 0 || !\in_array($file, \get_included_files(), true)) {
            return 'later ' . (\time() + self::ASK_AGAIN);
        }
        $from = self::settled($file, $changed);
        if ($from > \time()) {
            return "later $from";
        }
        $text = (string) @\file_get_contents($file);
        $needs = \strncmp($text, '#!', 2) === 0 ? ['shebang' => true] : [];
        if (\class_exists(PidFiles::class, false) && PidFiles::$looked) {
            $needs['pids'] = true;
        }
        $around = (string) \ini_get('auto_prepend_file') . \ini_get('auto_append_file');
        $constants = $around === '' ? self::named($text) : null;
        if ($constants === null) {
            return "$stamp " . Wire::json(['all' => true] + $needs);
        }
        $needs += $constants === [] ? [] : ['constants' => $constants];
        if (\preg_match(self::SUPERGLOBALS, $text) !== 0) {
            $needs['superglobals'] = true;
        } else {
            self::forgetSuperglobals();
        }
        if ($resident || \preg_match(self::PROPERTIES, $text) !== 0) {
            $needs['properties'] = true;
        }
        return "$stamp " . Wire::json($needs);
    }
    public static function named(string $text): ?array
    {
        \preg_match_all(self::CONSTANTS, $text, $found);
        $values = [];
        foreach ($found[0] as $name) {
            if (\defined($name)) {
                $values[$name] = \constant($name);
            }
        }
        $rest = \strtr($text, \array_fill_keys(\array_keys($values), ''));
        return $text === '' || \preg_match(self::ELSEWHERE, $text) !== 0 || \preg_match(self::OTHERS, $rest) !== 0
            ? null
            : $values;
    }
    private static function forgetSuperglobals(): void
    {
        if (!\function_exists('opcache_invalidate')) {
            return;
        }
        $before = [];
        foreach (['entry.php', 'bundle/core.php', 'bundle/typed.php'] as $file) {
            $before[] = \dirname(__DIR__) . "/$file";
        }
        foreach (\array_diff(\get_included_files(), $before) as $file) {
            @\opcache_invalidate($file, true);
        }
    }
    private static function stamp(string $script): string
    {
        $file = \realpath($script);
        $changed = $file === false ? false : @\filectime($file);
        return $changed === false ? '.' : $changed . '.' . \fileinode($file);
    }
    private static function settled(string $file, int $changed): int
    {
        $now = \time();
        if (!\function_exists('opcache_get_status') || !\ini_get('opcache.enable')) {
            return $changed + 1;
        }
        if (!\ini_get('opcache.validate_timestamps')) {
            $status = @\opcache_get_status(false);
            $statistics = \is_array($status) ? $status['opcache_statistics'] : [];
            $started = \max($statistics['start_time'] ?? 0, $statistics['last_restart_time'] ?? 0);
            return $changed < $started ? $now : $now + self::ASK_AGAIN;
        }
        $seen = $changed + 2 + (int) \ini_get('opcache.revalidate_freq');
        return $seen < $now || @\opcache_invalidate($file, true) ? $changed + 1 : $seen + 1;
    }
}
}

// compat/Values.php
namespace FpmBridge\Compat {
final class Values
{
    public const BASE = 1;
    public const CLOSE_NORMAL = 1000;
    public const ERROR_DATA_LENGTH_TOO_LARGE = 1203;
    public const ERROR_HTTP_CONTEXT_UNAVAILABLE = 7106;
    public const ERROR_INVALID_PARAMS = 505;
    public const ERROR_NO_PAYLOAD = 550;
    public const ERROR_PROTOCOL_ERROR = 508;
    public const ERROR_SESSION_CLOSED = 1004;
    public const ERROR_SESSION_CLOSING = 1003;
    public const ERROR_SESSION_NOT_EXIST = 1005;
    public const ERROR_WEBSOCKET_PACK_FAILED = 8505;
    public const FLAG_COMPRESS = 2;
    public const FLAG_FIN = 1;
    public const FLAG_MASK = 32;
    public const FLAG_RSV1 = 4;
    public const FLAG_RSV2 = 8;
    public const FLAG_RSV3 = 16;
    public const OPCODE_BINARY = 2;
    public const OPCODE_CLOSE = 8;
    public const OPCODE_PING = 9;
    public const OPCODE_PONG = 10;
    public const OPCODE_TEXT = 1;
    public const PROCESS = 2;
    public const SOCK_TCP = 1;
    public const SOCK_UDP = 2;
    public const SOCK_UDP6 = 4;
    public const SOCK_UNIX_DGRAM = 6;
    public const SSL = 512;
    public const STATUS_NONE = 0;
    public const STATUS_ACTIVE = 3;
    public const STATUS_CLOSING = 4;
    public const WORKER_BUSY = 1;
    public static function bytes($size): int
    {
        if (\is_string($size) && \preg_match('/^\s*(\d+)\s*([kmg])(i?b)?\s*$/i', $size, $part) === 1) {
            return (int) $part[1] << ['k' => 10, 'm' => 20, 'g' => 30][\strtolower($part[2])];
        }
        return (int) $size;
    }
}
}

// compat/State.php
namespace FpmBridge\Compat {
use FpmBridge\Connections;
use FpmBridge\Event;
use FpmBridge\Reply;
use FpmBridge\Runtime;
use FpmBridge\Wire;
use Swoole\Server;
use Swoole\Server\Port;
final class State
{
    public const UNKNOWN = 0;
    public const OPEN = 1;
    public const CLOSED = 2;
    public const SHAKING = 2;
    public Runtime $run;
    public Reply $reply;
    public bool $started = false;
    public ?object $server = null;
    public array $callbacks = [];
    public string $address = '';
    public array $given = [];
    public array $warnings = [];
    public array $places = [];
    public ?array $task = null;
    public array $finishers = [];
    public array $processes = [];
    public array $intervals = [];
    public array $commands = [];
    public int $reachable = 0;
    public int $own = 0;
    public int $listener = 0;
    public bool $closing = false;
    public bool $byServer = false;
    public int $spoken = 3;
    public array $uids = [];
    public array $closed = [];
    public string $calling = '';
    public ?Turns $turns = null;
    public ?Connections $peers = null;
    public function __construct(Runtime $run)
    {
        $this->run = $run;
        $this->reply = $run->reply;
    }
    public function begin(Event $event, bool $several = false): void
    {
        if ($this->own !== 0 || $this->closed !== [] || $this->uids !== []) {
            $this->closing = false;
            $this->closed = [];
            $this->uids = [];
            $this->spoken = Values::STATUS_ACTIVE;
        }
        if ($several) {
            $this->listener = $event->listener();
        }
        $type = $event->type;
        $this->own = $fd = $event->fd;
        if ($type === Wire::MESSAGE || $type === Wire::OPEN) {
            $this->reachable = $fd;
            return;
        }
        $this->reachable = 0;
        if ($type === Wire::CLOSE) {
            $this->closing = true;
            $this->byServer = ($event->flags & 1) !== 0;
            $this->spoken = $event->opcode;
        } elseif ($type === Wire::REQUEST || $type === Wire::CONNECT) {
            $this->spoken = Values::STATUS_NONE;
        } elseif ($type === Wire::HANDSHAKE) {
            $this->spoken = self::SHAKING;
        }
    }
    public function save(): array
    {
        return [
            $this->reachable, $this->own, $this->listener, $this->closing, $this->byServer, $this->spoken, $this->uids,
            $this->closed, $this->task,
        ];
    }
    public function restore(array $saved, bool $later = false): void
    {
        [
            $this->reachable, $this->own, $this->listener, $this->closing, $this->byServer, $this->spoken, $this->uids,
            $this->closed, $this->task,
        ] = $saved;
        if ($later && !$this->closing && $this->spoken === Values::STATUS_ACTIVE) {
            $this->reachable = $this->own = 0;
            $this->closed = [];
        }
    }
    public function clear(): void
    {
        $this->restore([0, 0, 0, false, false, Values::STATUS_ACTIVE, [], [], null]);
    }
    public function place(?Event $event, ?array $doing): array
    {
        $server = $this->server;
        return $server instanceof Server ? Exits::place($server, $this, $event, $doing) : ['', '', 0];
    }
    public function ports(Server $server): array
    {
        if ($server->ports === null) {
            $type = $server->type | ($server->ssl ? Values::SSL : 0);
            $server->ports = [Port::ofServer($server, $this, 0, $server->host, $server->port, $type)];
            if ($this->started) {
                $server->ports[0]->start($server->setting);
            }
        }
        return $server->ports;
    }
    public function upgraded(int $fd): void
    {
        if ($fd === $this->own) {
            $this->spoken = Values::STATUS_ACTIVE;
        }
    }
    public function spoken(int $fd): int
    {
        return $fd === $this->own ? $this->spoken : $this->run->connections()->status($fd);
    }
    public function status(int $fd): int
    {
        if ($this->closed !== [] && isset($this->closed[$fd])) {
            return self::CLOSED;
        }
        if ($fd === $this->own) {
            return $this->closing ? self::CLOSED : self::OPEN;
        }
        $this->peers = $this->peers ?? $this->run->connections();
        return $fd > 0 && $this->peers->exists($fd) ? self::OPEN : self::UNKNOWN;
    }
    public function close(int $fd): void
    {
        $this->closed[$fd] = true;
        if ($fd === $this->reachable) {
            $this->reachable = 0;
        }
    }
    public function open(array $fds): array
    {
        return $this->closed === [] ? $fds : \array_diff($fds, \array_keys($this->closed));
    }
    public function __debugInfo(): array
    {
        return [];
    }
}
}

// compat/Swoole/Server.php
namespace Swoole {
use FpmBridge\Analysis\RequestMode;
use FpmBridge\Compat\Boot;
use FpmBridge\Compat\Child;
use FpmBridge\Compat\Control;
use FpmBridge\Compat\Jobs;
use FpmBridge\Compat\Dispatch;
use FpmBridge\Compat\Intervals;
use FpmBridge\Compat\Loader;
use FpmBridge\Compat\Nulls;
use FpmBridge\Compat\Placement;
use FpmBridge\Compat\Scheduler;
use FpmBridge\Compat\State;
use FpmBridge\Compat\Tasks;
use FpmBridge\Compat\Values;
use FpmBridge\Event;
use FpmBridge\Runtime;
use FpmBridge\Unsupported;
use FpmBridge\Wire;
use Swoole\Connection\Iterator;
use Swoole\Http\Request;
use Swoole\Server\Event as ConnectionEvent;
use Swoole\Server\Port;
use Swoole\WebSocket\CloseFrame;
use Swoole\WebSocket\Frame;
#[\AllowDynamicProperties]
class Server
{
    public const SIMPLE_MODE = 1;
    public const POOL_MODE = 2;
    public const IPC_UNSOCK = 1;
    public const IPC_MSGQUEUE = 2;
    public const IPC_PREEMPTIVE = 3;
    public const DISPATCH_RESULT_DISCARD_PACKET = -1;
    public const DISPATCH_RESULT_CLOSE_CONNECTION = -2;
    public const DISPATCH_RESULT_USERFUNC_FALLBACK = -3;
    public const TASK_TMPFILE = 1;
    public const TASK_SERIALIZE = 2;
    public const TASK_NONBLOCK = 4;
    public const TASK_CALLBACK = 8;
    public const TASK_WAITALL = 16;
    public const TASK_COROUTINE = 32;
    public const TASK_PEEK = 64;
    public const TASK_NOREPLY = 128;
    public const WORKER_BUSY = 1;
    public const WORKER_IDLE = 2;
    public const WORKER_EXIT = 3;
    public const STATS_DEFAULT = 0;
    public const STATS_JSON = 1;
    public const STATS_OPENMETRICS = 2;
    public $setting = null;
    public $connections = null;
    public $host = '';
    public $port = 0;
    public $type = 0;
    public $ssl = false;
    public $mode = 0;
    public $ports = null;
    public $master_pid = 0;
    public $manager_pid = 0;
    public $worker_id = -1;
    public $taskworker = false;
    public $worker_pid = 0;
    public $stats_timer = null;
    public $admin_server = null;
    protected $fpmbridge;
    private const SERVER_EVENTS = [
        'start' => true, 'beforeshutdown' => true, 'shutdown' => true, 'workerstart' => true, 'workerstop' => true,
        'beforereload' => true, 'afterreload' => true, 'task' => true, 'finish' => true, 'workerexit' => true,
        'workererror' => true, 'managerstart' => true, 'managerstop' => true, 'pipemessage' => true,
        'timer' => true, // of Swoole 1
    ];
    private const PORT_EVENTS = [
        'connect' => true, 'receive' => true, 'close' => true, 'packet' => false, 'bufferfull' => true,
        'bufferempty' => true, 'request' => true, 'handshake' => true, 'open' => true, 'message' => true,
        'disconnect' => true, 'beforehandshakeresponse' => true,
    ];
    private const CALLBACKS = [
        'Start', 'BeforeShutdown', 'Shutdown', 'WorkerStart', 'WorkerStop', 'BeforeReload', 'AfterReload',
        'WorkerExit', 'WorkerError', 'Task', 'Finish', 'ManagerStart', 'ManagerStop', 'PipeMessage',
    ];
    private const DEFAULTS = [
        'worker_num' => 1,
        'task_worker_num' => 0,
        'output_buffer_size' => 4294967295,
        'max_connection' => 100000,
        'open_http_protocol' => true,
        'open_websocket_protocol' => true,
        'open_mqtt_protocol' => false,
        'open_eof_check' => false,
        'open_length_check' => false,
    ];
    private const SIZES = [
        'package_max_length' => true, 'socket_buffer_size' => true, 'buffer_high_watermark' => true,
        'buffer_low_watermark' => true, 'output_buffer_size' => true, 'buffer_output_size' => true,
        'input_buffer_size' => true, 'buffer_input_size' => true, 'upload_max_filesize' => true,
        'max_queued_bytes' => true, 'kernel_socket_recv_buffer_size' => true, 'kernel_socket_send_buffer_size' => true,
    ];
    private const MAX_DATA = 66584576;
    public function __construct(
        string $host = '0.0.0.0',
        int $port = 0,
        int $mode = Values::BASE,
        int $sock_type = Values::SOCK_TCP,
        ...$named
    ) {
        $given = \func_num_args();
        if ($named !== []) {
            $sock_type = Boot::socketType($named, $sock_type);
        }
        if ($given < 1 || $given > 4) {
            $want = $given < 1 ? 'at least 1 argument' : 'at most 4 arguments';
            throw new \ArgumentCountError(__METHOD__ . "() expects $want, $given given");
        }
        if ($this->fpmbridge !== null) {
            throw new \Error('Constructor of ' . static::class . ' can only be called once');
        }
        $run = Runtime::require();
        if (!$run->build($this)) {
            throw new Exception('server is running. unable to create ' . static::class, -3);
        }
        $this->fpmbridge = $state = new State($run);
        $state->address = "$host $port $sock_type";
        $this->host = $host;
        $this->port = $port;
        $this->mode = $mode;
        $this->type = $sock_type & ~Values::SSL;
        $this->ssl = ($sock_type & Values::SSL) !== 0;
        if (!$run->lean) {
            $this->connections = new Iterator($this, $state);
        }
        if (!$run->lean || $port === 0) { // 6,000 instructions
            $this->port = $state->ports($this)[0]->port;
        }
    }
    public function on(string $event_name, callable $callback)
    {
        $state = $this->fpmbridge;
        if ($state->started) {
            $text = "server is running, unable to register $event_name callback: call it before start()";
            return Loader::warn(__METHOD__, $text);
        }
        $name = \strtolower($event_name);
        $served = self::SERVER_EVENTS[$name] ?? self::PORT_EVENTS[$name] ?? null;
        if ($served === null) {
            if (!$state->run->isDescribing()) {
                return Loader::fail(503);
            }
            Boot::unknownEvent($state, $event_name, \array_keys(self::SERVER_EVENTS + self::PORT_EVENTS));
            return Loader::warn('Swoole\Server\Port::on', "unknown event types[$event_name]");
        }
        unset($state->given[$name]);
        if (!\is_callable($callback)) {
            $state->given[$name] = $callback;
            $callback = Boot::closure($callback);
            if ($callback === null) {
                \is_callable($state->given[$name], true, $called);
                $state->run->abort(__METHOD__ . "(): function '$called' is not callable");
            }
        }
        if (!$served && $state->run->isDescribing()) {
            $state->warnings[] = "$name: the bridge serves no datagrams (" . Boot::here() . ')';
        }
        $state->callbacks[$name] = $callback;
        return true;
    }
    public function getCallback(string $event_name)
    {
        $name = \strtolower($event_name);
        return $this->fpmbridge->given[$name] ?? $this->fpmbridge->callbacks[$name] ?? null;
    }
    public function set(array $settings)
    {
        if ($this->fpmbridge->started) {
            $text = 'server is running, unable to execute ' . static::class . '->set: call it before start()';
            return Loader::warn(__METHOD__, $text);
        }
        $this->setting = $this->setting === null ? $settings : \array_replace($this->setting, $settings);
        if ($this->fpmbridge->run->isDescribing()) {
            Boot::said($this->fpmbridge, $settings, 0);
            foreach ($settings as $option => $value) {
                \is_string($value) && isset(self::SIZES[$option]) && $this->size($value);
            }
        }
        return true;
    }
    public function start()
    {
        $state = $this->fpmbridge;
        if ($state->started) {
            return Loader::warn(__METHOD__, 'server is running, unable to execute ' . static::class . '->start()');
        }
        if (\class_exists(Scheduler::class, false) && Scheduler::hasLoop()) {
            $text = 'eventLoop has already been created, unable to start ' . static::class;
            $state->run->unstarted = "$text: start it outside of Co\\run() and of all coroutines";
            return Loader::warn(__METHOD__, $text);
        }
        $run = $state->run;
        $callbacks = $state->callbacks;
        $kind = $this instanceof WebSocket\Server ? 'websocket' : ($this instanceof Http\Server ? 'http' : 'tcp');
        $given = $settings = $this->setting ?? [];
        $tasks = (int) ($given['task_worker_num'] ?? 0);
        if ($tasks > 0 && !isset($callbacks['task'])) {
            $run->abort(__METHOD__ . "(): require 'onTask' callback");
        }
        foreach ($settings as $option => $value) {
            if (\is_string($value) && isset(self::SIZES[$option])) {
                $settings[$option] = $this->size($value);
            }
        }
        $workers = (int) ($settings['worker_num'] ?? 0);
        if ($workers < 1) {
            $workers = $this->mode === Values::PROCESS ? $run->environment->workers() : 1;
        }
        if (!$run->lean && $run->environment->resident()) {
            $workers = $run->environment->staying() ?: \max(1, (int) ($settings['worker_num'] ?? 1));
        }
        if (isset($settings['buffer_output_size'])) { // its old name
            $given += ['output_buffer_size' => $settings['buffer_output_size']];
        }
        if (isset($settings['dispatch_mode'])) {
            Placement::apply($this, $state, $settings);
            $callbacks = $state->callbacks;
        }
        $all = $given;
        $all['worker_num'] = $workers;
        $all += self::DEFAULTS;
        if ($tasks < 0) { // a note says so
            $all['task_worker_num'] = $tasks = 0;
        }
        if ($kind !== 'websocket') {
            $all['open_websocket_protocol'] = !empty($settings['open_websocket_protocol']);
            $all['open_http_protocol'] = $kind === 'http' || !empty($settings['open_http_protocol']);
        }
        $this->setting = $all;
        $identity = "$kind $this->mode $workers $state->address";
        foreach ($callbacks as $name => $callback) {
            $identity .= " $name";
        }
        if ($settings !== []) {
            $identity .= Wire::json($settings);
        }
        if ($state->processes !== []) {
            $identity .= ' processes ' . \count($state->processes);
        }
        $ports = $this->ports ?? [];
        $several = \count($ports) > 1;
        foreach ($ports as $port) {
            $identity .= $port->start($all);
        }
        $needs = $kind === 'websocket' ? 'message' : ($kind === 'http' ? 'request' : 'receive');
        if ($several || !isset($callbacks[$needs])) {
            foreach ($state->ports($this) as $port) {
                $port->describe(); // says what is missing, if it is
            }
        }
        $this->worker_id = $workers === 1 ? 0 : $run->environment->worker() % $workers;
        $place = null;
        if (!$run->lean) { // 4,000 instructions
            $this->worker_pid = \function_exists('getmypid') ? \getmypid() : 0;
            $this->manager_pid = \function_exists('posix_getppid') ? \posix_getppid() : 0;
            $this->master_pid = $run->environment->bridge() ?: $this->manager_pid;
            $place = $run->environment->place();
        }
        $state->started = true;
        $state->server = $this;
        if ($place !== null) {
            $this->worker_id = $place;
            $this->taskworker = $place >= $workers && $place < $workers + $tasks;
        }
        $before = $after = null;
        if (isset($callbacks['workerstart'])) {
            $before = function () use ($state): void {
                if ($this->worker_id >= 0) {
                    ($state->callbacks['workerstart'])($this, $this->worker_id);
                }
            };
        }
        if (isset($callbacks['workerstop'])) {
            $after = function () use ($state): void {
                if ($this->worker_id >= 0) {
                    ($state->callbacks['workerstop'])($this, $this->worker_id);
                }
            };
        }
        $first = $before === null && $after === null ? null : $run->first();
        if ($first !== null && $first->type >= Wire::TASK && $first->type <= Wire::WORKER_ERROR) {
            Jobs::enter($this, $first); // whose start and end it is
        }
        if ($place !== null && $place >= $workers + $tasks) {
            $process = $state->processes[$place - $workers - $tasks] ?? null;
            $after = null;
            $before = static function () use ($process, $state): void {
                Child::serve($process, $state->run);
            };
        }
        $serve = function (Event $event) use ($state, $several): void {
            $state->begin($event, $several);
            $type = $event->type;
            $port = null;
            if ($several || $type !== Wire::MESSAGE) {
                $ports = $state->ports($this);
                $port = $ports[$state->listener] ?? $ports[0];
            }
            switch ($type) {
                case Wire::MESSAGE:
                    $opcode = $event->opcode;
                    $flags = $event->flags;
                    if ($opcode === Values::OPCODE_CLOSE) {
                        $frame = new CloseFrame();
                        $frame->code = $event->code === 1005 ? Values::CLOSE_NORMAL : $event->code;
                        $frame->reason = $event->data;
                    } else {
                        $frame = new Frame();
                        $frame->data = $event->data;
                    }
                    $frame->fd = $event->fd;
                    $frame->opcode = $opcode;
                    $frame->flags = $flags;
                    $frame->finish = ($flags & Wire::FIN) !== 0;
                    $message = $port === null ? $state->callbacks['message'] : $port->callback('message');
                    $message($this, $frame);
                    break;
                case Wire::RECEIVE:
                    $this->tell($port->callback('receive'), $event->fd, 0, $event->data);
                    break;
                case Wire::OPEN:
                    if (($callback = $port->callback('open')) !== null) {
                        $callback($this, Request::ofEvent($event));
                    }
                    break;
                case Wire::CONNECT:
                    if (($callback = $port->callback('connect')) !== null) {
                        $this->tell($callback, $event->fd, 0);
                    }
                    break;
                case Wire::CLOSE:
                    $callback = $state->spoken === Values::STATUS_ACTIVE ? null : $port->callback('disconnect');
                    if (($callback = $callback ?? $port->callback('close')) !== null) {
                        $this->tell($callback, $event->fd, $state->byServer ? -1 : 0);
                    }
                    break;
                case Wire::BUFFER_FULL:
                case Wire::BUFFER_EMPTY:
                    $callback = $port->callback($type === Wire::BUFFER_FULL ? 'bufferfull' : 'bufferempty');
                    if ($callback !== null) {
                        $callback($this, $event->fd);
                    }
                    break;
                case Wire::REQUEST:
                case Wire::HANDSHAKE:
                case Wire::BEFORE_HANDSHAKE:
                    Dispatch::http($this, $event, $state, $port);
                    break;
                default:
                    if ($type >= Wire::TASK) {
                        Jobs::handle($this, $state, $event);
                    }
            }
        };
        $run->memory = $state;
        if (!$run->lean) {
            $most = $place === null ? 'max_request' : ($place < 0 ? '' : 'task_max_request');
            $run->maxEvents = \max(0, (int) ($settings[$most] ?? 0));
            $grace = $settings[$most . '_grace'] ?? ($run->maxEvents > 10 ? \intdiv($run->maxEvents, 2) : 0);
            $run->maxEventsGrace = \max(0, (int) $grace);
            $run->maxWait = $settings['reload_async'] ?? true ? (float) ($settings['max_wait_time'] ?? 3) : 0.0;
        }
        if (isset($callbacks['workerexit'])) {
            $run->exiting = function () use ($state): void {
                ($state->callbacks['workerexit'])($this, $this->worker_id);
            };
        }
        $describe = $run->lean ? null : function () use ($kind, $settings, $workers, $tasks): array {
            return $this->description($kind, $settings, $workers, $tasks);
        };
        $run->serve($identity, $describe, $serve, $before, $after);
        return true;
    }
    public function exists(int $fd)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        return $this->fpmbridgeStarted(__METHOD__) && $this->fpmbridge->status($fd) === State::OPEN;
    }
    public function exist(int $fd)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        return $this->exists($fd);
    }
    public function close(int $fd, bool $reset = false)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        $state = $this->fpmbridge;
        if (!$this->fpmbridgeStarted(__METHOD__)) {
            return false;
        }
        switch ($state->status($fd)) {
            case State::UNKNOWN:
                return Loader::fail(Values::ERROR_SESSION_NOT_EXIST);
            case State::CLOSED:
                if (!$reset || $fd === $state->own && $state->closing) {
                    $ours = $fd === $state->own && $state->closing;
                    return Loader::fail($ours ? Values::ERROR_SESSION_CLOSING : Values::ERROR_SESSION_CLOSED);
                }
        }
        $state->reply->end($fd, 0, '', Wire::CLOSE_BARE | ($reset ? Wire::CLOSE_RESET : 0));
        $state->close($fd);
        return true;
    }
    public function getClientInfo(int $fd, int $reactor_id = -1, bool $ignoreError = false)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        if (!$this->fpmbridgeStarted(__METHOD__)) {
            return false;
        }
        $state = $this->fpmbridge;
        $event = $state->run->event;
        $info = $event !== null && $event->fd === $fd && $event->type !== Wire::REQUEST ? $event->connection() : [];
        $info = $info === [] ? $state->run->connections()->info($fd) : $info;
        if ($info === null || $info === []) {
            return false;
        }
        $status = (int) $info['status'];
        if ($fd === $state->own) {
            $status = $state->spoken;
        }
        $uid = $state->uids[$fd] ?? $info['uid'] ?? null;
        $ports = $state->ports($this);
        $port = $ports[(int) $info['listener']] ?? $ports[0];
        if ($event !== null && $event->fd === $fd || $state->run->worker !== null && !isset($info['worker'])) {
            $worker = $this->worker_id; // the one that has it now
        } else {
            $worker = ($info['worker'] ?? -1) % \max(1, (int) $this->setting['worker_num']);
        }
        $fixed = (int) ($this->setting['dispatch_mode'] ?? 0) === 8; // else worker 0 is not told
        return ($uid === null ? [] : ['uid' => $uid])
            + ($worker > 0 || $worker === 0 && $fixed ? ['worker_id' => $worker] : [])
            + (empty($port->setting['open_websocket_protocol']) ? [] : ['websocket_status' => $status])
            + (isset($info['client_cert']) ? ['ssl_client_cert' => (string) $info['client_cert']] : []) + [
            'server_port' => (int) $info['server_port'],
            'server_fd' => (int) ($info['server_fd'] ?? 0),
            'socket_fd' => (int) ($info['socket_fd'] ?? 0),
            'socket_type' => $port->type,
            'remote_port' => (int) $info['remote_port'],
            'remote_ip' => (string) $info['remote_addr'],
            'reactor_id' => 0,
            'connect_time' => (int) $info['connect_time'],
            'last_time' => (int) $info['recv_time'],
            'last_recv_time' => (float) $info['recv_time'],
            'last_send_time' => (float) $info['send_time'],
            'last_dispatch_time' => (float) $info['dispatch_time'],
            'close_errno' => (int) ($info['close_errno'] ?? 0),
            'recv_queued_bytes' => (int) $info['inbox_bytes'],
            'send_queued_bytes' => (int) $info['outbox_bytes'],
        ];
    }
    public function connection_info(int $fd, int $reactor_id = -1, bool $ignoreError = false)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        return $this->getClientInfo($fd, $reactor_id, $ignoreError);
    }
    public function getClientList(int $start_fd = 0, int $find_count = 10)
    {
        $start_fd = $start_fd ?? Nulls::int(__METHOD__, 1, 'start_fd');
        $find_count = $find_count ?? Nulls::int(__METHOD__, 2, 'find_count');
        if (!$this->fpmbridgeStarted(__METHOD__)) {
            return false;
        }
        if ($find_count > 100) {
            return Loader::warn(__METHOD__, 'swoole connection list max_find_count=100');
        }
        $fds = $this->fpmbridge->run->connections()->list($start_fd, \max(1, $find_count));
        return $fds === null || $fds === [] ? false : \array_values($this->fpmbridge->open($fds));
    }
    public function connection_list(int $start_fd = 0, int $find_count = 10)
    {
        $start_fd = $start_fd ?? Nulls::int(__METHOD__, 1, 'start_fd');
        $find_count = $find_count ?? Nulls::int(__METHOD__, 2, 'find_count');
        return $this->getClientList($start_fd, $find_count);
    }
    public function getLastError()
    {
        return Loader::$lastError;
    }
    public function getWorkerId()
    {
        return $this->fpmbridge->started && $this->worker_id >= 0 ? $this->worker_id : false;
    }
    public function getWorkerPid(int $worker_id = -1)
    {
        if (!$this->fpmbridge->started) {
            return false;
        }
        return $worker_id < 0 || $worker_id === $this->worker_id
            ? $this->worker_pid
            : Control::workerPid($this->fpmbridge, $worker_id);
    }
    public function getWorkerStatus(int $worker_id = -1)
    {
        if (!$this->fpmbridgeStarted(__METHOD__)) {
            return false;
        }
        return $worker_id < 0 || $worker_id === $this->worker_id
            ? $this->fpmbridge->run->workerStatus()
            : Control::workerStatus($this->fpmbridge, $worker_id);
    }
    public function getManagerPid()
    {
        return $this->manager_pid;
    }
    public function getMasterPid()
    {
        return $this->master_pid;
    }
    public function heartbeat(bool $ifCloseConnection = true)
    {
        if (!$this->fpmbridgeStarted(__METHOD__) || (int) ($this->setting['heartbeat_check_interval'] ?? 0) < 1) {
            return false;
        }
        $reply = $this->fpmbridge->run->connections()->idle($close = $ifCloseConnection && \func_num_args() > 0);
        if ($close) {
            \array_map([$this->fpmbridge, 'close'], $reply);
        }
        return $reply;
    }
    public function listen(string $host, int $port, int $sock_type)
    {
        if ($this->fpmbridge->started) {
            $text = 'server is running, unable to execute ' . static::class . '->listen: open all ports before start()';
            return Loader::warn(__METHOD__, $text);
        }
        $state = $this->fpmbridge;
        $index = \count($state->ports($this));
        $this->ports[0]->connections = new Iterator($this, $state, 0);
        return $this->ports[] = Port::ofServer($this, $state, $index, $host, $port, $sock_type);
    }
    public function addlistener(string $host, int $port, int $sock_type)
    {
        return $this->listen($host, $port, $sock_type);
    }
    public function send(int|string $fd, string $send_data, int $serverSocket = -1)
    {
        $send_data = $send_data ?? Nulls::string(__METHOD__, 2, 'send_data');
        if (!$this->fpmbridgeStarted(__METHOD__)) {
            return false;
        }
        if ($fd === null) {
            return Loader::warn(__METHOD__, 'fd can not be null');
        }
        if ($send_data === '') {
            return Loader::warn(__METHOD__, 'the data sent must not be empty', Values::ERROR_NO_PAYLOAD);
        }
        if (!\is_numeric($fd)) {
            throw new Unsupported('Swoole\Server::send() to an address: the bridge serves no datagrams');
        }
        $fd = (int) $fd;
        if ($fd <= 0) {
            return Loader::warn(__METHOD__, "invalid fd[$fd]");
        }
        return $this->isReachable($fd) && $this->fits(\strlen($send_data)) && $this->put($fd, $send_data);
    }
    public function sendfile(int $conn_fd, string $filename, int $offset = 0, int $length = 0)
    {
        if (!$this->fpmbridgeStarted(__METHOD__)) {
            return false;
        }
        if (!\is_file($filename) || !\is_readable($filename)) {
            return Loader::warn(__METHOD__, "file[$filename] cannot be read");
        }
        $size = (int) \filesize($filename);
        if ($offset < 0 || $length < 0 || $offset >= $size || $offset + $length > $size) {
            return Loader::warn(__METHOD__, "offset[$offset] and length[$length] are not in file[$filename]");
        }
        $length = $length === 0 ? $size - $offset : $length;
        if (!$this->isReachable($conn_fd) || !$this->fits($length)) {
            return false;
        }
        $data = \file_get_contents($filename, false, null, $offset, $length);
        return $data !== false && $this->put($conn_fd, $data);
    }
    public function sendto(string $ip, int $port, string $send_data, int $server_socket = -1)
    {
        throw new Unsupported('Swoole\Server::sendto() cannot be: the bridge serves no UDP: use'
            . ' stream_socket_client("udp://…")');
    }
    public function sendwait(int $conn_fd, string $send_data)
    {
        return $this->fpmbridgeStarted(__METHOD__)
            && Loader::warn(__METHOD__, 'can only be used with base mode and must be within worker process');
    }
    public function protect(int $fd, bool $is_protected = true)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        return $this->fpmbridgeStarted(__METHOD__) && $this->change($fd, Wire::PROTECT, $is_protected ? 1 : 0);
    }
    public function bind(int $fd, int $uid)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        $uid = $uid ?? Nulls::int(__METHOD__, 2, 'uid');
        if (!$this->fpmbridgeStarted(__METHOD__)) {
            return false;
        }
        if ($uid < -2147483648 || $uid > 4294967295) {
            return Loader::warn(__METHOD__, 'uid can not be greater than 4294967295 or less than -2147483648');
        }
        $state = $this->fpmbridge;
        if ($state->status($fd) !== State::OPEN || isset($state->uids[$fd])) {
            return false;
        }
        $info = $state->run->connections()->info($fd);
        if ($info === null || isset($info['uid'])) {
            return false;
        }
        $state->uids[$fd] = $uid;
        return $this->change($fd, Wire::BIND, 0, \pack('J', $uid));
    }
    public function pause(int $fd)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        return $this->fpmbridgeStarted(__METHOD__) && $this->isReachable($fd) && $this->change($fd, Wire::PAUSE);
    }
    public function resume(int $fd)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        return $this->fpmbridgeStarted(__METHOD__) && $this->isReachable($fd) && $this->change($fd, Wire::RESUME);
    }
    public function confirm(int $fd)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        return $this->fpmbridgeStarted(__METHOD__) && $this->isReachable($fd) && $this->change($fd, Wire::RESUME);
    }
    public function task($data, int $taskWorkerIndex = -1, ?callable $finishCallback = null)
    {
        return $this->fpmbridgeStarted(__METHOD__)
            ? Tasks::task($this, $this->fpmbridge, $data, $taskWorkerIndex, $finishCallback)
            : false;
    }
    public function taskwait($data, float $timeout = 0.5, int $taskWorkerIndex = -1)
    {
        return $this->fpmbridgeStarted(__METHOD__)
            ? Tasks::wait('taskwait', $this, $this->fpmbridge, [$data], $timeout, $taskWorkerIndex)[0] ?? false
            : false;
    }
    public function taskWaitMulti(array $tasks, float $timeout = 0.5)
    {
        return $this->fpmbridgeStarted(__METHOD__)
            ? Tasks::wait('taskWaitMulti', $this, $this->fpmbridge, $tasks, $timeout, -1) ?? false
            : false;
    }
    public function taskCo(array $tasks, float $timeout = 0.5)
    {
        $results = $this->fpmbridgeStarted(__METHOD__)
            ? Tasks::wait('taskCo', $this, $this->fpmbridge, $tasks, $timeout, -1)
            : null;
        if ($results === null) {
            return false;
        }
        $all = $results + \array_fill(0, \count($tasks), false);
        \ksort($all);
        return $all;
    }
    public function finish($data)
    {
        if (!$this->fpmbridgeStarted(__METHOD__)) {
            return false;
        }
        if ($this->taskworker && ($this->setting['task_enable_coroutine'] ?? false)) {
            $this->fpmbridge->run->abort('please use Swoole\Server\Task->finish instead when task_enable_coroutine is'
                . ' enable');
        }
        return Tasks::finish($this->fpmbridge, $data);
    }
    public function sendMessage($message, int $dst_worker_id)
    {
        return $this->fpmbridgeStarted(__METHOD__) && Tasks::send($this, $this->fpmbridge, $message, $dst_worker_id);
    }
    public function addProcess(Process $process)
    {
        $state = $this->fpmbridge;
        if ($state->started) {
            return Loader::warn(__METHOD__, 'server is running, unable to add process: call it before start()');
        }
        if (!$process instanceof Process) {
            $type = \is_object($process) ? \get_class($process) : \gettype($process);
            $text = "(): Argument #1 (\$process) must be of type Swoole\\Process, $type given";
            throw new \TypeError(__METHOD__ . $text);
        }
        if ($state->run->isDescribing() && !$state->run->environment->resident()) {
            $state->warnings[] = 'addProcess(): the process is not run: it needs --mode resident, or run it beside the'
                . ' bridge as a service that pushes (docs/push.md) (' . Boot::here() . ')';
        }
        $state->processes[] = $process;
        return $process->id = \count($state->processes) - 1;
    }
    public function addCommand(string $name, int $accepted_process_types, callable $callback)
    {
        return Control::addCommand($this->fpmbridge, $name, $accepted_process_types, $callback);
    }
    public function command(string $name, int $process_id, int $process_type, $data, bool $json_decode = true)
    {
        return $this->fpmbridgeStarted(__METHOD__)
            ? Control::command($this, $this->fpmbridge, $name, $process_type, $data, $json_decode)
            : false;
    }
    public function reload(bool $only_reload_taskworker = false)
    {
        return $this->fpmbridgeStarted(__METHOD__) && Control::reload($this->fpmbridge, $only_reload_taskworker);
    }
    public function stop(int $workerId = -1)
    {
        return $this->fpmbridgeStarted(__METHOD__) && Control::stop($this, $this->fpmbridge, $workerId);
    }
    public function shutdown()
    {
        return Control::shutdown($this->fpmbridge);
    }
    public function stats()
    {
        return $this->fpmbridgeStarted(__METHOD__) ? Control::stats($this, $this->fpmbridge) : false;
    }
    public function __call($name, $arguments)
    {
        switch (\strtolower($name)) {
            case 'tick':
                return Timer::tick(...$arguments);
            case 'addtimer':
                return Intervals::add($this, $this->fpmbridge, ...$arguments);
            case 'deltimer':
                return Intervals::remove($this->fpmbridge, ...$arguments);
            case 'after':
                return Timer::after(...$arguments);
            case 'cleartimer':
                return Timer::clear(...$arguments);
            case 'defer':
                return \Swoole\Event::defer(...$arguments);
            case 'bridge':
                return \FpmBridge\Gateway::current();
        }
        throw new \Error('Call to undefined method ' . static::class . "::$name()");
    }
    final protected function fpmbridgeStarted(string $method): bool
    {
        return $this->fpmbridge->started || Loader::warn($method, 'server is not running');
    }
    private function description(string $kind, array $settings, int $workers, int $tasks): array
    {
        $state = $this->fpmbridge;
        $listeners = [];
        $callbacks = [$state->callbacks];
        foreach ($this->ports as $port) {
            $listeners[] = $port->describe();
            $callbacks[] = $port->ownCallbacks();
        }
        $description = [
            'kind' => $kind,
            'batch' => true,
            'mode' => $this->mode,
            'settings' => (object) Boot::sent($settings),
            'listeners' => $listeners,
            'events' => Jobs::events($state->callbacks),
            'workers' => $workers,
            'task_workers' => $tasks,
            'warnings' => \array_merge($state->warnings, Boot::notes($settings, $state), Boot::ofScript($state)),
        ];
        if ($state->processes !== [] && $state->run->environment->resident()) {
            $description['processes'] = \count($state->processes);
        }
        return $state->run->isAnalysing() ? RequestMode::into($description, $callbacks, $this) : $description;
    }
    private function tell(callable $callback, int $fd, int $reactor, string ...$data): void
    {
        if (!($this->setting['event_object'] ?? false)) {
            $callback($this, $fd, $reactor, ...$data);
            return;
        }
        $event = new ConnectionEvent();
        $event->reactor_id = $reactor;
        $event->fd = $fd;
        $event->dispatch_time = \microtime(true);
        $event->data = $data[0] ?? null;
        $callback($this, $event);
    }
    private function size(string $size): int
    {
        if (\preg_match('/^\s*(\d+)\s*([kmg]?)\s*$/i', $size, $parts) !== 1) {
            $this->fpmbridge->run->abort("Swoole\Server::set(): failed to parse '$size' to size");
        }
        return (int) $parts[1] << ['' => 0, 'k' => 10, 'm' => 20, 'g' => 30][\strtolower($parts[2])];
    }
    private function isReachable(int $fd): bool
    {
        $status = $this->fpmbridge->status($fd);
        if ($status === State::OPEN) {
            return true;
        }
        return Loader::fail(
            $status === State::CLOSED ? Values::ERROR_SESSION_CLOSED : Values::ERROR_SESSION_NOT_EXIST
        );
    }
    private function fits(int $size): bool
    {
        $most = \min(self::MAX_DATA, Values::bytes($this->setting['output_buffer_size'] ?? self::MAX_DATA));
        return $size <= $most || Loader::fail(Values::ERROR_DATA_LENGTH_TOO_LARGE);
    }
    private function put(int $fd, string $data): bool
    {
        $this->fpmbridge->reply->bytes($fd, $data);
        return true;
    }
    private function change(int $fd, int $what, int $code = 0, string $data = ''): bool
    {
        if ($this->fpmbridge->status($fd) !== State::OPEN) {
            return false;
        }
        $this->fpmbridge->reply->change($fd, $what, $code, $data);
        return true;
    }
    public function __clone()
    {
        throw new \Error('Trying to clone an uncloneable object of class ' . static::class);
    }
    public function __serialize(): array
    {
        throw new \Exception("Serialization of '" . static::class . "' is not allowed");
    }
    public function __debugInfo()
    {
        $shown = (array) $this;
        unset($shown["\0*\0fpmbridge"]);
        $callbacks = [];
        foreach (self::CALLBACKS as $name) {
            $callbacks["\0Swoole\\Server\0on$name"] = $this->getCallback($name);
        }
        return $callbacks + $shown;
    }
}
}

// compat/Swoole/Http/Server.php
namespace Swoole\Http {
use Swoole\Server as BaseServer;
class Server extends BaseServer
{
}
}

// compat/Swoole/WebSocket/Server.php
namespace Swoole\WebSocket {
use FpmBridge\Compat\Loader;
use FpmBridge\Compat\Nulls;
use FpmBridge\Compat\State;
use FpmBridge\Compat\Values;
use FpmBridge\Wire;
use Swoole\Http\Server as HttpServer;
class Server extends HttpServer
{
    public const WEBSOCKET_STATUS_CONNECTION = 1;
    public const WEBSOCKET_STATUS_HANDSHAKE = 2;
    public const WEBSOCKET_STATUS_ACTIVE = 3;
    public const WEBSOCKET_STATUS_CLOSING = 4;
    public const WEBSOCKET_OPCODE_CONTINUATION = 0;
    public const WEBSOCKET_OPCODE_TEXT = 1;
    public const WEBSOCKET_OPCODE_BINARY = 2;
    public const WEBSOCKET_OPCODE_CLOSE = 8;
    public const WEBSOCKET_OPCODE_PING = 9;
    public const WEBSOCKET_OPCODE_PONG = 10;
    public const WEBSOCKET_FLAG_FIN = 1;
    public const WEBSOCKET_FLAG_COMPRESS = 2;
    public const WEBSOCKET_FLAG_RSV1 = 4;
    public const WEBSOCKET_FLAG_RSV2 = 8;
    public const WEBSOCKET_FLAG_RSV3 = 16;
    public const WEBSOCKET_FLAG_MASK = 32;
    public const WEBSOCKET_CLOSE_NORMAL = 1000;
    public const WEBSOCKET_CLOSE_GOING_AWAY = 1001;
    public const WEBSOCKET_CLOSE_PROTOCOL_ERROR = 1002;
    public const WEBSOCKET_CLOSE_DATA_ERROR = 1003;
    public const WEBSOCKET_CLOSE_STATUS_ERROR = 1005;
    public const WEBSOCKET_CLOSE_ABNORMAL = 1006;
    public const WEBSOCKET_CLOSE_MESSAGE_ERROR = 1007;
    public const WEBSOCKET_CLOSE_POLICY_ERROR = 1008;
    public const WEBSOCKET_CLOSE_MESSAGE_TOO_BIG = 1009;
    public const WEBSOCKET_CLOSE_EXTENSION_MISSING = 1010;
    public const WEBSOCKET_CLOSE_SERVER_ERROR = 1011;
    public const WEBSOCKET_CLOSE_TLS = 1015;
    private const MAX_CONTROL = 125;
    private const MAX_DATA = 66584576;
    public function push(int $fd, Frame|string $data, int $opcode = Values::OPCODE_TEXT, int $flags = Values::FLAG_FIN)
    {
        $state = $this->fpmbridge;
        if ($fd !== $state->reachable || $fd < 1) {
            $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
            $peers = $state->peers;
            $found = $peers !== null && $peers->life === 0 && ($peers->known[$fd] ?? 0) === Values::STATUS_ACTIVE;
            if (!$found || $state->closed !== [] || $fd === $state->own) {
                if (!$this->reachable(__METHOD__, $state, $fd)) {
                    return false;
                }
            }
        }
        $opcode = $opcode ?? Nulls::int(__METHOD__, 3, 'opcode');
        if ($data instanceof Frame || $opcode >= Values::OPCODE_CLOSE) {
            [$data, $opcode, $flags] = Frame::parts($data, $opcode, $flags);
        } else {
            $data = (string) $data;
        }
        if ($opcode > Values::OPCODE_PONG || $opcode < 0) {
            return Loader::warn(__METHOD__, 'the maximum value of opcode is 10', Values::ERROR_WEBSOCKET_PACK_FAILED);
        }
        if ($data === null) {
            return false;
        }
        $bits = $flags & Wire::FIN;
        if ($opcode >= Values::OPCODE_CLOSE) {
            if (\strlen($data) > self::MAX_CONTROL) {
                return Loader::warn(
                    __METHOD__,
                    'a control frame carries at most 125 bytes',
                    Values::ERROR_WEBSOCKET_PACK_FAILED
                );
            }
        } elseif (\strlen($data) > self::MAX_DATA) {
            return Loader::warn(
                __METHOD__,
                'the data of ' . \strlen($data) . ' bytes is too large: ' . self::MAX_DATA,
                Values::ERROR_DATA_LENGTH_TOO_LARGE
            );
        } elseif ($bits !== 0 && $opcode !== 0) {
            $bits |= Wire::COMPRESS;
        }
        $state->reply->frame($fd, $data, $opcode, $bits);
        return true;
    }
    public function disconnect(int $fd, int $code = Values::CLOSE_NORMAL, string $reason = '')
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        $code = $code ?? Nulls::int(__METHOD__, 2, 'code');
        $reason = $reason ?? Nulls::string(__METHOD__, 3, 'reason');
        $state = $this->fpmbridge;
        if (!$this->reachable(__METHOD__, $state, $fd)) {
            return false;
        }
        $code &= 0xffff;
        if (\strlen($reason) > self::MAX_CONTROL) {
            return Loader::warn(__METHOD__, 'the max length of close reason is 125', Values::ERROR_INVALID_PARAMS);
        }
        if (\strlen($reason) > self::MAX_CONTROL - 2) {
            $reason = (string) \preg_replace('/[\xC0-\xFF][\x80-\xBF]{0,2}$/D', '', \substr($reason, 0, 123));
        }
        if ($code === 0) {
            $state->reply->end($fd, 0, '', Wire::CLOSE_BARE);
        } else {
            $state->reply->end($fd, $code, $reason, Wire::CLOSE_NO_WAIT);
        }
        $state->close($fd);
        if ($fd === $state->own) {
            $state->spoken = Values::STATUS_CLOSING;
        }
        return true;
    }
    public function ping(int $fd, string $data = '')
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        $data = $data ?? Nulls::string(__METHOD__, 2, 'data');
        return $this->reachable(__METHOD__, $this->fpmbridge, $fd) && $this->push($fd, $data, Values::OPCODE_PING);
    }
    public function isEstablished(int $fd)
    {
        $fd = $fd ?? Nulls::int(__METHOD__, 1, 'fd');
        return $this->fpmbridgeStarted(__METHOD__) && $this->fpmbridge->status($fd) === State::OPEN
            && $this->fpmbridge->spoken($fd) === Values::STATUS_ACTIVE;
    }
    public static function pack(Frame|string $data, int $opcode = Values::OPCODE_TEXT, int $flags = Values::FLAG_FIN): string
    {
        return Frame::pack($data, $opcode, $flags);
    }
    public static function unpack(string $data)
    {
        return Frame::unpack($data);
    }
    private function reachable(string $method, State $state, int $fd): bool
    {
        if (!$state->started) {
            return Loader::warn($method, 'server is not running');
        }
        if ($fd <= 0) {
            return Loader::warn($method, "fd[$fd] is invalid");
        }
        $status = $state->status($fd);
        if ($status === State::OPEN) {
            return $state->spoken($fd) >= State::SHAKING || Loader::warn(
                $method,
                "the connected client of connection[$fd] is not a websocket client or closed"
            );
        }
        return $status === State::CLOSED
            ? Loader::fail(Values::ERROR_SESSION_CLOSED)
            : Loader::warn($method, "session#$fd does not exists");
    }
}
}

// compat/Swoole/WebSocket/Frame.php
namespace Swoole\WebSocket {
use FpmBridge\Compat\Loader;
use FpmBridge\Compat\Values;
#[\AllowDynamicProperties]
class Frame
{
    public $fd = 0;
    public $data = '';
    public $opcode = 1;
    public $flags = 1;
    public $finish = null;
    public function __toString(): string
    {
        return self::pack($this);
    }
    public static function pack($data, int $opcode = Values::OPCODE_TEXT, $flags = Values::FLAG_FIN): string
    {
        [$payload, $opcode, $flags] = self::parts($data, $opcode, $flags);
        if ($opcode > Values::OPCODE_PONG || $opcode < 0) {
            Loader::warn(__METHOD__, 'the maximum value of opcode is 10', Values::ERROR_WEBSOCKET_PACK_FAILED);
            return '';
        }
        if ($payload === null) {
            return '';
        }
        $fin = ($flags & Values::FLAG_FIN) !== 0;
        $first = ($fin ? 0x80 : 0) | $opcode
            | (($flags & Values::FLAG_RSV1) !== 0 ? 0x40 : 0)
            | (($flags & Values::FLAG_RSV2) !== 0 ? 0x20 : 0)
            | (($flags & Values::FLAG_RSV3) !== 0 ? 0x10 : 0);
        $deflate = ($flags & Values::FLAG_COMPRESS) !== 0 && $fin && $payload !== ''
            && ($opcode === Values::OPCODE_TEXT || $opcode === Values::OPCODE_BINARY);
        if ($deflate) {
            $context = \deflate_init(\ZLIB_ENCODING_RAW);
            $payload = \substr(\deflate_add($context, $payload, \ZLIB_SYNC_FLUSH), 0, -4);
            $first |= 0x40;
        }
        $masked = ($flags & Values::FLAG_MASK) !== 0;
        $bit = $masked ? 0x80 : 0;
        $length = \strlen($payload);
        if ($length < 126) {
            $head = \chr($first) . \chr($bit | $length);
        } elseif ($length < 65536) {
            $head = \pack('CCn', $first, $bit | 126, $length);
        } else {
            $head = \pack('CCJ', $first, $bit | 127, $length);
        }
        return $masked ? $head . '258E' . self::mask($payload, '258E') : $head . $payload;
    }
    public static function unpack(string $data)
    {
        $size = \strlen($data);
        if ($size < 2) {
            return Loader::fail(Values::ERROR_PROTOCOL_ERROR);
        }
        $first = \ord($data[0]);
        $masked = (\ord($data[1]) & 0x80) !== 0;
        $length = \ord($data[1]) & 0x7f;
        $at = 2;
        if ($length > 125) {
            $at = $length === 126 ? 4 : 10;
            if ($size < $at) {
                return Loader::fail(Values::ERROR_PROTOCOL_ERROR);
            }
            $length = \unpack($at === 4 ? 'n' : 'J', $data, 2)[1];
        }
        $key = $masked ? \substr($data, $at, 4) : '';
        $at += $masked ? 4 : 0;
        if ($length < 0 || $size - $at < $length) {
            return Loader::fail(Values::ERROR_PROTOCOL_ERROR);
        }
        $payload = \substr($data, $at, $length);
        if ($masked) {
            $payload = self::mask($payload, $key);
        }
        $flags = (($first & 0x80) !== 0 ? Values::FLAG_FIN : 0)
            | (($first & 0x40) !== 0 ? Values::FLAG_RSV1 : 0)
            | (($first & 0x20) !== 0 ? Values::FLAG_RSV2 : 0)
            | (($first & 0x10) !== 0 ? Values::FLAG_RSV3 : 0)
            | ($masked ? Values::FLAG_MASK : 0);
        if (($first & 0x40) !== 0) {
            $context = \inflate_init(\ZLIB_ENCODING_RAW);
            $payload = @\inflate_add($context, $payload . "\x00\x00\xff\xff", \ZLIB_SYNC_FLUSH);
            if ($payload === false) {
                return Loader::fail(Values::ERROR_PROTOCOL_ERROR);
            }
            $flags |= Values::FLAG_COMPRESS;
        }
        $opcode = $first & 0x0f;
        if ($opcode === Values::OPCODE_CLOSE) {
            $frame = new CloseFrame();
            if (\strlen($payload) >= 2) {
                $frame->code = \unpack('n', $payload)[1];
                $frame->code -= $frame->code > 32767 ? 65536 : 0;
                $frame->reason = (string) \substr($payload, 2);
            }
        } else {
            $frame = new Frame();
            $frame->data = $payload;
        }
        $frame->opcode = $opcode;
        $frame->flags = $flags;
        $frame->finish = ($flags & Values::FLAG_FIN) !== 0;
        return $frame;
    }
    final public static function parts($data, $opcode, $flags): array
    {
        if (!$data instanceof self) {
            $text = (string) $data;
            $opcode = (int) $opcode;
            $payload = $opcode === Values::OPCODE_CLOSE ? "\0\0" . $text : $text;
            $flags = (int) $flags;
        } else {
            $opcode = (int) $data->opcode;
            $flags = (int) $data->flags;
            if ($data->finish !== null) {
                $flags = $data->finish ? $flags | Values::FLAG_FIN : $flags & ~Values::FLAG_FIN;
            }
            if ($opcode === Values::OPCODE_CLOSE) {
                $reason = (string) ($data->reason ?? '');
                $payload = \pack('n', (int) ($data->code ?? Values::CLOSE_NORMAL)) . $reason;
                if (\strlen($reason) > 125) {
                    Loader::warn(
                        'Swoole\WebSocket\Frame::pack',
                        'the max length of close reason is 125',
                        Values::ERROR_WEBSOCKET_PACK_FAILED
                    );
                    $payload = null;
                }
            } else {
                $payload = (string) $data->data;
            }
        }
        if ($opcode >= Values::OPCODE_CLOSE) {
            $flags = ($flags | Values::FLAG_FIN)
                & ~(Values::FLAG_RSV1 | Values::FLAG_COMPRESS);
        }
        return [$payload, $opcode, $flags];
    }
    private static function mask(string $payload, string $key): string
    {
        return $payload ^ \substr(\str_repeat($key, \intdiv(\strlen($payload) + 3, 4)), 0, \strlen($payload));
    }
}
}

// compat/Swoole/Connection/Iterator.php
namespace Swoole\Connection {
use FpmBridge\Compat\State;
use Swoole\Server;
class Iterator implements \Iterator, \ArrayAccess, \Countable
{
    private $server;
    private $state;
    private $fds = [];
    private $at = 1;
    private $listener = -1;
    public function __construct($server = null, $state = null, int $listener = -1)
    {
        if (!$server instanceof Server || !$state instanceof State) {
            throw new \Error('please use the Swoole\Server->connections');
        }
        $this->server = \WeakReference::create($server);
        $this->state = $state;
        $this->listener = $listener;
    }
    public function count(): int
    {
        return $this->state->started ? $this->state->run->connections()->count($this->listener) : 0;
    }
    public function rewind(): void
    {
        $this->at = 1;
        $this->fds = [];
        if ($this->state->started) {
            $fds = $this->state->run->connections()->list(0, 0, $this->listener) ?? [];
            $open = $this->state->open($fds);
            if (\count($open) < \count($fds)) {
                \array_unshift($open, 0);
                unset($open[0]);
            }
            $this->fds = $open;
        }
    }
    public function valid(): bool
    {
        return isset($this->fds[$this->at]);
    }
    #[\ReturnTypeWillChange]
    public function current()
    {
        return $this->fds[$this->at] ?? null;
    }
    #[\ReturnTypeWillChange]
    public function key()
    {
        return $this->at;
    }
    public function next(): void
    {
        $this->at++;
    }
    public function offsetExists($fd): bool
    {
        $server = $this->server->get();
        return $server !== null && $server->exists((int) $fd);
    }
    #[\ReturnTypeWillChange]
    public function offsetGet($fd)
    {
        $server = $this->server->get();
        return $server === null ? false : $server->getClientInfo((int) $fd);
    }
    public function offsetSet($fd, $value): void
    {
    }
    public function offsetUnset($fd): void
    {
    }
    public function __clone()
    {
        throw new \Error('Trying to clone an uncloneable object of class ' . static::class);
    }
    public function __serialize(): array
    {
        throw new \Exception("Serialization of '" . static::class . "' is not allowed");
    }
    public function __debugInfo()
    {
        return [];
    }
}
}

// compat/Swoole/Server/Port.php
namespace Swoole\Server {
use FpmBridge\Compat\Boot;
use FpmBridge\Compat\Loader;
use FpmBridge\Compat\State;
use FpmBridge\Compat\Values;
use FpmBridge\Wire;
use Swoole\Connection\Iterator;
use Swoole\Server;
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
    private $server = null;
    private $state;
    private $index = 0;
    private $asked = 0;
    private $callbacks = [];
    private $given = [];
    private $own = false;
    public const EVENTS = [
        'open' => 1, 'message' => 1, 'close' => 7, 'connect' => 7, 'receive' => 4, 'request' => 3, 'handshake' => 1,
        'beforehandshakeresponse' => 1, 'disconnect' => 7, 'bufferfull' => 5, 'bufferempty' => 5, 'packet' => 0,
    ];
    private const CALLBACKS = [
        'Connect', 'Receive', 'Close', 'Packet', 'BufferFull', 'BufferEmpty', 'Request', 'Handshake', 'Open',
        'Message', 'Disconnect', 'BeforeHandshakeResponse',
    ];
    private const UNIX = 5;
    private const PROTOCOLS = ['websocket' => 1, 'http' => 2, 'tcp' => 4];
    private function __construct()
    {
    }
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
    public function set(array $settings): void
    {
        $this->setting = \array_replace($this->setting ?? [], $settings);
        if ($this->index > 0 && $this->state->run->isDescribing()) {
            Boot::said($this->state, $settings, $this->index);
        }
        if ($this->index === 0 && $this->server->get() !== null) {
            $this->server->get()->set($settings);
        }
    }
    public function on(string $event_name, $callback): bool
    {
        if ($this->state->started) {
            return Loader::warn(__METHOD__, "can't register event callback function after server started");
        }
        $name = \strtolower($event_name);
        if (!isset(self::EVENTS[$name])) {
            Boot::unknownEvent($this->state, $event_name, \array_keys(self::EVENTS));
            return Loader::warn(__METHOD__, "unknown event types[$event_name]");
        }
        if ($this->index === 0) {
            return $this->server->get() !== null && $this->server->get()->on($event_name, $callback);
        }
        unset($this->given[$name]);
        if (!\is_callable($callback)) {
            $this->given[$name] = $callback;
            $callback = Boot::closure($callback);
            if ($callback === null) {
                \is_callable($this->given[$name], true, $called);
                $this->state->run->abort(__METHOD__ . "(): function '$called' is not callable");
            }
        }
        $this->callbacks[$name] = $callback;
        return true;
    }
    public function getCallback(string $event_name)
    {
        $name = \strtolower($event_name);
        if (!isset(self::EVENTS[$name])) {
            return null;
        }
        return $this->index === 0
            ? $this->state->given[$name] ?? $this->state->callbacks[$name] ?? null
            : $this->given[$name] ?? $this->callbacks[$name] ?? null;
    }
    final public function callback(string $name)
    {
        return $this->callbacks[$name] ?? $this->state->callbacks[$name] ?? null;
    }
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
    final public function ownCallbacks(): array
    {
        return $this->callbacks;
    }
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
            $http = $http || ($server instanceof \Swoole\Http\Server && $this->callback('receive') === null);
        }
        return $websocket ? 'websocket' : ($http ? 'http' : 'tcp');
    }
    final public function start(array $inherited): string
    {
        $identity = '';
        if ($this->index > 0) {
            $this->own = $this->setting !== null;
            $identity = " $this->host $this->asked $this->type $this->ssl "
                . \implode(' ', \array_keys($this->callbacks)) . ($this->own ? Wire::json($this->setting) : '');
        }
        if (!$this->own) {
            $this->setting = $inherited;
        }
        return $identity;
    }
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
        if (\in_array('disconnect', $events, true) && !\in_array('close', $events, true)) {
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
    private function check(string $protocol): void
    {
        if (\in_array($this->type, [Values::SOCK_UDP, Values::SOCK_UDP6, Values::SOCK_UNIX_DGRAM], true)) {
            return; // the bridge refuses it, with a sentence
        }
        $needs = ['websocket' => 'message', 'http' => 'request', 'tcp' => 'receive'][$protocol];
        if ($this->callback($needs) === null && ($this->index === 0 || $this->callback('receive') === null)) {
            $which = $this->index === 0 ? '' : " for the port $this->host:$this->asked";
            $which .= $this->index === 0 ? '' : Boot::at($this->state, 'listen', $this->index);
            $this->state->run->abort('Swoole\Server::start(): require on' . \ucfirst($needs) . " callback$which");
        }
    }
    public function __clone()
    {
        throw new \Error('Trying to clone an uncloneable object of class ' . static::class);
    }
    public function __serialize(): array
    {
        throw new \Exception("Serialization of '" . static::class . "' is not allowed");
    }
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
}

// compat/Swoole/Table.php
namespace Swoole {
use FpmBridge\Compat\Loader;
use FpmBridge\Compat\Nulls;
use FpmBridge\Shared\Layout;
use FpmBridge\Shared\Rows;
use FpmBridge\Shared\Space;
class Table implements \Iterator, \Countable, \ArrayAccess
{
    public const TYPE_INT = 1;
    public const TYPE_FLOAT = 2;
    public const TYPE_STRING = 3;
    private const MAX_KEY = 63;
    private const STATS = [
        'num', 'conflict_count', 'conflict_max_level', 'insert_count', 'update_count', 'delete_count',
        'available_slice_num', 'total_slice_num',
    ];
    public $size = null;
    public $memorySize = null;
    private $layout;
    private $rows = null;
    private $created = false;
    private $asked = 0;
    private $page = [];
    private $at = 0;
    private $next = 0;
    public function __construct(int $table_size = \PHP_INT_MIN, float $conflict_proportion = 0.2, ...$named)
    {
        if ($named !== []) {
            $names = ['size' => $table_size, 'conflictProportion' => $conflict_proportion];
            [$table_size, $conflict_proportion] = \FpmBridge\Compat\Named::values($named, $names);
        }
        if ($table_size === \PHP_INT_MIN) {
            throw new \ArgumentCountError(__METHOD__ . '() expects at least 1 argument, 0 given');
        }
        if ($this->layout !== null) {
            throw new \Error('Constructor of ' . static::class . ' can only be called once');
        }
        $this->asked = $table_size;
        $this->layout = new Layout($table_size < 0 ? \PHP_INT_MAX : $table_size, $conflict_proportion);
    }
    public function column(string $name, int $type, int $size = 0)
    {
        if ($this->created) {
            return Loader::warn(__METHOD__, 'unable to add column after table has been created');
        }
        if ($type === self::TYPE_STRING) {
            if ($size < 1) {
                return Loader::warn(__METHOD__, 'the length of string type values has to be more than zero');
            }
            $size = ($size + 7) & ~7;
        } elseif ($type === self::TYPE_INT || $type === self::TYPE_FLOAT) {
            $size = 8;
        } else {
            Space::log("Swoole\\Table::column(): unknown column type: $type");
            return false;
        }
        $this->layout->add($name, $type, $size);
        return true;
    }
    public function create()
    {
        if ($this->created) {
            Space::fatal('table has been created already');
        }
        if ($this->asked < 0) {
            Space::fatal('unable to allocate memory');
        }
        $this->created = true;
        $this->layout->freeze();
        $this->rows = Space::rows($this->layout);
        $this->size = $this->getSize();
        $this->memorySize = $this->getMemorySize();
        return true;
    }
    public function destroy()
    {
        $this->rows()->destroy();
        $this->rows = null;
        return true;
    }
    public function set(string $key, array $value)
    {
        $key = $key ?? Nulls::string(__METHOD__, 1, 'key');
        $rows = $this->rows();
        $name = self::name($key, __METHOD__);
        $values = [];
        foreach ($value as $column => $given) {
            if (!isset($this->layout->columns[$column])) {
                continue;
            }
            [, $type, $size] = $this->layout->columns[$column];
            if ($type === self::TYPE_INT) {
                $given = (int) $given;
            } elseif ($type === self::TYPE_FLOAT) {
                $given = (float) $given;
            } else {
                $given = (string) $given;
                if (\strlen($given) > $size) {
                    Space::log("Swoole\\Table::set(): [key=$key,field=$column]string value is too long");
                    $given = \substr($given, 0, $size);
                }
            }
            $values[$column] = $given;
        }
        $full = $rows->set($name, $values);
        if ($full !== '') {
            Space::log("Swoole\\Table::set(): failed to set('$key'), unable to allocate memory: $full");
            return false;
        }
        return true;
    }
    #[\ReturnTypeWillChange]
    public function get(string $key, string $field = null)
    {
        $key = $key ?? Nulls::string(__METHOD__, 1, 'key');
        $rows = $this->rows();
        $name = self::name($key);
        if ($field === null) {
            return $rows->get($name) ?? false;
        }
        return isset($this->layout->columns[$field]) ? $rows->field($name, $field)[0] ?? false : false;
    }
    #[\ReturnTypeWillChange]
    public function incr(string $key, string $column, int|float $incrby = 1)
    {
        $key = $key ?? Nulls::string(__METHOD__, 1, 'key');
        return $this->change(__METHOD__, $key, $column, $incrby, false);
    }
    #[\ReturnTypeWillChange]
    public function decr(string $key, string $column, int|float $incrby = 1)
    {
        $key = $key ?? Nulls::string(__METHOD__, 1, 'key');
        return $this->change(__METHOD__, $key, $column, $incrby, true);
    }
    public function exists(string $key)
    {
        $key = $key ?? Nulls::string(__METHOD__, 1, 'key');
        return $this->rows()->exists(self::name($key));
    }
    public function exist(string $key)
    {
        $key = $key ?? Nulls::string(__METHOD__, 1, 'key');
        return $this->rows()->exists(self::name($key));
    }
    public function del(string $key)
    {
        $key = $key ?? Nulls::string(__METHOD__, 1, 'key');
        return $this->rows()->del(self::name($key));
    }
    public function delete(string $key)
    {
        $key = $key ?? Nulls::string(__METHOD__, 1, 'key');
        return $this->rows()->del(self::name($key));
    }
    public function count(): int
    {
        $given = \func_get_args();
        $rows = $this->rows()->count();
        return ($given[0] ?? \COUNT_NORMAL) === \COUNT_RECURSIVE ? $rows * \count($this->layout->columns) : $rows;
    }
    public function getSize()
    {
        return $this->layout->size;
    }
    public function getMemorySize()
    {
        return $this->created ? $this->layout->memory() : 0;
    }
    #[\ReturnTypeWillChange]
    public function stats()
    {
        return \array_combine(self::STATS, $this->rows()->stats());
    }
    public function rewind(): void
    {
        $this->turn(0);
    }
    public function valid(): bool
    {
        $this->rows();
        return isset($this->page[$this->at]);
    }
    #[\ReturnTypeWillChange]
    public function current()
    {
        $this->rows();
        return $this->page[$this->at][1] ?? null;
    }
    #[\ReturnTypeWillChange]
    public function key()
    {
        $this->rows();
        return isset($this->page[$this->at]) ? \substr($this->page[$this->at][0], 0, self::MAX_KEY) : null;
    }
    public function next(): void
    {
        $this->rows();
        if (++$this->at >= \count($this->page) && $this->next !== 0) {
            $this->turn($this->next);
        }
    }
    public function offsetExists($key): bool
    {
        return $this->exists((string) $key);
    }
    public function offsetGet($key): Table\Row
    {
        return new Table\Row($this, (string) $key, $this->get((string) $key) ?: []);
    }
    public function offsetSet($key, $row): void
    {
        $this->set((string) $key, $row);
    }
    public function offsetUnset($key): void
    {
        $this->del((string) $key);
    }
    private function turn(int $cursor): void
    {
        do {
            [$this->page, $cursor] = $this->rows()->page($cursor);
        } while ($this->page === [] && $cursor !== 0);
        $this->next = $cursor;
        $this->at = 0;
    }
    private function change($method, $key, $column, $by, $minus)
    {
        $rows = $this->rows();
        $name = self::name($key, $method);
        if (!isset($this->layout->columns[$column])) {
            return Loader::warn($method, "column[$column] does not exist");
        }
        $type = $this->layout->columns[$column][1];
        if ($type === self::TYPE_STRING) {
            return Loader::warn($method, "can't execute 'incr' on a string type column");
        }
        $changed = $rows->add($name, $column, $type === self::TYPE_INT ? (int) $by : (float) $by, $minus);
        if ($changed === []) {
            return Loader::warn($method, 'unable to allocate memory');
        }
        return $changed[0];
    }
    private static function name(string $key, string $method = ''): string
    {
        if (\strlen($key) <= self::MAX_KEY) {
            return $key;
        }
        if ($method !== '') {
            Loader::warn($method, "key[$key] is too long");
        }
        return \substr($key, 0, self::MAX_KEY) . \md5($key, true);
    }
    private function rows()
    {
        if ($this->rows === null) {
            Space::fatal('table is not created or has been destroyed');
        }
        return $this->rows;
    }
    public function __debugInfo()
    {
        return ['size' => $this->size, 'memorySize' => $this->memorySize];
    }
}
}
