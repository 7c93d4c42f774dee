<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Compat\Names;
use FpmBridge\Compat\Shebang;
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

    /**
     * @return array<string, array{string, string}>
     */
    public static function firstLines(): array
    {
        return [
            'the tag moves up, lines stay' => ["#!/usr/bin/php\n<?php\nnamespace A;\n", "<?php\n\nnamespace A;\n"],
            'code behind the tag' => ["#!/x -d y\r\n<?PHP namespace A;", "<?php\n namespace A;"],
            'nothing behind the tag' => ["#!/x\n<?php", "<?php\n"],
            'another tag' => ["#!/x\n<?phpx", '<?phpx'],
            'text in front of the tag is output' => ["#!/x\n\n<?php\n", "\n<?php\n"],
            'no such line' => ["<?php\n#!/x\n", "<?php\n#!/x\n"],
            'one line' => ['#!/x', '#!/x'],
            'empty' => ['', ''],
        ];
    }

    /**
     * @dataProvider firstLines
     */
    public function testTheLineThatNamesAnInterpreterIsLeftOut(string $text, string $expected): void
    {
        self::assertSame($expected, Shebang::without($text));
    }

    public function testAScriptThatCanBeExecutedRunsWithAndWithoutItsKey(): void
    {
        $fpm = new Fpm(1);
        $script = "{$fpm->folder}/executable.php";
        file_put_contents($script, "#!/usr/bin/php\n<?php\ndeclare(strict_types=1);\nnamespace A;\n"
            . '$s = new \Swoole\WebSocket\Server("x", 1); $s->on("message", function ($s, $f) {'
            . ' $s->push($f->fd, __NAMESPACE__ . __LINE__); }); $s->start();');
        self::assertSame(['A5', false], $this->say($fpm, $script, ''));
        $key = $this->describe($fpm, $script);
        self::assertSame('{"shebang":true}', explode(' ', $key, 2)[1]);
        self::assertSame(['A5', false], $this->say($fpm, $script, $key));
        self::assertSame(['A5', false], $this->say($fpm, $script, $key));
        self::assertSame(['A5', true], $this->say($fpm, $script, '0.0 []'));
    }

    public function testTheKeyBringsWhatTheScriptNames(): void
    {
        $fpm = new Fpm(1);
        $script = "{$fpm->folder}/names.php";
        $this->write($script, 'WEBSOCKET_OPCODE_PONG');
        self::assertSame(['10', false], $this->say($fpm, $script, ''), 'no key: all of them');
        $key = $this->describe($fpm, $script);
        self::assertSame('{"constants":{"WEBSOCKET_OPCODE_PONG":10}}', explode(' ', $key, 2)[1]);
        $kept = str_replace(':10}', ':"kept"}', $key);
        self::assertSame(['kept', false], $this->say($fpm, $script, $kept), 'of the key');
        self::assertSame(['10', true], $this->say($fpm, $script, '0.0 []'), 'a key of another file');
        self::assertSame(['10', true], $this->say($fpm, $script, 'garbage'));
        self::assertSame(['10', true], $this->say($fpm, $script, 'later 1'));
        self::assertSame(['10', false], $this->say($fpm, $script, 'later 99999999999'));
        self::assertSame(['10', false], $this->say($fpm, $script, strstr($key, ' ', true) . ' {"all":true}'));

        $this->write($script, 'WEBSOCKET_OPCODE_PING');
        sleep(3);
        self::assertSame(['9', true], $this->say($fpm, $script, $key), 'a change is seen');
        self::assertSame(['9', false], $this->say($fpm, $script, $this->describe($fpm, $script)));
    }

    public function testSuperglobalsAreThereForScriptsThatSeeThem(): void
    {
        $fpm = new Fpm(1);
        $script = "{$fpm->folder}/names.php";
        foreach (
            [
                '"x"' => '[]', '$_GET' => '[]', '"{$f->fd}"' => '[]', '$_SERVER["argv"][0]' => 0, '$$f' => 0,
                '${"_SER" . "VER"}' => 0, '$GLOBALS' => 0, 'INPUT_SERVER' => 0,
                'spl_autoload_register()' => '{"all":true}',
            ] as $code => $needs
        ) {
            $this->write($script, $code);
            $key = explode(' ', $this->describe($fpm, $script), 2)[1];
            self::assertSame($needs === 0 ? '{"superglobals":true}' : $needs, $key, $code);
        }
        $ours = 'count(preg_grep("/BRIDGE/", array_keys($_SERVER)))';
        $this->write($script, '$_SERVER["argv"][0] . $_SERVER["SCRIPT_NAME"] . ' . $ours);
        $key = $this->describe($fpm, $script);
        self::assertSame(['names.phpnames.php0', false], $this->say($fpm, $script, $key));
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

    /**
     * A script whose answer is an expression. opcache and the stamp see that it changed.
     */
    private function write(string $script, string $expression): void
    {
        file_put_contents("$script.new", '<?php $s = new Swoole\WebSocket\Server("x", 1);'
            . " \$s->on('message', function (\$s, \$f) { \$s->push(\$f->fd, $expression); });"
            . ' $s->start();');
        rename("$script.new", $script);
    }

    /**
     * @return string the description's key, once there is one
     */
    private function describe(Fpm $fpm, string $script): string
    {
        for (;;) {
            $frames = $this->send($fpm, $script, Wire::pack(Wire::DESCRIBE, 0, 0, 1, 1, 0, 0), '');
            $key = json_decode($frames[0]->meta, true)['key'];
            if (strncmp($key, 'later ', 6) !== 0) {
                return $key;
            }
            self::assertLessThanOrEqual(time() + 1, (int) substr($key, 6));
            usleep(100000);
        }
    }

    /**
     * @return array{string, bool} the answer, and whether the key was out of date
     */
    private function say(Fpm $fpm, string $script, string $key): array
    {
        $frames = $this->send($fpm, $script, Wire::pack(Wire::MESSAGE, 33, 1, 1, 1, 1, 0, '', 'x'), $key);
        $end = end($frames);
        self::assertSame(Wire::DONE, $end->code, $end->meta);
        return [$frames[0]->data, $end->flags === Wire::OUTDATED];
    }

    /**
     * @return list<\FpmBridge\Event> the frames of the answer
     */
    private function send(Fpm $fpm, string $script, string $body, string $key): array
    {
        return Wire::read($fpm->client()->request(($key === '' ? [] : ['BRIDGE_KEY' => $key]) + [
            'SCRIPT_FILENAME' => dirname(__DIR__) . '/entry.php', 'REQUEST_METHOD' => 'GET', 'BRIDGE_PROTOCOL' => '1',
            'BRIDGE_ENCODING' => 'framed', 'BRIDGE_SCRIPT' => $script, 'CONTENT_LENGTH' => (string) strlen($body),
        ], $body)['body']);
    }
}
