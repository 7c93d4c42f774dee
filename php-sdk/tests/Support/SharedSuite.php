<?php

declare(strict_types=1);

namespace FpmBridge\Tests\Support;

use ArrayObject;
use RuntimeException;
use Swoole\Atomic;
use Swoole\Atomic\Long;
use Swoole\Lock;
use Swoole\Table;

/**
 * How tables, atomics and locks behave, wherever they live: PHPUnit runs it on objects of its own process, e2e on those
 * that the bridge or APCu holds. The objects are made in the constructor, before start(); each case has its own.
 */
final class SharedSuite
{
    private Table $table;
    private Table $small;
    private Table $walked;
    private Table $bare;
    private Table $mixed;
    private Table $helped;
    private Atomic $atomic;
    private Long $long;
    private Lock $mutex;
    private Lock $rwlock;

    /** @var list<string> */
    private array $warnings = [];

    public function __construct()
    {
        $this->table = self::people(new Table(1000));
        $this->table->create();
        $this->small = new Table(1);
        $this->small->column('n', Table::TYPE_INT);
        $this->small->create();
        $this->walked = new Table(4096);
        $this->walked->column('text', Table::TYPE_STRING, 4000);
        $this->walked->create();
        $this->bare = new Table(64);
        $this->bare->create();
        $this->mixed = new Table(64, 1.0);
        foreach (['0' => Table::TYPE_STRING, 'a/b' => Table::TYPE_INT, '' => Table::TYPE_FLOAT] as $name => $type) {
            $this->mixed->column((string) $name, $type, 5);
        }
        $this->mixed->create();
        $this->helped = new Table(64);
        self::people($this->helped)->create();
        $this->atomic = new Atomic();
        $this->long = new Long();
        $this->mutex = new Lock();
        $this->rwlock = new Lock(SWOOLE_RWLOCK);
    }

    /**
     * @return list<string>
     */
    public static function cases(): array
    {
        $names = preg_grep('/^case[A-Z]/', get_class_methods(self::class)) ?: [];
        return array_values($names);
    }

    /**
     * @return string what went wrong; '' if nothing did
     */
    public function run(string $case): string
    {
        $this->warnings = [];
        set_error_handler(function (int $type, string $message): bool {
            $this->warnings[] = $message;
            return true;
        });
        try {
            $this->$case();
            $this->same([], $this->warnings, 'warnings');
        } catch (\Throwable $failed) {
            return get_class($failed) . " {$failed->getMessage()} at line {$failed->getLine()}";
        } finally {
            restore_error_handler();
        }
        return '';
    }

    private static function people(Table $table): Table
    {
        $table->column('name', Table::TYPE_STRING, 10);
        $table->column('age', Table::TYPE_INT, 1);
        $table->column('score', Table::TYPE_FLOAT);
        $table->column('city', Table::TYPE_STRING, 8);
        return $table;
    }

    /**
     * @param mixed $expected
     * @param mixed $actual
     */
    private function same($expected, $actual, string $what): void
    {
        // NAN is not NAN.
        if ($expected !== $actual && serialize($expected) !== serialize($actual)) {
            $got = var_export($actual, true);
            throw new RuntimeException("$what: got $got, want " . var_export($expected, true));
        }
    }

    private function warned(string $text): void
    {
        $warning = array_shift($this->warnings);
        $this->same(true, $warning !== null && strpos($warning, $text) !== false, "warning $text, got $warning");
    }

