<?php

// A queue worker: each line of its input is a job, `USER TEXT`. It runs for hours on one kept connection.
//
//   php examples/push-from-web/queue/job.php unix:/run/fpmbridge/api.sock < jobs

declare(strict_types=1);

use FpmBridge\Client;
use FpmBridge\ClientException;

require __DIR__ . '/../../../php-sdk/client.php';

$bridge = new Client($argv[1] ?? 'unix:/run/fpmbridge/api.sock', (string) getenv('FPMBRIDGE_KEY'));

while (($line = fgets(STDIN)) !== false) {
    [$user, $text] = explode(' ', rtrim($line, "\n"), 2) + [1 => ''];
    for ($try = 1;; $try++) {
        try {
            $result = $bridge->pushToUid($user, $text);
            echo $result->any() ? "$user: queued\n" : "$user: not there\n";
            break;
        } catch (ClientException $e) {
            // Unreachable: nothing was done. After a timeout it may have been: whoever must not push twice gives up.
            if ($e->getCode() !== ClientException::UNREACHABLE || $try === 5) {
                echo "$user: failed: {$e->getMessage()}\n";
                break;
            }
            usleep(200000 * $try);
        }
    }
}
