<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use Exception;
use FpmBridge\ClientException;
use FpmBridge\GatewayWorker;
use FpmBridge\Testing\FakeBridge;
use FpmBridge\Testing\Result;
use FpmBridge\Unsupported;
use GatewayWorker\Lib\Gateway;
use InvalidArgumentException;
use LogicException;
use PHPUnit\Framework\TestCase;

/**
 * GatewayWorker's names on a bridge of the tests'. With the real one: e2e/gatewayworker_test.go.
 */
final class GatewayWorkerTest extends TestCase
{
    /** @var list<mixed> what its handlers were called with */
    public static array $heard = [];

    /** @var (callable(string): mixed)|null what onMessage() does */
    public static $do = null;

    private FakeBridge $bridge;
    private string $ann;
    private string $bob;

    public static function onWorkerStart(object $worker): void
    {
        self::$heard[] = ['start', $worker->id];
    }

    public static function onConnect(string $client_id): void
    {
        self::$heard[] = ['connect', $client_id, $_SESSION];
        $_SESSION['n'] = count(self::$heard);
    }

    /**
     * @param array<string, mixed> $data
     */
    public static function onWebSocketConnect(string $client_id, array $data): void
    {
        self::$heard[] = ['websocket', $data['get'], $data['cookie'], $data['server']['HTTP_X_A']];
        $_SESSION += $data['get'];
    }

    public static function onMessage(string $client_id, string $message): void
    {
        self::$heard[] = ['message', $client_id, $message, $_SESSION];
        if (self::$do !== null) {
            (self::$do)($client_id);
        }
    }

    public static function onClose(string $client_id): void
    {
        self::$heard[] = ['close', $client_id, $_SESSION];
        $_SESSION = 'what is set here is nobody\'s';
    }

    protected function setUp(): void
    {
        self::$heard = [];
        self::$do = null;
        $this->bridge = FakeBridge::serving(static function (): void {
            GatewayWorker::serve(self::class);
        });
        $this->ann = $this->come('/?u=a', ['x-a' => ['1', '2'], 'cookie' => 'c=d']);
        $this->bob = $this->come('/', ['x-a' => 'b']);
    }

    protected function tearDown(): void
    {
        FakeBridge::stop();
        Gateway::$registerAddress = '127.0.0.1:1236';
        Gateway::$secretKey = '';
        Gateway::$persistentConnection = true;
        putenv('FPMBRIDGE_API');
        putenv('FPMBRIDGE_KEY');
    }

    /**
     * @param array<string, string|list<string>> $headers
     */
    private function come(string $target, array $headers): string
    {
        return GatewayWorker::clientId($this->bridge->connect($target, $headers)->fd);
    }

    private function ann(callable $do, bool $fails = false): Result
    {
        self::$do = $do;
        $result = $this->bridge->message(1, 'x');
        self::assertSame($fails, $result->error !== null, (string) $result->error);
        return $result;
    }

    public function testClientIds(): void
    {
        self::assertSame('fb000000000000000001', $this->ann);
        foreach ([1, 255, 1 << 40, PHP_INT_MAX] as $fd) {
            self::assertSame(20, strlen(GatewayWorker::clientId($fd)));
            self::assertSame($fd, GatewayWorker::fd(GatewayWorker::clientId($fd)));
        }
        self::assertSame(7, GatewayWorker::fd('7'));
        foreach (['0', '-1', '01', '', '1 ', "1\n", '7f0000010b5700000001', 'fb00ffffffffffffffff', '1e3'] as $id) {
            self::assertSame(0, GatewayWorker::fd($id));
        }
    }

    public function testEventsAndSession(): void
    {
        $this->bridge->message(1, 'hi');
        self::$do = static function (): void {
            $_SESSION['list'] = [1, ['x' => 1.5, 'ü' => null]];
            unset($_SESSION['n']);
        };
        $this->bridge->message(1, 'two');
        $this->bridge->close(1);
        self::assertSame([
            ['start', 0],
            ['connect', $this->ann, null],
            ['websocket', ['u' => 'a'], ['c' => 'd'], '1, 2'],
            ['connect', $this->bob, null],
            ['websocket', [], [], 'b'],
            ['message', $this->ann, 'hi', ['n' => 2, 'u' => 'a']],
            ['message', $this->ann, 'two', ['n' => 2, 'u' => 'a']],
            ['close', $this->ann, ['u' => 'a', 'list' => [1, ['x' => 1.5, 'ü' => null]]]],
        ], self::$heard);
        self::assertSame('gatewayworker', $this->bridge->description()['api']);
        self::assertSame(['open', 'message', 'close'], $this->bridge->description()['listeners'][0]['events']);
    }

