<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Tests\Support\Fpm;
use FpmBridge\Wire;
use PHPUnit\Framework\TestCase;

final class PidFilesTest extends TestCase
{
    /** What a script does with files, before and after start(): it must see no difference. */
    private const OPERATIONS = <<<'PHP'
<?php
function operations(): array
{
    $dir = __DIR__ . '/work';
    $file = "$dir/file.txt";
    $got = [mkdir("$dir/a/b", 0750, true), file_exists($dir), is_dir("$dir/a"), is_file($dir), @mkdir($dir)];
    $got[] = [file_put_contents($file, "one\ntwo\n"), file_put_contents($file, "three\n", FILE_APPEND | LOCK_EX)];
    $got[] = [file_get_contents($file), file($file, FILE_IGNORE_NEW_LINES), filesize($file), is_writable($file)];
    $h = fopen($file, 'r+');
    $got[] = [fgets($h), ftell($h), fseek($h, 0, SEEK_END), fwrite($h, 'x'), fflush($h), rewind($h), fread($h, 99)];
    $got[] = [feof($h), ftruncate($h, 3), fstat($h)['size'], flock($h, LOCK_EX), flock($h, LOCK_UN)];
    $got[] = [fclose($h)];
    $got[] = [touch($file, 1000, 1000), clearstatcache(), filemtime($file), chmod($file, 0600)];
    $got[] = [decoct(fileperms($file) & 0777)];
    $got[] = [rename($file, "$dir/a/moved"), file_exists($file), is_readable("$dir/a/moved"), @filesize($file)];
    $got[] = [copy("$dir/a/moved", $file), symlink($file, "$dir/link"), is_link("$dir/link"), readlink("$dir/link")];
    $names = scandir($dir);
    $d = opendir($dir);
    $n = 0;
    while (readdir($d) !== false) {
        $n++;
    }
    rewinddir($d);
    $got[] = [$names, $n, is_string(readdir($d)), count(glob("$dir/*"))];
    closedir($d);
    file_put_contents("$dir/part.php", '<?php return [__FILE__, __LINE__, basename(__DIR__)];');
    [$h, $w] = [fopen($file, 'r'), null];
    $r = [$h];
    $got[] = [stream_select($r, $w, $w, 0), fclose($h)];
    $process = proc_open('cat; echo end', [['file', $file, 'r'], ['file', "$dir/out", 'w']], $pipes);
    $got[] = [proc_close($process), file_get_contents("$dir/out"), unlink("$dir/out")];
    $got[] = [include "$dir/part.php", (new SplFileObject($file))->fgets(), parse_ini_string('a=1'), md5_file($file)];
    $got[] = [@file_get_contents("$dir/no"), @fopen("$dir/no/no", 'w'), unlink($file), unlink("$dir/link")];
    $got[] = [@stat("$dir/server.pid"), file_put_contents("$dir/server.pid", '1'), file("$dir/server.pid")];
    array_map('unlink', ["$dir/a/moved", "$dir/part.php", "$dir/server.pid"]);
    $got[] = [rmdir("$dir/a/b"), rmdir("$dir/a"), rmdir($dir), file_exists($dir)];
    return $got;
}
$before = operations();
$server = new Swoole\WebSocket\Server('x', 1);
$server->on('message', function ($server, $frame) use ($before) {
    $after = operations();
    $server->push($frame->fd, json_encode([$before === $after, $before, $after]));
});
$server->start();
PHP;

    public function testFilesAreWhatTheyAreOtherwise(): void
    {
        $fpm = new Fpm(1);
        file_put_contents("{$fpm->folder}/server.php", self::OPERATIONS);
        [$same, $before, $after] = json_decode($this->say($fpm, "{$fpm->folder}/server.php"), true);
        self::assertSame($after, $before);
        self::assertTrue($same, 'of the same types');
    }

