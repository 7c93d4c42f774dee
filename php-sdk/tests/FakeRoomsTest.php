<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\App;
use FpmBridge\Client;
use FpmBridge\Event;
use FpmBridge\Gateway;
use FpmBridge\Reply;
use FpmBridge\Result;
use FpmBridge\Target;
use FpmBridge\Testing\FakeBridge;
use InvalidArgumentException;
use PHPUnit\Framework\TestCase;

/**
 * The fake bridge's rooms, users and attributes do what the bridge does: e2e TestPushClient has the same story with the
 * real one.
 */
final class FakeRoomsTest extends TestCase
{
    protected function tearDown(): void
    {
        FakeBridge::stop();
    }

    private static function show(Result $r): string
    {
        return "$r->done,$r->slow,$r->gone,$r->unknown " . implode(',', $r->each);
    }

    public function testResultsFromOutside(): void
    {
        $bridge = FakeBridge::app((new App())->onOpen(static function (Event $event, Reply $reply): void {
            Gateway::current()->join($event->fd, 'news');
        }));
        [$a, $b] = [$bridge->connect()->fd, $bridge->connect()->fd];
        $client = $bridge->client();
        $name = "a\0\xff/\"é";
        self::assertSame([
            '1,0,0,0 done', '1,0,0,2 done,unknown,unknown', '2,0,0,0 done,done', '1,0,0,0 done', '1,0,0,0 done',
            '1,0,0,0 ', '1,0,0,0 done',
        ], array_map([self::class, 'show'], [
            $client->push($a, 'one'),
            $client->push([$a, 999999, 1 << 40], "\xff\0", Client::BINARY),
            $client->join([$a, $b], [$name, '12']),
            $client->bindUid($a, 'u'),
            $client->pushToGroup($name, 'to the group', Client::TEXT, $b),
            $client->push(Target::all()->exceptUids('u'), 'not to u'),
            $client->bindUid($b, $name),
        ]));
        self::assertTrue($client->isOnline($name));
        self::assertFalse($client->isOnline('x'));
        self::assertSame([$a, $b], $client->fdsInGroup('12'));
        self::assertSame([$b], $client->fdsInGroup('12', $a));
        self::assertSame(['12' => 2, $name => 2, 'news' => 2], $client->groups());
        self::assertSame(['news' => 2], $client->groups($name));
        self::assertSame([$name => 1, 'u' => 1], $client->uidsInGroup('12'));
        self::assertSame([3, 2, 2, 2], [
            $client->countGroups(), $client->countUids(), $client->countInGroup($name), $client->countConnections(),
        ]);
        self::assertSame(['u', ['12', $name, 'news']], [$client->info($a)['uid'], $client->info($a)['groups']]);
        self::assertNull($client->info(999));
        self::assertNull($client->attributes(999));
        self::assertSame([
            '1,0,0,0 done', '1,0,0,1 ', '1,0,0,0 done', '1,0,0,1 done,unknown', '1,0,0,0 done', '1,0,0,0 done',
            '0,0,1,0 gone',
        ], array_map([self::class, 'show'], [
            $client->leave($a, '12'),
            $client->dissolve(['12', 'none']),
            $client->unbindUid($b),
            $client->pushToUid(['u', 'x'], 'bye'),
            $client->bindUid($b, 'u', 4002, 'elsewhere'),
            $client->close($b, 4001, 'over'),
            $client->push($a, 'too late'),
        ]));
        self::assertSame(['one', "\xff\0", 'to the group', 'bye'], $bridge->received($a));
        self::assertSame(['not to u'], $bridge->received($b));
        self::assertSame([], $client->groups(), 'who is closed is nowhere');
        $this->expectException(InvalidArgumentException::class);
        $client->push($a, "\xff");
    }

    public function testAttributesOfEvents(): void
    {
        $seen = [];
        $bridge = FakeBridge::app((new App())
            ->onOpen(static function (Event $event): void {
                Gateway::current()->setAttributes($event->fd, ['name' => 'Ann', 'cart' => ['a' => 1, 'b' => 2]]);
            })
            ->onMessage(static function (Event $event, Reply $reply) use (&$seen): void {
                $seen[] = $event->attributes();
                Gateway::current()->mergeAttributes($event->fd, ['cart' => ['a' => null], 'list' => [1]]);
                $seen[] = Gateway::current()->attributes();
                if ($event->data === 'fail') {
                    throw new \Exception('no');
                }
            })
            ->onClose(static function (Event $event) use (&$seen): void {
                $seen[] = $event->attributes();
            }));
        $fd = $bridge->connect()->fd;
        $bridge->message($fd, 'fail');
        $bridge->message($fd, 'x');
        self::assertSame('full', $bridge->client()->mergeAttributes($fd, ['x' => str_repeat('x', 4080)])->each[0]
            ?? '', 'with what is there it is too much');
        $bridge->close($fd);
        $before = ['name' => 'Ann', 'cart' => ['a' => 1, 'b' => 2]];
        $after = ['name' => 'Ann', 'cart' => ['b' => 2], 'list' => [1]];
        self::assertEquals([$before, $after, $before, $after, $after], $seen);
        self::assertNull($bridge->client()->attributes($fd));
    }

    public function testAnEventsGroupPushesAreInItsResult(): void
    {
        $bridge = FakeBridge::app((new App())->onMessage(static function (Event $event, Reply $reply): void {
            $gateway = Gateway::current();
            $reply->send('first');
            $gateway->join($event->fd, 'room');
            $gateway->pushToGroup('room', 'second');
            $reply->send('third');
            $gateway->toGroup('room')->exceptFds($event->fd)->push('not to me');
            $gateway->toAll()->exceptFds($event->fd)->close(4001, 'out');
        }));
        [$a, $b] = [$bridge->connect()->fd, $bridge->connect()->fd];
        $bridge->message($b, 'x');
        self::assertSame([$b], $bridge->open());
        $c = $bridge->connect()->fd;
        $result = $bridge->message($c, 'x');
        self::assertSame(['first', 'second', 'third'], $result->pushed($c));
        self::assertSame(['second', 'not to me'], $result->pushed($b));
        self::assertSame([$b => 4001], array_column($result->closes, 'code', 'fd'));
        self::assertSame(['first', 'second', 'third', 'second', 'not to me'], $bridge->received($b));
        self::assertSame([], $bridge->received($a));
        self::assertSame([$c], $bridge->client()->fdsInGroup('room'));
    }
}