    private function caseRows(): void
    {
        $t = $this->table;
        $this->same(false, $t->get('ann'), 'no row');
        $this->same(true, $t->set('ann', ['age' => 30, 'name' => 'Ann']), 'set');
        $row = ['name' => 'Ann', 'age' => 30, 'score' => 0.0, 'city' => ''];
        $this->same($row, $t->get('ann'), 'a new row has zeros, in the order of the columns');
        $this->same(true, $t->set('ann', ['score' => 1.5, 'nobody' => 1, 7 => 8]), 'only what is given changes');
        $this->same(['score' => 1.5] + $row, ['score' => $t->get('ann')['score']] + $row, 'score');
        $this->same([30, 1.5, 'Ann', ''], [
            $t->get('ann', 'age'), $t->get('ann', 'score'), $t->get('ann', 'name'), $t->get('ann', 'city'),
        ], 'single columns');
        $this->same([false, false], [$t->get('ann', 'nobody'), $t->get('bob', 'age')], 'no such column, no such row');
        $this->same([true, true, false], [$t->exists('ann'), $t->exist('ann'), $t->exists('bob')], 'exists');
        $this->same(true, $t->set('', []), 'an empty key, an empty row');
        $this->same(2, count($t), 'count');
        $this->same(8, $t->count(COUNT_RECURSIVE), 'rows times columns');
        $this->same([true, false, true], [$t->del('ann'), $t->del('ann'), $t->delete('')], 'del');
        $this->same(0, $t->count(), 'empty again');
        $this->same(1024, $t->getSize(), 'rounded up');
        $this->same([1024, true], [$t->size, $t->memorySize === $t->getMemorySize()], 'properties');
    }

    private function caseConversions(): void
    {
        $t = $this->table;
        foreach (
            [
                [['12abc', '1.5x', 7], [12, 1.5, '7']],
                [[null, null, null], [0, 0.0, '']],
                [[true, true, true], [1, 1.0, '1']],
                [[1.9, 3, 2.5], [1, 3.0, '2.5']],
                [['', '', false], [0, 0.0, '']],
                [[PHP_INT_MIN, -INF, "\0\xff\n"], [PHP_INT_MIN, -INF, "\0\xff\n"]],
                [[PHP_INT_MAX, NAN, 'ключ'], [PHP_INT_MAX, NAN, 'ключ']],
                [[[], [1], 'x'], [0, 1.0, 'x']],
            ] as $i => [$given, $want]
        ) {
            $t->set('c', ['age' => $given[0], 'score' => $given[1], 'city' => $given[2]]);
            $row = $t->get('c');
            $this->same($want, [$row['age'], $row['score'], $row['city']], "conversion $i");
        }
        $t->set('c', ['city' => [1, 2]]);
        $this->warned('Array to string conversion');
        $this->same('Array', $t->get('c', 'city'), 'an array');
        $t->set('c', ['age' => new ArrayObject()]);
        $this->warned('could not be converted to int');
        $this->same(1, $t->get('c', 'age'), 'an object');
        try {
            $t->set('c', ['city' => static function (): void {
            }]);
            throw new RuntimeException('a closure became a string');
        } catch (\Error $closure) {
            $this->same(true, strpos($closure->getMessage(), 'could not be converted to string') !== false, 'closure');
        }
        $x = 5;
        $reference = ['age' => &$x];
        $t->set('c', $reference);
        $this->same(5, $t->get('c', 'age'), 'a reference');
        $t->set('c', ['name' => str_repeat('n', 17), 'city' => 'exactly8']);
        $this->same(str_repeat('n', 16), $t->get('c', 'name'), 'cut at the size, which is a multiple of 8');
        $this->same('exactly8', $t->get('c', 'city'), 'not cut');
        $t->del('c');
    }

    private function caseKeys(): void
    {
        $t = $this->table;
        $keys = ['a b', "\0", "\xff\xfe", '0', '17', '-1', ' ', str_repeat('k', 63)];
        foreach ($keys as $i => $key) {
            $t->set($key, ['age' => $i]);
        }
        foreach ($keys as $i => $key) {
            $this->same($i, $t->get($key, 'age'), "key $i");
        }
        $found = [];
        foreach ($t as $key => $row) {
            $found[] = $key;
        }
        sort($found, SORT_STRING);
        sort($keys, SORT_STRING);
        $this->same($keys, $found, 'keys are strings');
        array_map([$t, 'del'], $keys);

        $long = str_repeat('x', 64);
        $other = str_repeat('x', 80);
        $t->set($long, ['age' => 1]);
        $this->warned('is too long');
        $t->set($other, ['age' => 2]);
        $this->warned('is too long');
        $this->same([1, 2], [$t->get($long, 'age'), $t->get($other, 'age')], 'long keys');
        $this->same([true, false], [$t->exists($long), $t->exists(str_repeat('x', 63))], 'their beginning is no key');
        $t->rewind();
        $this->same(str_repeat('x', 63), $t->key(), 'iteration shows 63 bytes');
        $this->same([true, true, 0], [$t->del($long), $t->del($other), $t->count()], 'gone');
    }

