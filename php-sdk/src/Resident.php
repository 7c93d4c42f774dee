<?php

declare(strict_types=1);

namespace FpmBridge;

use Closure;
use Fiber;
use Throwable;

/**
 * A resident worker: a request of PHP-FPM that stays (docs/protocol.md section 11). It takes events from its channel,
 * one after the other, until the bridge or the script ends it.
 *
 * What one burst of events asks for leaves in one write, or earlier when much or time has gathered.
 *
 * The loop itself runs in a fiber (PHP 8.1). A callback that waits suspends it with everything below it, and another
 * fiber goes on with the loop; the first one ends when its callback is over. So waiting costs a fiber, and callbacks
 * that do not wait cost nothing.
 */
final class Resident
{
    /** What is asked for leaves after so many bytes, or nanoseconds. */
    private const FLUSH_BYTES = 65536;
    private const FLUSH_NS = 1000000;

    /** What the bridge asks of a worker. */
    private const STOP = 1;
    private const ASK = 2;

    /** The worker's last frame: it ends in order. */
    private const IN_ORDER = 1;

    private const SECOND = 1000000000;

    /** The end of an event that was handled, before and behind its id: Wire::END with nothing else. */
    private const END_TO_ID = "\0\0\0\0\x7f\0\0\0";
    private const END_FROM_ID = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

    private Runtime $run;
    private Log $log;

    /** @var Closure(Event, Reply): void */
    private Closure $handler;

    /** @var (Closure(): void)|null runs before the first event */
    private ?Closure $before;

    /** @var (Closure(): void)|null runs when the worker ends in order */
    private ?Closure $after;

    private Channel $channel;

    /** @var list<Event> that came */
    private array $events = [];
    /** The next of them. */
    private int $index = 0;

    /** The fiber that has the loop; those before it have a callback that waits, or waited. */
    private int $turn = 0;

    /** @var list<Waits> */
    private array $waits = [];
    private ?Timers $timers = null;
    private ?Watchers $watchers = null;

    /** How many events it takes, and how many more. */
    private int $most = PHP_INT_MAX;
    private int $left = PHP_INT_MAX;

    /** How many bytes the script may have; 0: any number. */
    private int $limit;

    /** The event that was started last. */
    private int $last = 0;

    /** The one that the bridge knows of, beside those that have ended; -1: it does not know that events are taken. */
    private int $begun = -1;

    /** When something left last, or a burst came; hrtime. */
    private int $since = 0;

    /** The event whose handler runs; 0: none. */
    private int $current = 0;

    /**
     * What is in hand and is no event's callback, should it call exit: "of a timer" or the like, and the function; or
     * a callback's name, and null.
     *
     * @var array{string, callable|null}|null
     */
    public ?array $doing = null;

    private bool $stopping = false;

    /** When coroutines are not waited for any more, and when the script is told next that the worker is about to end. */
    private int $until = 0;
    private int $again = 0;
    private bool $ended = false;

    /** The bridge has heard the last word, or has gone. */
    private bool $over = false;

    /** What the script prints is nothing of ours. */
    private bool $direct;

    /** Another process than a worker: its events say in their code which slot of the bridge waits for them. */
    private bool $aside;

    /** Set aside, so that a script at its memory limit leaves enough to say so, in bytes. */
    private ?string $reserve;

    private function __construct(Runtime $run, Closure $handler, ?Closure $before, ?Closure $after)
    {
        $this->run = $run;
        $this->log = $run->log();
        $this->handler = $handler;
        $this->before = $before;
        $this->after = $after;
        $this->direct = $run->environment->direct;
        $this->aside = $run->environment->place() !== null;
        $this->reserve = str_repeat("\0", 65536);
        $this->limit = $run->environment->memoryLimit();
        $most = $run->maxEvents;
        if ($most > 0) {
            $this->left = $this->most = $most + ($run->maxEventsGrace > 0 ? random_int(1, $run->maxEventsGrace) : 0);
        }
    }

