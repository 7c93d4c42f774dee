<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use Fiber;
use FiberError;
use FpmBridge\Abandoned;
use FpmBridge\Background;
use FpmBridge\Log;
use FpmBridge\Runtime;
use ReflectionFiber;
use SplMinHeap;
use Swoole\Error;
use Throwable;

/**
 * Coroutines inside one event, on fibers (PHP 8.1).
 *
 * As in Swoole, a new coroutine runs at once until it waits, and whoever wakes another one is continued when that one
 * waits again. The callback is the event's first coroutine, without a fiber: when it waits, it runs the others. When it
 * returned, the others run to their end, and the event is over then.
 *
 * Without fibers a coroutine runs to its end at once: sleeping sleeps, and a wait that only another coroutine could end
 * is given up.
 */
final class Scheduler implements Background
{
    public const WOKEN = 0;
    public const TIMEOUT = -1;
    public const CANCELED = -3;
    private const NOT_YET = 1;

    /** SWOOLE_DEFAULT_MAX_CORO_NUM */
    private const MAX = 100000;

    private static ?self $only = null;

    /** @var array<string, mixed> what Coroutine::set() was given */
    public array $options = [];
    public int $last = 0;
    public int $peak = 0;

    private bool $fibers;
    private bool $looping = false;
    private bool $stopped = false;
    /** A coroutine was created outside of Co\run() and of all callbacks. */
    private bool $loose = false;

    /** @var array<int, Routine> by cid */
    private array $alive = [];

    /** @var list<Routine> to be continued by the loop */
    private array $ready = [];

    /** @var SplMinHeap<array{float, int, Routine, int}> time, order, who, its turn */
    private SplMinHeap $sleepers;
    private int $order = 0;

    private ?Routine $root = null;
    private ?Routine $current = null;
    private ?Throwable $failure = null;

    /** @var list<callable> */
    private array $deferred = [];

    /** @var array{before: callable|null, after: callable|null} */
    private array $cycles = ['before' => null, 'after' => null];

    private function __construct()
    {
        $this->fibers = class_exists('Fiber', false);
        $this->sleepers = new SplMinHeap();
    }

    public static function get(): self
    {
        $self = self::$only ?? self::$only = new self();
        $run = Runtime::current();
        if ($run !== null && $run->background === null && ($run->event !== null || $run->starting)) {
            $run->background = $self;
            $self->stopped = false;
            if (self::isCallbackCoroutine($run)) {
                $self->root = $self->current = $self->add(-1, $run->starting);
            }
        }
        return $self;
    }

    /**
     * Whether something outside of callbacks made an event loop: Server::start() refuses then.
     */
    public static function hasLoop(): bool
    {
        return self::$only !== null && self::$only->loose;
    }

    /**
     * For tests: as in a new process.
     */
    public static function reset(): void
    {
        self::$only = null;
    }

    /**
     * The coroutine that runs, null outside of all.
     */
    public function current(): ?Routine
    {
        return $this->current;
    }

    /**
     * @throws Error outside of a coroutine
     */
    public function here(): Routine
    {
        if ($this->current === null) {
            throw new Error('API must be called in the coroutine');
        }
        return $this->current;
    }

    /**
     * @param int $cid 0: the one that runs
     */
    public function find(int $cid): ?Routine
    {
        return $cid === 0 ? $this->current : $this->alive[$cid] ?? null;
    }

    /**
     * @return list<int>
     */
    public function cids(): array
    {
        return array_keys($this->alive);
    }

    /**
     * Runs a function as a coroutine, until it waits.
     *
     * @param list<mixed> $arguments
     * @return int|false its cid; false, with a warning, when there are too many
     */
    public function create(callable $function, array $arguments)
    {
        $max = (int) ($this->options['max_coro_num'] ?? $this->options['max_coroutine'] ?? self::MAX);
        if (count($this->alive) >= $max) {
            return Loader::warn('Swoole\Coroutine::create', "exceed max number of coroutine $max");
        }
        $run = Runtime::current();
        if (!$this->looping && ($run === null || $run->background === null)) {
            $this->loose = true;
        }
        $lasting = $this->current !== null ? $this->current->lasting : $run !== null && $run->starting;
        $routine = $this->add($this->current !== null ? $this->current->cid : -1, $lasting);
        $routine->call = [$function, $arguments];
        if ($this->fibers) {
            $routine->fiber = new Fiber(function () use ($routine): void {
                $this->body($routine);
            });
            $this->enter($routine);
        } else {
            $before = $this->current;
            $this->current = $routine;
            $this->body($routine);
            $this->current = $before;
            $this->check();
        }
        return $routine->cid;
    }

