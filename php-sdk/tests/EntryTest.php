<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Event;
use FpmBridge\Runtime;
use FpmBridge\Tests\Support\CallbackServer;
use FpmBridge\Tests\Support\Fpm;
use FpmBridge\Wire;
use PHPUnit\Framework\TestCase;

/**
 * entry.php on a real php-fpm, by docs/protocol.md sections 5 and 6.
 */
final class EntryTest extends TestCase
{
    private static ?Fpm $fpm = null;

    public static function setUpBeforeClass(): void
    {
        // Settings that would break the answer if the SDK left them alone.
        self::$fpm = new Fpm(1, [
            'display_errors' => 'On',
            'html_errors' => 'On',
            'error_reporting' => '32767',
            'memory_limit' => '32M',
            'output_buffering' => '4096',
        ]);
    }

    public static function tearDownAfterClass(): void
    {
        self::$fpm = null;
    }

    public function testEcho(): void
    {
        $answer = $this->send('swoole-echo', self::message(7, 'grüße'));
        self::assertSame([Wire::PUSH, Wire::END], array_column($answer, 'type'));
        self::assertSame([7, 'grüße', 1, 3], [
            $answer[0]->fd, $answer[0]->data, $answer[0]->opcode, $answer[0]->flags,
        ]);
        self::assertSame([Wire::DONE, 1, ''], [$answer[1]->code, $answer[1]->id, $answer[1]->meta]);
        $native = $this->send('native-echo', self::message(7, 'grüße'));
        self::assertSame([$answer[0]->data, $answer[0]->fd], [$native[0]->data, $native[0]->fd]);
    }

    public function testDescription(): void
    {
        $answer = $this->send('kitchen', self::describe());
        $description = $this->description($answer);
        self::assertSame(
            [
                'sdk', 'php', 'key', 'kind', 'batch', 'mode', 'settings', 'listeners', 'events', 'workers',
                'task_workers', 'warnings', 'findings',
            ],
            array_keys($description)
        );
        self::assertSame([Runtime::VERSION, PHP_VERSION, 'websocket', true, 1], [
            $description['sdk'], $description['php'], $description['kind'], $description['batch'], $description['mode'],
        ]);
        self::assertSame(['open', 'message', 'close'], $description['listeners'][0]['events']);
        self::assertSame([['task'], 2, 0, []], [
            $description['events'], $description['workers'], $description['task_workers'], $description['warnings'],
        ]);
        $end = end($answer);
        self::assertSame([Wire::DONE, 1], [$end->code, $end->id]);
        self::assertSame(8, strlen($end->data));
        $other = $this->send('kitchen', self::message(1, 'hello'));
        self::assertSame($end->data, end($other)->data, 'every end carries the hash');
    }

    /**
     * @return array<string, array{string, string, int|null}>
     */
    public static function undescribable(): array
    {
        return [
            'never started' => ['never-started', 'the script builds a server but does not call start()', null],
            'parse error' => ['parse-error', 'syntax error, unexpected token ";"', 5],
            'exception' => ['throws', 'Uncaught RuntimeException: no database', 6],
            'undefined function' => ['undefined', 'Uncaught Error: Call to undefined function nonsense()', 3],
            'no such file' => ['no-such', 'Failed opening required', null],
            'exit for the wrong SAPI' => ['cli-only', 'the script called exit before it built a server', null],
            'no message callback' => ['no-message', 'Swoole\Server::start(): require onMessage callback', 4],
            'timer' => ['timer', 'Swoole\Timer::tick() needs a PHP process that stays', 4],
            'table' => ['table', 'table is not created or has been destroyed', 4],
            'port' => ['listen', 'Swoole\Server::start(): require onReceive callback', 6],
            'not callable' => ['not-callable', "Swoole\\Server::on(): function 'no_such_function' is not callable", 4],
            'loop' => ['loop', 'eventLoop has already been created, unable to start Swoole\WebSocket\Server', null],
        ];
    }