    /**
     * Serves until the worker is to end; the script ends after that.
     *
     * @param Closure(Event, Reply): void $handler
     * @param (Closure(): void)|null $before runs once, before the first event
     * @param (Closure(): void)|null $after runs once, after the last event of a worker that ends in order
     */
    public static function serve(Runtime $run, Closure $handler, ?Closure $before, ?Closure $after): void
    {
        function_exists('set_time_limit') && set_time_limit(0); // disable_functions of many a pool has it
        ignore_user_abort(true);
        $worker = new self($run, $handler, $before, $after);
        $run->reside($worker);
        register_shutdown_function([$worker, 'shutdown']);
        if ($worker->direct) {
            // What came before start() was said when the script was described.
            while (ob_get_level() > 0 && @ob_end_clean()) {
                continue;
            }
        } else {
            ob_start();
        }
        $run->outputLevel = ob_get_level();
        $channel = Channel::open($run->environment);
        if ($channel === null) {
            $worker->over = true;
            $worker->direct || header('Content-Type: text/plain', true, 500);
            return;
        }
        $worker->channel = $channel;
        $run->log()->level(Log::INFO, Log::WARN);
        $worker->loop();
    }

    /**
     * The worker's timers.
     */
    public function timers(): Timers
    {
        if ($this->timers === null) {
            $this->timers = new Timers();
            $this->watch($this->timers);
        }
        return $this->timers;
    }

    public function hasTimers(): bool
    {
        return $this->timers !== null;
    }

    /**
     * The descriptors that the worker watches.
     */
    public function watchers(): Watchers
    {
        if ($this->watchers === null) {
            $this->watchers = new Watchers();
            $this->watch($this->watchers);
        }
        return $this->watchers;
    }

    public function hasWatchers(): bool
    {
        return $this->watchers !== null;
    }

    /**
     * Somebody has work for certain times, from now on.
     */
    public function watch(Waits $waits): void
    {
        $this->waits[] = $waits;
    }

    /**
     * What belongs to the callback in hand: for who switches to another fiber and comes back.
     *
     * @return array<int, mixed> for restore()
     */
    public function save(): array
    {
        $run = $this->run;
        $memory = $run->memory === null ? [] : $run->memory->save();
        return [$this->current, $run->event, $run->background, $memory, $this->doing];
    }

    /**
     * @param array<int, mixed> $saved of save()
     * @param bool $later time went by: what is known of the event's connection may not be true any more
     */
    public function restore(array $saved, bool $later = false): void
    {
        $run = $this->run;
        [$this->current, $event, $run->background, $memory, $this->doing] = $saved;
        $run->turn($event);
        $log = $run->log();
        [$log->fd, $log->type] = $event === null ? [0, 0] : [$event->fd, $event->type];
        if ($run->memory !== null) {
            $run->memory->restore($memory, $later);
        }
    }

    /**
     * No event is in hand.
     */
    public function rest(): void
    {
        $this->current = 0;
        $this->doing = null;
        $this->run->background = null;
        $this->run->turn(null);
        if ($this->run->memory !== null) {
            $this->run->memory->clear();
        }
    }

    /**
     * A function begins that is no event's callback.
     *
     * @param string $what as in $doing
     */
    public static function begins(string $what, callable $function): void
    {
        $run = Runtime::current();
        if ($run !== null && $run->worker !== null) {
            $run->worker->doing = [$what, $function];
        }
    }

    /**
     * The worker ends in order when the callback in hand is over.
     */
    public function stop(): void
    {
        $this->stopping = true;
    }

    public function isStopping(): bool
    {
        return $this->stopping;
    }

    /**
     * This is a child of the worker's: the channel is not its own.
     */
    public function forked(): void
    {
        $this->over = true;
        fclose($this->channel->stream);
    }

    /**
     * Ends the worker: the script did not catch an exception. So does the extension.
     */
    public function die(Throwable $thrown): void
    {
        $this->printed();
        $error = $this->run->blame($thrown);
        $this->run->log()->add(Log::ERROR, $error['error'], $error['file'] ?? '', $error['line'] ?? 0);
        $this->end(Wire::FAILED, Wire::json($error));
        $this->farewell(0);
        exit(255);
    }

