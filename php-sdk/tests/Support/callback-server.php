<?php

/**
 * A callback socket for tests: `php callback-server.php SOCKET MODE COUNT`. Connections 1 … COUNT are open.
 *
 * Modes: good; stale (the second question gets the answer to another one); dies (closes after each reply);
 * refuses (401 to every hello); silent (never replies); late (the reply to another question comes first). Prints a
 * line for each connection and question.
 */

declare(strict_types=1);

use FpmBridge\Wire;

require dirname(__DIR__) . '/bootstrap.php';

[, $path, $mode, $count] = $argv;
$server = stream_socket_server("unix://$path");
$clients = [];
$questions = 0;
$all = (int) $count > 0 ? pack('J*', ...range(1, (int) $count)) . str_repeat("\x03", (int) $count) : '';
fwrite(STDOUT, "ready\n");
for (;;) {
    $read = array_merge([$server], $clients);
    $write = $except = null;
    stream_select($read, $write, $except, null);
    foreach ($read as $stream) {
        if ($stream === $server) {
            $client = stream_socket_accept($server);
            $clients[(int) $client] = $client;
            fwrite(STDOUT, "connection\n");
            continue;
        }
        $head = (string) stream_get_contents($stream, Wire::HEADER);
        if (strlen($head) < Wire::HEADER) {
            unset($clients[(int) $stream]);
            fclose($stream);
            continue;
        }
        $query = Wire::header($head);
        $rest = $query['length'] > 0 ? (string) stream_get_contents($stream, $query['length']) : '';
        if ($query['type'] === Wire::HELLO) {
            $token = substr($rest, $query['meta']);
            fwrite(STDOUT, "hello $token\n");
            if ($mode === 'refuses') {
                fwrite($stream, Wire::pack(Wire::REPLY, 0, 0, 0, 0, 0, 401, '{"error":"wrong token"}'));
            }
            continue;
        }
        fwrite(STDOUT, "question {$query['type']} {$query['fd']}\n");
        if ($mode === 'silent') {
            continue;
        }
        if ($mode === 'stale' && ++$questions === 2) {
            fwrite($stream, Wire::pack(Wire::REPLY, 0, 0, 0, $query['id'] - 1, 0, 0));
            continue;
        }
        if ($mode === 'late') {
            fwrite($stream, Wire::pack(Wire::REPLY, 0, 0, 0, $query['id'] - 1, 0, 0, '', 'stale'));
        }
        if ($query['type'] >= Wire::TABLE && $query['type'] <= Wire::LOCK && $mode !== 'stale') {
            fwrite($stream, Wire::pack(Wire::REPLY, 0, 0, 0, $query['id'], ++$questions, 0, '', 'fresh'));
        }
        $known = $query['fd'] >= 1 && $query['fd'] <= (int) $count;
        switch ($query['type']) {
            case Wire::EXISTS:
                fwrite($stream, Wire::pack(Wire::REPLY, 0, 0, 0, $query['id'], 0, $known ? 0 : 404));
                break;
            case Wire::LIST:
                fwrite($stream, Wire::pack(Wire::REPLY, 0, 0, 0, $query['id'], 0, 0, '', $all));
                break;
            case Wire::COUNT:
                fwrite($stream, Wire::pack(Wire::REPLY, 0, 0, 0, $query['id'], (int) $count, 0));
                break;
            case Wire::TABLE:
            case Wire::ATOMIC:
            case Wire::LOCK:
                break;
            default:
                fwrite($stream, Wire::pack(Wire::REPLY, 0, 0, 0, $query['id'], 0, 501, '{"error":"unknown"}'));
        }
        if ($mode === 'dies') {
            unset($clients[(int) $stream]);
            fclose($stream);
        }
    }
}
