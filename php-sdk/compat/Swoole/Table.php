<?php

namespace Swoole;

use FpmBridge\Compat\Loader;
use FpmBridge\Compat\Nulls;
use FpmBridge\Shared\Layout;
use FpmBridge\Shared\Rows;
use FpmBridge\Shared\Space;

/**
 * A table of rows with typed columns. Created before start() it is one for all runs, and the bridge holds it; created
 * in a callback it belongs to that run, as in Swoole after the fork.
 *
 * `$table['key']` is that of Swoole 4 up to 4.6: a Table\Row, which writes through.
 *
 * It holds its size plus its slices (conflict_proportion of it) in rows, whatever their keys are.
 */
class Table implements \Iterator, \Countable, \ArrayAccess
{
    public const TYPE_INT = 1;
    public const TYPE_FLOAT = 2;
    public const TYPE_STRING = 3;

    /** Longer keys are told apart, but iteration shows this much of them. */
    private const MAX_KEY = 63;

    private const STATS = [
        'num', 'conflict_count', 'conflict_max_level', 'insert_count', 'update_count', 'delete_count',
        'available_slice_num', 'total_slice_num',
    ];

    /** @var int|null rows, a power of two; set by create() */
    public $size = null;
    /** @var int|null bytes; set by create() */
    public $memorySize = null;

    /** @var Layout */
    private $layout;
    /** @var Rows|null */
    private $rows = null;
    private $created = false;
    /** @var int the size that was asked for */
    private $asked = 0;

    /** @var array rows of the page where the cursor stands */
    private $page = [];
    private $at = 0;
    private $next = 0;

    /**
     * @param int $table_size rounded up to a power of two, at least 64
     * @param float $conflict_proportion 0.2 to 1: room for so many more rows
     * @param mixed $named size, conflictProportion: their names in OpenSwoole
     * @throws \Error when called twice on one object
     */
    public function __construct(int $table_size = PHP_INT_MIN, float $conflict_proportion = 0.2, ...$named)
    {
        if ($named !== []) {
            $names = ['size' => $table_size, 'conflictProportion' => $conflict_proportion];
            [$table_size, $conflict_proportion] = \FpmBridge\Compat\Named::values($named, $names);
        }
        if ($table_size === PHP_INT_MIN) {
            throw new \ArgumentCountError(__METHOD__ . '() expects at least 1 argument, 0 given');
        }
        if ($this->layout !== null) {
            throw new \Error('Constructor of ' . static::class . ' can only be called once');
        }
        $this->asked = $table_size;
        // Swoole's size is unsigned.
        $this->layout = new Layout($table_size < 0 ? PHP_INT_MAX : $table_size, $conflict_proportion);
    }

    /**
     * @param int $type TYPE_INT, TYPE_FLOAT or TYPE_STRING
     * @param int $size of a string, in bytes; rounded up to a multiple of 8
     * @return bool false with a warning after create() and for a string without size, with a log line for other types
     */
    public function column(string $name, int $type, int $size = 0)
    {
        if ($this->created) {
            return Loader::warn(__METHOD__, 'unable to add column after table has been created');
        }
        if ($type === self::TYPE_STRING) {
            if ($size < 1) {
                return Loader::warn(__METHOD__, 'the length of string type values has to be more than zero');
            }
            $size = ($size + 7) & ~7;
        } elseif ($type === self::TYPE_INT || $type === self::TYPE_FLOAT) {
            $size = 8;
        } else {
            Space::log("Swoole\\Table::column(): unknown column type: $type");
            return false;
        }
        $this->layout->add($name, $type, $size);
        return true;
    }

    /**
     * A second call is a fatal error, and so is a size below 0.
     * @return bool
     */
    public function create()
    {
        if ($this->created) {
            Space::fatal('table has been created already');
        }
        if ($this->asked < 0) {
            Space::fatal('unable to allocate memory');
        }
        $this->created = true;
        $this->layout->freeze();
        $this->rows = Space::rows($this->layout);
        $this->size = $this->getSize();
        $this->memorySize = $this->getMemorySize();
        return true;
    }

