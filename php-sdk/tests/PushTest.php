<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\CallbackSocket;
use FpmBridge\Client;
use FpmBridge\Client\Frames;
use FpmBridge\Client\Transport;
use FpmBridge\ClientException;
use FpmBridge\Gateway;
use FpmBridge\Reply;
use FpmBridge\Result;
use FpmBridge\Target;
use FpmBridge\Wire;
use InvalidArgumentException;
use PHPUnit\Framework\TestCase;

/**
 * Rooms and users: docs/protocol.md section 12. What the bridge makes of it is tested in e2e/push_test.go.
 */
final class PushTest extends TestCase
{
    public function testInstructionsStandInTheOrderOfTheEventsOthers(): void
    {
        $reply = new Reply();
        $gateway = new Gateway($reply, new CallbackSocket('', ''));
        $reply->push(1, 'first');
        $gateway->join(7, ['room', 12]);
        $gateway->toGroup('room')->exceptFds([1, 2])->exceptUids('u')->exceptGroups('g')->push("\0", Gateway::BINARY);
        $gateway->pushToAll('all', Gateway::TEXT, 3);
        $gateway->close(Target::uids("a\xff")->andFds([1, 2])->andGroups('g'), 4000, 'bye');
        $gateway->bindUid(7, 8, 4001, 'elsewhere');
        $gateway->unbindUid([7]);
        $gateway->dissolve('room');
        $reply->push(1, 'last');
        $got = [];
        foreach (Wire::read($reply->take()) as $f) {
            $got[] = [$f->type, $f->opcode, $f->flags, $f->fd, $f->code, $f->meta, $f->data];
        }
        $fd = static function (int $tag, int $fd): string {
            return chr($tag) . "\x08" . pack('J', $fd);
        };
        self::assertSame([
            [64, 1, 3, 1, 0, '', 'first'],
            [80, 3, 0, 7, 0, "\7\4room\7\00212", ''],
            [80, 1, 0, 0, 2, "\3\4room\5\1u\6\1g" . $fd(4, 1) . $fd(4, 2), "\0"],
            [80, 1, 1, 0, 1, $fd(4, 3), 'all'],
            [80, 2, 0, 0, 4000, $fd(1, 1) . $fd(1, 2) . "\2\2a\xff\3\1g", 'bye'],
            [80, 6, 0, 7, 4001, "\7\0018", 'elsewhere'],
            [80, 7, 0, 7, 0, '', ''],
            [80, 5, 0, 0, 0, "\7\4room", ''],
            [64, 1, 3, 1, 0, '', 'last'],
        ], $got);
    }

    /**
     * @return array<string, array{callable(Gateway): void}>
     */
    public function mistakes(): array
    {
        return [
            'nobody' => [static function (Gateway $g): void {
                $g->push([], 'x');
            }],
            'all and others' => [static function (Gateway $g): void {
                $g->push(Target::all()->andFds(1), 'x');
            }],
            'opcode' => [static function (Gateway $g): void {
                $g->push(1, 'x', 8);
            }],
            'text' => [static function (Gateway $g): void {
                $g->push(1, "\xff");
            }],
            'ping' => [static function (Gateway $g): void {
                $g->push(1, str_repeat('x', 126), Gateway::PING);
            }],
            'code' => [static function (Gateway $g): void {
                $g->close(1, 1005);
            }],
            'reason' => [static function (Gateway $g): void {
                $g->close(1, 1000, str_repeat('x', 124));
            }],
            'long name' => [static function (Gateway $g): void {
                $g->join(1, str_repeat('x', 256));
            }],
            'empty name' => [static function (Gateway $g): void {
                $g->bindUid(1, '');
            }],
            'no group' => [static function (Gateway $g): void {
                $g->join(1, []);
            }],
            'a float' => [static function (Gateway $g): void {
                $g->pushToUid([1.5], 'x');
            }],
            'too much' => [static function (Gateway $g): void {
                $g->push(1, str_repeat('x', 16777217), Gateway::BINARY);
            }],
        ];
    }

    /**
     * @dataProvider mistakes
     * @param callable(Gateway): void $mistake
     */
    public function testAMistakeThrowsAndLeavesNothing(callable $mistake): void
    {
        $reply = new Reply();
        try {
            $mistake(new Gateway($reply, new CallbackSocket('', '')));
            self::fail('nothing was thrown');
        } catch (InvalidArgumentException $e) {
            self::assertSame('', $reply->take());
        }
    }

