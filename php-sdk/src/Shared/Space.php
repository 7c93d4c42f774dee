<?php

declare(strict_types=1);

namespace FpmBridge\Shared;

use FpmBridge\CallbackException;
use FpmBridge\Event;
use FpmBridge\Log;
use FpmBridge\Runtime;
use FpmBridge\Wire;

/**
 * What a script shares with its other runs: the tables, atomics and locks that it creates before start(). The n-th of a
 * kind is the same in every run. docs/protocol.md section 10.
 */
final class Space
{
    /** The operation that all kinds have. */
    public const DEFINE = 0;

    private const NO_ROOM = 507;

    private Runtime $run;
    private bool $describing;

    /** With that driver what names of entries begin with; '' with the bridge's. */
    private string $apcu = '';

    /** @var array<string, int> kind => how many there are */
    private array $count = [];

    /** @var list<string> what was created, for the description's hash */
    private array $names = [];

    /** @var list<object> those with a definition() */
    private array $objects = [];

    private bool $watched = false;
    private int $locked = 0;

    private function __construct(Runtime $run)
    {
        $this->run = $run;
        $this->describing = $run->isDescribing();
        if ($run->environment->shared() !== '') {
            // The token is another one each time the bridge starts.
            $this->apcu = 'fpmbridge:shared:' . md5($run->environment->token()) . ':';
        }
    }

    /**
     * Where to put what is created now; null when it belongs to this run alone.
     */
    public static function current(): ?self
    {
        $run = Runtime::current();
        if ($run === null || !$run->shares()) {
            return null;
        }
        return $run->space ?? $run->space = new self($run);
    }

    /**
     * @param int $bits 32 unsigned, 64 signed
     */
    public static function counter(int $bits, int $value): Counter
    {
        $first = new LocalCounter($bits, $value);
        $space = self::current();
        if ($space === null) {
            return $first;
        }
        $key = $space->key("atomic $bits");
        if ($space->apcu !== '') {
            return new SeededCounter($space, $first, new ApcuCounter($space->apcu . dechex($key), $first));
        }
        $space->objects[] = $shared = new BridgeCounter($space, $key, $first);
        return new SeededCounter($space, $first, $shared);
    }

    public static function rows(Layout $layout): Rows
    {
        $first = new LocalRows($layout);
        $space = self::current();
        if ($space === null) {
            return $first;
        }
        $key = $space->key('table');
        // Another layout is another description.
        $space->names[] = $layout->definition;
        if ($space->apcu !== '') {
            $shared = new ApcuRows($space->apcu . dechex($key) . ':', $layout, $first);
            return new SeededRows($space, $first, $shared);
        }
        $space->objects[] = $shared = new BridgeRows($space, $key, $layout, $first);
        return new SeededRows($space, $first, $shared);
    }

    public static function mutex(int $type): Mutex
    {
        $space = self::current();
        return $space === null
            ? new LocalMutex($type)
            : $space->objects[] = new BridgeMutex($space, $space->key("lock $type"), $type);
    }

    /**
     * Whether changes go to the bridge: start() was called.
     */
    public function isOpen(): bool
    {
        return $this->run->serving;
    }

    /**
     * Whether reads go to the bridge: not while it describes the script.
     */
    public function asks(): bool
    {
        return !$this->describing;
    }

    /**
     * The id of the next object of a kind.
     *
     * @param string $kind what makes objects different: they are counted apart
     */
    public function key(string $kind): int
    {
        $n = $this->count[$kind] = ($this->count[$kind] ?? 0) + 1;
        $this->names[] = $kind;
        return unpack('J', md5("{$this->run->environment->script}\0$kind\0$n", true))[1];
    }

    /**
     * @param float $wait as Queries::share()
     * @throws CallbackException when there is no answer, or no room for the object
     */
    public function ask(int $type, int $operation, int $key, int $code, string $data, float $wait = 0.0): Event
    {
        $reply = $this->run->queries()->share($type, $operation, $key, $code, $data, $wait);
        if ($reply->code === self::NO_ROOM && $type !== Wire::TABLE) {
            throw new CallbackException(self::reason($reply), self::NO_ROOM);
        }
        return $reply;
    }

    /**
     * Why a driver of BRIDGE_SHARED cannot be used here; '' if it can.
     */
    public static function refusal(string $driver): string
    {
        if ($driver === 'apcu' && (!function_exists('apcu_enabled') || !apcu_enabled())) {
            return 'shared_memory.driver is apcu, but this php-fpm has no APCu: install php-apcu and leave apc.enabled'
                . ' on, or set shared_memory.driver to bridge';
        }
        return $driver === '' || $driver === 'apcu' ? '' : "this SDK has no shared_memory.driver $driver";
    }

    /**
     * A lock was taken (1) or given back (-1): what a run holds at its end is given back then.
     */
    public function locked(int $change): void
    {
        $this->locked += $change;
        if ($change > 0 && !$this->watched) {
            $this->watched = true;
            register_shutdown_function([$this, 'release']);
        }
    }

    /**
     * The run is over.
     */
    public function release(): void
    {
        $this->watched = false;
        if ($this->locked > 0) {
            $this->locked = 0;
            self::log('the run ended with a lock that it holds: it was released');
            $this->ask(Wire::LOCK, BridgeMutex::RELEASE, 0, 0, '');
        }
    }

    public static function reason(Event $reply): string
    {
        return (string) (json_decode($reply->meta, true)['error'] ?? 'the bridge has no room');
    }

    /**
     * A timeout as the bridge wants it.
     *
     * @param float $timeout seconds
     * @return int microseconds; -1: for as long as may be
     */
    public static function micros(float $timeout): int
    {
        return $timeout < 0 ? -1 : (int) min($timeout * 1e6, 1e15);
    }

    /**
     * What was created, in order, without its contents: another one is another description.
     */
    public function identity(): string
    {
        return implode("\0", $this->names);
    }

    /**
     * The payload of a description: queries that make everything, with what the script has put in.
     */
    public function definitions(): string
    {
        $bytes = '';
        foreach ($this->objects as $object) {
            $bytes .= $object->definition();
        }
        return $bytes;
    }

    /**
     * A line for the bridge's log, as Swoole writes to its own.
     */
    public static function log(string $text): void
    {
        $run = Runtime::current();
        if ($run !== null) {
            $trace = debug_backtrace(DEBUG_BACKTRACE_IGNORE_ARGS);
            $run->log()->add(Log::WARN, $text, ...Log::caller($trace, '', 0));
        }
    }

    /**
     * Ends the run as a fatal error of the extension does.
     *
     * @throws \LogicException in a hosted run
     * @throws \Error outside of the bridge
     */
    public static function fatal(string $error): void
    {
        $run = Runtime::current();
        if ($run === null) {
            throw new \Error($error);
        }
        $run->abort($error);
    }
}