    public function testAFailedEventChangesNoSession(): void
    {
        $this->ann(static function (): void {
            $_SESSION['x'] = 1;
            throw new Exception('no');
        }, true);
        $wrong = [
            static fn() => $_SESSION['x'] = new \stdClass(),
            static fn() => $_SESSION['x'] = "\xff",
            static fn() => $_SESSION = 7,
        ];
        foreach ($wrong as $wrong) {
            self::assertStringContainsString('InvalidArgumentException', (string) $this->ann($wrong, true)->error);
        }
        $this->ann(static fn() => self::assertSame(['n' => 2, 'u' => 'a'], $_SESSION));
    }

    public function testInsideOfAnEvent(): void
    {
        [$ann, $bob] = [$this->ann, $this->bob];
        $result = $this->ann(static function () use ($ann, $bob): void {
            self::assertTrue(Gateway::joinGroup($bob, 'r'));
            Gateway::joinGroup($ann, 'r');
            Gateway::joinGroup(2, 12);
            Gateway::bindUid('2', 7);
            Gateway::sendToGroup(['r', 12], 'once', $ann);
            Gateway::sendToAll('others', null, [$ann]);
            Gateway::sendToAll('some', [$ann, $bob], $ann);
            Gateway::sendToUid([7, 8], 'u');
            Gateway::sendToCurrentClient(12);
            self::assertFalse(Gateway::sendToAll('nobody', []));
            self::assertFalse(Gateway::sendToAll('nobody', [$ann], [$ann]));
            self::assertSame([], Gateway::getClientIdByUid(7), 'it is bound when the event is over');
        });
        self::assertSame(['once', 'others', 'some', 'u'], $result->pushed(2));
        self::assertSame(['12'], $result->pushed(1));

        $this->ann(static function () use ($ann, $bob): void {
            self::assertSame([$bob], Gateway::getClientIdByUid(7));
            self::assertSame('7', Gateway::getUidByClientId($bob));
            self::assertNull(Gateway::getUidByClientId($ann));
            self::assertSame([2, 2, 1, 2, 2], [
                Gateway::getAllClientCount(), Gateway::getClientCountByGroup('r'), Gateway::getClientIdCountByGroup(12),
                Gateway::getClientCountByGroup(), Gateway::getAllClientIdCount(),
            ]);
            self::assertSame([$ann => $ann, $bob => $bob], Gateway::getClientIdListByGroup(['r', 12]));
            self::assertSame([$bob => ['n' => 4]], Gateway::getClientInfoByGroup('12'));
            self::assertSame([$ann => ['n' => 2, 'u' => 'a'], $bob => ['n' => 4]], Gateway::getAllClientInfo());
            self::assertSame([7 => '7'], Gateway::getUidListByGroup(['r', 12]));
            self::assertSame(1, Gateway::getAllUidCount());
            self::assertSame([1, 0], [Gateway::getUidCountByGroup('r'), Gateway::getUidCountByGroup('z')]);
            self::assertSame([12 => '12', 'r' => 'r'], Gateway::getAllGroupIdList());
            self::assertSame([12 => 1, 'r' => 1], Gateway::getAllGroupUidCount());
            self::assertSame([12 => 1, 'r' => 2], Gateway::getAllGroupClientIdCount());
            self::assertSame([7 => [$bob], 8 => []], Gateway::batchGetClientIdByUid([7, 8]));
            Gateway::unbindUid($bob, 'whoever');
            Gateway::leaveGroup($bob, 'r');
            Gateway::ungroup('12');
            Gateway::setSocketSession($bob, serialize(['from' => 'a string']));
            $_SESSION['direct'] = 1;
            Gateway::updateSession($ann, ['u' => null, 'more' => ['x' => 1]]);
            self::assertSame(['n' => 2, 'direct' => 1, 'more' => ['x' => 1]], $_SESSION);
        });
        $result = $this->ann(static function () use ($ann, $bob): void {
            self::assertSame(['n' => 2, 'direct' => 1, 'more' => ['x' => 1]], $_SESSION);
            self::assertSame(['from' => 'a string'], Gateway::getSession($bob));
            self::assertSame(['r' => 'r'], Gateway::getAllGroupIdList());
            self::assertSame([$ann => $ann], Gateway::getClientIdListByGroup('r'));
            self::assertSame(0, Gateway::getAllUidCount());
            Gateway::setSession($ann, []);
            self::assertSame([], $_SESSION);
            Gateway::destoryClient($bob);
            Gateway::closeCurrentClient('bye');
        });
        self::assertSame(['bye'], $result->pushed(1));
        self::assertSame([2 => 1000, 1 => 1000], array_column($result->closes, 'code', 'fd'));
        $this->bridge->close(1);
        self::assertSame(['close', $ann, null], end(self::$heard));
    }

