<?php

declare(strict_types=1);

namespace FpmBridge;

use Closure;
use Throwable;

/**
 * A resident worker: a request of PHP-FPM that stays (docs/protocol.md section 11). It takes events from its channel,
 * one after the other, until the bridge or the script ends it.
 *
 * What one burst of events asks for leaves in one write, or earlier when much or time has gathered.
 */
final class Resident
{
    private const CHUNK = 65536;
    private const CONNECT_TIMEOUT = 5.0;

    /** What is asked for leaves after so many bytes, or nanoseconds. */
    private const FLUSH_BYTES = 65536;
    private const FLUSH_NS = 1000000;

    private const STOP = 1;

    private Runtime $run;

    /** @var Closure(Event, Reply): void */
    private Closure $handler;

    /** @var (Closure(): void)|null runs when the worker ends in order */
    private ?Closure $after;

    /** @var resource */
    private $stream;

    /** Frames that the bridge has not got yet. */
    private string $out = '';

    /** When $out was empty, nanoseconds. */
    private int $since = 0;

    /** The event that was started last. */
    private int $last = 0;

    /** The event whose handler runs; 0: none. */
    private int $current = 0;

    private bool $stopping = false;
    private bool $over = false;

    /** Set aside, so that a script at its memory limit leaves enough to say so, in bytes. */
    private ?string $reserve;

    private function __construct(Runtime $run, Closure $handler, ?Closure $after)
    {
        $this->run = $run;
        $this->handler = $handler;
        $this->after = $after;
        $this->reserve = str_repeat("\0", 65536);
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
        set_time_limit(0);
        ignore_user_abort(true);
        $worker = new self($run, $handler, $after);
        $run->reside();
        register_shutdown_function([$worker, 'shutdown']);
        ob_start();
        if (!$worker->connect()) {
            return;
        }
        $run->log()->level(Log::INFO, Log::WARN);
        if ($before !== null && !$worker->guarded($before)) {
            exit(255);
        }
        $worker->loop();
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
        $this->over = true;
        $this->printed();
        $error = error_get_last();
        $code = Wire::EXITED;
        $meta = '';
        if ($error !== null && ($error['type'] & Runtime::FATAL) !== 0) {
            [$text, $file, $line] = Runtime::cause($error);
            $code = Wire::FAILED;
            $meta = Wire::json(['error' => $text, 'file' => $file, 'line' => $line]);
            $this->run->log()->add(Log::ERROR, $text, $file, $line);
        }
        $this->end($code, $meta);
        $this->farewell();
    }

    private function connect(): bool
    {
        $environment = $this->run->environment;
        [$scheme, $place] = explode(':', $environment->callback(), 2) + [1 => ''];
        $stream = @stream_socket_client("$scheme://$place", $errno, $error, self::CONNECT_TIMEOUT);
        if ($stream === false) {
            $this->over = true;
            header('Content-Type: text/plain', true, 500);
            error_log("fpmbridge: the bridge's callback socket {$environment->callback()} cannot be reached: $error");
            return false;
        }
        stream_set_read_buffer($stream, 0);
        stream_set_write_buffer($stream, 0);
        stream_set_chunk_size($stream, self::CHUNK);
        stream_set_timeout($stream, 315360000);
        $this->stream = $stream;
        $meta = Wire::json(['sdk' => Runtime::VERSION, 'php' => PHP_VERSION]);
        $this->out = Wire::pack(Wire::HELLO, 0, 0, 0, 0, 0, 0, $meta, $environment->token())
            . Wire::pack(Wire::RESIDENT, 0, 0, 0, $environment->ticket(), 0, (int) getmypid());
        $this->flush();
        return true;
    }

