<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * Work that a handler left behind for the same event: coroutines, deferred calls. Set as Runtime::$background by who
 * has some; it is told once, when the handler is over.
 */
interface Background
{
    /**
     * The handler returned: runs what is left. What it throws fails the event.
     */
    public function finish(): void;

    /**
     * The event is over, or failed: what is left is dropped. Must not throw.
     */
    public function drop(): void;
}
