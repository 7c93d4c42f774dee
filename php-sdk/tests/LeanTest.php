<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Event;
use FpmBridge\Tests\Support\Fpm;
use FpmBridge\Wire;
use PHPUnit\Framework\TestCase;

/**
 * A script that is known to look at nothing costly (Runtime::$lean) gets no port, no pids, no list of connections. When
 * the SDK itself needs one of them after all, it is there: answers are the same, to the byte, as without a key.
 */
final class LeanTest extends TestCase
{
    private const CALLBACKS = <<<'PHP'
        $tell = function ($server, $fd, ...$what) {
            $server->push($fd, json_encode([$server->port, $server->setting, $what]));
        };
        $server->on('open', function ($server, $request) use ($tell) {
            $tell($server, $request->fd, $request->get, $server->getClientInfo($request->fd));
        });
        $server->on('Message', function ($server, $frame) use ($tell) {
            $tell($server, $frame->fd, $frame->data, $server->worker_id, $server->getWorkerId(), $server->exist(1));
            if ($frame->data === 'exit') {
                exit;
            }
        });
        $server->on('close', function ($server, $fd) { echo "$fd has gone"; });
        $server->on('request', function ($request, $response) { $response->end($request->server['request_uri']); });
        $server->start();
        PHP;

    private static ?Fpm $fpm = null;

    public static function setUpBeforeClass(): void
    {
        self::$fpm = new Fpm(1);
    }

    public static function tearDownAfterClass(): void
    {
        self::$fpm = null;
    }

    /**
     * @return array<string, array{0: string, 1?: string}>
     */
    public static function servers(): array
    {
        $server = '$server = new Swoole\WebSocket\Server(';
        return [
            'the usual' => ["$server'127.0.0.1', 9501);"],
            'any port' => ["$server'127.0.0.1');"],
            'a second port' => ["$server'127.0.0.1', 9501); \$server->listen('127.0.0.1', 9502, 1);"],
            'a second port with callbacks' => ["$server'127.0.0.1', 9501); \$port = \$server->listen('::1', 9502, 3);"
                . ' $port->on("message", function ($server, $frame) {'
                . ' $server->push($frame->fd, "the other"); $frame->data === "exit" && exit; });'],
            'settings' => ["$server'::1', 9501, 1, 3);"
                . ' $server->set(["worker_num" => 3, "package_max_length" => "1M"]);'],
            'in a function' => ["(function () { $server'127.0.0.1', 9501);", ' })();'],
            'processes' => ["$server'127.0.0.1', 9501, 2); \$server->set(['dispatch_mode' => 1]);"],
        ];
    }

    /**
     * @dataProvider servers
     */
    public function testAnswersAreTheSame(string $server, string $end = ''): void
    {
        $script = self::$fpm->folder . '/' . md5($server) . '.php';
        file_put_contents($script, "<?php $server " . self::CALLBACKS . $end);
        $lean = filectime($script) . '.' . fileinode($script) . ' []';
        $meta = ['status' => 3, 'server_port' => 9502, 'remote_port' => 50000, 'remote_addr' => '127.0.0.1',
            'connect_time' => 1, 'recv_time' => 2, 'send_time' => 3, 'dispatch_time' => 4, 'inbox_bytes' => 0,
            'outbox_bytes' => 0];
        $head = "GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n";
        foreach ([0, 1] as $listener) {
            $events = [
                Wire::pack(Wire::OPEN, 0, 0, 1, 1, 1, 0, Wire::json($meta + ['listener' => $listener]), $head),
                Wire::pack(Wire::MESSAGE, 33, 1, 1, 2, 1, $listener << 16, '', 'text'),
                Wire::pack(Wire::MESSAGE, 1, 8, 1, 3, 1, $listener << 16 | 1005, '', 'a reason'),
                Wire::pack(Wire::MESSAGE, 33, 2, 1, 4, 1, $listener << 16, '', 'a') // a batch
                    . Wire::pack(Wire::MESSAGE, 33, 2, 1, 5, 2, $listener << 16, '', 'b'),
                Wire::pack(Wire::MESSAGE, 33, 1, 1, 6, 1, $listener << 16, '', 'exit'),
                Wire::pack(Wire::CLOSE, 1, 3, 1, 7, 1, $listener << 16, '{"cause":"client"}', ''),
                Wire::pack(Wire::REQUEST, 0, 0, 1, 8, 1, strlen($head), Wire::json(['listener' => $listener]), $head),
            ];
            foreach ($events as $event) {
                $answers = [];
                foreach (['', $lean] as $key) {
                    $frames = $this->send($script, $key, $event);
                    $answers[] = array_map(static fn(Event $frame): array => (array) $frame, $frames);
                }
                self::assertContains(Wire::END, array_column($answers[0], 'type'));
                self::assertSame(0, $answers[0][count($answers[0]) - 1]['flags'], 'the key fits');
                self::assertSame($answers[0], $answers[1], $event);
                $exited = substr($event, -4) === 'exit' ? 'which begins here, called exit' : '"type":';
                self::assertStringContainsString($exited, json_encode($answers[1], JSON_INVALID_UTF8_SUBSTITUTE));
            }
        }
    }

    /**
     * The requests of a resident route beside its workers show the server as these do, so none of them is lean.
     */
    public function testAResidentRouteHasNoLeanKey(): void
    {
        $ask = Wire::pack(Wire::DESCRIBE, 0, 0, 1, 1, 0, 0);
        $keys = [];
        foreach (['request', 'resident'] as $mode) {
            do {
                $frames = $this->send(__DIR__ . '/scripts/swoole-echo.php', '', $ask, ['BRIDGE_MODE' => $mode]);
                $key = json_decode($frames[0]->meta, true)['key'];
            } while (strncmp($key, 'later ', 6) === 0 && usleep(100000) === null);
            $keys[] = explode(' ', $key)[1];
        }
        self::assertSame(['[]', '{"properties":true}'], $keys);
    }

    /**
     * @param array<string, string> $more
     * @return list<Event> the frames of the answer
     */
    private function send(string $script, string $key, string $body, array $more = []): array
    {
        return Wire::read(self::$fpm->client()->request($more + [
            'SCRIPT_FILENAME' => dirname(__DIR__) . '/entry.php', 'REQUEST_METHOD' => 'GET', 'BRIDGE_PROTOCOL' => '1',
            'BRIDGE_ENCODING' => 'framed', 'BRIDGE_SCRIPT' => $script, 'BRIDGE_KEY' => $key, 'BRIDGE_WORKER' => '2',
            'BRIDGE_WORKERS' => '4', 'BRIDGE_LISTEN' => '127.0.0.1:9501 127.0.0.1:9502',
            'BRIDGE_CALLBACK' => 'unix:/nonexistent', 'BRIDGE_TOKEN' => 'token',
            'CONTENT_LENGTH' => (string) strlen($body),
        ], $body)['body']);
    }
}
