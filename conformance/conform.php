<?php

/**
 * What the cases share. A case is copied beside this file before it runs.
 */

/** The server of a case: PROCESS mode and one worker unless it says otherwise. The suite replaces the port. */
function server(array $settings = [], int $mode = SWOOLE_PROCESS): Swoole\WebSocket\Server
{
    $server = new Swoole\WebSocket\Server('127.0.0.1', 9501, $mode);
    $server->set($settings + ['worker_num' => 1]);
    return $server;
}

/** Writes a line that the play reads with `note`. Values other than strings become JSON. */
function note(...$values): void
{
    $words = array_map(function ($value) {
        return is_string($value) ? $value : json_encode($value, JSON_UNESCAPED_SLASHES);
    }, $values);
    file_put_contents(__DIR__ . '/notes', implode(' ', $words) . "\n", FILE_APPEND | LOCK_EX);
}

/** What a call returned, as JSON, then the warnings it raised and the error it left: `false | the warning | 503`. */
function tried(callable $do): string
{
    $warnings = [];
    set_error_handler(function (int $level, string $text) use (&$warnings) {
        $warnings[] = preg_replace('/^[\w\\\\]+(::\w+)?\(\): /', '', $text);
        return true;
    });
    swoole_clear_error();
    try {
        $value = json_encode($do(), JSON_UNESCAPED_SLASHES | JSON_PARTIAL_OUTPUT_ON_ERROR);
    } catch (Throwable $e) {
        $value = get_class($e) . ' ' . $e->getCode() . ': ' . $e->getMessage();
    } finally {
        restore_error_handler();
    }
    $error = swoole_last_error();
    return implode(' | ', array_merge([$value], $warnings, $error === 0 ? [] : [$error]));
}

/** Each message is answered with what `$do($server, $frame)` gives, as tried() has it. */
function answers(Swoole\WebSocket\Server $server, callable $do): void
{
    $server->on('message', function ($server, $frame) use ($do) {
        $server->push($frame->fd, tried(function () use ($do, $server, $frame) {
            return $do($server, $frame);
        }));
    });
}