    /**
     * @dataProvider undescribable
     */
    public function testAScriptThatCannotBeServedSaysWhy(string $script, string $error, ?int $line): void
    {
        $answer = $this->send($script, self::describe());
        $description = $this->description($answer);
        self::assertStringContainsString($error, $description['error']);
        self::assertStringNotContainsString("\n", $description['error']);
        self::assertStringContainsString("/scripts/$script.php", $description['file'] . '/scripts/no-such.php');
        if ($line !== null) {
            self::assertSame($line, $description['line']);
        }
        self::assertSame(Wire::DONE, end($answer)->code);
        $answer = $this->send($script, self::message(1, 'x'), self::message(2, 'y', 2));
        $ends = self::ends($answer);
        self::assertSame([Wire::FAILED, Wire::NOT_STARTED], array_column($ends, 'code'));
        self::assertNotSame('', json_decode($ends[0]->meta, true)['error']);
    }

    public function testAScriptForTheCommandLineIsToldHow(): void
    {
        $error = $this->description($this->send('cli-only', self::describe()))['error'];
        self::assertStringContainsString('cli-only.php:3 asks for PHP_SAPI', $error);
        self::assertStringContainsString('--launcher cli', $error);
        self::assertStringContainsString('cli-only.php:3 asks for the extension', $error);
        $error = $this->description($this->send('signals', self::describe()))['error'];
        self::assertStringContainsString('undefined function pcntl_async_signals()', $error);
        self::assertStringContainsString('signals.php:5 needs pcntl', $error);
        self::assertStringNotContainsString('argv', $error, 'that is not why');
        $error = $this->description($this->send('reflected', self::describe()))['error'];
        self::assertStringContainsString('Extension "swoole" does not exist', $error);
        self::assertStringContainsString('reflected.php:3 looks for the extension', $error);
        $error = $this->description($this->send('commands', self::describe()))['error'];
        self::assertStringContainsString('commands.php:3 reads arguments', $error);
        self::assertStringNotContainsString('PHP_SAPI', $error);
    }

    public function testAScriptThatWasToStartAServerIsNoPlainOne(): void
    {
        $error = $this->description($this->send('usage', self::describe()))['error'];
        self::assertStringContainsString('the script ended before it built a server', $error);
        self::assertStringContainsString('usage.php:3 reads arguments', $error);
        $script = self::$fpm->folder . '/short-tag.php';
        file_put_contents($script, "<?\nnew swoole_websocket_server('127.0.0.1', 9501);\n");
        $answer = $this->frames('usage', self::describe(), ['BRIDGE_SCRIPT' => $script]);
        self::assertStringContainsString('short-tag.php:1 begins with <?', $this->description($answer)['error']);
    }

    public function testAnEventLoadsOnlyWhatItUses(): void
    {
        $answer = $this->send('included', self::message(1, 'x'));
        self::assertSame(
            [
                'entry.php', 'core.php', 'constants.php', 'pcntl.php', 'functions.php', 'Superglobals.php',
                'included.php',
            ],
            json_decode($answer[0]->data)
        );
    }

    public function testSettingsOfCoroutinesAreHonouredInEvents(): void
    {
        $answer = $this->send('no-coroutine', self::message(1, 'x'));
        self::assertSame('-1 API must be called in the coroutine', $answer[0]->data);
    }

