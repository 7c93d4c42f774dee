<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use Fiber;
use FiberError;
use FpmBridge\Abandoned;
use FpmBridge\Background;
use FpmBridge\Log;
use FpmBridge\Runtime;
use Swoole\Error;
use Swoole\Server;
use Throwable;

/**
 * Coroutines inside one event, on fibers (PHP 8.1).
 *
 * As in Swoole, a new coroutine runs at once until it waits, and whoever wakes another one is continued when that one
 * waits again. The callback is the event's first coroutine, without a fiber: when it waits, it runs the others. When it
 * returned, the others run to their end, and the event is over then.
 *
 * In a resident worker an event is over when its callback is; coroutines that it left go on beside other events. The
 * callback has a fiber there (Resident), and the worker's loop runs this one's Loop.
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
    private const COROUTINE = 'of a coroutine';

    /** The type of a task's event (docs/protocol.md section 4). */
    private const TASK = 10;

    /** SWOOLE_DEFAULT_MAX_CORO_NUM */
    private const MAX = 100000;

    private static ?self $only = null;

    /** @var array<string, mixed> what Coroutine::set() was given */
    public array $options = [];
    public Loop $loop;
    public Routines $routines;
    private bool $fibers;
    private bool $looping = false;
    private bool $stopped = false;
    /** The worker's loop runs this one's. */
    private bool $watched = false;
    /** A coroutine was created outside of Co\run() and of all callbacks. */
    private bool $loose = false;

    private ?Routine $root = null;
    private ?Routine $current = null;
    private ?Throwable $failure = null;

    private function __construct()
    {
        $this->fibers = class_exists('Fiber', false);
        $this->loop = new Loop($this);
        $this->routines = new Routines();
    }

    public static function get(): self
    {
        $self = self::$only ?? self::$only = new self();
        $run = Runtime::current();
        if ($run === null || $run->background !== null) {
            return $self;
        }
        if ($run->worker !== null) {
            $self->attach($run);
        } elseif ($run->event !== null || $run->starting) {
            $run->background = $self;
            $self->stopped = false;
            if (self::isCallbackCoroutine($run)) {
                $self->root = $self->current = $self->routines->addRoot(Helpers::isSettingUp($run));
            }
        }
        return $self;
    }

    /**
     * In a resident worker: the callback in hand becomes a coroutine, if it is none.
     */
    private function attach(Runtime $run): void
    {
        $run->background = $this;
        if (!$this->watched) {
            $this->watched = true;
            $run->worker->watch($this->loop);
        }
        if ($this->current === null && self::isCallbackCoroutine($run)) {
            $this->current = $this->routines->add(-1, true);
            $this->current->callback = true;
            $this->current->fiber = $this->fibers ? Fiber::getCurrent() : null;
        }
    }

    /**
     * Whether something outside of callbacks made an event loop: Server::start() refuses then.
     */
    public static function hasLoop(): bool
    {
        return self::$only !== null && (self::$only->loose || self::$only->looping);
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
        return $cid === 0 ? $this->current : $this->routines->find($cid);
    }

    /**
     * Runs a function as a coroutine, until it waits.
     *
     * @param list<mixed> $arguments
     * @return int|false its cid; false, with a warning, when there are too many
     */
    public function create(callable $function, array $arguments)
    {
        $run = Runtime::current();
        $options = $this->options + self::settings($run);
        $max = (int) ($options['max_coro_num'] ?? $options['max_coroutine'] ?? self::MAX);
        if ($this->routines->count() >= $max) {
            return Loader::warn('Swoole\Coroutine::create', "exceed max number of coroutine $max");
        }
        if (!$this->looping && ($run === null || $run->background === null)) {
            $this->loose = true;
        }
        $lasting = $this->current !== null
            ? $this->current->lasting
            : $run !== null && Helpers::isSettingUp($run);
        $routine = $this->routines->add($this->current !== null ? $this->current->cid : -1, $lasting);
        $routine->call = [$function, $arguments];
        if ($this->fibers) {
            $routine->fiber = new Fiber(function () use ($routine): void {
                $this->body($routine);
            });
            $this->enter($routine);
        } else {
            $before = $this->current;
            $worker = $run === null ? null : $run->worker;
            $doing = $worker === null ? null : $worker->doing;
            $buffers = Buffers::take();
            $this->current = $routine;
            $this->body($routine);
            Buffers::end();
            Buffers::put($buffers);
            $this->current = $before;
            if ($worker !== null) {
                $worker->doing = $doing;
            }
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
            $this->loop->sleep($me, $seconds);
        }
        if ($me->fiber !== null) {
            $this->suspend($me);
        } elseif (!$this->loop->run(static fn(): bool => $me->why !== self::NOT_YET)) {
            Deadlock::report($this->routines->all());
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
     * Lets others run. In a resident worker they are other events' callbacks, too.
     */
    private function suspend(Routine $me): void
    {
        $buffers = Buffers::take();
        $run = Runtime::current();
        if ($run === null || $run->worker === null) {
            Fiber::suspend();
            Buffers::put($buffers);
            return;
        }
        $run->worker->pass();
        $saved = $me->callback ? $run->worker->save() : null;
        $this->current = null;
        Fiber::suspend();
        if ($saved === null) {
            // Its event may be long over.
            $run->worker->rest();
            $run->worker->doing = $me->function === null ? null : [self::COROUTINE, $me->function];
        } else {
            $run->worker->restore($saved, true);
        }
        Buffers::put($buffers);
        $run->background = $this;
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
                $this->loop->ready($routine);
            }
        } elseif ($this->current !== null && $this->current->fiber !== null) {
            // The callback goes on below: this one is next when it waits again.
            $this->loop->ready($this->current, true);
            $buffers = Buffers::take();
            try {
                Fiber::suspend();
            } catch (FiberError $error) {
                $this->loop->withdraw();
            }
            Buffers::put($buffers);
        }
    }

    /**
     * Continues a coroutine that waits, in a later round.
     */
    public function soon(Routine $routine): void
    {
        $routine->waiting = false;
        $routine->why = self::WOKEN;
        $routine->turn++;
        if ($routine->fiber !== null) {
            $this->loop->ready($routine);
        }
    }

    /**
     * Coroutines that still wait when the callback ends are dropped.
     */
    public function stop(): void
    {
        $this->stopped = true;
        $run = Runtime::current();
        if ($run !== null && $run->worker !== null) {
            $run->worker->stop();
        }
    }

    /**
     * Runs functions as coroutines until all are over; outside of callbacks only.
     *
     * @param list<array{callable, list<mixed>}> $functions
     */
    public function run(array $functions): void
    {
        $this->looping = true;
        $this->stopped = false;
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
     * Whether a worker that stays runs the coroutines.
     */
    public function isResident(): bool
    {
        return $this->watched;
    }

    /**
     * Runs until nothing is left (Swoole\Event::wait()).
     */
    public function rest(): void
    {
        $done = fn(): bool => $this->stopped || (!$this->routines->hasOwn() && !$this->loop->hasDeferred());
        if (!$this->loop->run($done)) {
            Deadlock::report($this->routines->own());
        }
    }

    public function finish(): void
    {
        $this->check();
        if (Runtime::require()->worker !== null) {
            if ($this->current !== null) {
                $this->leave($this->current);
                $this->current = null;
            }
            $this->check();
            $this->loop->undefer();
            return;
        }
        $root = $this->root;
        if ($root !== null) {
            $this->leave($root);
            $this->root = $this->current = null;
        }
        $this->check();
        if (Helpers::isSettingUp(Runtime::require())) {
            $this->loop->run(fn(): bool => !$this->loop->hasDeferred());
            return;
        }
        $this->rest();
    }

    public function drop(): void
    {
        $run = Runtime::current();
        [$kept, $dropped] = $this->routines->part($this->failure !== null);
        $this->loop->keep($kept);
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

    private function body(Routine $routine): void
    {
        [$function, $arguments] = $routine->call;
        $routine->call = null;
        $routine->function = $function;
        $run = Runtime::current();
        $worker = $run === null ? null : $run->worker;
        if ($worker !== null) {
            $worker->doing = [self::COROUTINE, $function];
        }
        try {
            $function(...$arguments);
            // What they hold is let go here: a Barrier counts on it.
            $function = $arguments = $routine->function = null;
            if ($worker !== null) {
                $worker->doing = null;
            }
        } catch (Throwable $thrown) {
            if ($worker !== null) {
                $worker->die($thrown);
            }
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
        $this->routines->remove($routine);
        foreach ($routine->joiners as [$joiner, $turn]) {
            if ($joiner->waiting && $joiner->turn === $turn) {
                $this->soon($joiner);
            }
        }
    }

    /**
     * @internal for the loop
     */
    public function enter(Routine $routine): void
    {
        $before = $this->current;
        $worker = Runtime::current() === null ? null : Runtime::current()->worker;
        $saved = $worker === null ? [] : $worker->save();
        $buffers = Buffers::take();
        $this->current = $routine;
        try {
            if ($routine->fiber->isStarted()) {
                $routine->fiber->resume();
            } else {
                if ($worker !== null) {
                    Runtime::require()->background = $this;
                }
                $routine->fiber->start();
            }
        } finally {
            $this->current = $before;
            if ($worker !== null) {
                $worker->restore($saved);
            }
            Buffers::end();
            Buffers::put($buffers);
        }
        if ($routine->fiber !== null && $routine->fiber->isTerminated()) {
            $routine->fiber = null;
        }
        $this->check();
    }

    /**
     * A coroutine failed: nothing of this event goes on.
     *
     * @internal for the loop
     */
    public function check(): void
    {
        if ($this->failure === null) {
            return;
        }
        if ($this->current !== null && $this->current->fiber !== null) {
            Fiber::suspend();
        }
        throw $this->failure;
    }

    private function waitAlone(Routine $me, ?float $seconds): int
    {
        if ($seconds !== null) {
            usleep((int) ($seconds * 1e6));
            return self::TIMEOUT;
        }
        Deadlock::report([$me->cid => $me]);
        return self::CANCELED;
    }

    private static function isCallbackCoroutine(Runtime $run): bool
    {
        $settings = self::settings($run);
        return $run->event !== null && $run->event->type === self::TASK
            ? (bool) ($settings['task_enable_coroutine'] ?? false)
            : (bool) ($settings['enable_coroutine'] ?? true);
    }

    /**
     * @return array<string, mixed> those of the server; none where there is no server
     */
    private static function settings(?Runtime $run): array
    {
        $server = $run === null ? null : $run->server();
        return $server instanceof Server ? (array) $server->setting : [];
    }

    /**
     * Nothing of it is the script's: print_r() of a server would be megabytes otherwise, with secrets.
     */
    public function __debugInfo(): array
    {
        return [];
    }
}
