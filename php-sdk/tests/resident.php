<?php

/**
 * What an event costs in a resident worker: `php tests/resident.php [EVENTS] [SCRIPT]`.
 *
 * This is the bridge: one php-fpm child, messages of 64 bytes, the script pushes each back. "cpu" is the child's user
 * and system time an event (getrusage), of it "user" what PHP itself takes: the rest are read() and write(). One is
 * sent at a time, or so many in one write.
 */

declare(strict_types=1);

use FpmBridge\Tests\Support\FastCgi;
use FpmBridge\Tests\Support\Fpm;
use FpmBridge\Wire;

require __DIR__ . '/bootstrap.php';

$events = (int) ($argv[1] ?? 100000);
$fpm = new Fpm(1);
$script = (string) realpath($argv[2] ?? __DIR__ . '/scripts/resident-echo.php');
$socket = "{$fpm->folder}/callback.sock";
$listener = stream_socket_server("unix://$socket");
$params = [
    'REQUEST_METHOD' => 'GET', 'SCRIPT_FILENAME' => dirname(__DIR__) . '/entry.php', 'BRIDGE_SCRIPT' => $script,
    'BRIDGE_PROTOCOL' => '1', 'BRIDGE_ENCODING' => 'framed', 'BRIDGE_CALLBACK' => "unix:$socket",
    'BRIDGE_TOKEN' => 'token', 'BRIDGE_LISTEN' => '127.0.0.1:9501', 'BRIDGE_WORKER' => '0', 'BRIDGE_WORKERS' => '1',
    'BRIDGE_MODE' => 'resident', 'BRIDGE_RESIDENT' => '1', 'BRIDGE_TICKET' => '7',
];
$request = stream_socket_client($fpm->address);
fwrite($request, FastCgi::encode($params, ''));
$channel = stream_socket_accept($listener);
stream_set_read_buffer($channel, 0);
$id = 0;

/** Sends messages, and reads until all have ended. */
$play = static function (int $count, string $data) use ($channel, &$id): string {
    $out = '';
    for ($i = 0; $i < $count; $i++) {
        $out .= Wire::pack(Wire::MESSAGE, 33, 1, 1, ++$id, 1, 0, '', $data);
    }
    fwrite($channel, $out);
    $answer = '';
    // A push and an end for each, 32 bytes and their payload.
    for ($in = ''; $count > 0;) {
        $read = fread($channel, 1048576);
        if ($read === '' || $read === false) {
            exit("the worker ended\n");
        }
        for ($in .= $read, $at = 0; strlen($in) - $at >= Wire::HEADER; $at += Wire::HEADER + $head['length']) {
            $head = Wire::header($in, $at);
            if (strlen($in) - $at - Wire::HEADER < $head['length']) {
                break;
            }
            if ($head['type'] === Wire::PUSH) {
                $answer = substr($in, $at + Wire::HEADER, $head['length']);
            }
            $count -= $head['type'] === Wire::END ? 1 : 0;
        }
        $in = (string) substr($in, $at);
    }
    return $answer;
};

foreach ([1, 16, 64] as $batch) {
    $play(min($batch, 16), str_repeat('m', 64));
    for ($i = 0; $i < 2000; $i += $batch) {
        $play($batch, str_repeat('m', 64));
    }
    $best = [INF, INF];
    for ($round = 0; $round < 10; $round++) {
        $before = json_decode($play(1, 'usage'), true);
        for ($i = 0; $i < $events / 10; $i += $batch) {
            $play($batch, str_repeat('m', 64));
        }
        $after = json_decode($play(1, 'usage'), true);
        foreach ([[0, 1], [0]] as $which => $parts) {
            $used = 0;
            foreach ($parts as $part) {
                $used += $after[$part] - $before[$part];
            }
            $best[$which] = min($best[$which], $used / $i);
        }
    }
    printf("%2d in one write: cpu %.2f us, user %.2f us\n", $batch, ...$best);
}