    public function testCoroutines(): void
    {
        $answer = $this->send('coroutines', self::message(1, 'a'), self::message(2, 'b', 2));
        $pushed = [];
        foreach ($answer as $frame) {
            if ($frame->type === Wire::PUSH) {
                $pushed[] = "{$frame->fd} {$frame->data}";
            }
        }
        self::assertSame([
            '1 first', '1 a3', '1 deferred', '1 last of 5', '2 first', '2 b3', '2 deferred', '2 last of 10',
        ], $pushed);
        self::assertSame([Wire::DONE, Wire::DONE], array_column(self::ends($answer), 'code'));
        $answer = $this->send('coroutines', self::message(1, 'exit'), self::message(2, 'b', 2));
        self::assertSame([Wire::EXITED, Wire::NOT_STARTED], array_column(self::ends($answer), 'code'));
        self::assertContains('first', array_column($answer, 'data'));
        $answer = $this->send('coroutines', self::message(1, 'throw'), self::message(2, 'b', 2));
        self::assertSame([Wire::FAILED, Wire::DONE], array_column(self::ends($answer), 'code'));
        $failure = json_decode(self::ends($answer)[0]->meta, true);
        self::assertSame(['RuntimeException: in a coroutine', 21], [$failure['error'], $failure['line']]);
        $answer = $this->send('coroutines', self::message(1, 'memory'), self::message(2, 'b', 2));
        self::assertSame([Wire::FAILED, Wire::NOT_STARTED], array_column(self::ends($answer), 'code'));
        $failure = json_decode(self::ends($answer)[0]->meta, true);
        self::assertStringContainsString('Allowed memory size', $failure['error']);
        $findings = $this->description($this->send('coroutines', self::describe()))['findings'];
        self::assertSame(
            [['timer', 8, 'swoole_timer_tick(): it is left out']],
            array_map(static function (array $finding): array {
                return [$finding['kind'], $finding['line'], $finding['what']];
            }, $findings)
        );
    }

    public function testAPlainScriptIsPlain(): void
    {
        $answer = $this->send('plain-echo', self::describe());
        self::assertSame('plain', $this->description($answer)['kind']);
        self::assertSame([Wire::DESCRIPTION, Wire::END], array_column($answer, 'type'), 'its output is no log');
    }

    public function testTheRealExtensionIsRefused(): void
    {
        $fpm = new Fpm(1, ['auto_prepend_file' => __DIR__ . '/scripts/pretend-extension.php']);
        $answer = $this->send('swoole-echo', self::describe(), '', $fpm);
        self::assertStringContainsString('the swoole extension is loaded', $this->description($answer)['error']);
        $answer = $this->send('swoole-echo', self::message(1, 'x'), '', $fpm);
        self::assertSame([Wire::END], array_column($answer, 'type'));
        self::assertSame(Wire::FAILED, $answer[0]->code);
    }

    /**
     * The functions of compat/standins in their place (internal/standin of the bridge puts them there).
     */
    public function testWhatTheSdkAnswersIsNoReasonToEnd(): void
    {
        $code = '';
        foreach (glob(dirname(__DIR__) . '/compat/standins/*.php') as $file) { // joined, as the bridge does it
            $code .= str_replace(['<?php', 'declare(strict_types=1);'], '', (string) file_get_contents($file));
        }
        $prepend = (string) tempnam(sys_get_temp_dir(), 'fpmbridge-test-prepend');
        file_put_contents($prepend, '<?php' . $code);
        try {
            $this->standIns(new Fpm(1, ['auto_prepend_file' => $prepend], [
                'disable_functions' => 'extension_loaded,phpversion,php_sapi_name',
            ]));
        } finally {
            unlink($prepend);
        }
    }

    private function standIns(Fpm $fpm): void
    {
        $error = $this->description($this->send('guarded', self::describe(), '', $fpm))['error'];
        self::assertStringContainsString('guarded.php:13 asks for PHP_SAPI', $error);
        self::assertStringNotContainsString('asks for the extension', $error);
        $answer = $this->send('swoole-echo', self::describe(), '', $fpm);
        self::assertSame('websocket', $this->description($answer)['kind'], 'the SDK is not deceived');
    }

    public function testAProcessOfTheServerIsNotRunInRequestMode(): void
    {
        $description = $this->description($this->send('added-process', self::describe()));
        self::assertArrayNotHasKey('processes', $description);
        $file = __DIR__ . '/scripts/added-process.php';
        $text = 'addProcess(): the process is not run: it needs --mode resident, or run it beside the bridge as a'
            . ' service that pushes (docs/push.md)';
        self::assertSame(["$text ($file:8)", "$text ($file:9)"], $description['warnings']);
        $answer = $this->send('added-process', self::message(1, 'x'));
        self::assertSame(['[0,1,false,null]'], array_column(array_filter($answer, static function ($frame): bool {
            return $frame->type === Wire::PUSH;
        }), 'data'));
    }