    private function caseIncrements(): void
    {
        $t = $this->table;
        $this->same([1, 6, 4, 3], [
            $t->incr('i', 'age'), $t->incr('i', 'age', 5), $t->decr('i', 'age', 2), $t->decr('i', 'age'),
        ], 'integers');
        $this->same([4, 6], [$t->incr('i', 'age', 1.9), $t->incr('i', 'age', '2')], 'a fraction is cut off');
        $this->same([1.5, 1.0, 0.0], [
            $t->incr('i', 'score', 1.5), $t->decr('i', 'score', 0.5), $t->decr('i', 'score'),
        ], 'floats');
        $t->set('i', ['age' => PHP_INT_MAX]);
        $this->same(PHP_INT_MIN, $t->incr('i', 'age'), 'wraps up');
        $this->same(PHP_INT_MAX, $t->decr('i', 'age'), 'wraps down');
        $this->same(-1, $t->decr('i', 'age', PHP_INT_MIN), 'minus the least integer');
        $this->same(-3, $t->decr('new', 'age', 3), 'makes the row');
        $this->same(['name' => '', 'age' => -3, 'score' => 0.0, 'city' => ''], $t->get('new'), 'the row');
        $this->same([false, false], [$t->incr('i', 'name'), $t->decr('i', 'nobody')], 'no number');
        $this->warned('string type column');
        $this->warned('column[nobody] does not exist');
        $t->del('i');
        $t->del('new');
    }

    private function caseFull(): void
    {
        $t = $this->small;
        $this->same([64, 1488], [$t->getSize(), $t->getMemorySize()], 'size and memory');
        for ($i = 0; $i < 76; $i++) {
            $this->same(true, $t->set("k$i", ['n' => $i]), "row $i");
        }
        $this->same(false, $t->set('more', ['n' => 1]), 'full');
        $this->same(false, $t->incr('more', 'n'), 'full');
        $this->warned('unable to allocate memory');
        $this->same(true, $t->set('k5', ['n' => 6]), 'a row that is there');
        $this->same([
            'num' => 76, 'conflict_count' => 12, 'conflict_max_level' => 1, 'insert_count' => 76, 'update_count' => 1,
            'delete_count' => 0, 'available_slice_num' => 0, 'total_slice_num' => 12,
        ], $t->stats(), 'stats');
        $t->del('k0');
        $this->same(true, $t->set('more', ['n' => 1]), 'room again');
        foreach ($t as $key => $row) {
            $t->del($key);
        }
        $this->same(0, count($t), 'deleted while iterating');
    }

    private function caseIteration(): void
    {
        $t = $this->walked;
        $this->same([false, null, null], [$t->valid(), $t->current(), $t->key()], 'before rewind');
        foreach ($t as $key => $row) {
            throw new RuntimeException('an empty table has a row');
        }
        for ($i = 0; $i < 600; $i++) {
            $t->set("k$i", ['text' => str_repeat(chr($i % 256), 3000)]);
        }
        $seen = [];
        foreach ($t as $key => $row) {
            $seen[$key] = $row['text'][0];
        }
        $this->same(600, count($seen), 'rows, more than one page');
        $this->same(chr(599 % 256), $seen['k599'], 'a row of it');
        $outer = 0;
        foreach ($t as $key => $row) {
            $outer++;
            foreach ($t as $inner) {
                continue;
            }
        }
        $this->same(1, $outer, 'one cursor per object');
        $t->rewind();
        $first = $t->key();
        $t->next();
        $this->same(true, $t->valid() && $t->key() !== $first && $t->current() !== null, 'by hand');
        foreach (array_keys($seen) as $key) {
            $t->del($key);
        }
        $this->same(0, count(iterator_to_array($t)), 'empty');
    }

