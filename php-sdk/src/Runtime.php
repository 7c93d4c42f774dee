<?php

declare(strict_types=1);

namespace FpmBridge;

use Closure;
use LogicException;
use Throwable;
use WeakReference;

/**
 * One PHP run for the bridge: its events in, its answer out (docs/protocol.md section 5).
 *
 * The answer leaves through an output buffer that stands below everything the script prints: so nothing that is printed
 * gets between the frames, whenever it is printed, and the last end is written after the script's shutdown functions
 * and destructors.
 */
// Defaults of properties and constants are literals on purpose, here and in the other files that each request loads: an
// expression is computed for each request, and its class copied for that.
final class Runtime
{
    public const VERSION = '0.1.0';

    /** What the run is beside a request with events. */
    private const DESCRIBING = 1;
    private const RESIDENT = 2;
    private const HOSTED = 3;

    /** The script's own code runs, no event yet. */
    private const TOP = 0;
    /** What is to run before the first event runs. */
    private const BEFORE = 1;
    private const BETWEEN = 2;
    /** A handler runs. */
    private const HANDLER = 3;
    /** All events are handled. */
    private const OVER = 4;
    /** The answer has left. */
    private const SENT = 5;

    /** E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR */
    public const FATAL = 4437;

    /** Memory that the answer to a script that used up its limit may take, in bytes. */
    private const RESCUE = 4194304;

    /** Answers from here on may not fit into PHP's memory, in bytes. */
    private const LARGE = 1048576;

    /** Set aside, so that a script at its limit leaves enough to raise it, in bytes. */
    private const RESERVE = 4096;

    /** The end of an event that was handled, before its id and between that and the hash: Wire::END, 8 bytes. */
    private const END_TO_ID = "\0\0\0\x08\x7f\0\0\0";
    private const END_FROM_ID = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

    private const OUTPUT_CHUNK = 16384;
    /** PHP_OUTPUT_HANDLER_CLEANABLE | PHP_OUTPUT_HANDLER_FLUSHABLE */
    private const OUTPUT_FLAGS = 48;
    private const CONTENT_TYPE = 'Content-Type: application/vnd.fpmbridge.frames';

    private static ?self $current = null;

    public Reply $reply;
    public Environment $environment;

    /** The request's key does not fit the script any more: the bridge should ask for a new one. */
    public bool $outdated = false;

    /** The script is known not to look at what is costly to make, and its events come in requests. */
    public bool $lean = false;

    /** The script may read $_SERVER. */
    public bool $superglobals = true;

    /** In a test, for what is asked for outside of events. */
    public ?Client $client = null;

    /** Null as long as there is nothing to log. */
    private ?Log $log = null;

    /** The event that is handled; null between events. */
    public ?Event $event = null;

    /** Output buffers below those that the script opens; -1: nobody knows. */
    public int $outputLevel = -1;

    /** What is still to be called if the handler calls exit. */
    public ?Closure $afterExit = null;

    /** What the handler left to be done later in the same event. */
    public ?Background $background = null;

    /** Why no server runs, if the script ends and none does. */
    public string $unstarted = 'the script builds a server but does not call start()';

    /** What is to be done when the script calls start(). */
    public ?Closure $beforeServing = null;

    /** What comes before the first event runs: Swoole's workerStart. */
    public bool $starting = false;

    /** start() was called: what is created from now on belongs to this run alone. */
    public bool $serving = false;

    /** What the script shares with other runs; null if nothing. */
    public ?Shared\Space $space = null;

    /**
     * What the script knows of the event in hand beside $event: has save(): array, restore(array), clear(), and
     * place(?Event, Resident::$doing): array{string, string, int}, the name, file and line of the callback that runs.
     */
    public ?object $memory = null;

    /** @var array<int, WeakReference<object>> what a worker that ends must not leave open: abandon(string) ends it */
    public array $kept = [];

    /** Events after which a resident worker ends in order; 0: no limit. */
    public int $maxEvents = 0;

    /** At most so many more, at random: workers do not end all at once. */
    public int $maxEventsGrace = 0;

    /** @var (Closure(): void)|null runs each second while a resident worker waits at its end for coroutines */
    public ?Closure $exiting = null;

    /** How long it waits for them, in seconds. */
    public float $maxWait = 3.0;

    /** The loop of a worker that stays; null in a request of one event or batch. */
    public ?Resident $worker = null;

