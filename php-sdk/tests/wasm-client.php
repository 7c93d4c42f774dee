<?php

/**
 * The thin client and GatewayWorker's class as a web request has them, without PHPUnit and without the drop-in: for PHP
 * versions that have none here. Prints OK and exits 0.
 */

declare(strict_types=1);

error_reporting(E_ALL);
set_error_handler(static function (int $type, string $message, string $file, int $line): bool {
    if ((error_reporting() & $type) === 0) {
        return true;
    }
    throw new ErrorException($message, 0, $type, $file, $line);
});

require dirname(__DIR__) . '/gatewayworker.php';

use FpmBridge\Client;
use FpmBridge\Client\Frames;
use FpmBridge\Client\HttpTransport;
use FpmBridge\Client\Transport;
use FpmBridge\ClientException;
use FpmBridge\Result;
use FpmBridge\Target;

/**
 * @param mixed $expected
 * @param mixed $actual
 */
function same($expected, $actual, string $what): void
{
    if ($expected !== $actual) {
        echo "FAILED: $what\nexpected ", var_export($expected, true), "\ngot ", var_export($actual, true), "\n";
        exit(1);
    }
}

final class Recorder implements Transport
{
    /** @var list<mixed> */
    public array $asked = [];

    public function operate(
        int $operation,
        Target $target,
        int $code,
        array $into,
        string $data,
        float $wait = 0.0
    ): Result {
        Frames::check($operation, $target, $code, $into, $data);
        [$fd, $meta] = $target->pack($into);
        $this->asked[] = [$operation, $fd, $meta, $code, $data];
        return Result::unpack(pack('N6', 1, 0, 0, 0, 0, 0) . "\0");
    }

    public function ask(int $what, string $name, int $fd, string $after, int $limit, int $flags): array
    {
        $this->asked[] = [$what, $name, $fd, $after, $limit, $flags];
        $payloads = [
            1 => pack('J*', 3, 1 << 40),
            4 => "\1a" . pack('N', 2) . "\00212" . pack('N', 1),
            7 => "\1u\1g",
            10 => pack('J', 3) . "\1u" . pack('N', 1) . "\1g" . pack('N', 7) . '{"n":1}',
        ];
        $meta = $what === 7 ? '{"fd":3,"status":3}' : '{"a":{}}';
        return Frames::answer($what, 0, 2, $meta, $payloads[$what] ?? '');
    }
}

$recorder = new Recorder();
$client = Client::over($recorder);
same(true, $client->push(Target::groups('g')->exceptFds(3), 'x')->any(), 'push');
same(['done'], $client->bindUid(3, '7', 4001, 'elsewhere')->each, 'bind');
same([1, 0, "\3\1g\4\10" . pack('J', 3), 1, 'x'], $recorder->asked[0], 'what was pushed');
same([6, 3, "\7\0017", 4001, 'elsewhere'], $recorder->asked[1], 'what was bound');
same([3, 1 << 40], $client->fdsOfUid('u'), 'a list of connections');
same(['a' => 2, 12 => 1], $client->groups(), 'a list of names');
same('u', $client->info(3)['uid'], 'info');
same([['fd' => 3, 'uid' => 'u', 'groups' => ['g'], 'attributes' => ['n' => 1]]], $client->members(), 'members');
same(['a' => []], $client->attributes(3), 'attributes');
try {
    $client->push(3, "\xff");
    same('an exception', 'none', 'text that is no text');
} catch (InvalidArgumentException $e) {
    same(9, count($recorder->asked) + 2, 'nothing was asked');
}

same(true, class_exists(HttpTransport::class), 'HTTP');
same(true, class_exists('GatewayClient\Gateway'), 'GatewayClient');
GatewayWorker\Lib\Gateway::$registerAddress = ['unix:/nowhere/api.sock', 'unix:/nowhere/too.sock'];
foreach (
    [
        static function (): void {
            GatewayClient\Gateway::sendToAll('x');
        },
        static function (): void {
            GatewayWorker\Lib\Gateway::getAllClientSessions();
        },
        static function (): void {
            (new Client('unix:/nowhere/api.sock'))->fds();
        },
    ] as $reach
) {
    try {
        $reach();
        same('an exception', 'none', 'nobody listens');
    } catch (ClientException $e) {
        same(ClientException::UNREACHABLE, $e->getCode(), $e->getMessage());
    }
}
same(false, class_exists('FpmBridge\Runtime', false), 'nothing of the drop-in is loaded');
same(false, class_exists('FpmBridge\Compat\Loader', false), 'nothing of the drop-in is loaded');

echo 'OK ', PHP_VERSION, "\n";
