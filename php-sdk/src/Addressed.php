<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * A Gateway with a target: Gateway::toGroup() and its siblings.
 *
 *     $server->bridge()->toGroup('room')->exceptFds($fd)->push('somebody came');
 */
final class Addressed
{
    private Gateway $gateway;
    private Target $target;

    public function __construct(Gateway $gateway, Target $target)
    {
        $this->gateway = $gateway;
        $this->target = $target;
    }

    /**
     * @param int|iterable<int> $fds
     */
    public function exceptFds($fds): self
    {
        return new self($this->gateway, $this->target->exceptFds($fds));
    }

    /**
     * @param string|int|iterable<string|int> $uids
     */
    public function exceptUids($uids): self
    {
        return new self($this->gateway, $this->target->exceptUids($uids));
    }

    /**
     * @param string|int|iterable<string|int> $groups
     */
    public function exceptGroups($groups): self
    {
        return new self($this->gateway, $this->target->exceptGroups($groups));
    }

    /**
     * @param int $opcode Gateway::TEXT (UTF-8), BINARY, PING or PONG (at most 125 bytes)
     */
    public function push(string $data, int $opcode = Gateway::TEXT): void
    {
        $this->gateway->push($this->target, $data, $opcode);
    }

    /**
     * @param int $code 1000, 1001, 1003, 1007 to 1014 or 3000 to 4999
     */
    public function close(int $code = 1000, string $reason = ''): void
    {
        $this->gateway->close($this->target, $code, $reason);
    }

    /**
     * @param string|int|iterable<string|int> $groups
     */
    public function join($groups): void
    {
        $this->gateway->join($this->target, $groups);
    }

    /**
     * @param string|int|iterable<string|int> $groups
     */
    public function leave($groups): void
    {
        $this->gateway->leave($this->target, $groups);
    }

    /**
     * @param array<array-key, mixed> $attributes at most 4096 bytes as JSON; [] for none
     */
    public function setAttributes(array $attributes): void
    {
        $this->gateway->setAttributes($this->target, $attributes);
    }

    /**
     * @param array<array-key, mixed> $changes as for Gateway::mergeAttributes()
     */
    public function mergeAttributes(array $changes): void
    {
        $this->gateway->mergeAttributes($this->target, $changes);
    }
}