    private ?Connections $connections = null;
    private ?Queries $queries = null;

    /** @var list<Event> */
    private array $events = [];
    private int $index = 0;
    private int $stage = 0;
    private int $kind = 0;

    /** The code of the end of the event that is worked on: Wire::DONE to Wire::NOT_STARTED. */
    private int $code = 0;

    /** @var array<string, mixed> meta of that end */
    private array $failure = [];

    private string $hash = "\0\0\0\0\0\0\0\0";

    /** The next flush of the output buffer sends the end of the event. */
    private bool $flushing = false;
    private bool $fatal = false;
    private ?string $reserve = null;

    /** @var WeakReference<object>|null the server that the script built */
    private ?WeakReference $server = null;
    /** The script's code came to its end, as opposed to exit. */
    private bool $reachedEnd = false;

    /** @var (Closure(Event, Reply): void)|null of a hosted run, as the next two */
    private ?Closure $handler = null;

    /** @var (Closure(): void)|null */
    private ?Closure $before = null;

    /** @var (Closure(): void)|null */
    private ?Closure $after = null;

    /** @var array<string, mixed> */
    private array $described = [];

    /** @var array{class-string, string}|array{} gives the description's key */
    private array $key = [];

    public function __construct(Environment $environment)
    {
        $this->environment = $environment;
        $this->reply = new Reply();
    }

    /**
     * The run that is going on, null outside of the bridge.
     */
    public static function current(): ?self
    {
        return self::$current;
    }

    /**
     * The run that is going on.
     *
     * @throws LogicException outside of the bridge
     */
    public static function require(): self
    {
        if (self::$current === null) {
            throw new LogicException('this script serves WebSocket through fpmbridge and PHP-FPM: start it with'
                . ' `fpmbridge serve ' . basename(get_included_files()[0]) . '`');
        }
        return self::$current;
    }

    /**
     * Begins a request of php-fpm; called by entry.php. Or a process of the command line's, which has an environment.
     *
     * @return bool false when there is no script to run: the answer is on its way
     */
    public static function begin(?Environment $environment = null): bool
    {
        $environment = $environment ?? Environment::read();
        if ($environment === null) {
            header('Content-Type: text/plain', true, 404);
            echo "404: this is the entry of fpmbridge, for its own requests only\n";
            return false;
        }
        self::$current = $run = new self($environment);
        $run->open();
        return $run->stage === self::TOP;
    }

    /**
     * Makes the script see what `php server.php` would show it.
     *
     * @param bool $superglobals whether the script may read them
     * @param array{class-string, string} $key gives the key of the description of a script (docs/protocol.md section 6)
     */
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

    /**
     * A run inside another program, for tests: nothing is captured, nothing is sent, serve() returns.
     */
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

    /**
     * The script came to its end; called by entry.php. One that starts nothing and has GatewayWorker's class Events is
     * served as GatewayWorker would.
     */
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

    /**
     * The script built a server: one at a time.
     *
     * @return bool false while another one is alive
     */
    public function build(object $server): bool
    {
        if ($this->server !== null && $this->server->get() !== null) {
            return false;
        }
        $this->server = WeakReference::create($server);
        return true;
    }

    /**
     * What build() was given, while it lives.
     */
    public function server(): ?object
    {
        return $this->server === null ? null : $this->server->get();
    }

