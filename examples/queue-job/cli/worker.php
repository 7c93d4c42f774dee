<?php

// Takes jobs from the queue of server.php, does them, and pushes the results. It may run for months, on a connection
// that it keeps; several of them share the work.
//
//   php examples/queue-job/cli/worker.php [API-ADDRESS]

declare(strict_types=1);

use FpmBridge\Client;
use FpmBridge\ClientException;

require __DIR__ . '/../../../php-sdk/client.php';

$bridge = new Client($argv[1] ?? 'unix:/run/fpmbridge/api.sock', (string) getenv('FPMBRIDGE_KEY'));
$queue = getenv('QUEUE') ?: sys_get_temp_dir() . '/fpmbridge-queue';

function factors(int $number): string
{
    $factors = [];
    for ($divisor = 2; $number > 1; $divisor++) {
        if ($divisor * $divisor > $number) {
            $divisor = $number;
        }
        for (; $number % $divisor === 0; $number = intdiv($number, $divisor)) {
            $factors[] = $divisor;
        }
    }
    return implode(' × ', $factors);
}

function push(Client $bridge, int $fd, string $text): string
{
    for ($try = 1;; $try++) {
        try {
            $result = $bridge->push($fd, $text);
            return $result->any() ? 'queued' : 'nobody is there any more';
        } catch (ClientException $e) {
            // Unreachable: nothing was done, so that it may be tried again. Any other failure may have been a success.
            if ($e->getCode() !== ClientException::UNREACHABLE || $try === 5) {
                return $e->getMessage();
            }
            usleep(200000 * $try);
        }
    }
}

for (;;) {
    $jobs = glob("$queue/*.job") ?: [];
    foreach ($jobs as $file) {
        // Only one worker gets it.
        if (!@rename($file, "$file.taken")) {
            continue;
        }
        $job = json_decode((string) file_get_contents("$file.taken"), true);
        $text = "{$job['number']} = " . factors($job['number']);
        echo $text, ': ', push($bridge, $job['fd'], $text), "\n";
        unlink("$file.taken");
    }
    if ($jobs === []) {
        usleep(50000);
    }
}
