<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Connections;
use FpmBridge\Event;
use FpmBridge\Queries;
use FpmBridge\Wire;
use PHPUnit\Framework\TestCase;

/**
 * Questions about single connections become lists when there are many of them.
 */
final class ConnectionsTest extends TestCase
{
    /**
     * @return array<string, array{int, int}>
     */
    public static function crowds(): array
    {
        return ['3' => [3, 3], '5' => [5, 5], '1,000' => [1000, 5], '2,000' => [2000, 65], '20,000' => [20000, 514]];
    }

    /**
     * @dataProvider crowds
     */
    public function testManyAreAskedForAsAList(int $count, int $most): void
    {
        $bridge = new class implements Queries {
            public int $asked = 0;
            /** @var array<int, int> */
            public array $open = [];

            public function ask(int $type, int $fd, int $code): Event
            {
                $this->asked++;
                if ($type === Wire::EXISTS) {
                    $found = $this->open[$fd] ?? -1;
                    return Wire::read(Wire::pack(Wire::REPLY, 0, 0, 0, 1, max($found, 0), $found < 0 ? 404 : 0))[0];
                }
                $limit = $code & 0xffffff;
                $list = $limit === 0 ? $this->open : array_slice($this->open, 0, $limit, true);
                $data = pack('J*', ...array_keys($list)) . pack('C*', ...$list);
                return Wire::read(Wire::pack(Wire::REPLY, 0, 0, 0, 1, 0, 0, '', $data))[0];
            }

            public function send(
                int $type,
                int $flags,
                int $opcode,
                int $fd,
                int $code,
                string $meta,
                string $data,
                int $wait = 0
            ): Event {
                throw new \LogicException();
            }

            public function share(
                int $type,
                int $operation,
                int $key,
                int $code,
                string $data,
                float $wait = 0.0
            ): Event {
                throw new \LogicException();
            }
        };
        for ($fd = 1; $fd <= 2 * $count; $fd += 2) {
            $bridge->open[$fd] = $fd % 3 === 0 ? Connections::PLAIN : Connections::WEBSOCKET;
        }
        $connections = new Connections($bridge);
        for ($round = 1; $round <= 2; $round++) {
            for ($fd = 1; $fd <= 2 * $count; $fd += 2) {
                self::assertSame($bridge->open[$fd], $connections->status($fd));
            }
            self::assertLessThanOrEqual($round * $most, $bridge->asked);
            $connections->forget();
        }
        self::assertFalse($connections->exists(2));
        self::assertFalse($connections->exists(0));
        self::assertFalse($connections->exists(-5));
        self::assertFalse($connections->exists(2 * $count + 7));
        $bridge->open = [1 => Connections::WEBSOCKET];
        $connections->forget();
        self::assertTrue($connections->exists(1));
        self::assertFalse($connections->exists(3));
    }
}