    private function loop(): void
    {
        $bytes = '';
        while (!$this->stopping) {
            $read = fread($this->stream, self::CHUNK);
            if ($read === '' || $read === false) {
                if (feof($this->stream)) {
                    $this->over = true; // the bridge has gone
                    exit(0);
                }
                continue;
            }
            $bytes = $bytes === '' ? $read : $bytes . $read;
            $bytes = $this->burst($bytes);
            $this->flush();
        }
        $this->over = true;
        if ($this->after !== null) {
            $this->guarded($this->after);
        }
        $this->farewell();
    }

    /**
     * Handles the whole frames of $bytes and returns the rest.
     */
    private function burst(string $bytes): string
    {
        $size = strlen($bytes);
        $end = 0;
        while ($size - $end >= Wire::HEADER) {
            $next = $end + Wire::HEADER + unpack('N', $bytes, $end)[1];
            if ($next > $size) {
                break;
            }
            $end = $next;
        }
        foreach (Wire::read($end === $size ? $bytes : substr($bytes, 0, $end)) as $event) {
            if ($event->type === Wire::CONTROL) {
                $this->stopping = $this->stopping || $event->code === self::STOP;
            } else {
                $this->handle($event);
            }
        }
        return $end === $size ? '' : substr($bytes, $end);
    }

    private function handle(Event $event): void
    {
        $this->last = $this->current = $event->id;
        $run = $this->run;
        $run->turn($event);
        $log = $run->log();
        $log->fd = $event->fd;
        $log->type = $event->type;
        try {
            ($this->handler)($event, $run->reply);
            if ($run->background !== null) {
                $run->background->finish();
                $run->background->drop();
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
        $this->end(Wire::DONE, '');
        if (strlen($this->out) >= self::FLUSH_BYTES || hrtime(true) - $this->since > self::FLUSH_NS) {
            $this->flush();
        }
    }

    /**
     * The end of the current event.
     */
    private function end(int $code, string $meta): void
    {
        if ($this->out === '') {
            $this->since = hrtime(true);
        }
        $this->out .= $this->run->reply->take();
        if ($this->run->log()->any()) {
            $this->out .= $this->run->log()->take();
        }
        if ($this->current !== 0) {
            $this->out .= Wire::pack(Wire::END, 0, 0, 0, $this->current, 0, $code, $meta);
            $this->current = 0;
        }
        $this->run->event = null;
        $log = $this->run->log();
        $log->fd = $log->type = 0;
    }

    /**
     * An exception that the script did not catch ends the worker, as with the extension.
     */
    private function die(Throwable $thrown): void
    {
        $this->printed();
        $error = $this->run->blame($thrown);
        $this->run->log()->add(Log::ERROR, $error['error'], $error['file'] ?? '', $error['line'] ?? 0);
        $this->end(Wire::FAILED, Wire::json($error));
        $this->farewell();
        $this->over = true;
        exit(255);
    }

    /**
     * @param Closure(): void $code
     * @return bool false: it failed, and the worker's last words are said
     */
    private function guarded(Closure $code): bool
    {
        try {
            $code();
        } catch (Throwable $thrown) {
            $error = $this->run->blame($thrown);
            $this->run->log()->add(Log::ERROR, $error['error'], $error['file'] ?? '', $error['line'] ?? 0);
            $this->printed();
            $this->farewell();
            $this->over = true;
            return false;
        }
        $this->printed();
        $this->end(0, '');
        $this->flush();
        return true;
    }

    /**
     * What the script printed goes to the log.
     */
    private function printed(): void
    {
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
    private function farewell(): void
    {
        $this->end(0, '');
        $this->out .= Wire::pack(Wire::LAST, 0, 0, 0, $this->last, 0, 0);
        $this->flush();
    }

    private function flush(): void
    {
        while ($this->out !== '') {
            $n = @fwrite($this->stream, $this->out);
            if ($n === false || $n === 0) {
                $this->over = true;
                exit(0); // the bridge has gone
            }
            $this->out = $n === strlen($this->out) ? '' : substr($this->out, $n);
        }
    }
}
