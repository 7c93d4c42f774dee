<?php

declare(strict_types=1);

namespace FpmBridge\Tests\Support;

use RuntimeException;

/**
 * A php-fpm of our own on a Unix socket in a temporary folder, stopped with the object.
 */
final class Fpm
{
    public string $folder;
    public string $address;

    /** @var resource */
    private $process;

    /**
     * @param array<string, string> $ini settings as php_value of the pool
     * @param array<string, string> $admin as php_admin_value
     */
    public function __construct(int $children = 2, array $ini = [], array $admin = [])
    {
        $this->folder = sys_get_temp_dir() . '/fpmbridge-test-' . bin2hex(random_bytes(6));
        mkdir($this->folder, 0700);
        $this->address = "unix://{$this->folder}/fpm.sock";
        $config = "[global]\nerror_log = {$this->folder}/fpm.log\ndaemonize = no\n"
            . "[test]\nlisten = {$this->folder}/fpm.sock\npm = static\npm.max_children = $children\n"
            . "catch_workers_output = yes\nuser = root\ngroup = root\n";
        foreach ($ini as $name => $value) {
            $config .= "php_value[$name] = $value\n";
        }
        foreach ($admin as $name => $value) {
            $config .= "php_admin_value[$name] = $value\n";
        }
        file_put_contents("{$this->folder}/fpm.conf", $config);
        $process = proc_open(
            ['php-fpm8.2', '-F', '-R', '-y', "{$this->folder}/fpm.conf"],
            [['file', '/dev/null', 'r'], ['file', "{$this->folder}/out", 'w'], ['file', "{$this->folder}/out", 'w']],
            $pipes
        );
        if ($process === false) {
            throw new RuntimeException('php-fpm8.2 does not start');
        }
        $this->process = $process;
        $until = microtime(true) + 30;
        while (!@stream_socket_client($this->address)) {
            if (microtime(true) > $until) {
                throw new RuntimeException('php-fpm is not ready: ' . file_get_contents("{$this->folder}/fpm.log"));
            }
            usleep(5000);
        }
    }

    public function __destruct()
    {
        proc_terminate($this->process);
        proc_close($this->process);
        foreach (glob("{$this->folder}/*") ?: [] as $file) {
            @unlink($file);
        }
        @rmdir($this->folder);
    }

    public function client(): FastCgi
    {
        return new FastCgi($this->address);
    }

    public function log(): string
    {
        return (string) file_get_contents("{$this->folder}/fpm.log");
    }

    /**
     * @return list<int> the process ids of the children
     */
    public function children(): array
    {
        $master = proc_get_status($this->process)['pid'];
        $text = (string) file_get_contents("/proc/$master/task/$master/children");
        return array_map('intval', array_values(array_filter(explode(' ', trim($text)))));
    }
}
