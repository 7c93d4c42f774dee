<?php

namespace Swoole\Coroutine;

use FpmBridge\Compat\Loader;
use FpmBridge\Compat\Scheduler as Loop;

/**
 * Runs coroutines outside of callbacks, until all are over.
 */
final class Scheduler
{
    private $functions = [];
    private $settings = null;

    public function add(callable $func, ...$param): void
    {
        $this->functions[] = [$func, $param];
    }

    /**
     * @param int $n how often $func is started
     */
    public function parallel(int $n, callable $func, ...$param): void
    {
        for ($i = 0; $i < $n; $i++) {
            $this->functions[] = [$func, $param];
        }
    }

    public function set(array $settings): void
    {
        $this->settings = $settings + ($this->settings ?? []);
        \Swoole\Coroutine::set($settings);
    }

    public function getOptions(): ?array
    {
        return $this->settings;
    }

    /**
     * @return bool false, with a warning, inside of a callback or of another one
     */
    public function start(): bool
    {
        $loop = Loop::get();
        if ($loop->isLooping()) {
            $text = 'eventLoop has already been created. unable to start Swoole\Coroutine\Scheduler';
            return Loader::warn(__METHOD__, $text);
        }
        $functions = $this->functions;
        $this->functions = [];
        $loop->run($functions);
        return true;
    }
}
