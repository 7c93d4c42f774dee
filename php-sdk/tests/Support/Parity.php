<?php

declare(strict_types=1);

namespace FpmBridge\Tests\Support;

use RuntimeException;

/**
 * Swoole's API (data/swoole-api.json), and what becomes of each part of it: the lists in parity/.
 *
 * An id is `Swoole\Table::class`, `Swoole\Table::get()`, `Swoole\Table::$size`, `Swoole\Table::TYPE_INT`,
 * `swoole_version()` or `SWOOLE_BASE`. A list may end an id with `*`: it stands for all that begin so and that no
 * longer entry of any list names.
 */
final class Parity
{
    public const LISTS = ['works', 'differs', 'throws', 'pending'];

    /** Constants of PHP that are defaults of parameters; some belong to extensions that are not always there. */
    private const VALUES = [
        'AF_INET' => 2, 'SOCK_STREAM' => 1, 'SOCK_DGRAM' => 2, 'STREAM_IPPROTO_TCP' => 6, 'SIGTERM' => 15,
        'SWOOLE_IPC_NONE' => 0,
    ];

    /** @var array<string, mixed> */
    public array $api;

    /** @var array<string, array<string, mixed>> list => id or pattern => what it says */
    public array $lists = [];

    public function __construct()
    {
        $text = (string) file_get_contents(dirname(__DIR__) . '/data/swoole-api.json');
        $this->api = json_decode($text, true, 512, JSON_THROW_ON_ERROR);
        foreach (self::LISTS as $list) {
            $this->lists[$list] = require dirname(__DIR__) . "/parity/$list.php";
        }
    }

    /**
     * @return array<string, array{string, string, array<string, mixed>}> id => kind, class or '', facts
     */
    public function ids(): array
    {
        $ids = [];
        foreach ($this->api['classes'] as $class => $facts) {
            $ids["$class::class"] = ['class', $class, $facts];
            foreach ($facts['methods'] as $method => $signature) {
                $ids["$class::$method()"] = ['method', $class, ['name' => $method] + $signature];
            }
            foreach ($facts['properties'] as $property => $property_facts) {
                $ids["$class::\$$property"] = ['property', $class, ['name' => $property] + $property_facts];
            }
            foreach ($facts['constants'] as $constant => $value) {
                $ids["$class::$constant"] = ['constant', $class, ['name' => $constant, 'value' => $value]];
            }
        }
        foreach ($this->api['functions'] as $function => $params) {
            $ids["$function()"] = ['function', '', ['name' => $function, 'params' => $params]];
        }
        // Those are PHP themselves: the dump has their names only.
        foreach ($this->api['library_functions'] as $function) {
            $ids["$function()"] = ['function', '', ['name' => $function, 'params' => null]];
        }
        foreach ($this->api['constants'] as $constant => $value) {
            $ids[$constant] = ['global', '', ['name' => $constant, 'value' => $value]];
        }
        return $ids;
    }

    /**
     * Where an id is listed.
     *
     * @return array<string, mixed> list => what it says, of the longest entry; more than one is a mistake
     */
    public function where(string $id): array
    {
        $found = [];
        $longest = -1;
        foreach ($this->lists as $list => $entries) {
            foreach ($entries as $pattern => $says) {
                $length = strlen($pattern);
                $fits = $pattern === $id
                    || (substr($pattern, -1) === '*' && strncmp($pattern, $id, $length - 1) === 0);
                if (!$fits || $length < $longest) {
                    continue;
                }
                if ($length > $longest) {
                    $found = [];
                    $longest = $length;
                }
                $found[$list] = $says;
            }
        }
        return $found;
    }

    /**
     * @return list<string> entries of the lists that stand for nothing
     */
    public function idle(): array
    {
        $used = [];
        foreach (array_keys($this->ids()) as $id) {
            $used[$this->pattern($id)] = true;
        }
        $idle = [];
        foreach ($this->lists as $list => $entries) {
            foreach (array_keys($entries) as $pattern) {
                if (!isset($used[$pattern])) {
                    $idle[] = "$list: $pattern";
                }
            }
        }
        return $idle;
    }

    /**
     * @param mixed $value as the dump has it: the name of a constant stands for its value
     * @return mixed
     */
    public static function value($value)
    {
        if (!is_string($value) || preg_match('/^[A-Z][A-Z_0-9]+$/', $value) !== 1) {
            return $value;
        }
        if (isset(self::VALUES[$value])) {
            return self::VALUES[$value];
        }
        return defined($value) ? constant($value) : $value;
    }

    /**
     * The text of docs/swoole.md.
     */
    public function document(): string
    {
        $text = rtrim((string) file_get_contents(dirname(__DIR__) . '/parity/document.md')) . "\n";
        return strtr($text, [
            '{{settings}}' => $this->settings(),
            '{{differs}}' => $this->table('differs'),
            '{{throws}}' => $this->table('throws'),
            '{{pending}}' => $this->table('pending'),
            '{{works}}' => $this->works(),
        ]);
    }

    private function pattern(string $id): string
    {
        $best = '';
        foreach ($this->lists as $entries) {
            foreach (array_keys($entries) as $pattern) {
                $fits = $pattern === $id
                    || (substr($pattern, -1) === '*' && strncmp($pattern, $id, strlen($pattern) - 1) === 0);
                if ($fits && strlen($pattern) > strlen($best)) {
                    $best = $pattern;
                }
            }
        }
        return $best;
    }

    private function table(string $list): string
    {
        if ($this->lists[$list] === []) {
            return 'Nothing.';
        }
        $rows = [];
        foreach ($this->lists[$list] as $pattern => $says) {
            $sentence = is_array($says) ? $says[0] : $says;
            if (!is_string($sentence)) {
                throw new RuntimeException("$list: $pattern says nothing");
            }
            $rows[$sentence][] = '`' . str_replace('::class', '', $pattern) . '`';
        }
        $lines = "| what | |\n|---|---|\n";
        foreach ($rows as $sentence => $patterns) {
            $lines .= '| ' . implode(', ', $patterns) . ' | ' . strtr((string) $sentence, ['|' => '\|']) . " |\n";
        }
        return rtrim($lines);
    }

    private function works(): string
    {
        $count = [];
        $total = 0;
        foreach ($this->ids() as $id => [, $class]) {
            if (key($this->where($id)) === 'works') {
                $group = $class !== '' ? "`$class`" : (substr($id, -1) === ')' ? 'functions' : 'global constants');
                $count[$group] = ($count[$group] ?? 0) + 1;
                $total++;
            }
        }
        $all = count($this->ids());
        $parts = [];
        foreach ($count as $group => $number) {
            $parts[] = "$group $number";
        }
        return "$total of $all classes, methods, properties, constants and functions: " . implode(', ', $parts) . '.';
    }

    private function settings(): string
    {
        $lines = "| setting | who | |\n|---|---|---|\n";
        foreach (require dirname(__DIR__) . '/parity/settings.php' as $names => [$who, $note]) {
            $names = '`' . implode('`, `', explode(' ', $names)) . '`';
            $lines .= "| $names | $who | " . strtr($note, ['|' => '\|']) . " |\n";
        }
        return rtrim($lines);
    }
}