    /**
     * Frees the rows for all runs. What uses the table afterwards ends with a fatal error.
     * @return bool
     */
    public function destroy()
    {
        $this->rows()->destroy();
        $this->rows = null;
        return true;
    }

    /**
     * Changes the given columns, or makes the row. Values become what their columns are; a string that is too long is
     * cut, with a log line. Unknown columns are left out.
     *
     * @return bool false when there is no room, with a log line
     */
    public function set(?string $key, array $value)
    {
        $key = $key ?? Nulls::string(__METHOD__, 1, 'key');
        $rows = $this->rows();
        $name = self::name($key, __METHOD__);
        $values = [];
        foreach ($value as $column => $given) {
            if (!isset($this->layout->columns[$column])) {
                continue;
            }
            [, $type, $size] = $this->layout->columns[$column];
            if ($type === self::TYPE_INT) {
                $given = (int) $given;
            } elseif ($type === self::TYPE_FLOAT) {
                $given = (float) $given;
            } else {
                $given = (string) $given;
                if (strlen($given) > $size) {
                    Space::log("Swoole\\Table::set(): [key=$key,field=$column]string value is too long");
                    $given = substr($given, 0, $size);
                }
            }
            $values[$column] = $given;
        }
        $full = $rows->set($name, $values);
        if ($full !== '') {
            Space::log("Swoole\\Table::set(): failed to set('$key'), unable to allocate memory: $full");
            return false;
        }
        return true;
    }

    /**
     * @return array|string|int|float|false a row, or one column of it; false: not there
     */
    #[\ReturnTypeWillChange]
    public function get(?string $key, ?string $field = null)
    {
        $key = $key ?? Nulls::string(__METHOD__, 1, 'key');
        $rows = $this->rows();
        $name = self::name($key);
        if ($field === null) {
            return $rows->get($name) ?? false;
        }
        return isset($this->layout->columns[$field]) ? $rows->field($name, $field)[0] ?? false : false;
    }

    /**
     * Adds to a number, which wraps; makes the row if need be.
     *
     * @param int|float $incrby a fraction for an integer column is cut off
     * @return int|float|false the new value; false with a warning for an unknown column, one of strings, and without
     *     room
     */
    #[\ReturnTypeWillChange]
    public function incr(?string $key, string $column, $incrby = 1)
    {
        $key = $key ?? Nulls::string(__METHOD__, 1, 'key');
        return $this->change(__METHOD__, $key, $column, $incrby, false);
    }

    /**
     * As incr(), down.
     *
     * @param int|float $incrby
     * @return int|float|false
     */
    #[\ReturnTypeWillChange]
    public function decr(?string $key, string $column, $incrby = 1)
    {
        $key = $key ?? Nulls::string(__METHOD__, 1, 'key');
        return $this->change(__METHOD__, $key, $column, $incrby, true);
    }

    /**
     * @return bool
     */
    public function exists(?string $key)
    {
        $key = $key ?? Nulls::string(__METHOD__, 1, 'key');
        return $this->rows()->exists(self::name($key));
    }

    /**
     * @return bool
     */
    public function exist(?string $key)
    {
        $key = $key ?? Nulls::string(__METHOD__, 1, 'key');
        return $this->rows()->exists(self::name($key));
    }

    /**
     * @return bool false: there was none
     */
    public function del(?string $key)
    {
        $key = $key ?? Nulls::string(__METHOD__, 1, 'key');
        return $this->rows()->del(self::name($key));
    }

    /**
     * @return bool
     */
    public function delete(?string $key)
    {
        $key = $key ?? Nulls::string(__METHOD__, 1, 'key');
        return $this->rows()->del(self::name($key));
    }