    public function testOnlyTheBridgeIsServed(): void
    {
        $params = ['SCRIPT_FILENAME' => dirname(__DIR__) . '/entry.php', 'REQUEST_METHOD' => 'GET'];
        $answer = self::$fpm->client()->request($params + ['HTTP_BRIDGE_SCRIPT' => __FILE__]);
        self::assertSame(404, $answer['status']);
        self::assertStringStartsWith('404: ', $answer['body']);
    }

    public function testAnotherProtocolIsRefused(): void
    {
        $answer = $this->frames('swoole-echo', self::describe(), ['BRIDGE_PROTOCOL' => '2']);
        self::assertSame('the bridge speaks protocol 2, this SDK speaks 1', $this->description($answer)['error']);
    }

    public function testTheScriptSeesACommandLine(): void
    {
        $answer = $this->send('kitchen', self::message(1, 'environment'));
        $seen = json_decode($answer[0]->data, true);
        $folder = __DIR__ . '/scripts';
        self::assertSame([
            'cwd' => $folder,
            'file' => "$folder/kitchen.php",
            'self' => 'kitchen.php',
            'argv' => ['kitchen.php'],
            'argc' => 1,
            'bridge' => [],
            'globals' => ['server', 'counter', 'argv', 'argc'],
            'relative' => 'a relative file',
        ], $seen);
    }

    public function testGlobalsOfTheScriptAreGlobal(): void
    {
        $answer = $this->send('kitchen', self::message(1, 'count'), self::message(2, 'count', 2));
        self::assertSame(['1', '2'], array_column(self::ofType($answer, Wire::PUSH), 'data'));
    }

    public function testWhatIsPrintedGoesToTheLog(): void
    {
        $answer = $this->send('kitchen', self::describe());
        self::assertContains([1, 'at the top'], self::logs($answer), 'info in describe');
        $answer = $this->send('kitchen', self::message(1, 'print'));
        self::assertSame([
            [0, 'at the top'], [0, 'worker 0'], [1, 'one'], [1, 'two'], [1, 'three'], [1, 'shutdown'],
            [1, 'destructed'],
        ], self::logs($answer));
        self::assertSame(Wire::DONE, end($answer)->code);
    }

    public function testWarningsCarryTheirPlace(): void
    {
        $answer = $this->send('kitchen', self::message(1, 'warn'));
        $logs = array_values(array_filter(self::ofType($answer, Wire::LOG), static function (Event $log): bool {
            return $log->code === 2;
        }));
        $file = __DIR__ . '/scripts/kitchen.php';
        self::assertSame(
            ['Undefined variable $nothing', 'Swoole\WebSocket\Server::push(): fd[0] is invalid', 'my own'],
            array_column($logs, 'data')
        );
        foreach ($logs as $log) {
            self::assertSame($file, json_decode($log->meta, true)['file']);
            self::assertGreaterThan(10, json_decode($log->meta, true)['line']);
        }
        self::assertSame(['suppressed: fopen'], array_column(self::ofType($answer, Wire::PUSH), 'data'));
    }

    public function testAnOwnErrorHandlerWins(): void
    {
        $answer = $this->send('kitchen', self::message(1, 'handler'));
        $pushes = self::ofType($answer, Wire::PUSH);
        self::assertSame(['caught Undefined variable $nothing'], array_column($pushes, 'data'));
        self::assertSame([[0, 'at the top'], [0, 'worker 0']], array_slice(self::logs($answer), 0, 2));
        self::assertNotContains([2, 'Undefined variable $nothing'], self::logs($answer));
    }

    public function testAnExceptionFailsJustItsEvent(): void
    {
        $answer = $this->send(
            'kitchen',
            self::message(1, 'hello'),
            self::message(2, 'throw', 2) . self::message(3, 'hello', 3)
        );
        $ends = self::ends($answer);
        self::assertSame([Wire::DONE, Wire::FAILED, Wire::DONE], array_column($ends, 'code'));
        self::assertSame([1, 2, 3], array_column($ends, 'id'));
        $meta = json_decode($ends[1]->meta, true);
        self::assertSame(['RuntimeException: boom', __DIR__ . '/scripts/kitchen.php'], [$meta['error'], $meta['file']]);
        self::assertSame([1, 3], array_column(self::ofType($answer, Wire::PUSH), 'fd'));
    }

