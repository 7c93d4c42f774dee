<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

/**
 * The turn of one request.
 */
final class Turn
{
    private Turns $turns;

    public function __construct(Turns $turns)
    {
        $this->turns = $turns;
    }

    public function __destruct()
    {
        $this->turns->pass();
    }
}