    /**
     * PHP's shutdown function: the last words of a worker that the script or a fatal error ended.
     */
    public function shutdown(): void
    {
        $this->reserve = null;
        if ($this->over) {
            return;
        }
        $this->printed();
        $error = error_get_last();
        $code = Wire::EXITED;
        $meta = '';
        $aborted = $this->run->failure();
        if ($aborted !== []) {
            $code = Wire::FAILED;
            $meta = Wire::json($aborted);
            $this->run->log()->add(Log::ERROR, $aborted['error'], $aborted['file'] ?? '', $aborted['line'] ?? 0);
        } elseif ($error !== null && ($error['type'] & Runtime::FATAL) !== 0) {
            [$text, $file, $line] = Runtime::cause($error);
            $code = Wire::FAILED;
            $meta = Wire::json(['error' => $text, 'file' => $file, 'line' => $line]);
            $this->run->log()->add(Log::ERROR, $text, $file, $line);
        } else {
            $this->run->exited('the worker ends');
        }
        $this->end($code, $meta);
        $this->farewell(0);
    }

    /**
     * How many events it has begun.
     */
    public function served(): int
    {
        return $this->most - $this->left + ($this->current === 0 ? 0 : 1);
    }

    /**
     * What was asked for so far leaves: there is much of it, or a question follows that it may matter for.
     */
    public function settle(): void
    {
        $this->channel->out .= $this->run->reply->take();
        if ($this->channel->out !== '') {
            $this->flush();
        }
    }

    /**
     * The callback waits: what it asked for and printed so far leaves.
     */
    public function pass(): void
    {
        if (ob_get_level() === 2 && ob_get_length() > 0) { // a buffer of its own stays
            $this->printed();
        }
        $this->collect();
        if ($this->current !== 0 && $this->begun !== $this->last && !$this->aside) {
            $this->begun();
        }
    }

    /**
     * Tells the bridge which event was begun last: the next ones may come.
     */
    private function begun(): void
    {
        $this->begun = $this->last;
        $this->channel->out .= Wire::pack(Wire::BEGUN, 0, 0, 0, $this->last, 0, 0);
    }

    private function loop(): void
    {
        if (!class_exists('Fiber', false)) {
            $this->work(0);
            return;
        }
        do {
            $turn = ++$this->turn;
            $fiber = new Fiber(function () use ($turn): void {
                $this->work($turn);
            });
            $fiber->start();
            // It has come to the end, or a callback waits.
        } while (!$this->ended);
    }

    /**
     * @param int $turn the fiber's number
     */
    private function work(int $turn): void
    {
        $this->rest();
        if ($this->before !== null) {
            $before = $this->before;
            $this->before = null;
            $this->call($before, 'workerStart');
        }
        if ($this->limit > 0 && $this->last === 0 && ($used = memory_get_usage()) > $this->limit) {
            $this->say("worker_memory_limit: not heeded, the script has $used bytes before its first event");
            $this->limit = 0;
        }
        if ($this->begun < 0 && !$this->aside && $turn === $this->turn) {
            $this->begun();
        }
        while ($turn === $this->turn && !$this->stopping) {
            if ($this->events !== []) {
                $this->burst($turn);
            }
            if ($this->waits !== [] && $turn === $this->turn) {
                $this->round($turn);
            }
            if ($this->channel->out !== '') {
                $this->flush();
            }
            if ($turn === $this->turn && !$this->stopping) {
                $this->receive();
            }
        }
        if ($turn === $this->turn) {
            $this->drain($turn);
        }
        if ($turn === $this->turn && $this->after !== null) {
            $after = $this->after;
            $this->after = null;
            $this->call($after, 'workerStop');
        }
        if ($turn === $this->turn) {
            $this->ended = true;
            if (function_exists('opcache_invalidate')) {
                // The next worker runs what is in the files then, whatever opcache.revalidate_freq says.
                foreach (get_included_files() as $file) {
                    @opcache_invalidate($file);
                }
            }
            $this->farewell(self::IN_ORDER);
        }
    }