    /**
     * Rows; with COUNT_RECURSIVE as argument rows times columns.
     */
    public function count(): int
    {
        $given = func_get_args();
        $rows = $this->rows()->count();
        return ($given[0] ?? COUNT_NORMAL) === COUNT_RECURSIVE ? $rows * count($this->layout->columns) : $rows;
    }

    /**
     * @return int
     */
    public function getSize()
    {
        return $this->layout->size;
    }

    /**
     * What the extension would set aside for collisions, in bytes; 0 before create().
     * @return int
     */
    public function getMemorySize()
    {
        return $this->created ? $this->layout->memory() : 0;
    }

    /**
     * @return array|false
     */
    #[\ReturnTypeWillChange]
    public function stats()
    {
        return array_combine(self::STATS, $this->rows()->stats());
    }

    public function rewind(): void
    {
        $this->turn(0);
    }

    public function valid(): bool
    {
        $this->rows();
        return isset($this->page[$this->at]);
    }

    /**
     * @return array|null the row as it was when its page was read
     */
    #[\ReturnTypeWillChange]
    public function current()
    {
        $this->rows();
        return $this->page[$this->at][1] ?? null;
    }

    /**
     * @return string|null
     */
    #[\ReturnTypeWillChange]
    public function key()
    {
        $this->rows();
        return isset($this->page[$this->at]) ? substr($this->page[$this->at][0], 0, self::MAX_KEY) : null;
    }

    public function next(): void
    {
        $this->rows();
        if (++$this->at >= count($this->page) && $this->next !== 0) {
            $this->turn($this->next);
        }
    }

    /**
     * @param string|int $key
     */
    public function offsetExists($key): bool
    {
        return $this->exists((string) $key);
    }

    /**
     * @param string|int $key
     */
    public function offsetGet($key): Table\Row
    {
        return new Table\Row($this, (string) $key, $this->get((string) $key) ?: []);
    }

    /**
     * @param string|int|null $key
     * @param array $row as set()
     */
    public function offsetSet($key, $row): void
    {
        $this->set((string) $key, $row);
    }

    /**
     * @param string|int $key
     */
    public function offsetUnset($key): void
    {
        $this->del((string) $key);
    }

    private function turn(int $cursor): void
    {
        do {
            [$this->page, $cursor] = $this->rows()->page($cursor);
        } while ($this->page === [] && $cursor !== 0);
        $this->next = $cursor;
        $this->at = 0;
    }

    private function change($method, $key, $column, $by, $minus)
    {
        $rows = $this->rows();
        $name = self::name($key, $method);
        if (!isset($this->layout->columns[$column])) {
            return Loader::warn($method, "column[$column] does not exist");
        }
        $type = $this->layout->columns[$column][1];
        if ($type === self::TYPE_STRING) {
            return Loader::warn($method, "can't execute 'incr' on a string type column");
        }
        $changed = $rows->add($name, $column, $type === self::TYPE_INT ? (int) $by : (float) $by, $minus);
        if ($changed === []) {
            return Loader::warn($method, 'unable to allocate memory');
        }
        return $changed[0];
    }

    /**
     * What a row is stored under: a long key is its beginning and its hash.
     *
     * @param string $method who warns of a long key; '' nobody
     */
    private static function name(string $key, string $method = ''): string
    {
        if (strlen($key) <= self::MAX_KEY) {
            return $key;
        }
        if ($method !== '') {
            Loader::warn($method, "key[$key] is too long");
        }
        return substr($key, 0, self::MAX_KEY) . md5($key, true);
    }

    private function rows()
    {
        if ($this->rows === null) {
            Space::fatal('table is not created or has been destroyed');
        }
        return $this->rows;
    }

    /**
     * What print_r() and var_dump() show, as the extension.
     *
     * @return array<string, mixed>
     */
    public function __debugInfo()
    {
        return ['size' => $this->size, 'memorySize' => $this->memorySize];
    }
}
