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

    /**
     * A question that carries more. It may take as long as a slow client takes.
     *
     * @param int $type Wire::ASK_RESPONSE, Wire::ASK_FILE, Wire::STATS, Wire::TASKS or Wire::WORKER
     * @param int $wait seconds that it may take longer
     * @return Event the reply frame: code 0, 404 not readable, or 410 the response is over or its client has gone
     * @throws CallbackException when no answer comes, or it is another error
     */
    public function send(
        int $type,
        int $flags,
        int $opcode,
        int $fd,
        int $code,
        string $meta,
        string $data,
        int $wait = 0
    ): Event;

    /**
     * Asks for one operation on shared memory (docs/protocol.md section 10), which is carried out once at most.
     *
     * @param int $type Wire::TABLE, Wire::ATOMIC or Wire::LOCK
     * @param float $wait how long the operation may wait in the bridge, in seconds; below 0: for as long as may be
     * @return Event the reply frame, with a code of section 9
     * @throws CallbackException when no answer comes, or an error; it may have been carried out then
     */
    public function share(int $type, int $operation, int $key, int $code, string $data, float $wait = 0.0): Event;
}