    /**
     * @return array<string, array{string, int, string}>
     */
    public static function endings(): array
    {
        return [
            'exit' => ['exit', Wire::EXITED, ''],
            'exit with text' => ['exit text', Wire::EXITED, ''],
            'undefined function' => ['undefined', Wire::FAILED, 'Error: Call to undefined function nonsense()'],
            'out of memory at once' => ['oom', Wire::FAILED, 'Allowed memory size of 33554432 bytes exhausted'],
            'out of memory bit by bit' => ['oom bits', Wire::FAILED, 'Allowed memory size of 33554432 bytes exhausted'],
            'E_USER_ERROR' => ['user error', Wire::FAILED, 'enough'],
            'compile error' => ['compile', Wire::FAILED, 'Cannot redeclare'],
            'time limit' => ['time', Wire::FAILED, 'Maximum execution time of 1 second exceeded'],
            'endless ob_end_clean' => ['ob', Wire::FAILED, 'LogicException: the script tries to remove every output'],
            'deep recursion of exceptions' => ['nested', Wire::FAILED, 'LogicException: outer'],
        ];
    }

    /**
     * @dataProvider endings
     */
    public function testHowAHandlerEnds(string $do, int $code, string $error): void
    {
        $after = self::message(2, $do, 2) . self::message(3, 'x', 3);
        $answer = $this->send('kitchen', self::message(1, 'hello'), $after);
        $ends = self::ends($answer);
        $goesOn = in_array($do, ['undefined', 'ob', 'nested'], true);
        self::assertSame(
            [Wire::DONE, $code, $goesOn ? Wire::DONE : Wire::NOT_STARTED],
            array_column($ends, 'code')
        );
        $why = (string) (json_decode($ends[1]->meta, true)['error'] ?? '');
        self::assertSame($error, substr($why, 0, strlen($error)));
        $answer = $this->send('kitchen', self::message(2, $do, 2));
        self::assertSame([$code], array_column(self::ends($answer), 'code'), 'the same when it is alone');
        $pushes = array_column(self::ofType($answer, Wire::PUSH), 'data');
        self::assertSame($code === Wire::EXITED ? ['before the end'] : [], $pushes);
        $after = $this->send('kitchen', self::message(1, 'hello'));
        self::assertSame(Wire::DONE, end($after)->code, 'the child is well');
    }

    public function testExitTextIsLogged(): void
    {
        self::assertContains([1, 'goodbye'], self::logs($this->send('kitchen', self::message(2, 'exit text'))));
    }

    public function testHeadersOfTheScriptNeverReachTheBridge(): void
    {
        $params = self::params('kitchen');
        foreach (['headers', 'flush'] as $do) {
            $body = self::message(1, $do);
            $answer = self::$fpm->client()->request($params + ['CONTENT_LENGTH' => (string) strlen($body)], $body);
            self::assertSame(200, $answer['status']);
            self::assertSame('application/vnd.fpmbridge.frames', $answer['headers']['content-type']);
            self::assertArrayNotHasKey('x-own', $answer['headers']);
            self::assertSame(['ok'], array_column(self::ofType(Wire::read($answer['body']), Wire::PUSH), 'data'));
        }
    }

    public function testFinishRequestSendsWhatIsThere(): void
    {
        $answer = $this->send('kitchen', self::message(1, 'finish'), self::message(2, 'hello', 2));
        self::assertSame(['first'], array_column(self::ofType($answer, Wire::PUSH), 'data'));
        self::assertSame([Wire::EXITED, Wire::NOT_STARTED], array_column(self::ends($answer), 'code'));
    }