    private function caseOddTables(): void
    {
        $this->same([true, []], [$this->bare->set('a', ['x' => 1]), $this->bare->get('a')], 'no columns');
        $counts = [count($this->bare), $this->bare->count(COUNT_RECURSIVE), $this->bare->del('a')];
        $this->same([1, 0, true], $counts, 'count');
        $this->mixed->set('k', ['0' => 'zero', 'a/b' => 5, '' => 0.5]);
        $this->same(['0' => 'zero', 'a/b' => 5, '' => 0.5], $this->mixed->get('k'), 'odd names');
        $this->same(['zero', 0.5, 6], [
            $this->mixed->get('k', '0'), $this->mixed->get('k', ''), $this->mixed->incr('k', 'a/b'),
        ], 'odd names');
        $this->same(64, $this->mixed->stats()['total_slice_num'], 'slices');
        $this->same(false, $this->table->column('late', Table::TYPE_INT), 'a column after create');
        $this->warned('unable to add column after table has been created');
        $this->mixed->del('k');
    }

    private function caseAtomics(): void
    {
        $a = $this->atomic;
        $a->set(-5);
        $this->same([4294967291, 4294967295, 0, 4294967295], [$a->get(), $a->add(4), $a->add(), $a->sub()], '32 bits');
        $this->same([true, false, 7], [$a->cmpset(4294967295, 7), $a->cmpset(6, 8), $a->get()], 'cmpset');
        $this->same([4294967303 & 0xFFFFFFFF, 6], [$a->add(PHP_INT_MIN), $a->sub(1)], 'cut to 32 bits');
        $a->set(1);
        $this->same([true, 0], [$a->wait(), $a->get()], 'wait takes 1');
        $start = microtime(true);
        $this->same(false, $a->wait(0.05), 'waits in vain');
        $this->same(true, microtime(true) - $start > 0.045, 'for so long');
        $a->set(2);
        $this->same(false, $a->wait(5), 'another value');
        $a->set(0);
        $this->same([true, 1, true], [$a->wakeup(), $a->get(), $a->wait(-1)], 'wakeup');
        $l = $this->long;
        $l->set(PHP_INT_MAX);
        $this->same([PHP_INT_MIN, PHP_INT_MAX], [$l->add(1), $l->sub(1)], '64 bits');
        $this->same([true, -1], [$l->cmpset(PHP_INT_MAX, -1), $l->get()], 'signed');
        $this->same(PHP_INT_MAX, $l->sub(PHP_INT_MIN), 'minus the least integer');
    }

    private function caseLocks(): void
    {
        $m = $this->mutex;
        $this->same([true, 0], [$m->lock(), $m->errCode], 'lock');
        $this->same([false, 16], [$m->lock(LOCK_EX | LOCK_NB), $m->errCode], 'busy');
        $this->same([false, 16], [$m->lock(LOCK_SH | LOCK_NB), $m->errCode], 'a mutex has no readers');
        $this->same([false, 110], [$m->lock(LOCK_EX, 0.02), $m->errCode], 'timed out');
        $this->same([false, 35], [$m->lock(), $m->errCode], 'would wait for itself');
        $this->same([true, false, 1], [$m->unlock(), $m->unlock(), $m->errCode], 'unlock');
        $this->same([true, false, true], [$m->trylock(), $m->trylock(), $m->unlock()], 'trylock');
        $this->same([true, false, true], [$m->lockwait(0.1), $m->lockwait(0.01), $m->unlock()], 'lockwait');
        $r = $this->rwlock;
        $this->same([true, true, true], [$r->lock(LOCK_SH), $r->lock_read(), $r->trylock_read()], 'readers');
        $this->same([false, 16], [$r->trylock(), $r->errCode], 'a writer waits');
        $back = [$r->unlock(), $r->unlock(), $r->trylock(), $r->unlock()];
        $this->same([true, true, false, true], $back, 'each reader');
        $this->same([true, false, true], [$r->lock(), $r->trylock_read(), $r->unlock()], 'a writer');
    }
}
