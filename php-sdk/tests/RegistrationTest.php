<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Compat\Boot;
use FpmBridge\Environment;
use FpmBridge\Runtime;
use FpmBridge\Testing\FakeBridge;
use FpmBridge\Tests\Support\Places;
use LogicException;
use PHPUnit\Framework\TestCase;
use Swoole\WebSocket\Frame;
use Swoole\WebSocket\Server;

/**
 * Section 1 (registration) and set() of the Swoole semantics.
 */
final class RegistrationTest extends TestCase
{
    /** @var list<string> */
    private array $warnings = [];
    public static string $seen = '';

    protected function setUp(): void
    {
        self::$seen = '';
        set_error_handler(function (int $type, string $message): bool {
            $this->warnings[] = $message;
            return true;
        });
    }

    protected function tearDown(): void
    {
        restore_error_handler();
        FakeBridge::stop();
    }

    public static function handle(Server $server, Frame $frame): void
    {
        self::$seen .= $frame->data;
    }

    public function __invoke(Server $server, Frame $frame): void
    {
        self::$seen .= $frame->data;
    }

    private function secret(Server $server, Frame $frame): void
    {
        self::$seen .= $frame->data;
    }

    private static function secretStatic(Server $server, Frame $frame): void
    {
        self::$seen .= $frame->data;
    }

    public function testAllFormsOfCallbacks(): void
    {
        require_once __DIR__ . '/data/handler.php';
        $forms = [
            function (Server $server, Frame $frame): void {
                self::$seen .= $frame->data;
            },
            [$this, 'handle'], [self::class, 'handle'], self::class . '::handle', $this, [$this, 'secret'],
            [self::class, 'secretStatic'], 'FpmBridge\Tests\Data\handler',
        ];
        foreach ($forms as $i => $form) {
            $server = null;
            $bridge = FakeBridge::serving(static function () use ($form, &$server): void {
                $server = new Server('0.0.0.0', 9501);
                $server->on('MesSage', $form);
                $server->start();
            });
            $bridge->message($bridge->connect()->fd, (string) $i);
            self::assertSame($form, $server->getCallback('message'));
            self::assertNull($server->getCallback('nothing'));
        }
        self::assertSame('01234567', self::$seen);
    }

    /**
     * @return array<string, array{mixed, string}>
     */
    public static function uncallable(): array
    {
        return [
            'function' => ['no_such_function', 'no_such_function'],
            'method' => [[self::class, 'noSuchMethod'], self::class . '::noSuchMethod'],
            'instance method of a class' => [[self::class, 'secret'], self::class . '::secret'],
            'number' => [7, '7'],
        ];
    }

    /**
     * @dataProvider uncallable
     * @param mixed $callback
     */
    public function testWhatCannotBeCalledEndsTheScript($callback, string $name): void
    {
        $this->expectException(LogicException::class);
        $this->expectExceptionMessage("Swoole\Server::on(): function '$name' is not callable");
        $this->server()->on('message', $callback);
    }

    public function testASubclassOfTheServer(): void
    {
        $bridge = FakeBridge::serving(static function (): void {
            $server = new class ('0.0.0.0', 9501) extends Server {
                /** @var list<string> */
                public $log = [];

                public function __construct(string $host, int $port)
                {
                    parent::__construct($host, $port, SWOOLE_PROCESS);
                    $this->set(['worker_num' => 2]);
                    $this->on('message', [$this, 'onMessage']);
                }

                protected function onMessage(Server $server, Frame $frame): void
                {
                    $this->log[] = $frame->data;
                    $this->push($frame->fd, implode(',', $this->log) . $this->setting['worker_num']);
                }
            };
            $server->start();
        });
        $fd = $bridge->connect()->fd;
        $bridge->message($fd, 'a');
        self::assertSame(['a,b2'], $bridge->message($fd, 'b')->pushed($fd));
    }

    public function testMisspeltSettingsWarnAndGoOn(): void
    {
        $bridge = FakeBridge::serving(function (): void {
            $server = $this->server(false);
            self::assertTrue($server->set(['work_num' => 4, 'worker_num' => 2, 'task_async' => true]));
            self::assertSame(4, $server->setting['work_num']);
            $server->on('onMessage', 'strlen');
            $server->on('message', 'strlen');
            $server->start();
        });
        self::assertSame(
            ['unsupported option [work_num]', 'Swoole\Server\Port::on(): unknown event types[onMessage]'],
            $this->warnings
        );
        self::assertSame([
            'unknown event types[onMessage]: did you mean message?',
            'unsupported option [work_num]: did you mean worker_num?',
        ], Places::cut($bridge->description()['warnings'], __FILE__));
        self::assertSame(4, $bridge->description()['settings']->work_num);
    }

    public function testSettingsOfTheProcessAreNoted(): void
    {
        $bridge = FakeBridge::serving(function (): void {
            $server = $this->server(false);
            $server->set(['daemonize' => 1, 'pid_file' => '/x', 'log_file' => '/y', 'user' => 'z', 'chroot' => false]);
            $server->on('message', 'strlen');
            $server->start();
        });
        self::assertSame([
            'daemonize: the bridge stays in the foreground: let a service manager run it',
            'user: PHP runs as the user of the PHP-FPM pool',
        ], Places::cut($bridge->description()['warnings'], __FILE__));
    }

    public function testSizesAreUnderstood(): void
    {
        $bridge = FakeBridge::serving(function (): void {
            $server = $this->server(false);
            $server->set(['package_max_length' => '2M', 'socket_buffer_size' => '8 k', 'log_file' => '']);
            $server->on('message', 'strlen');
            $server->start();
            self::assertSame('2M', $server->setting['package_max_length'], 'the script sees what it set');
        });
        self::assertSame(2097152, $bridge->description()['settings']->package_max_length);
        self::assertSame(8192, $bridge->description()['settings']->socket_buffer_size);
        $this->expectException(LogicException::class);
        $this->expectExceptionMessage("Swoole\Server::set(): failed to parse '2 apples' to size");
        $server = $this->server();
        $server->set(['package_max_length' => '2 apples']);
        $server->on('message', 'strlen');
        $server->start();
    }

    public function testNearest(): void
    {
        $names = ['close', 'open', 'message', 'worker_num'];
        self::assertSame(
            ['close', 'message', 'worker_num', 'open', null, null],
            array_map(static fn(string $word): ?string => Boot::nearest($word, $names), [
                'colse', 'Mesage', 'work_num', 'onOpen', 'x', 'something else',
            ])
        );
    }

    private function server(bool $host = true): Server
    {
        if ($host) {
            Runtime::host(new Environment(), null);
        }
        return new Server('0.0.0.0', 9501);
    }
}