    /**
     * Waits until the bridge sends something, or until there is something else to do.
     */
    private function receive(): void
    {
        if ($this->waits !== []) {
            $due = $this->next();
            $left = $due === null ? null : max(0, $due - hrtime(true));
            if ($this->watchers !== null) {
                if (!$this->watchers->select($this->channel->stream, $left)) {
                    return;
                }
            } elseif ($left !== null && !$this->pause($left)) {
                return;
            }
        }
        $events = $this->channel->read();
        if ($events === null) {
            $this->over = true; // the bridge has gone
            exit(0);
        }
        $this->events = $events;
    }

    /**
     * When there is something else to do, in nanoseconds; null: nothing waits for a time.
     */
    private function next(): ?int
    {
        $due = null;
        foreach ($this->waits as $waits) {
            $next = $waits->next();
            if ($next !== null && ($due === null || $next < $due)) {
                $due = $next;
            }
        }
        return $due;
    }

    /**
     * @return bool whether the bridge sent something meanwhile
     */
    private function pause(int $nanoseconds): bool
    {
        $read = [$this->channel->stream];
        $write = $except = null;
        $seconds = intdiv($nanoseconds, self::SECOND);
        return @stream_select($read, $write, $except, $seconds, intdiv($nanoseconds % self::SECOND + 999, 1000)) === 1;
    }

    /**
     * Does what is due.
     */
    private function round(int $turn): void
    {
        foreach ($this->waits as $waits) {
            $waits->begin();
            while ($turn === $this->turn && ($code = $waits->take()) !== null) {
                if ($this->channel->out !== '') { // the events before it are over, however long it takes
                    $this->flush();
                }
                $this->call($code);
            }
        }
    }

    /**
     * The worker is about to end: its coroutines go on for a while, and its timers if workerExit can clear them.
     */
    private function drain(int $turn): void
    {
        $now = hrtime(true);
        if ($this->until === 0) {
            $this->until = $now + (int) ($this->run->maxWait * self::SECOND);
        }
        while ($turn === $this->turn && $this->isBusy() && $now < $this->until) {
            if ($this->run->exiting !== null && $now >= $this->again) {
                $this->again = $now + self::SECOND;
                $this->call($this->run->exiting, 'workerExit');
                continue;
            }
            $due = min($this->next() ?? PHP_INT_MAX, $this->until, $now + self::SECOND) - $now;
            if ($this->channel->out !== '') {
                $this->flush();
            }
            if ($due > 0) {
                usleep(intdiv($due, 1000) + 1);
            }
            $this->round($turn);
            $now = hrtime(true);
        }
    }

