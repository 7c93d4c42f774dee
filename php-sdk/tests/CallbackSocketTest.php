<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\CallbackException;
use FpmBridge\CallbackSocket;
use FpmBridge\Connections;
use FpmBridge\Tests\Support\CallbackServer;
use FpmBridge\Wire;
use PHPUnit\Framework\TestCase;

final class CallbackSocketTest extends TestCase
{
    public function testQuestionsOnOneKeptConnection(): void
    {
        $server = new CallbackServer('good', 3);
        for ($request = 0; $request < 3; $request++) {
            $connections = new Connections(new CallbackSocket($server->address, 'secret'));
            self::assertTrue($connections->exists(3));
            self::assertFalse($connections->exists(4));
            self::assertSame([1 => 1, 2 => 2, 3 => 3], $connections->list());
            self::assertSame(3, $connections->count());
        }
        self::assertSame(1, $server->count('connection'));
        self::assertSame(1, $server->count('hello secret'));
    }

    public function testAnswersAreKeptUntilTheEventIsOver(): void
    {
        $server = new CallbackServer('good', 2);
        $connections = new Connections(new CallbackSocket($server->address, ''));
        for ($i = 0; $i < 5; $i++) {
            $connections->list();
            $connections->exists(1);
            $connections->exists(7);
        }
        self::assertSame(2, $server->count('question'));
        $connections->forget();
        self::assertTrue($connections->exists(1));
        self::assertSame(3, $server->count('question'));
        self::assertFalse($connections->exists(0));
        self::assertNull($connections->info(-1));
        self::assertSame(3, $server->count('question'), 'no fd is below 1');
    }

    public function testAStaleReplyMakesItConnectAnew(): void
    {
        $server = new CallbackServer('stale', 1);
        $socket = new CallbackSocket($server->address, 'secret');
        self::assertSame(0, $socket->ask(Wire::EXISTS, 1, 0)->code);
        self::assertSame(404, $socket->ask(Wire::EXISTS, 2, 0)->code, 'the stale reply said 0');
        self::assertSame(2, $server->count('connection'));
    }

    public function testADeadKeptConnectionIsReplacedOnce(): void
    {
        $server = new CallbackServer('dies', 1);
        $socket = new CallbackSocket($server->address, 'secret');
        for ($i = 1; $i <= 3; $i++) {
            self::assertSame(1, $socket->ask(Wire::COUNT, 0, 0)->fd);
            self::assertSame($i, $server->count('connection'));
        }
    }

    public function testAWrongTokenIsAnError(): void
    {
        $server = new CallbackServer('refuses', 1);
        $this->expectException(CallbackException::class);
        $this->expectExceptionCode(401);
        $this->expectExceptionMessage('the bridge refused a question (401): wrong token');
        (new CallbackSocket($server->address, 'wrong'))->ask(Wire::COUNT, 0, 0);
    }

    public function testAnUnknownQuestionIsAnError(): void
    {
        $server = new CallbackServer('good', 1);
        $this->expectException(CallbackException::class);
        $this->expectExceptionCode(501);
        (new CallbackSocket($server->address, ''))->ask(Wire::INFO, 1, 0);
    }

    public function testASilentBridgeIsGivenUp(): void
    {
        $server = new CallbackServer('silent');
        $start = microtime(true);
        try {
            (new CallbackSocket($server->address, ''))->ask(Wire::COUNT, 0, 0);
            self::fail('it answered');
        } catch (CallbackException $silent) {
            self::assertLessThan(8.0, microtime(true) - $start);
        }
    }

    public function testNobodyThere(): void
    {
        foreach (['unix:/nonexistent' => 'cannot be reached', '' => 'named no callback socket'] as $address => $why) {
            try {
                (new CallbackSocket($address, ''))->ask(Wire::COUNT, 0, 0);
                self::fail('it was reached');
            } catch (CallbackException $nobody) {
                self::assertStringContainsString($why, $nobody->getMessage());
            }
        }
    }

    public function testWhatChangesSomethingIsAskedOnce(): void
    {
        $server = new CallbackServer('late', 1);
        $socket = new CallbackSocket($server->address, '');
        for ($i = 1; $i <= 3; $i++) {
            $reply = $socket->share(Wire::ATOMIC, 3, 7, 32, 'add');
            self::assertSame([$i, 'fresh'], [$reply->fd, $reply->data], 'replies to other questions are passed over');
        }
        self::assertSame(1, $server->count('connection'));
        self::assertSame(3, $server->count('question'));
    }

    public function testWhatChangesSomethingOnAConnectionThatIsDead(): void
    {
        $server = new CallbackServer('dies', 1);
        $socket = new CallbackSocket($server->address, '');
        for ($i = 1; $i <= 3; $i++) {
            self::assertSame($i, $socket->share(Wire::TABLE, 1, 7, 1, 'set', -1.0)->fd);
            usleep(20000);
        }
        self::assertSame(3, $server->count('question'));
    }
}
