<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Tests\Support\Fpm;
use FpmBridge\Wire;
use PHPUnit\Framework\TestCase;

/**
 * What a message costs is what is loaded and touched for it (README). No clock here: the list is what is guarded.
 */
final class HotPathTest extends TestCase
{
    private const CLASSES = [
        'FpmBridge\Environment', 'FpmBridge\Runtime', 'FpmBridge\Log', 'FpmBridge\Wire', 'FpmBridge\Event',
        'FpmBridge\Reply', 'FpmBridge\Compat\Loader', 'FpmBridge\Compat\Names', 'FpmBridge\Compat\Values',
        'FpmBridge\Compat\State', 'Swoole\Server', 'Swoole\Http\Server', 'Swoole\WebSocket\Server',
        'Swoole\WebSocket\Frame', 'Swoole\Connection\Iterator', 'Swoole\Server\Port',
    ];

    public function testAScriptWithMessageAloneLoadsThisAndNothingMore(): void
    {
        $fpm = new Fpm(1);
        $script = "{$fpm->folder}/only-message.php";
        // At the very end of the request, when everything that it loads is there.
        file_put_contents($script, <<<'PHP'
            <?php
            class Last { function __destruct() {
                $own = fn($name) => !(new ReflectionClass($name))->isInternal();
                echo json_encode([
                    array_values(array_filter(get_declared_classes(), $own)),
                    array_values(array_filter(get_declared_interfaces(), $own)),
                    get_included_files(), get_defined_functions()['user'], array_key_exists('_SERVER', $GLOBALS),
                ]);
            } }
            $last = new Last();
            $server = new Swoole\WebSocket\Server('127.0.0.1', 9501);
            $server->on('message', function ($server, $frame) { $server->push($frame->fd, $frame->data); });
            $server->start();
            PHP);
        // opcache keeps it at once, and the describe event is what compiles it, as under the bridge.
        touch($script, time() - 3600);
        $root = dirname(__DIR__);
        // The key that a script without these last lines has.
        $key = filectime($script) . '.' . fileinode($script) . ' []';
        $this->send($fpm, $script, '', Wire::pack(Wire::DESCRIBE, 0, 0, 1, 1, 0, 0));
        $body = Wire::pack(Wire::MESSAGE, 33, 1, 1, 1, 1, 0, '', 'x');
        $frames = $this->send($fpm, $script, $key, $body);
        self::assertSame([Wire::PUSH, Wire::LOG, Wire::END], array_column($frames, 'type'));
        [$classes, $interfaces, $files, $functions, $superglobals] = json_decode($frames[1]->data, true);
        self::assertEqualsCanonicalizing(array_merge(self::CLASSES, ['Last']), $classes);
        self::assertSame([], $interfaces);
        self::assertSame(["$root/entry.php", "$root/bundle/core.php", $script], $files);
        self::assertSame([], $functions);
        self::assertFalse($superglobals, '$_SERVER was not built');
    }

    /**
     * opcache remembers which superglobals were there when it compiled a file: a describe has all of them.
     */
    public function testWhatDescribeCompiledIsCompiledAgain(): void
    {
        $fpm = new Fpm(1);
        $root = dirname(__DIR__);
        $script = __DIR__ . '/scripts/swoole-echo.php';
        $probe = "{$fpm->folder}/probe.php";
        file_put_contents($probe, '<?php echo json_encode(array_map("opcache_is_script_cached", ' . var_export([
            "$root/entry.php", "$root/bundle/core.php", "$root/bundle/functions.php", $script,
        ], true) . '));');
        $cached = static function () use ($fpm, $probe): array {
            $answer = $fpm->client()->request(['SCRIPT_FILENAME' => $probe, 'REQUEST_METHOD' => 'GET']);
            return json_decode($answer['body'], true);
        };
        // Files of just now are not cached.
        for ($i = 0; $cached()[1] === false && $i < 30; $i++) {
            usleep($i > 0 ? 100000 : 0);
            $this->send($fpm, $script, '', Wire::pack(Wire::MESSAGE, 33, 1, 1, 1, 1, 0, '', 'x'));
        }
        do {
            $frames = $this->send($fpm, $script, '', Wire::pack(Wire::DESCRIBE, 0, 0, 1, 1, 0, 0));
            $key = json_decode($frames[0]->meta, true)['key'];
        } while (strncmp($key, 'later ', 6) === 0 && usleep(100000) === null);
        self::assertSame([true, true, false, false], $cached());
        $this->send($fpm, $script, $key, Wire::pack(Wire::MESSAGE, 33, 1, 1, 1, 1, 0, '', 'x'));
        self::assertSame([true, true, false, true], $cached());
    }

    /**
     * @return list<\FpmBridge\Event> the frames of the answer
     */
    private function send(Fpm $fpm, string $script, string $key, string $body): array
    {
        return Wire::read($fpm->client()->request([
            'SCRIPT_FILENAME' => dirname(__DIR__) . '/entry.php', 'REQUEST_METHOD' => 'GET', 'BRIDGE_PROTOCOL' => '1',
            'BRIDGE_ENCODING' => 'framed', 'BRIDGE_SCRIPT' => $script, 'BRIDGE_KEY' => $key,
            'CONTENT_LENGTH' => (string) strlen($body),
        ], $body)['body']);
    }

    /**
     * An expression as a default or constant is computed, and its class copied, in each request that uses the class.
     */
    public function testTheBundleHasLiteralDefaults(): void
    {
        $code = (string) file_get_contents(dirname(__DIR__) . '/bundle/core.php');
        $code = (string) preg_replace('/\'[^\'\n]*\'/', "''", $code);
        $default = '/^    (?:public|protected|private) (?:const|static|\??\w+ \$|\$)[^(;]*?=[^;]*;/m';
        preg_match_all($default, $code, $found);
        self::assertGreaterThan(100, count($found[0]));
        foreach ($found[0] as $line) {
            self::assertSame(0, preg_match('/::|\\\\[A-Z]|[^=]>|\|/', explode('=', $line, 2)[1] ?? ''), $line);
        }
    }
}