    public function testTheServersOwnAreHiddenUntilItStarts(): void
    {
        $fpm = new Fpm(1);
        $script = "{$fpm->folder}/server.php";
        $other = proc_open(['sleep', '60'], [], $pipes);
        file_put_contents("{$fpm->folder}/other.pid", proc_get_status($other)['pid']);
        file_put_contents("{$fpm->folder}/other.txt", '4242');
        file_put_contents($script, <<<'PHP'
<?php
function look(): array
{
    $list = [];
    foreach (['server.pid', 'mine-pid.json', 'child_PID', 'other.pid', 'other.txt', 'no.pid', 'empty.pid'] as $name) {
        $list[] = (int) is_file(__DIR__ . "/$name") . (int) (@file_get_contents(__DIR__ . "/$name") !== false);
    }
    return $list;
}
file_put_contents(__DIR__ . '/child_PID', getmypid());
$before = look();
@unlink(__DIR__ . '/server.pid');
$server = new Swoole\WebSocket\Server('x', 1);
$server->on('message', function ($server, $frame) use ($before) {
    $server->push($frame->fd, json_encode([$before, look()]));
});
$server->start();
PHP
        );
        file_put_contents("{$fpm->folder}/server.pid", "4242\n");
        touch("{$fpm->folder}/empty.pid"); // a worker that boots while another one writes it
        file_put_contents("{$fpm->folder}/mine-pid.json", '{"master":4242}');
        $seen = json_decode($this->say($fpm, $script, ['BRIDGE_PID' => '4242']), true);
        self::assertSame(['00', '00', '00', '11', '11', '00', '00'], $seen[0], 'before start()');
        self::assertSame(['11', '11', '11', '11', '11', '00', '11'], $seen[1], 'in an event');
        $seen = json_decode($this->say($fpm, $script, ['BRIDGE_PID' => '4243']), true);
        self::assertSame(['11', '11', '00', '11', '11', '00', '00'], $seen[0], 'of another bridge');
        proc_terminate($other);
        proc_close($other);
    }

    /**
     * A script that can be executed itself, in the folder of a deploy, which is a link.
     */
    public function testTheFirstLineOfItsOwnIsLeftOutBesideThat(): void
    {
        $fpm = new Fpm(1);
        mkdir("{$fpm->folder}/release");
        symlink('release', "{$fpm->folder}/current");
        foreach (['x', 'is_file(__DIR__ . "/server.pid")'] as $look) {
            $code = "#!/usr/bin/env php\n<?php\ndeclare(strict_types=1);\nnamespace My;\n";
            $code .= $look === 'x' ? '' : "\$seen = $look;\n";
            $code .= "\$server = new \\Swoole\\WebSocket\\Server('x', 1);\n"
                . "\$server->on('message', fn (\$s, \$f) => \$s->push(\$f->fd, __NAMESPACE__ . __LINE__));\n"
                . "\$server->start();\n";
            $name = md5($look);
            file_put_contents("{$fpm->folder}/release/$name.php", $code);
            $line = $look === 'x' ? 6 : 7;
            self::assertSame("My$line", $this->say($fpm, "{$fpm->folder}/current/$name.php"), $look);
            self::assertSame("My$line", $this->say($fpm, "{$fpm->folder}/current/$name.php"), 'once more');
        }
    }

    /**
     * @param array<string, string> $params
     */
    private function say(Fpm $fpm, string $script, array $params = []): string
    {
        $body = Wire::pack(Wire::MESSAGE, 33, 1, 1, 1, 1, 0, '', 'x');
        $frames = Wire::read($fpm->client()->request($params + [
            'SCRIPT_FILENAME' => dirname(__DIR__) . '/entry.php', 'REQUEST_METHOD' => 'GET', 'BRIDGE_PROTOCOL' => '1',
            'BRIDGE_ENCODING' => 'framed', 'BRIDGE_SCRIPT' => $script, 'BRIDGE_PID' => '4242',
            'CONTENT_LENGTH' => (string) strlen($body),
        ], $body)['body']);
        foreach ($frames as $frame) {
            if ($frame->type === Wire::PUSH) {
                return $frame->data;
            }
        }
        self::fail(json_encode($frames));
    }
}