    /**
     * The script starts its server. Describes it or hands it the events, then ends the script (in a hosted run it
     * returns at once).
     *
     * @param string $identity another one for every other description: the hash is made of it. Most requests need no
     *     more, and JSON costs 6 us
     * @param (Closure(): array<string, mixed>)|null $describe docs/protocol.md section 6, without sdk, php and key;
     *     null when it is known that nobody asks: a lean script
     * @param Closure(Event, Reply): void $handler
     * @param (Closure(): void)|null $before runs once before the first event
     * @param (Closure(): void)|null $after runs once after the last event, unless the script ended there
     */
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
        $this->hash = hash('fnv1a64', self::VERSION . $identity, true);
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
                $start = hrtime(true);
                $this->prepare($before);
                $this->described['before_us'] = intdiv(hrtime(true) - $start, 1000);
            }
        } elseif ($kind === self::RESIDENT) {
            Resident::serve($this, $handler, $before, $after);
        } else {
            $this->loop($handler, $before, $after);
        }
        exit(0);
    }

    /**
     * Ends the run with an error, as a fatal error of the extension does. In a hosted run it throws.
     *
     * @throws LogicException in a hosted run
     */
    public function abort(string $error): void
    {
        if ($this->kind === self::HOSTED) {
            throw new LogicException($error);
        }
        [$file, $line] = Log::caller(debug_backtrace(DEBUG_BACKTRACE_IGNORE_ARGS), $this->environment->script, 0);
        $this->fail($error, $file, $line);
        $this->stage = self::OVER;
        exit(255);
    }

    /**
     * One event of a hosted run: its instructions, log and end, as frames.
     */
    public function hosted(Event $event): string
    {
        $this->log()->level(Log::INFO, Log::WARN);
        $level = ob_get_level();
        ob_start();
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
            while (ob_get_level() > $level + 1) {
                ob_end_flush();
            }
            $this->log()->text((string) ob_get_clean());
        }
        return $this->endOfEvent();
    }

    /**
     * What the server said of itself: docs/protocol.md section 6.
     *
     * @return array<string, mixed>
     */
    public function described(): array
    {
        return $this->described;
    }

    /**
     * What was asked about connections may be out of date: time went by.
     */
    public function forgetConnections(): void
    {
        if ($this->connections !== null) {
            $this->connections->forget();
        }
    }

    /**
     * Whether there is somebody to read warnings about the script: it is described, or under test.
     */
    public function isDescribing(): bool
    {
        return $this->kind === self::DESCRIBING || $this->kind === self::HOSTED;
    }

    /**
     * Whether the script's code is to be looked through (Analysis\RequestMode): the bridge asks for its description,
     * and will hand it each event in a request.
     */
    public function isAnalysing(): bool
    {
        return $this->kind === self::DESCRIBING && !$this->environment->resident();
    }

    /**
     * Whether what is created now is shared with other runs of the script: before start(), as before Swoole's fork.
     */
    public function shares(): bool
    {
        return !$this->serving && $this->kind !== self::HOSTED;
    }

    /**
     * Questions about all connections.
     */
    public function connections(): Connections
    {
        return $this->connections ?? $this->connections = new Connections($this->queries());
    }

    /**
     * The way to ask the bridge.
     */
    public function queries(): Queries
    {
        return $this->queries ?? $this->queries = new CallbackSocket(
            $this->environment->callback(),
            $this->environment->token()
        );
    }

    /**
     * The id of the event whose answer is being made; 0 if there is none.
     */
    public function eventId(): int
    {
        $event = $this->event ?? $this->events[$this->index] ?? null;
        return $event === null ? 0 : $event->id;
    }

    /**
     * PHP's shutdown function, registered before any of the script's.
     */
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
                // PHP throws its output buffers away when the memory limit is reached.
                ob_start([$this, 'output'], self::OUTPUT_CHUNK, self::OUTPUT_FLAGS);
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

    /**
     * The script called exit in a callback: a line for the log, which names the callback, since PHP does not
     * tell where exit was.
     */
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

    /**
     * Calls what exit must not keep from being called.
     */
    private function goOn(): void
    {
        if ($this->afterExit === null) {
            return;
        }
        $rest = $this->afterExit;
        $this->afterExit = null;
        // Another exit in there ends PHP's shutdown functions: the answer is made all the same.
        $this->stage = self::OVER;
        try {
            $rest();
        } catch (Throwable $thrown) {
            $text = get_class($thrown) . ': ' . $thrown->getMessage();
            $this->log()->add(Log::ERROR, $text, $thrown->getFile(), $thrown->getLine());
        }
    }

    /**
     * The output buffer's handler: what was printed goes to the log, the frames go on.
     *
     * @param int $phase PHP_OUTPUT_HANDLER_* bits
     */
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
            if ($this->environment->answer($bytes)) {
                return '';
            }
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
        while (ob_get_level() > 0 && ob_end_clean()) {
            continue;
        }
        $environment = $this->environment;
        $flags = $environment->direct ? self::OUTPUT_FLAGS | PHP_OUTPUT_HANDLER_REMOVABLE : self::OUTPUT_FLAGS;
        ob_start([$this, 'output'], self::OUTPUT_CHUNK, $flags);
        $this->outputLevel = ob_get_level();
        register_shutdown_function([$this, 'shutdown']);
        set_error_handler([$this, 'warning']);
        // A script that calls flush() sends the headers before the answer is complete.
        header(self::CONTENT_TYPE);
        try {
            $frames = $environment->frame();
            if ($frames === '') { // php://input costs 4,700 instructions more
                $frames = (string) file_get_contents('php://input');
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

    /**
     * The bridge has no key of the script yet: it asks for a description, or the script may not be one to be served.
     */
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

    /**
     * Errors are the SDK's to log, but where there may be no memory for it.
     */
    private function ini(string $logged): void
    {
        if (!function_exists('ini_set')) { // by disable_functions
            return;
        }
        ini_set('log_errors', $logged);
        ini_set('html_errors', '0');
        if (ini_get('display_errors')) {
            ini_set('display_errors', '0');
        }
    }

    /**
     * @param Closure(Event, Reply): void $handler
     * @param (Closure(): void)|null $before
     * @param (Closure(): void)|null $after
     */
    private function loop(Closure $handler, ?Closure $before, ?Closure $after): void
    {
        $events = $this->events;
        $last = count($events) - 1;
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
        if (ob_get_length() > 0) {
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
            while (ob_get_level() > $this->outputLevel && ob_end_flush()) {
                continue;
            }
            $this->flushing = true;
            ob_flush();
            flush();
        }
        $this->stage = self::OVER;
    }

    /**
     * Another event of the batch: nothing is left of the one before.
     */
    private function next(int $index): void
    {
        $this->index = $index;
        $this->code = Wire::DONE;
        $this->failure = [];
        $this->forgetConnections();
    }

    /**
     * @param Closure(): void $before
     */
    private function prepare(Closure $before): void
    {
        $this->starting = true;
        try {
            $before();
            if ($this->background !== null) {
                $this->background->finish();
            }
        } catch (Abandoned $over) {
            // It is in the log.
        }
        $this->starting = false;
        if ($this->background !== null) {
            $this->background->drop();
            $this->background = null;
        }
    }

    /**
     * The run's first event.
     */
    public function first(): ?Event
    {
        return $this->events[0] ?? null;
    }

    /**
     * What is thrown here is too late for the event: it goes to the log.
     *
     * @param Closure(): void $after
     */
    private function afterwards(Closure $after): void
    {
        try {
            $this->prepare($after);
        } catch (Throwable $thrown) {
            [$file, $line] = [$thrown->getFile(), $thrown->getLine()];
            $this->log()->add(Log::ERROR, get_class($thrown) . ': ' . $thrown->getMessage(), $file, $line);
        }
    }

    /**
     * What is printed and warned of before the first event has a level of its own: it comes with each request.
     */
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

    /**
     * PHP's error handler.
     */
    public function warning(int $type, string $message, string $file, int $line): bool
    {
        return $this->log()->warning($type, $message, $file, $line);
    }

    /**
     * What the script printed before its first event: at another level than what handlers print.
     */
    private function printedSoFar(): string
    {
        if (ob_get_level() !== $this->outputLevel) {
            return '';
        }
        $printed = (string) ob_get_contents();
        ob_clean();
        return $printed;
    }

    /**
     * @param Closure(Event, Reply): void $handler
     */
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
            // It is in the log.
        } catch (Throwable $thrown) {
            $this->failWith($thrown);
        }
        if ($this->background !== null) {
            $this->background->drop();
            $this->background = null;
        }
        $this->event = null;
    }

    /**
     * Instructions, log and end of the event that is worked on.
     */
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
        if (strlen($bytes) > self::LARGE) {
            $this->ini('1');
        }
        $id = $this->events[$this->index]->id;
        if ($this->code === Wire::DONE && $meta === '' && !$this->outdated) {
            return $bytes . self::END_TO_ID . pack('J', $id) . self::END_FROM_ID . $this->hash;
        }
        $flags = $this->outdated ? Wire::OUTDATED : 0;
        return $bytes . Wire::pack(Wire::END, $flags, 0, 0, $id, 0, $this->code, $meta, $this->hash);
    }

    /**
     * What a worker that did not come to its channel has to say, as text: the bridge logs what its request prints.
     */
    private function unserved(): string
    {
        $lines = isset($this->failure['error']) ? [$this->failure['error']] : [];
        foreach (Wire::read($this->log()->take()) as $frame) {
            $lines[] = $frame->data;
        }
        return implode("\n", $lines);
    }

    /**
     * The rest of the answer: the end of the event that is worked on, and of those that were not reached.
     */
    private function last(): string
    {
        if ($this->stage === self::HANDLER) {
            // fastcgi_finish_request(): the answer leaves now, whatever the handler does after it.
            $this->code = Wire::EXITED;
        }
        $error = error_get_last();
        if ($error !== null && !$this->fatal && ($error['type'] & self::FATAL) !== 0) {
            // In a shutdown function or a destructor of the script: its event is done.
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
        if (count($events) > 1) {
            foreach (array_slice($events, $this->index + 1) as $event) {
                $bytes .= Wire::pack(Wire::END, 0, 0, 0, $event->id, 0, Wire::NOT_STARTED, '', $this->hash);
            }
        }
        return $bytes;
    }

    /**
     * @return array<string, mixed>
     */
    private function description(): array
    {
        if ($this->failure !== []) {
            return $this->failure;
        }
        $key = $this->key === [] ? '' : ($this->key)($this->environment->script, $this->environment->resident());
        return ['sdk' => self::VERSION, 'php' => PHP_VERSION, 'key' => $key] + $this->described;
    }

    /**
     * The script ended, and no server was started.
     */
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
        // What a plain script prints is its answer, not a log.
        while (ob_get_level() > $this->outputLevel && ob_end_clean()) {
            continue;
        }
        ob_clean();
        $this->log()->take();
        $this->described = ['kind' => 'plain', 'batch' => false];
        $this->hash = hash('fnv1a64', self::VERSION . ' plain', true);
    }

    /**
     * A resident worker speaks on its channel: this request's own answer stays empty.
     */
    public function reside(Resident $worker): void
    {
        $this->worker = $this->reply->worker = $worker;
        $this->stage = self::SENT;
    }

    /**
     * A process of the script's own begins: its code may never come to an end, so nothing waits for that.
     */
    public function goesOn(): void
    {
        $this->reply->atOnce = true;
        $this->log()->print = true;
        $this->connections()->life = 50000000;
    }

    /**
     * This process was forked from the one that serves: from here on it has nothing to do with the bridge but
     * questions, on a connection of its own. What it logs goes to stderr.
     */
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

    /**
     * @return int 1 busy, 2 idle (no event is in hand), 3 about to end
     */
    public function workerStatus(): int
    {
        if ($this->worker !== null && $this->worker->isStopping()) {
            return 3;
        }
        return $this->event === null ? 2 : 1;
    }

    /**
     * A resident worker begins an event, or, with null, something else.
     */
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

    /**
     * What failed, and where the script is to blame for it.
     *
     * @return array{error: string, file?: string, line?: int}
     */
    public function blame(Throwable $thrown): array
    {
        $this->failWith($thrown);
        return $this->failure;
    }

    /**
     * Why abort() ended the script; empty: it did not.
     *
     * @return array{error?: string, file?: string, line?: int}
     */
    public function failure(): array
    {
        return $this->failure;
    }

    private function fail(string $error, string $file, int $line): void
    {
        $this->code = Wire::FAILED;
        $unserved = $this->kind === self::DESCRIBING && $this->server === null;
        $page = '/(class "?(open)?swoole[\\\\_]|undefined function (swoole_|go\(|defer\())/i';
        if (preg_match($page, $error) === 1) {
            $error .= ' (fpmbridge does not have it: docs/swoole.md)';
        } elseif (preg_match('/class "?(workerman|gatewayworker)\\\\/i', $error) === 1) {
            $error .= ' (fpmbridge does not have it: docs/gatewayworker.md)';
        } elseif ($unserved && strncmp($error, 'the script', 10) !== 0) {
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
        $this->fail(get_class($thrown) . ': ' . $thrown->getMessage(), $file, $line);
    }

    /**
     * Room for the answer of a script that used up its memory.
     */
    private function rescue(): void
    {
        $limit = ini_get('memory_limit');
        if ($limit !== false && $limit !== '-1') {
            function_exists('ini_set') && @ini_set('memory_limit', (string) (memory_get_usage(true) + self::RESCUE));
        }
    }

    /**
     * An error of error_get_last(): its first line, and where the script is to blame for it.
     *
     * @param array{type: int, message: string, file: string, line: int} $error
     * @return array{string, string, int} text, file, line
     */
    public static function cause(array $error): array
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

    /**
     * Nothing of it is the script's: print_r() of a server would be megabytes otherwise, with secrets.
     */
    public function __debugInfo(): array
    {
        return [];
    }
}
