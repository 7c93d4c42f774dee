<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * A WebSocket application.
 *
 *     (new FpmBridge\App('0.0.0.0', 9501))
 *         ->onMessage(function (FpmBridge\Event $event, FpmBridge\Reply $reply): void {
 *             $reply->send($event->data);
 *         })
 *         ->run();
 */
final class App
{
    private string $host;
    private int $port;

    /** @var array<int, callable(Event, Reply): void> by the event's type */
    private array $handlers = [];

    /** @var array<string, mixed> */
    private array $settings = [];

    /**
     * Where the bridge listens, if its command line and configuration say nothing else.
     */
    public function __construct(string $host = '0.0.0.0', int $port = 9501)
    {
        $this->host = $host;
        $this->port = $port;
    }

    /**
     * Settings for the bridge, by the names of Swoole's set().
     *
     * @param array<string, mixed> $settings
     */
    public function set(array $settings): self
    {
        $this->settings = $settings + $this->settings;
        return $this;
    }

    /**
     * @param callable(Event, Reply): void $handler
     */
    public function onOpen(callable $handler): self
    {
        $this->handlers[Wire::OPEN] = $handler;
        return $this;
    }

    /**
     * @param callable(Event, Reply): void $handler
     */
    public function onMessage(callable $handler): self
    {
        $this->handlers[Wire::MESSAGE] = $handler;
        return $this;
    }

    /**
     * @param callable(Event, Reply): void $handler
     */
    public function onClose(callable $handler): self
    {
        $this->handlers[Wire::CLOSE] = $handler;
        return $this;
    }

    /**
     * Serves. Under the bridge it does not return: the script ends when its events are handled.
     *
     * @throws \LogicException outside of the bridge
     */
    public function run(): void
    {
        $names = [Wire::OPEN => 'open', Wire::MESSAGE => 'message', Wire::CLOSE => 'close'];
        $handlers = $this->handlers;
        $events = array_values(array_intersect_key($names, $handlers));
        $identity = "native $this->host $this->port " . implode(' ', $events) . Wire::json($this->settings);
        Runtime::require()->serve($identity, function () use ($events, $handlers): array {
            $description = [
                'kind' => 'websocket',
                'api' => 'app',
                'batch' => true,
                'mode' => 1,
                'settings' => (object) $this->settings,
                'listeners' => [['host' => $this->host, 'port' => $this->port, 'type' => 1, 'events' => $events]],
                'warnings' => [],
            ];
            ksort($handlers);
            return Runtime::require()->isAnalysing()
                ? Analysis\RequestMode::into($description, [array_combine($events, $handlers)], null)
                : $description;
        }, static function (Event $event, Reply $reply) use ($handlers): void {
            if (isset($handlers[$event->type])) {
                $handlers[$event->type]($event, $reply);
            }
        });
    }
}
