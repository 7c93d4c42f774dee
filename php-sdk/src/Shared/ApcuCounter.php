<?php

declare(strict_types=1);

namespace FpmBridge\Shared;

/**
 * A counter in APCu: for the php-fpm of one host.
 */
final class ApcuCounter implements Counter
{
    /** Between two looks of somebody who waits, in microseconds. */
    private const LOOK = 1000;

    /** How long those that wait have to take a wakeup, in seconds. */
    private const TAKE = 0.02;

    /** The longest wait, in seconds: the default of fpm.timeout. */
    private const MAX_WAIT = 30.0;

    private string $name;
    private LocalCounter $first;

    /**
     * @param LocalCounter $first its value when APCu does not have it yet
     */
    public function __construct(string $name, LocalCounter $first)
    {
        $this->name = $name;
        $this->first = $first;
    }

    public function isThere(): bool
    {
        return apcu_exists($this->name);
    }

    public function get(): int
    {
        $value = apcu_fetch($this->name);
        if (!is_int($value)) {
            // APCu is empty, or has forgotten it.
            apcu_add($this->name, $this->first->get());
            $value = apcu_fetch($this->name);
        }
        return is_int($value) ? $value : $this->first->get();
    }

    public function set(int $value): void
    {
        $this->first->set($value);
        apcu_store($this->name, $this->first->get());
    }

    public function add(int $value): int
    {
        return $this->change($value, false);
    }

    public function sub(int $value): int
    {
        return $this->change($value, true);
    }

    public function cmpset(int $old, int $new): bool
    {
        $this->get();
        $cut = new LocalCounter($this->first->bits, $new);
        return apcu_cas($this->name, (new LocalCounter($this->first->bits, $old))->get(), $cut->get());
    }

    public function wait(float $timeout): bool
    {
        $value = $this->get();
        if ($value !== 0) {
            return $value === 1 && apcu_cas($this->name, 1, 0);
        }
        $until = microtime(true) + ($timeout < 0 ? self::MAX_WAIT : min($timeout, self::MAX_WAIT));
        $waiting = $this->name . ':waiting';
        apcu_add($waiting, 0);
        apcu_inc($waiting);
        do {
            $woken = apcu_cas($this->name, 1, 0);
            $left = $until - microtime(true);
            if (!$woken && $left > 0) {
                usleep((int) min(self::LOOK, $left * 1e6 + 1));
            }
        } while (!$woken && $left > 0);
        apcu_dec($waiting);
        return $woken;
    }

    public function wakeup(int $count): void
    {
        $this->get();
        $waiting = (int) apcu_fetch($this->name . ':waiting');
        for ($woken = 0; $woken < $count && apcu_cas($this->name, 0, 1); $woken++) {
            // One who died while it waited still counts, so none is waited for long.
            $until = $waiting > 0 ? microtime(true) + self::TAKE : 0.0;
            while ($this->get() === 1 && microtime(true) < $until) {
                usleep(self::LOOK);
            }
            if ($this->get() === 1) {
                // Nobody waits any more. If nobody did at all, 1 stays.
                if ($woken > 0) {
                    apcu_cas($this->name, 1, 0);
                }
                return;
            }
        }
    }

    private function change(int $value, bool $minus): int
    {
        $next = new LocalCounter($this->first->bits, 0);
        do {
            $old = $this->get();
            $next->set($old);
            $new = $minus ? $next->sub($value) : $next->add($value);
        } while (!apcu_cas($this->name, $old, $new));
        return $new;
    }
}
