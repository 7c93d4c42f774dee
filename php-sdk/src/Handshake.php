<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * The request that opened a connection, parsed from its head.
 */
final class Handshake
{
    /** As it came: the request line and the header lines, names in lower case. */
    public string $head;
    public string $method = '';
    /** Path and query string, as sent. */
    public string $target = '';
    /** As sent: not decoded, without the query string. */
    public string $path = '';
    /** Without the question mark; '' if there is none. */
    public string $queryString = '';
    /** `HTTP/1.1` */
    public string $protocol = '';

    /** @var list<array{string, string}> name in lower case, trimmed value; one per header line */
    public array $lines = [];

    public function __construct(string $head)
    {
        $this->head = $head;
        $lines = explode("\r\n", $head);
        $request = explode(' ', $lines[0], 3);
        $this->method = $request[0];
        $this->target = $request[1] ?? '';
        $this->protocol = $request[2] ?? '';
        $parts = explode('?', $this->target, 2);
        $this->path = $parts[0];
        $this->queryString = $parts[1] ?? '';
        for ($i = 1, $n = count($lines); $i < $n; $i++) {
            $colon = strpos($lines[$i], ':');
            if ($colon !== false && $colon > 0) {
                $this->lines[] = [
                    strtolower(substr($lines[$i], 0, $colon)),
                    trim(substr($lines[$i], $colon + 1), " \t"),
                ];
            }
        }
    }

    /**
     * A header's value; of several lines the first. Null if it was not sent.
     */
    public function header(string $name): ?string
    {
        $name = strtolower($name);
        foreach ($this->lines as $line) {
            if ($line[0] === $name) {
                return $line[1];
            }
        }
        return null;
    }

    /**
     * The query string as PHP's own parser reads it into $_GET.
     *
     * @return array<int|string, mixed>
     */
    public function query(): array
    {
        parse_str($this->queryString, $values);
        return $values;
    }

    /**
     * The Cookie headers as PHP's own parser reads them into $_COOKIE: names as sent, values raw-url-decoded, the first
     * of two equal names wins, `a[b]` makes arrays. (php_default_treat_data() of main/php_variables.c; names are not
     * decoded since CVE-2020-7070.)
     *
     * @return array<int|string, mixed>
     */
    public function cookies(): array
    {
        $pairs = [];
        $seen = [];
        foreach ($this->lines as $line) {
            if ($line[0] !== 'cookie') {
                continue;
            }
            foreach (explode(';', $line[1]) as $pair) {
                [$name, $value] = explode('=', ltrim($pair), 2) + [1 => ''];
                if ($name === '') {
                    continue;
                }
                $open = strpos($name, '[');
                $array = $open > 0 && strpos($name, ']', $open) !== false;
                $base = strtr($array ? substr($name, 0, $open) : $name, '. [', '___');
                if (isset($seen[$base]) && !$array) {
                    continue;
                }
                $seen[$base] = true;
                $pairs[] = rawurlencode($name) . '=' . rawurlencode(rawurldecode($value));
            }
        }
        parse_str(implode('&', $pairs), $values);
        return $values;
    }
}