    /**
     * Waits until wake(), or for a time.
     *
     * @param float|null $seconds null: no limit
     * @return int WOKEN, TIMEOUT or CANCELED
     * @throws Error outside of a coroutine
     */
    public function wait(?float $seconds): int
    {
        $me = $this->here();
        $me->turn++;
        $limited = $me->limit !== null && ($seconds === null || microtime(true) + $seconds > $me->limit);
        if ($limited) {
            $seconds = max(0.0, $me->limit - microtime(true));
        }
        if (!$this->fibers) {
            return $this->waitAlone($me, $seconds);
        }
        $me->why = self::NOT_YET;
        $me->waiting = true;
        if ($seconds !== null) {
            $this->sleepers->insert([microtime(true) + $seconds, $this->order++, $me, $me->turn]);
        }
        if ($me->fiber !== null) {
            Fiber::suspend();
        } elseif (!$this->loop(static fn(): bool => $me->why !== self::NOT_YET)) {
            $this->report($this->alive);
            throw new Abandoned('all coroutines are asleep - deadlock!');
        }
        $me->waiting = $me->yielded = false;
        if ($limited && $me->why === self::TIMEOUT) {
            $me->limit = null;
            throw $me->exceeded;
        }
        if ($me->throws !== null) {
            $thrown = $me->throws;
            $me->throws = null;
            throw $thrown;
        }
        return $me->why;
    }

    /**
     * Continues a coroutine that waits, at once.
     *
     * @param int $why WOKEN or CANCELED
     */
    public function wake(Routine $routine, int $why = self::WOKEN): void
    {
        if (!$routine->waiting) {
            return;
        }
        $routine->waiting = false;
        $routine->why = $why;
        $routine->turn++;
        if ($routine->fiber !== null) {
            try {
                $this->enter($routine);
            } catch (FiberError $error) {
                // A destructor, which may not switch before PHP 8.4.
                $this->ready[] = $routine;
            }
        } elseif ($this->current !== null && $this->current->fiber !== null) {
            // The callback goes on below: this one is next when it waits again.
            array_unshift($this->ready, $this->current);
            try {
                Fiber::suspend();
            } catch (FiberError $error) {
                array_shift($this->ready);
            }
        }
    }

    /**
     * A function for the next round of the loop.
     */
    public function defer(callable $function): void
    {
        $this->deferred[] = $function;
    }

    /**
     * A function for each round of the loop, null: none.
     */
    public function cycle(?callable $function, bool $before): void
    {
        $this->cycles[$before ? 'before' : 'after'] = $function;
    }

    /**
     * Coroutines that still wait when the callback ends are dropped.
     */
    public function stop(): void
    {
        $this->stopped = true;
    }

    /**
     * Runs functions as coroutines until all are over; outside of callbacks only.
     *
     * @param list<array{callable, list<mixed>}> $functions
     */
    public function run(array $functions): void
    {
        $this->looping = true;
        try {
            foreach ($functions as [$function, $arguments]) {
                $this->create($function, $arguments);
            }
            $this->rest();
        } finally {
            $this->looping = $this->loose = false;
            $this->drop();
        }
    }

    /**
     * Whether a loop runs: in callbacks, and inside of run().
     */
    public function isLooping(): bool
    {
        return $this->looping || $this->loose || $this->current !== null || Runtime::current() !== null
            && Runtime::current()->background !== null;
    }

    /**
     * Runs until nothing is left (Swoole\Event::wait()).
     */
    public function rest(): void
    {
        $done = $this->loop(fn(): bool => $this->deferred === [] && $this->own() === []);
        if (!$done) {
            $this->report($this->own());
        }
    }

    /**
     * One round of the loop.
     */
    public function dispatch(): void
    {
        $this->round();
    }

    public function finish(): void
    {
        $this->check();
        $root = $this->root;
        if ($root !== null) {
            $this->leave($root);
            $this->root = $this->current = null;
        }
        $this->check();
        if (Runtime::require()->starting) {
            $this->loop(fn(): bool => $this->deferred === []);
            return;
        }
        if (!$this->loop(fn(): bool => $this->stopped || ($this->deferred === [] && $this->own() === []))) {
            $this->report($this->own());
        }
    }

    public function drop(): void
    {
        $run = Runtime::current();
        $kept = $this->failure === null
            ? array_filter($this->alive, static fn(Routine $one): bool => $one->lasting && $one->fiber !== null)
            : [];
        $dropped = array_diff_key($this->alive, $kept);
        $waits = new SplMinHeap();
        foreach ($this->sleepers as $sleeper) {
            if (isset($kept[$sleeper[2]->cid])) {
                $waits->insert($sleeper);
            }
        }
        $this->sleepers = $waits;
        $this->alive = $kept;
        $this->ready = array_values(array_filter(
            $this->ready,
            static fn(Routine $one): bool => isset($kept[$one->cid])
        ));
        $this->deferred = [];
        $this->cycles = ['before' => null, 'after' => null];
        $this->root = $this->current = $this->failure = null;
        foreach ($dropped as $routine) {
            try {
                // Its finally blocks and destructors run here.
                $routine->fiber = null;
            } catch (Throwable $thrown) {
                if ($run !== null) {
                    $run->log()->add(Log::WARN, 'a dropped coroutine threw ' . $thrown->getMessage());
                }
            }
        }
    }

    private function add(int $parent, bool $lasting): Routine
    {
        $routine = new Routine(++$this->last, $parent, $lasting);
        $this->alive[$routine->cid] = $routine;
        $this->peak = max($this->peak, count($this->alive));
        return $routine;
    }

