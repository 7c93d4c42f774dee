<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * Questions to the bridge while an event is handled.
 */
interface Queries
{
    /**
     * Asks one question and waits for its answer.
     *
     * @param int $type Wire::EXISTS, Wire::INFO, Wire::LIST or Wire::COUNT
     * @return Event the reply frame: code 0, or 404 not found
     * @throws CallbackException when no answer comes, or it is another error
     */
    public function ask(int $type, int $fd, int $code): Event;
}