    public function testAFatalErrorAfterTheEventIsLogged(): void
    {
        $answer = $this->send('kitchen', self::message(1, 'late'));
        self::assertSame(Wire::DONE, end($answer)->code);
        self::assertContains([3, 'Uncaught Error: Call to undefined function too_late()'], self::logs($answer));
    }

    public function testTooMuchOutputIsCountedOnly(): void
    {
        $answer = $this->send('kitchen', self::message(1, 'flood'));
        $logs = self::logs($answer);
        self::assertLessThan(300000, array_sum(array_map('strlen', array_column($logs, 1))));
        self::assertMatchesRegularExpression('/^the script printed \d+ bytes more/', end($logs)[1]);
        self::assertSame(Wire::DONE, end($answer)->code);
    }

    public function testEachEndOfABatchIsFlushedBeforeTheNextEventStarts(): void
    {
        $body = self::message(1, 'hello') . self::message(2, 'sleep', 2);
        $params = self::params('kitchen') + ['CONTENT_LENGTH' => (string) strlen($body)];
        $times = [];
        $seen = '';
        foreach (self::$fpm->client()->stream($params, $body) as $part) {
            $seen .= $part;
            $times[] = microtime(true);
        }
        self::assertGreaterThan(1, count($times));
        self::assertGreaterThan(0.15, end($times) - $times[0]);
        self::assertCount(2, self::ends(Wire::read(explode("\r\n\r\n", $seen, 2)[1])));
    }

    public function testBrokenFramesAreNoCrash(): void
    {
        self::assertSame(
            [[3, 'the bridge sent broken frames: truncated: a frame\'s header breaks off at byte 5']],
            self::logs($this->send('kitchen', 'short'))
        );
        self::assertSame([], $this->send('kitchen', ''));
    }

    public function testOpenAndClose(): void
    {
        $meta = Wire::json(['fd' => 5, 'status' => 3, 'dispatch_time' => 1.5, 'recv_time' => 1, 'server_port' => 9501]);
        $head = "GET /?name=Ann HTTP/1.1\r\nhost: h\r\ncookie: a=1\r\n\r\n";
        $answer = $this->send('kitchen', Wire::pack(Wire::OPEN, 0, 0, 1, 1, 5, 0, $meta, $head));
        self::assertSame('{"fd":5,"get":{"name":"Ann"},"cookie":{"a":"1"}}', $answer[0]->data);
        $answer = $this->send('kitchen', Wire::pack(Wire::CLOSE, 1, 0, 1, 1, 5, 1006, '{"cause":"server"}'));
        self::assertContains([1, 'closed 5 -1'], self::logs($answer));
    }

    public function testQuestionsGoOverOneKeptConnection(): void
    {
        $callback = new CallbackServer('good', 5000);
        for ($i = 1; $i <= 3; $i++) {
            $params = ['BRIDGE_CALLBACK' => $callback->address];
            $answer = $this->frames('kitchen', self::message(5, 'broadcast'), $params);
            $pushes = self::ofType($answer, Wire::PUSH);
            self::assertCount(1, $pushes);
            self::assertSame([5000, 0], [$pushes[0]->code, $pushes[0]->fd]);
            self::assertSame(range(1, 5000), array_values(unpack('J*', $pushes[0]->meta)));
            self::assertSame($i, $callback->count('question'));
        }
        self::assertSame(1, $callback->count('connection'));
        self::assertSame(1, $callback->count('hello token'));
    }

    public function testAnUnreachableBridgeFailsTheEvent(): void
    {
        $answer = $this->send('kitchen', self::message(1, 'broadcast'));
        self::assertSame(Wire::FAILED, end($answer)->code);
        self::assertStringContainsString('cannot be reached', json_decode(end($answer)->meta, true)['error']);
    }

    /**
     * @dataProvider \FpmBridge\Tests\HandshakeTest::cookies
     * @param array<int|string, mixed> $expected
     */
    public function testCookiesAreReadAsPhpFpmReadsThem(string $header, array $expected): void
    {
        $answer = self::$fpm->client()->request([
            'SCRIPT_FILENAME' => __DIR__ . '/scripts/cookies.php',
            'REQUEST_METHOD' => 'GET',
            'HTTP_COOKIE' => $header,
        ]);
        self::assertSame($expected, unserialize($answer['body']));
    }