    /**
     * Many users are one question for each 32 KiB of their names, and what an answer leaves out is asked for again.
     */
    public function testUsersAreAskedForTogether(): void
    {
        $transport = new class implements Transport {
            /** @var list<int> */
            public array $asked = [];

            public function operate(
                int $operation,
                Target $target,
                int $code,
                array $into,
                string $data,
                float $wait = 0.0
            ): Result {
                throw new \LogicException();
            }

            public function ask(int $what, string $name, int $fd, string $after, int $limit, int $flags): array
            {
                $uids = Frames::uids($name);
                $this->asked[] = count($uids);
                $data = '';
                foreach (array_slice($uids, 0, 500) as $uid) {
                    $data .= $uid === '3' ? pack('NN', 0, 0) : pack('NNJ', 1, 1, (int) $uid);
                }
                return Frames::answer($what, 0, 0, '', $data);
            }
        };
        $client = Client::over($transport);
        self::assertSame([], $client->fdsOfUids([]));
        self::assertSame([7 => [7], 3 => []], $client->fdsOfUids([7, '7', 3]));
        self::assertSame([9 => [9]], $client->fdsOfUids('9'));
        self::assertSame([2, 1], $transport->asked);
        $uids = range(10, 1209);
        self::assertSame(array_combine($uids, array_chunk($uids, 1)), $client->fdsOfUids($uids));
        self::assertSame([2, 1, 1200, 700, 200], $transport->asked);
        $uids = array_map(static function (int $n): string {
            return $n . str_repeat('x', 250);
        }, range(100, 300));
        self::assertCount(201, array_filter($client->fdsOfUids($uids)));
        self::assertSame([129, 72], array_slice($transport->asked, 5));
        $this->expectException(InvalidArgumentException::class);
        $client->fdsOfUids([7, '']);
    }

    public function testAnswers(): void
    {
        $result = Result::unpack(pack('N6', 1, 5, 2, 6, 3, 4) . "\0\1\2\3\4\5");
        self::assertSame([1, 2, 3, 4], [$result->done, $result->slow, $result->gone, $result->unknown]);
        self::assertSame([5, 6], [$result->late, $result->full]);
        self::assertSame(['done', 'late', 'slow', 'full', 'gone', 'unknown'], $result->each);
        self::assertTrue($result->any());

        $names = "\x01a" . pack('N', 3) . "\x03\0\xff7" . pack('N', 70000);
        self::assertSame(['a' => 3, "\0\xff7" => 70000], Frames::answer(4, 0, 2, '', $names)['names']);
        self::assertSame([1, 1 << 40], Frames::answer(1, 0, 2, '', pack('J*', 1, 1 << 40))['fds']);
        self::assertSame(
            ['connection' => ['fd' => 1], 'uid' => null, 'groups' => ['g', 'h']],
            Frames::answer(7, 0, 0, '{"fd":1}', "\0\1g\1h")['info']
        );
        $lines = pack('JC', 1, 2) . "7\xff"
            . pack('N', 2) . "\1g\2\0h" . pack('N', 7) . '{"a":1}' . pack('JCNN', 1 << 40, 0, 0, 0);
        self::assertSame([
            ['fd' => 1, 'uid' => "7\xff", 'groups' => ['g', "\0h"], 'attributes' => ['a' => 1]],
            ['fd' => 1 << 40, 'uid' => null, 'groups' => [], 'attributes' => []],
        ], Frames::answer(10, 0, 2, '', $lines)['members']);
        $lists = pack('NNJJNNNN', 3, 2, 1, 1 << 40, 0, 0, 5, 0);
        self::assertSame([[1, 1 << 40], [], []], Frames::answer(11, 0, 3, '', $lists)['lists']);
        self::assertNull(Frames::answer(7, 404, 0, '{"error":"no such connection"}', '')['info']);
    }

    public function testNobodyListens(): void
    {
        foreach (['unix:/nowhere/api.sock', 'tcp:127.0.0.1:1', 'nothing', 'unix:'] as $address) {
            try {
                (new Client($address))->fds();
                self::fail('nothing was thrown');
            } catch (ClientException $e) {
                self::assertSame(ClientException::UNREACHABLE, $e->getCode(), $e->getMessage());
            }
        }
    }

    public function testABridgeThatDoesNotAnswer(): void
    {
        $server = stream_socket_server('tcp://127.0.0.1:0');
        $address = 'tcp:' . stream_socket_get_name($server, false);
        $client = new Client($address, '', ['timeout' => 0.05, 'persistent' => false]);
        try {
            $client->push(1, 'x');
            self::fail('nothing was thrown');
        } catch (ClientException $e) {
            self::assertSame(ClientException::TIMEOUT, $e->getCode(), $e->getMessage());
        }
    }
}
