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

    /** @var array<string, array<string, mixed>> list => id or pattern => what it says, in request mode */
    public array $lists = [];

    /** @var array<string, array<string, mixed>> what another list or sentence has in resident mode */
    public array $resident = [];

    public function __construct()
    {
        $text = (string) file_get_contents(dirname(__DIR__) . '/data/swoole-api.json');
        $this->api = json_decode($text, true, 512, JSON_THROW_ON_ERROR);
        foreach (self::LISTS as $list) {
            $this->lists[$list] = require dirname(__DIR__) . "/parity/$list.php";
        }
        $this->resident = require dirname(__DIR__) . '/parity/resident.php';
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
    public function where(string $id, bool $resident = false): array
    {
        $found = $resident ? $this->find($this->resident, $id) : [];
        return $found === [] ? $this->find($this->lists, $id) : $found;
    }

    /**
     * @param array<string, array<string, mixed>> $lists
     * @return array<string, mixed>
     */
    private function find(array $lists, string $id): array
    {
        $found = [];
        $longest = -1;
        foreach ($lists as $list => $entries) {
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
            $used['request ' . $this->pattern($this->lists, $id)] = true;
            $used['resident ' . $this->pattern($this->resident, $id)] = true;
        }
        $idle = [];
        foreach (['request' => $this->lists, 'resident' => $this->resident] as $mode => $lists) {
            foreach ($lists as $list => $entries) {
                foreach (array_keys($entries) as $pattern) {
                    if (!isset($used["$mode $pattern"])) {
                        $idle[] = "$mode $list: $pattern";
                    }
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
            '{{differs}}' => $this->differs(),
            '{{throws}}' => $this->throws(),
            '{{works}}' => $this->works(),
        ]);
    }

    /**
     * @param array<string, array<string, mixed>> $lists
     */
    private function pattern(array $lists, string $id): string
    {
        $best = '';
        foreach ($lists as $entries) {
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

    /**
     * What an id does in a mode, as a sentence.
     *
     * @param array<string, mixed> $where
     */
    private static function sentence(array $where): string
    {
        $says = reset($where);
        switch ((string) key($where)) {
            case 'works':
                return 'As in Swoole.';
            case 'throws':
                return "Throws: $says.";
            case 'differs':
                return $says[0];
        }
        throw new RuntimeException('a list that is not for sentences');
    }

    /**
     * What is another thing than in Swoole, in one mode or both, but what throws in both.
     */
    private function differs(): string
    {
        $rows = [];
        foreach (array_keys($this->ids()) as $id) {
            $request = $this->where($id);
            $resident = $this->where($id, true);
            $both = [key($request), key($resident)];
            if (!in_array('differs', $both, true) && (!in_array('throws', $both, true) || $both[0] === $both[1])) {
                continue;
            }
            $pattern = $this->pattern($this->lists, $id);
            $name = key($request) === 'differs' && substr($pattern, -1) === '*' ? $pattern : $id;
            [$here, $there] = [self::sentence($request), self::sentence($resident)];
            $row = "$here | " . ($here === $there ? 'the same' : $there);
            $rows[$row][$name] = '`' . str_replace('::class', '', $name) . '`';
        }
        $lines = "| what | in request mode | in resident mode |\n|---|---|---|\n";
        foreach ($rows as $row => $names) {
            $lines .= '| ' . implode(', ', $names) . " | $row |\n";
        }
        return rtrim($lines);
    }

    /**
     * What throws in both modes.
     */
    private function throws(): string
    {
        $rows = [];
        foreach (array_keys($this->ids()) as $id) {
            $request = $this->where($id);
            if (key($request) !== 'throws' || key($this->where($id, true)) !== 'throws') {
                continue;
            }
            $pattern = $this->pattern($this->lists, $id);
            $rows[$request['throws']][$pattern] = '`' . str_replace('::class', '', $pattern) . '`';
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
        $total = $resident = 0;
        foreach ($this->ids() as $id => [, $class]) {
            $resident += key($this->where($id, true)) === 'works' ? 1 : 0;
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
        return "Of $all classes, methods, properties, constants and functions $total in request mode and $resident in"
            . ' resident mode: ' . implode(', ', $parts) . '.';
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
