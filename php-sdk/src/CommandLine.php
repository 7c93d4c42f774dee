<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * The environment of a process that the bridge started with `launcher: cli`. It says in its variables what a request of
 * php-fpm says in its own; they are taken out of the process's environment before the script or its children see it.
 */
final class CommandLine extends Environment
{
    /** Only says what the script is. */
    private const DESCRIBE = 'describe';
    private const TASK = 'task';
    /** One that the script adds to its server. */
    private const PROCESS = 'process';
    /** Has the events that are no worker's: start, shutdown, workerError. */
    private const SERVER = 'server';

    /** Where the bridge reads a description, a descriptor. */
    private const ANSWER = 3;

    private const PREFIX = 'BRIDGE_';

    /** @var array<string, string> by name, without the prefix */
    private array $given;

    /**
     * @param array<string, string> $given
     */
    private function __construct(array $given)
    {
        $this->given = $given;
        $this->script = $given['SCRIPT'];
        $this->direct = $given['ROLE'] !== self::DESCRIBE;
    }

    /**
     * Begins a process of the bridge's; called by entry-cli.php.
     *
     * @return bool false if the bridge did not start it
     */
    public static function begin(): bool
    {
        $given = [];
        foreach (getenv() as $name => $value) {
            if (strncmp($name, self::PREFIX, strlen(self::PREFIX)) === 0) {
                $given[substr($name, strlen(self::PREFIX))] = (string) $value;
            }
        }
        if (!isset($given['PROTOCOL'], $given['ROLE'], $given['SCRIPT'])) {
            return false;
        }
        $names = [];
        foreach (array_keys($given) as $name) {
            $names[] = self::PREFIX . $name;
            putenv(self::PREFIX . $name);
        }
        Superglobals::hide($names);
        $environment = new self($given);
        if ($given['PROTOCOL'] !== '1') {
            $environment->refusal = "the bridge speaks protocol {$given['PROTOCOL']}, this SDK speaks 1";
        } elseif (Environment::hasExtension()) {
            $environment->refusal = 'the swoole extension is loaded in this php, and its classes cannot be replaced:'
                . ' disable it for the command line (phpdismod -s cli swoole openswoole)';
        }
        if (!Runtime::begin($environment)) {
            exit(1);
        }
        return true;
    }

    public function callback(): string
    {
        return $this->given['CALLBACK'] ?? '';
    }

    public function frame(): string
    {
        return (string) base64_decode($this->given['FRAME'] ?? '');
    }

    public function token(): string
    {
        return $this->given['TOKEN'] ?? '';
    }

    public function shared(): string
    {
        return $this->given['SHARED'] ?? '';
    }

    public function listen(): string
    {
        return $this->given['LISTEN'] ?? '';
    }

    public function worker(): int
    {
        return $this->worker ?? $this->worker = (int) ($this->given['WORKER'] ?? 0);
    }

    public function workers(): int
    {
        return max(1, (int) ($this->given['WORKERS'] ?? 1));
    }

    public function resident(): bool
    {
        return true;
    }

    public function staying(): int
    {
        return (int) ($this->given['RESIDENT'] ?? 0);
    }

    public function ticket(): int
    {
        return (int) ($this->given['TICKET'] ?? 0);
    }

    public function bridge(): int
    {
        return (int) ($this->given['PID'] ?? 0);
    }

    public function place(): ?int
    {
        if ($this->given['ROLE'] === self::SERVER) {
            return -1;
        }
        $others = [self::TASK => true, self::PROCESS => true];
        return isset($others[$this->given['ROLE']]) ? (int) $this->given['WORKER'] : null;
    }

    /**
     * What the script printed before start() has been printed by the process that was started by hand.
     */
    private static function withoutPrinted(string $frames): string
    {
        $rest = '';
        for ($at = 0; $at < strlen($frames); $at += $size) {
            $head = Wire::header($frames, $at);
            $size = Wire::HEADER + $head['length'];
            if ($head['type'] !== Wire::LOG || $head['code'] >= Log::WARN) {
                $rest .= substr($frames, $at, $size);
            }
        }
        return $rest;
    }

    /**
     * A description goes to the bridge. Other answers are what a script said that did not come as far as start().
     */
    public function answer(string $frames): bool
    {
        if (!$this->direct) {
            $stream = fopen('php://fd/' . self::ANSWER, 'wb');
            if ($stream !== false) {
                fwrite($stream, isset($this->given['BY_HAND']) ? self::withoutPrinted($frames) : $frames);
            }
            return true;
        }
        foreach (Wire::read($frames) as $frame) {
            if ($frame->code < Log::WARN && isset($this->given['BY_HAND'])) {
                continue;
            }
            $stream = fopen($frame->code >= Log::WARN ? 'php://stderr' : 'php://stdout', 'wb');
            if ($frame->type === Wire::LOG && $stream !== false) {
                fwrite($stream, "$frame->data\n");
            }
        }
        return true;
    }

    /**
     * Nothing of it is the script's: print_r() of a server would be megabytes otherwise, with secrets.
     */
    public function __debugInfo(): array
    {
        return [];
    }
}