    private function body(Routine $routine): void
    {
        [$function, $arguments] = $routine->call;
        $routine->call = null;
        try {
            $function(...$arguments);
            // What they hold is let go here: a Barrier counts on it.
            $function = $arguments = null;
        } catch (Throwable $thrown) {
            $this->failure = $this->failure ?? $thrown;
        }
        $this->leave($routine);
    }

    /**
     * A coroutine ends: its deferred calls, last one first, then those who wait for its end.
     */
    private function leave(Routine $routine): void
    {
        try {
            while ($routine->defers !== [] && $this->failure === null) {
                array_pop($routine->defers)(true);
            }
        } catch (Throwable $thrown) {
            $this->failure = $thrown;
        }
        unset($this->alive[$routine->cid]);
        foreach ($routine->joiners as [$joiner, $turn]) {
            if ($joiner->waiting && $joiner->turn === $turn) {
                $joiner->waiting = false;
                $joiner->why = self::WOKEN;
                $joiner->turn++;
                if ($joiner->fiber !== null) {
                    $this->ready[] = $joiner;
                }
            }
        }
    }

    private function enter(Routine $routine): void
    {
        $before = $this->current;
        $this->current = $routine;
        try {
            if ($routine->fiber->isStarted()) {
                $routine->fiber->resume();
            } else {
                $routine->fiber->start();
            }
        } finally {
            $this->current = $before;
        }
        if ($routine->fiber !== null && $routine->fiber->isTerminated()) {
            $routine->fiber = null;
        }
        $this->check();
    }

    /**
     * A coroutine failed: nothing of this event goes on.
     */
    private function check(): void
    {
        if ($this->failure === null) {
            return;
        }
        if ($this->current !== null && $this->current->fiber !== null) {
            Fiber::suspend();
        }
        throw $this->failure;
    }

    /**
     * @param callable(): bool $over
     * @return bool false when nothing can happen any more
     */
    private function loop(callable $over): bool
    {
        while (!$over()) {
            if (!$this->round() && $this->deferred === []) {
                return $over();
            }
        }
        return true;
    }

    /**
     * @return bool false when nothing could be done
     */
    private function round(): bool
    {
        if ($this->cycles['before'] !== null) {
            ($this->cycles['before'])();
        }
        $deferred = $this->deferred;
        $this->deferred = [];
        foreach ($deferred as $function) {
            $this->create($function, []);
        }
        $busy = $deferred !== [] || $this->step();
        if ($this->cycles['after'] !== null) {
            ($this->cycles['after'])();
        }
        $this->check();
        return $busy;
    }

    /**
     * Continues one coroutine; sleeps if none can go on yet.
     *
     * @return bool false when none will
     */
    private function step(): bool
    {
        if ($this->ready !== []) {
            $this->enter(array_shift($this->ready));
            return true;
        }
        while (!$this->sleepers->isEmpty()) {
            [$time, , $routine, $turn] = $this->sleepers->top();
            if (!$routine->waiting || $routine->turn !== $turn) {
                $this->sleepers->extract();
                continue;
            }
            $left = $time - microtime(true);
            if ($left > 0) {
                usleep((int) ceil($left * 1e6));
                return true;
            }
            $this->sleepers->extract();
            $this->wake($routine, self::TIMEOUT);
            return true;
        }
        return false;
    }

    private function waitAlone(Routine $me, ?float $seconds): int
    {
        if ($seconds !== null) {
            usleep((int) ($seconds * 1e6));
            return self::TIMEOUT;
        }
        $this->report([$me->cid => $me]);
        return self::CANCELED;
    }

    /**
     * @return array<int, Routine> those that the event waits for
     */
    private function own(): array
    {
        $root = $this->root;
        return array_filter($this->alive, static fn(Routine $one): bool => !$one->lasting && $one !== $root);
    }

    /**
     * Deadlock, in Swoole's words, and where each one waits.
     *
     * @param array<int, Routine> $routines
     */
    private function report(array $routines): void
    {
        $text = '[FATAL ERROR]: all coroutines (count: ' . count($routines) . ') are asleep - deadlock!';
        foreach ($routines as $routine) {
            $trace = $routine->fiber !== null && $routine->fiber->isSuspended()
                ? (new ReflectionFiber($routine->fiber))->getTrace(DEBUG_BACKTRACE_IGNORE_ARGS)
                : debug_backtrace(DEBUG_BACKTRACE_IGNORE_ARGS);
            [$file, $line] = Log::caller($trace, '', 0);
            $text .= " [Coroutine-{$routine->cid}] waits in $file:$line";
        }
        $run = Runtime::current();
        if ($run === null) {
            echo "$text\n";
            return;
        }
        $run->log()->add(Log::WARN, $text);
    }

    private static function isCallbackCoroutine(Runtime $run): bool
    {
        $settings = $run->described()['settings'] ?? null;
        return (bool) (((array) $settings)['enable_coroutine'] ?? true);
    }
}