    public function testMistakes(): void
    {
        $warnings = [];
        set_error_handler(static function (int $type, string $message) use (&$warnings): bool {
            if ((error_reporting() & $type) === 0) {
                return true;
            }
            $warnings[] = substr($message, strlen('GatewayWorker\Lib\Gateway: '));
            return $type === E_USER_WARNING;
        });
        try {
            self::assertFalse(Gateway::sendToClient('7f0000010b5700000001', 'x'));
            self::assertFalse(Gateway::joinGroup(1, '0'));
            self::assertFalse(Gateway::bindUid(1, ''));
            self::assertFalse(Gateway::ungroup(null));
            self::assertSame([], Gateway::getClientSessionsByGroup(''));
            self::assertSame(0, Gateway::getUidCountByGroup([]));
            self::assertFalse(Gateway::getSession([]));
            self::assertFalse(Gateway::setSocketSession(1, 'no'));
            self::assertFalse(Gateway::sendToAll('x', 'no list'));
        } finally {
            restore_error_handler();
        }
        self::assertSame([
            "client_id '7f0000010b5700000001' is none of this bridge", "group('0') is empty", "uid('') is empty",
            'group(NULL) is empty', "group('') is empty", 'group(array (' . "\n" . ')) is empty',
            'client_id array is none of this bridge', '$session_str is no serialized array',
            '$client_id_array is no array',
        ], $warnings);
        foreach (
            [
            InvalidArgumentException::class => static fn() => Gateway::sendToAll(['a' => 1]),
            Unsupported::class => static fn() => Gateway::sendToClient(1, 'x', true),
            LogicException::class => static fn() => Gateway::sendToCurrentClient('x'),
            ] as $class => $mistake
        ) {
            try {
                $mistake();
                self::fail("no $class");
            } catch (Exception $e) {
                self::assertInstanceOf($class, $e);
            }
        }
    }

    /**
     * A web request's code under test finds the bridge of the tests.
     */
    public function testOutsideOfEvents(): void
    {
        self::assertTrue(Gateway::bindUid($this->ann, 'a'));
        self::assertTrue(Gateway::sendToUid('a', 'hello'));
        self::assertFalse(Gateway::sendToUid('b', 'hello'));
        self::assertSame(['hello'], $this->bridge->received(1));
        self::assertTrue(Gateway::closeClient($this->ann));
        self::assertSame(0, Gateway::isOnline($this->ann));
        self::assertFalse(Gateway::sendToClient($this->ann, 'x'));
    }

    public function testOutside(): void
    {
        FakeBridge::stop();
        $reach = static function (): string {
            try {
                Gateway::sendToAll('x');
                return 'somebody';
            } catch (ClientException $e) {
                self::assertSame(ClientException::UNREACHABLE, $e->getCode());
                preg_match('/ at \w+:[^:]+/', $e->getMessage(), $found);
                return $found[0];
            }
        };
        Gateway::$registerAddress = ['tcp:127.0.0.1:1', 'unix:/nowhere/a.sock'];
        self::assertSame(' at unix:/nowhere/a.sock', $reach());
        Gateway::$registerAddress = '127.0.0.1:1236';
        putenv('FPMBRIDGE_API=unix:/nowhere/b.sock');
        self::assertSame(' at unix:/nowhere/b.sock', $reach());
        Gateway::$registerAddress = 'localhost:2';
        Gateway::$persistentConnection = false;
        self::assertSame(' at tcp:localhost', $reach());
        self::assertFalse(Gateway::$addressesCacheDisable);
    }

    public function testWhatCannotBeServed(): void
    {
        $this->expectException(LogicException::class);
        $this->expectExceptionMessage('Nothing::onMessage()');
        GatewayWorker::serve('Nothing');
    }
}