    private function isBusy(): bool
    {
        foreach ($this->waits as $waits) {
            if ($waits->isBusy($this->run->exiting !== null)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Handles the events that came.
     */
    private function burst(int $turn): void
    {
        $events = $this->events;
        $count = count($events);
        if ($this->index === 0 && $count > 1) {
            $this->since = hrtime(true);
        }
        while ($this->index < $count) {
            // Behind the last one it leaves anyway.
            if ($this->index > 0 && $this->channel->out !== '') {
                $now = hrtime(true);
                if ($now - $this->since > self::FLUSH_NS || strlen($this->channel->out) >= self::FLUSH_BYTES) {
                    $this->flush();
                    $this->since = $now;
                }
            }
            $event = $events[$this->index++];
            if ($event->type === Wire::CONTROL) {
                $this->stopping = $this->stopping || $event->code === self::STOP;
                if ($event->code === self::ASK) {
                    $this->channel->out .= Wire::pack(Wire::ALIVE, 0, 0, 0, $event->id, memory_get_usage(), 0);
                }
                continue;
            }
            $this->handle($event);
            if ($this->limit > 0 && memory_get_usage() > $this->limit) {
                $this->full();
            }
            if (--$this->left <= 0) {
                $this->stopping = true;
            }
            if ($turn !== $this->turn || $this->stopping) {
                return;
            }
        }
        $this->events = [];
        $this->index = 0;
    }

    /**
     * The script has more memory than it may: another worker takes its place.
     */
    private function full(): void
    {
        gc_collect_cycles();
        $used = memory_get_usage();
        if ($used > $this->limit - ($this->limit >> 4)) {
            $this->say("worker_memory_limit: $used bytes after {$this->served()} events, the worker ends");
            $this->stopping = true;
        }
    }

    private function say(string $text): void
    {
        $this->run->log()->add(Log::WARN, $text, '', 0);
        $this->end(0, '');
    }

    private function handle(Event $event): void
    {
        $this->last = $this->current = $event->id;
        $run = $this->run;
        $run->turn($event);
        $log = $this->log;
        $log->fd = $event->fd;
        $log->type = $event->type;
        if ($this->aside) {
            $run->environment->worker = $event->code;
        }
        try {
            ($this->handler)($event, $run->reply);
            if ($run->background !== null) {
                $run->background->finish();
                $run->background = null;
            }
        } catch (Abandoned $over) {
            // It is in the log.
        } catch (Throwable $thrown) {
            $this->die($thrown);
        }
        if (ob_get_length() > 0) {
            $this->printed();
        }
        $channel = $this->channel;
        $channel->out .= $run->reply->take();
        if ($log->any()) {
            $channel->out .= $log->take();
        }
        $channel->out .= self::END_TO_ID . pack('J', $this->current) . self::END_FROM_ID;
        $this->current = 0;
        $run->event = null;
        $log->fd = $log->type = 0;
    }

    /**
     * Calls what belongs to no event. What it asks for leaves at once.
     *
     * @param Closure(): void $code
     * @param string|null $callback the script's callback that it calls; null: another function
     */
    private function call(Closure $code, ?string $callback = null): void
    {
        $this->rest();
        $this->doing = $callback === null ? null : [$callback, null];
        try {
            $code();
            if ($this->run->background !== null) {
                $this->run->background->finish();
                $this->run->background = null;
            }
        } catch (Abandoned $over) {
            // It is in the log.
        } catch (Throwable $thrown) {
            $this->die($thrown);
        }
        $this->doing = null;
        if (ob_get_length() > 0) {
            $this->printed();
        }
        $this->end(0, '');
        if ($this->channel->out !== '') {
            $this->flush();
        }
    }

    /**
     * The end of the current event.
     */
    private function end(int $code, string $meta): void
    {
        $this->collect();
        if ($this->current !== 0) {
            $this->channel->out .= Wire::pack(Wire::END, 0, 0, 0, $this->current, 0, $code, $meta);
            $this->current = 0;
        }
        $this->run->event = null;
        $this->log->fd = $this->log->type = 0;
    }

    private function collect(): void
    {
        $this->channel->out .= $this->run->reply->take();
        if ($this->log->any()) {
            $this->channel->out .= $this->log->take();
        }
    }

    /**
     * What the script printed goes to the log.
     */
    private function printed(): void
    {
        if ($this->direct) {
            return;
        }
        while (ob_get_level() > 2 && ob_end_flush()) {
            continue;
        }
        if (ob_get_level() > 1) {
            $this->run->log()->text((string) ob_get_clean());
            ob_start();
        }
    }

    /**
     * Says which event was started last: those behind it are the next worker's.
     */
    private function farewell(int $why): void
    {
        $this->over = true;
        foreach ($this->run->kept as $kept) {
            $open = $kept->get();
            if ($open !== null) {
                $open->abandon('');
            }
        }
        $this->end(0, '');
        $this->channel->out .= Wire::pack(Wire::LAST, 0, 0, 0, $this->last, 0, $why);
        $this->flush();
    }

    private function flush(): void
    {
        if (!$this->channel->flush()) {
            $this->over = true; // the bridge has gone
            exit(0);
        }
    }

    /**
     * Nothing of it is the script's: print_r() of a server would be megabytes otherwise, with secrets.
     */
    public function __debugInfo(): array
    {
        return [];
    }
}
