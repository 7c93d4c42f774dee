<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Compat\Names;
use FpmBridge\Tests\Support\Bundle;
use FpmBridge\Tests\Support\FastCgi;
use FpmBridge\Tests\Support\Fpm;
use FpmBridge\Wire;
use PHPUnit\Framework\TestCase;

final class NamesTest extends TestCase
{
    /**
     * @return array<string, array{string, array<string, mixed>|null}>
     */
    public static function scripts(): array
    {
        return [
            'none' => ['<?php use Swoole\WebSocket\Server; new Server("0.0.0.0");', []],
            'some' => ['<?php new Server("x", 1, SWOOLE_PROCESS, \SWOOLE_SOCK_TCP); // WEBSOCKET_OPCODE_TEXT', [
                'SWOOLE_PROCESS' => 2, 'SWOOLE_SOCK_TCP' => 1, 'WEBSOCKET_OPCODE_TEXT' => 1,
            ]],
            'in a string' => ['<?php $name = "SWOOLE_BASE";', ['SWOOLE_BASE' => 1]],
            'unknown constant' => ['<?php echo SWOOLE_NO_SUCH_THING;', null],
            'include' => ['<?php INCLUDE "x.php";', null],
            'require in a comment' => ['<?php // requires nothing', null],
            'autoloader' => ['<?php spl_autoload_register("f");', null],
            'constant()' => ['<?php constant("WEBSOCKET_OPCODE_" . $x);', null],
            'defined()' => ['<?php \defined($x);', null],
            'eval' => ['<?php eval($x);', null],
            'function_exists()' => ['<?php function_exists($f);', null],
            'underscore class' => ['<?php function f(swoole_server $s) {}', null],
            'upper case class' => ['<?php function f(SWOOLE_SERVER $s) {}', null],
            'function' => ['<?php echo swoole_version();', null],
            'coroutine' => ['<?php Swoole\Coroutine::sleep(1);', null],
            'go' => ['<?php go (function () {});', null],
            'going' => ['<?php gogo(); $ago = "let us go";', []],
            'Co' => ['<?php CO\run("f");', null],
            'chan' => ['<?php new chan(1);', null],
            'OpenSwoole' => ['<?php use openSwoole\Server;', null],
            'empty' => ['', null],
        ];
    }

    /**
     * @dataProvider scripts
     * @param array<string, mixed>|null $expected
     */
    public function testAScriptThatIsOneFileGetsWhatItNames(string $text, ?array $expected): void
    {
        self::assertSame($expected, Names::named($text));
    }

    public function testOnPhpFpmAScriptHasItsNamesFirstAndLater(): void
    {
        $fpm = new Fpm(1);
        $script = "{$fpm->folder}/names.php";
        $code = '<?php $s = new Swoole\WebSocket\Server("x", 1, SWOOLE_PROCESS);'
            . ' $s->on("message", function ($s, $f) { $s->push($f->fd, %s); });'
            . ' $s->start();';
        $all = 'count(get_defined_constants(true)["user"]) . WEBSOCKET_OPCODE_PONG';
        file_put_contents($script, sprintf($code, $all));
        self::assertSame('34510', $this->say($fpm, $script), 'it asks for constants by name: all of them');
        file_put_contents($script, sprintf($code, 'WEBSOCKET_OPCODE_PONG'));
        sleep(3);
        self::assertSame('10', $this->say($fpm, $script), 'changed just now: all of them');
        sleep(4);
        self::assertSame('10', $this->say($fpm, $script), 'all of them, and its names are kept');
        self::assertSame('10', $this->say($fpm, $script), 'what was kept');
        file_put_contents($script, sprintf($code, 'WEBSOCKET_OPCODE_PING'));
        sleep(3);
        self::assertSame('9', $this->say($fpm, $script), 'a change is seen');
    }

    public function testTheDropInNeedsNoGlobalConstants(): void
    {
        $files = array_merge(glob(dirname(__DIR__) . '/compat/Swoole/{*,*/*}.php', GLOB_BRACE), [
            dirname(__DIR__) . '/compat/Loader.php', dirname(__DIR__) . '/compat/State.php',
            dirname(__DIR__) . '/compat/functions.php',
        ]);
        foreach ($files as $file) {
            $tokens = token_get_all((string) file_get_contents($file));
            foreach ($tokens as $i => $token) {
                // OpenSwoole has some as constants of the class.
                $declared = $i > 1 && is_array($tokens[$i - 2]) && $tokens[$i - 2][0] === T_CONST;
                $name = is_array($token) && $token[0] === T_STRING && !$declared ? $token[1] : '';
                self::assertSame(0, preg_match('/^(SWOOLE|WEBSOCKET)_[A-Z]/', $name), "$name in $file");
            }
        }
    }

    public function testTheBundleIsUpToDate(): void
    {
        foreach (Bundle::all() as $file => $text) {
            self::assertStringEqualsFile(dirname(__DIR__) . "/bundle/$file", $text, 'run `php php-sdk/bundle.php`');
        }
    }

    private function say(Fpm $fpm, string $script): string
    {
        $body = Wire::pack(Wire::MESSAGE, 33, 1, 1, 1, 1, 0, '', 'x');
        $answer = $fpm->client()->request([
            'SCRIPT_FILENAME' => dirname(__DIR__) . '/entry.php', 'REQUEST_METHOD' => 'GET', 'BRIDGE_PROTOCOL' => '1',
            'BRIDGE_ENCODING' => 'framed', 'BRIDGE_SCRIPT' => $script, 'CONTENT_LENGTH' => (string) strlen($body),
        ], $body);
        $frames = Wire::read($answer['body']);
        self::assertSame(Wire::DONE, end($frames)->code, end($frames)->meta);
        return $frames[0]->data;
    }
}
