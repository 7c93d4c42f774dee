<?php

/**
 * Runs all cases on this PHP, which has Swoole's extension: `php all.php 9600`. README.md says what for.
 */

$base = (int) ($argv[1] ?? 9600);
$host = $argv[2] ?? '127.0.0.1';
$root = sys_get_temp_dir() . '/conformance-' . getmypid();
$index = $processes = [];
$next = $base + 1;
foreach (glob(__DIR__ . '/cases/*/*.php') as $file) {
    $name = substr($file, strlen(__DIR__ . '/cases/'), -4);
    $code = file_get_contents($file);
    if (preg_match('/^ \* (differs:|mode |refuses )/m', $code)) {
        continue;
    }
    $ports = preg_match('/^ \* ports (\d)$/m', $code, $found) ? (int) $found[1] : 1;
    $index[$name] = array_map('strval', range($next, $next + $ports - 1));
    $next += $ports;
    $replace = function (string $code) use ($index, $name, $host): string {
        $code = preg_replace_callback('/\b950([1-9])\b/', function ($found) use ($index, $name) {
            return $index[$name][$found[1] - 1] ?? $found[0];
        }, $code);
        return str_replace("'127.0.0.1'", "'$host'", $code);
    };
    $dir = "$root/$name";
    mkdir($dir, 0700, true);
    file_put_contents("$dir/conform.php", $replace(file_get_contents(__DIR__ . '/conform.php')));
    file_put_contents("$dir/" . basename($file), $replace($code));
    touch("$dir/notes");
    $log = ['file', "$dir/log", 'w'];
    $processes[$name] = proc_open([PHP_BINARY, basename($file)], [['file', '/dev/null', 'r'], $log, $log], $pipes, $dir);
    file_put_contents("$dir/pid", (string) proc_get_status($processes[$name])['pid']);
}
file_put_contents("$root/stop.php", '<?php
$pid = (int) @file_get_contents(__DIR__ . "/" . str_replace("..", "", $_GET["case"]) . "/pid");
posix_kill($pid, SIGTERM);
for ($i = 0; $i < 100 && posix_kill($pid, 0); $i++) {
    usleep(50000);
}
echo "stopped";
');
sleep(2);
file_put_contents("$root/index.json", json_encode(array_map(function (array $ports) use ($host) {
    return array_map(function (string $port) use ($host): string {
        return "$host:$port";
    }, $ports);
}, $index)));
echo count($index), " cases at http://$host:$base\n";
passthru(escapeshellarg(PHP_BINARY) . ' -S ' . escapeshellarg("$host:$base") . ' -t ' . escapeshellarg($root));
foreach ($processes as $process) {
    proc_terminate($process);
}
