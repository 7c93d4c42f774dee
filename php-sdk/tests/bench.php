<?php

/**
 * What the SDK costs per request, against a plain script: `php tests/bench.php [rounds]`.
 *
 * One php-fpm child, one kept FastCGI connection, one 64-byte message per request, the scripts in turns. "cpu" is the
 * child's user and system time (getrusage), "wall" the time from request to answer. Rounds are short and many, and the
 * tenth of them that was fastest counts: so a neighbour on the machine does not.
 */

declare(strict_types=1);

use FpmBridge\Tests\Support\FastCgi;
use FpmBridge\Tests\Support\Fpm;
use FpmBridge\Wire;

require __DIR__ . '/bootstrap.php';

$rounds = (int) ($argv[1] ?? 60);
$requests = 250;
$message = str_repeat('m', 64);
$frame = Wire::pack(Wire::MESSAGE, 33, 1, 1, 1, 1, 0, '', $message);
$plain = ['BRIDGE_PROTOCOL' => '1', 'BRIDGE_ENCODING' => 'plain', 'BRIDGE_EVENT' => 'message', 'BRIDGE_EVENT_ID' => '1',
    'BRIDGE_ATTEMPT' => '1', 'BRIDGE_FD' => '1', 'BRIDGE_OPCODE' => '1', 'REQUEST_URI' => '/', 'QUERY_STRING' => '',
    'HTTP_HOST' => 'localhost', 'REMOTE_ADDR' => '127.0.0.1', 'BRIDGE_CALLBACK' => 'unix:/tmp/none'];
$framed = ['BRIDGE_PROTOCOL' => '1', 'BRIDGE_ENCODING' => 'framed', 'BRIDGE_CALLBACK' => 'unix:/tmp/none',
    'BRIDGE_TOKEN' => 'token', 'BRIDGE_LISTEN' => '127.0.0.1:9501', 'BRIDGE_WORKER' => '0'];
$entry = dirname(__DIR__) . '/entry.php';
$fpm = new Fpm(1);
$client = $fpm->client();
$cases = [];
foreach (['plain', 'native', 'swoole'] as $name) {
    $script = __DIR__ . "/scripts/$name-echo.php";
    $params = ['REQUEST_METHOD' => 'GET'];
    $params += $name === 'plain' ? ['SCRIPT_FILENAME' => $script] + $plain
        : ['SCRIPT_FILENAME' => $entry, 'BRIDGE_SCRIPT' => $script] + $framed;
    if ($name !== 'plain') {
        // As the bridge does it: the key of the description comes back with each request.
        $ask = Wire::pack(Wire::DESCRIBE, 0, 0, 1, 1, 0, 0);
        $answer = $client->request($params + ['CONTENT_LENGTH' => (string) strlen($ask)], $ask)['body'];
        $params['BRIDGE_KEY'] = json_decode(Wire::read($answer)[0]->meta, true)['key'];
    }
    $body = $name === 'plain' ? $message : $frame;
    $cases[$name] = $name === 'plain'
        ? FastCgi::encode($params + ['CONTENT_LENGTH' => (string) strlen($body)], $body)
        : FastCgi::encode($params + ['BRIDGE_FRAME' => base64_encode($body)], '');
}

file_put_contents("{$fpm->folder}/usage.php", '<?php echo json_encode(getrusage());');
$usage = static function () use ($client, $fpm): array {
    $params = ['SCRIPT_FILENAME' => "{$fpm->folder}/usage.php", 'REQUEST_METHOD' => 'GET'];
    $now = json_decode($client->request($params)['body'], true);
    $user = $now['ru_utime.tv_sec'] * 1e6 + $now['ru_utime.tv_usec'];
    return [$user + $now['ru_stime.tv_sec'] * 1e6 + $now['ru_stime.tv_usec'], hrtime(true) / 1e3];
};
// opcache does not keep files that are younger than two seconds.
sleep(3);
$times = [];
for ($round = 0; $round < $rounds; $round++) {
    foreach ($cases as $name => $request) {
        $client->send($request);
        $from = $usage();
        for ($i = 0; $i < $requests; $i++) {
            $client->send($request);
        }
        $to = $usage();
        foreach (['cpu', 'wall'] as $i => $what) {
            $times[$name][$what][] = ($to[$i] - $from[$i]) / $requests;
        }
    }
}
$base = [];
foreach ($times as $name => $kinds) {
    printf('%-8s', $name);
    foreach ($kinds as $what => $values) {
        sort($values);
        $fast = $values[intdiv(count($values), 10)];
        $base[$what] = $base[$what] ?? $fast;
        printf('  %s %6.1f us (%+.1f)', $what, $fast, $fast - $base[$what]);
    }
    echo "\n";
}
