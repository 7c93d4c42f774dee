<?php

declare(strict_types=1);

namespace FpmBridge\Tests\Support;

/**
 * callback-server.php as a child process, stopped with the object.
 */
final class CallbackServer
{
    /** As BRIDGE_CALLBACK says it. */
    public string $address;
    private string $path;

    /** @var resource */
    private $process;

    public function __construct(string $mode = 'good', int $connections = 0)
    {
        $this->path = sys_get_temp_dir() . '/fpmbridge-callback-' . bin2hex(random_bytes(6));
        $this->address = "unix:{$this->path}";
        $this->process = proc_open(
            [PHP_BINARY, __DIR__ . '/callback-server.php', $this->path, $mode, (string) $connections],
            [['file', '/dev/null', 'r'], ['file', "{$this->path}.log", 'w'], ['file', "{$this->path}.log", 'a']],
            $pipes
        );
        $until = microtime(true) + 5;
        while ($this->log() === '' && microtime(true) < $until) {
            usleep(2000);
        }
    }

    public function __destruct()
    {
        proc_terminate($this->process);
        proc_close($this->process);
        @unlink($this->path);
        @unlink("{$this->path}.log");
    }

    public function log(): string
    {
        return (string) @file_get_contents("{$this->path}.log");
    }

    public function count(string $word): int
    {
        return preg_match_all("/^$word/m", $this->log());
    }
}
