<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Reply;
use FpmBridge\Testing\Result;
use FpmBridge\Wire;
use InvalidArgumentException;
use PHPUnit\Framework\TestCase;

final class ReplyTest extends TestCase
{
    public function testSameDataInARowToDifferentConnectionsTravelsOnce(): void
    {
        $reply = self::to(1);
        $reply->push(2, 'a')->push(3, 'a')->push(3, 'a')->push([4, 5], 'b')->send('b')->push(2, 'b', Reply::BINARY);
        self::assertSame([[2, 3], [3], [4, 5, 1], [2]], array_column(self::result($reply)->pushes, 'fds'));
    }

    public function testOrderIsKeptAroundACloseAndOtherData(): void
    {
        $reply = self::to(1);
        $reply->push(2, 'a')->close(2, 3000, 'bye')->push(2, 'a')->push(2, 'c');
        $types = array_column(Wire::read($reply->take()), 'type');
        self::assertSame([Wire::PUSH, Wire::CLOSE_FD, Wire::PUSH, Wire::PUSH], $types);
    }

    public function testAListIsAsInTheContract(): void
    {
        $reply = new Reply();
        foreach ([1, 2, 3] as $fd) {
            $reply->frame($fd, 'grüße', 1, Wire::FIN);
        }
        $expected = '0000001f400101000000000000000000000000000000000000000003000000180000000000000001000000000000000200'
            . '000000000000036772c3bcc39f65';
        self::assertSame($expected, bin2hex($reply->take()));
        self::assertSame('', $reply->take());
    }

    public function testTextAndBinaryAreCompressedIfNegotiatedControlFramesNever(): void
    {
        $reply = self::to(1)->send('a')->send('b', Reply::BINARY)->send('c', Reply::PING)->send('d', Reply::PONG);
        self::assertSame([3, 3, 1, 1], array_column(self::result($reply)->pushes, 'flags'));
    }

    public function testALongListIsSplitSoThatFramesStayBelowTheLimit(): void
    {
        $reply = (new Reply())->push(range(1, 70000), str_repeat('x', 100));
        $pushes = self::result($reply)->pushes;
        self::assertCount(2, $pushes);
        self::assertSame(range(1, 70000), array_merge($pushes[0]['fds'], $pushes[1]['fds']));
    }

    /**
     * @return array<string, array{callable(Reply): mixed}>
     */
    public static function refused(): array
    {
        return [
            'opcode 3' => [static function (Reply $reply): void {
                $reply->send('x', 3);
            }],
            'ping of 126 bytes' => [static function (Reply $reply): void {
                $reply->send(str_repeat('x', 126), Reply::PING);
            }],
            'close code 1005' => [static function (Reply $reply): void {
                $reply->close(1, 1005);
            }],
            'close code 5000' => [static function (Reply $reply): void {
                $reply->close(1, 5000);
            }],
            'reason of 124 bytes' => [static function (Reply $reply): void {
                $reply->close(1, 1000, str_repeat('x', 124));
            }],
            '64 MiB' => [static function (Reply $reply): void {
                $reply->send(str_repeat('x', Wire::MAX_LENGTH));
            }],
        ];
    }

    /**
     * @dataProvider refused
     * @param callable(Reply): mixed $ask
     */
    public function testWhatTheBridgeWouldRefuseIsRefusedHere(callable $ask): void
    {
        $reply = self::to(1);
        try {
            $ask($reply);
            self::fail('it was accepted');
        } catch (InvalidArgumentException $refused) {
            self::assertSame('', $reply->take());
        }
    }

    public function testCloseHasTheContractsForm(): void
    {
        $reply = self::to(7)->close(null, 1000, 'bye');
        self::assertSame(
            '0000000341000000' . '0000000000000000' . '0000000000000007' . '000003e8' . '00000000' . '627965',
            bin2hex($reply->take())
        );
    }

    private static function result(Reply $reply): Result
    {
        return new Result(0, $reply->take());
    }

    private static function to(int $sender): Reply
    {
        $reply = new Reply();
        $reply->sender = $sender;
        return $reply;
    }
}
