<?php

declare(strict_types=1);

namespace FpmBridge\Testing;

use FpmBridge\Client\Frames;
use FpmBridge\Client\Transport;
use FpmBridge\Event;
use FpmBridge\Result;
use FpmBridge\Target;

/**
 * How FakeBridge::client() reaches the bridge.
 */
final class FakeTransport implements Transport
{
    private FakeBridge $bridge;

    public function __construct(FakeBridge $bridge)
    {
        $this->bridge = $bridge;
    }

    /**
     * A push is written at once: none has to wait.
     */
    public function operate(
        int $operation,
        Target $target,
        int $code,
        array $into,
        string $data,
        float $wait = 0.0
    ): Result {
        Frames::wait($wait);
        Frames::check($operation, $target, $code, $into, $data);
        [$fd, $meta] = $target->pack($into);
        $reply = $this->bridge->send(150, (int) $target->all, $operation, $fd, $code, $meta, $data);
        return Result::unpack($reply->data);
    }

    public function ask(int $what, string $name, int $fd, string $after, int $limit, int $flags): array
    {
        $reply = $this->bridge->send(151, $flags, $what, $fd, $limit, $name, $after);
        return Frames::answer($what, $reply->code, $reply->fd, $reply->meta, $reply->data);
    }
}
