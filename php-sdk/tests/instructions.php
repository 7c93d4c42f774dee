<?php

/**
 * What the SDK costs per request in instructions, which no neighbour on the machine changes:
 * `php tests/instructions.php [SCRIPT...]`. Needs valgrind. php-fpm runs under callgrind, which writes its
 * counters at the start of each request; the fourth of a kind counts, when opcache has everything.
 *
 * A script of one's own is a framed one: php tests/instructions.php /path/to/server.php
 */

declare(strict_types=1);

use FpmBridge\Tests\Support\FastCgi;
use FpmBridge\Tests\Support\Fpm;
use FpmBridge\Wire;

require __DIR__ . '/bootstrap.php';

$folder = sys_get_temp_dir() . '/fpmbridge-callgrind-' . getmypid();
mkdir($folder, 0700);
register_shutdown_function(static function () use ($folder): void {
    array_map('unlink', glob("$folder/*") ?: []);
    rmdir($folder);
});
$real = trim((string) shell_exec('command -v php-fpm8.2'));
file_put_contents("$folder/php-fpm8.2", "#!/bin/sh\nexec valgrind -q --tool=callgrind"
    . " --dump-before=php_request_startup --callgrind-out-file=$folder/out.%p $real \"\$@\"\n");
chmod("$folder/php-fpm8.2", 0700);
putenv("PATH=$folder:" . getenv('PATH'));

$message = str_repeat('m', 64);
$frame = Wire::pack(Wire::MESSAGE, 33, 1, 1, 1, 1, 0, '', $message);
$common = [
    'REQUEST_METHOD' => 'GET', 'BRIDGE_PROTOCOL' => '1', 'BRIDGE_CALLBACK' => 'unix:/tmp/none',
    'BRIDGE_TOKEN' => 'token', 'BRIDGE_LISTEN' => '127.0.0.1:9501', 'BRIDGE_WORKER' => '0', 'REQUEST_URI' => '/',
    'QUERY_STRING' => '',
];
$fpm = new Fpm(1);
$client = $fpm->client();
$plain = $common + [
    'SCRIPT_FILENAME' => __DIR__ . '/scripts/plain-echo.php', 'BRIDGE_ENCODING' => 'plain', 'BRIDGE_EVENT' => 'message',
    'BRIDGE_EVENT_ID' => '1', 'BRIDGE_ATTEMPT' => '1', 'BRIDGE_FD' => '1', 'BRIDGE_OPCODE' => '1',
    'CONTENT_LENGTH' => '64',
];
$requests = ['plain' => FastCgi::encode($plain, $message)];
$scripts = array_slice($argv, 1) ?: [__DIR__ . '/scripts/native-echo.php', __DIR__ . '/scripts/swoole-echo.php'];
$count = 0;
foreach ($scripts as $script) {
    $params = ['SCRIPT_FILENAME' => dirname(__DIR__) . '/entry.php', 'BRIDGE_ENCODING' => 'framed',
        'BRIDGE_SCRIPT' => (string) realpath($script)] + $common;
    $ask = Wire::pack(Wire::DESCRIBE, 0, 0, 1, 1, 0, 0);
    do {
        $answer = $client->request($params + ['CONTENT_LENGTH' => (string) strlen($ask)], $ask)['body'];
        $key = json_decode(Wire::read($answer)[0]->meta, true)['key'];
        $count++;
    } while (strncmp($key, 'later', 5) === 0 && sleep(1) === 0);
    $params += ['BRIDGE_KEY' => $key, 'BRIDGE_FRAME' => base64_encode($frame)];
    $requests[basename($script)] = FastCgi::encode($params, '');
}
// opcache does not keep files that are younger than two seconds.
sleep(3);
$at = [];
foreach ($requests as $name => $request) {
    for ($i = 0; $i < 4; $i++) {
        $client->send($request);
        $count++;
    }
    $at[$name] = $count;
}
$client->send($requests['plain']);
$base = null;
foreach ($at as $name => $number) {
    // The counters that were written before the next request began.
    $part = "$folder/out.{$fpm->children()[0]}." . ($number + 1);
    preg_match('/^(?:totals|summary): (\d+)/m', (string) file_get_contents($part), $found);
    $base = $base ?? (int) $found[1];
    printf("%-20s %7d instructions (%+d)\n", $name, $found[1], $found[1] - $base);
}