    public function testEveryExampleIsServed(): void
    {
        $kinds = ['echo/server' => 'websocket', 'chat/server' => 'websocket', 'plain/chat' => 'plain'];
        foreach ($kinds as $name => $kind) {
            $script = dirname(__DIR__, 2) . "/examples/$name.php";
            $answer = $this->frames('', self::describe(), ['BRIDGE_SCRIPT' => $script]);
            self::assertSame($kind, $this->description($answer)['kind']);
            self::assertSame([], self::logs($answer));
        }
        $answer = self::$fpm->client()->request([
            'SCRIPT_FILENAME' => dirname(__DIR__, 2) . '/examples/plain/chat.php', 'REQUEST_METHOD' => 'GET',
            'BRIDGE_EVENT' => 'message', 'BRIDGE_FD' => '3', 'CONTENT_LENGTH' => '7',
        ], '7 hello');
        self::assertSame('{"instructions":[{"do":"push","fd":7,"data":"3 says: hello"}]}', $answer['body']);
    }

    private static function describe(): string
    {
        return Wire::pack(Wire::DESCRIBE, 0, 0, 1, 1, 0, 0);
    }

    private static function message(int $fd, string $data, int $id = 1): string
    {
        return Wire::pack(Wire::MESSAGE, 33, 1, 1, $id, $fd, 0, '', $data);
    }

    /**
     * @return array<string, string>
     */
    private static function params(string $script): array
    {
        return [
            'SCRIPT_FILENAME' => dirname(__DIR__) . '/entry.php', 'REQUEST_METHOD' => 'GET', 'BRIDGE_PROTOCOL' => '1',
            'BRIDGE_ENCODING' => 'framed', 'BRIDGE_SCRIPT' => __DIR__ . "/scripts/$script.php",
            'BRIDGE_CALLBACK' => 'unix:/nonexistent', 'BRIDGE_TOKEN' => 'token', 'BRIDGE_LISTEN' => '127.0.0.1:9501',
            'BRIDGE_WORKER' => '0',
        ];
    }

    /**
     * @return list<Event> the frames of the answer
     */
    private function send(string $script, string $events, string $more = '', ?Fpm $fpm = null): array
    {
        return $this->frames($script, $events . $more, [], $fpm);
    }

    /**
     * @param array<string, string> $params
     * @return list<Event>
     */
    private function frames(string $script, string $body, array $params = [], ?Fpm $fpm = null): array
    {
        $params += self::params($script) + ['CONTENT_LENGTH' => (string) strlen($body)];
        $answer = ($fpm ?? self::$fpm)->client()->request($params, $body);
        self::assertSame(200, $answer['status'], $answer['body'] . $answer['stderr']);
        self::assertSame('application/vnd.fpmbridge.frames', $answer['headers']['content-type']);
        self::assertSame(0, $answer['app']);
        self::assertSame('', $answer['stderr']);
        return Wire::read($answer['body'], Wire::MAX_LENGTH);
    }

    /**
     * @param list<Event> $answer
     * @return array<string, mixed>
     */
    private function description(array $answer): array
    {
        $frames = self::ofType($answer, Wire::DESCRIPTION);
        self::assertCount(1, $frames);
        return json_decode($frames[0]->meta, true);
    }

    /**
     * @param list<Event> $answer
     * @return list<Event>
     */
    private static function ofType(array $answer, int $type): array
    {
        return array_values(array_filter($answer, static function (Event $frame) use ($type): bool {
            return $frame->type === $type;
        }));
    }

    /**
     * @param list<Event> $answer
     * @return list<Event>
     */
    private static function ends(array $answer): array
    {
        return self::ofType($answer, Wire::END);
    }

    /**
     * @param list<Event> $answer
     * @return list<array{int, string}>
     */
    private static function logs(array $answer): array
    {
        return array_map(static function (Event $log): array {
            return [$log->code, $log->data];
        }, self::ofType($answer, Wire::LOG));
    }
}
