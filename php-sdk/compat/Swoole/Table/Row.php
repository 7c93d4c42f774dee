<?php

namespace Swoole\Table;

use FpmBridge\Compat\Loader;
use Swoole\Table;

/**
 * What `$table['key']` was up to Swoole 4.6: a row as it was read, whose changes are written to the table.
 */
class Row implements \ArrayAccess
{
    /** @var string */
    public $key;
    /** @var array column => value; empty: the row is not there */
    public $value;

    /** @var Table */
    private $table;

    public function __construct(Table $table, string $key, array $value)
    {
        $this->table = $table;
        $this->key = $key;
        $this->value = $value;
    }

    /**
     * @param string $column
     */
    public function offsetExists($column): bool
    {
        return isset($this->value[$column]);
    }

    /**
     * @param string $column
     * @return string|int|float|null
     */
    #[\ReturnTypeWillChange]
    public function offsetGet($column)
    {
        return $this->value[$column] ?? null;
    }

    /**
     * @param string $column
     * @param string|int|float $value
     */
    public function offsetSet($column, $value): void
    {
        $this->table->set($this->key, [$column => $value]);
        $this->value = $this->table->get($this->key) ?: [];
    }

    /**
     * @param string $column
     */
    public function offsetUnset($column): void
    {
        Loader::warn('Swoole\Table\Row::offsetUnset()', 'a row has all columns of its table');
    }
}
