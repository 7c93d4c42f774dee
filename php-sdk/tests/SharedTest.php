<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use Error;
use FpmBridge\Shared\Layout;
use FpmBridge\Testing\FakeBridge;
use FpmBridge\Tests\Support\SharedSuite;
use LogicException;
use PHPUnit\Framework\TestCase;
use Swoole\Atomic;
use Swoole\Lock;
use Swoole\Table;

/**
 * Swoole\Table, Atomic and Lock in one process; e2e/shared_test.go runs the same suite over the bridge and APCu.
 */
final class SharedTest extends TestCase
{
    protected function tearDown(): void
    {
        FakeBridge::stop();
    }

    /**
     * @return array<string, array{string}>
     */
    public static function cases(): array
    {
        $cases = SharedSuite::cases();
        return array_map(static fn(string $case): array => [$case], array_combine($cases, $cases));
    }

    /**
     * @dataProvider cases
     */
    public function testSuite(string $case): void
    {
        self::assertSame('', (new SharedSuite())->run($case));
    }

    public function testColumns(): void
    {
        $table = new Table(64);
        self::assertSame([0, null], [$table->getMemorySize(), $table->size]);
        self::assertTrue($table->column('a', Table::TYPE_INT));
        self::assertTrue($table->column('a', Table::TYPE_STRING, 8), 'the first one stays');
        self::assertFalse($table->column('b', 9));
        self::assertFalse(@$table->column('c', Table::TYPE_STRING));
        self::assertStringContainsString('length of string', error_get_last()['message']);
        $table->create();
        $table->set('x', ['a' => '5']);
        self::assertSame(['a' => 5], $table->get('x'));
    }

    public function testSizes(): void
    {
        foreach ([[0, 64], [64, 64], [65, 128], [1000, 1024], [PHP_INT_MAX, 1 << 31]] as [$asked, $got]) {
            self::assertSame($got, (new Table($asked))->getSize());
        }
        self::assertSame(64, (new Layout(64, 7.0))->slices);
        self::assertSame(12, (new Layout(64, 0.0))->slices);
    }

    /**
     * @return array<string, array{callable(Table): mixed}>
     */
    public static function misuse(): array
    {
        return [
            'set' => [static fn(Table $t) => $t->set('a', [])],
            'get' => [static fn(Table $t) => $t->get('a')],
            'incr' => [static fn(Table $t) => $t->incr('a', 'b')],
            'del' => [static fn(Table $t) => $t->del('a')],
            'exists' => [static fn(Table $t) => $t->exists('a')],
            'count' => [static fn(Table $t) => count($t)],
            'stats' => [static fn(Table $t) => $t->stats()],
            'iteration' => [static fn(Table $t) => iterator_to_array($t)],
            'destroy' => [static fn(Table $t) => $t->destroy()],
        ];
    }

    /**
     * @dataProvider misuse
     * @param callable(Table): mixed $use
     */
    public function testUseBeforeCreateAndAfterDestroyIsFatal(callable $use): void
    {
        $table = new Table(64);
        try {
            $use($table);
            self::fail('before create');
        } catch (Error $fatal) {
            self::assertSame('table is not created or has been destroyed', $fatal->getMessage());
        }
        $table->create();
        self::assertTrue($table->destroy());
        $this->expectException(Error::class);
        $use($table);
    }

    public function testCreateTwiceIsFatal(): void
    {
        FakeBridge::serving(static function (): void {
            $server = new \Swoole\WebSocket\Server('0.0.0.0', 9501);
            $server->on('message', 'var_dump');
            $server->start();
        });
        $table = new Table(64);
        $table->create();
        $this->expectException(LogicException::class);
        $table->create();
    }

    public function testAHostedScriptSharesInItsProcess(): void
    {
        $bridge = FakeBridge::serving(static function (): void {
            $hits = new Atomic(5);
            $server = new \Swoole\WebSocket\Server('0.0.0.0', 9501);
            $server->on('message', static function ($server, $frame) use ($hits): void {
                $server->push($frame->fd, (string) $hits->add());
            });
            $server->start();
        });
        $fd = $bridge->connect()->fd;
        self::assertSame(['6'], $bridge->message($fd, '')->pushed($fd));
        self::assertSame(['7'], $bridge->message($fd, '')->pushed($fd));
    }

    /** Scripts of Swoole 4 up to 4.6 write `$table['key']['column']`. */
    public function testTableAsArray(): void
    {
        $table = new Table(64);
        $table->column('name', Table::TYPE_STRING, 8);
        $table->column('n', Table::TYPE_INT);
        $table->create();
        $table['ann'] = ['name' => 'Ann', 'n' => 1];
        $table[7] = ['name' => 'seven'];
        self::assertTrue(isset($table['ann']) && isset($table[7]) && !isset($table['bob']));
        $table['ann']['n'] = $table['ann']['n'] + 1;
        $table['ann']['n'] += 5;
        $table['ann']['name'] = 'Anna';
        self::assertSame(['name' => 'Anna', 'n' => 7], $table->get('ann'));
        $row = $table['ann'];
        self::assertInstanceOf('swoole_table_row', $row);
        self::assertSame(['ann', $table->get('ann')], [$row->key, $row->value]);
        self::assertSame([7, null], [$row['n'], $row['x']]);
        self::assertTrue(isset($row['n']) && !isset($row['x']));
        self::assertSame([], $table['bob']->value);
        $table['bob']['n'] = 3;
        self::assertSame(['name' => '', 'n' => 3], $table->get('bob'));
        unset($table['bob'], $table['nobody']);
        self::assertFalse($table->exists('bob'));
        @$this->drop($row);
        self::assertStringContainsString('all columns', error_get_last()['message'] ?? '');
        self::assertSame(7, $row['n']);
    }

    private function drop(Table\Row $row): void
    {
        unset($row['n']);
    }

    public function testNames(): void
    {
        self::assertInstanceOf('swoole_table', new Table(1));
        self::assertInstanceOf('OpenSwoole\Atomic', new Atomic());
        self::assertInstanceOf('swoole_lock', new Lock());
        self::assertSame(2, (new \swoole_atomic_long(1))->add());
        $table = swoole_table(100, 'id:i,name:s:20,score:float');
        self::assertSame(128, $table->getSize());
        $table->set('x', ['id' => 7, 'name' => 'n', 'score' => 1]);
        self::assertSame(['id' => 7, 'name' => 'n', 'score' => 1.0], $table->get('x'));
    }

    public function testALockOfNoType(): void
    {
        $this->expectException(\Swoole\Exception::class);
        new Lock(2);
    }

    public function testADestroyedLock(): void
    {
        $lock = new Lock(Lock::SPINLOCK);
        $lock->destroy();
        self::assertFalse($lock->lock());
        self::assertSame(22, $lock->errCode);
    }

    public function testASubclassOfTheScript(): void
    {
        $table = new class (64) extends Table {
            public $rows = 'my own';

            public function get($key, $field = null)
            {
                return parent::get($key, $field) ?: ['none'];
            }
        };
        $table->column('n', Table::TYPE_INT);
        $table->create();
        self::assertSame(['none'], $table->get('x'));
        self::assertSame('my own', $table->rows);
    }
}
