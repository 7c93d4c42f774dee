<?php

declare(strict_types=1);

namespace FpmBridge\Tests\Support;

use RuntimeException;

/**
 * A FastCGI client on one kept connection, as small as the tests need it.
 */
final class FastCgi
{
    private string $address;

    /** @var resource|null */
    private $socket = null;

    public function __construct(string $address)
    {
        $this->address = $address;
    }

    /**
     * @param array<string, string> $params
     */
    public static function encode(array $params, string $stdin): string
    {
        $pairs = '';
        foreach ($params as $name => $value) {
            $pairs .= self::size($name) . self::size($value) . $name . $value;
        }
        $out = self::record(1, "\x00\x01\x01\x00\x00\x00\x00\x00") . self::record(4, $pairs) . self::record(4, '');
        foreach ($stdin === '' ? [] : str_split($stdin, 65535) as $part) {
            $out .= self::record(5, $part);
        }
        return $out . self::record(5, '');
    }

    /**
     * @param array<string, string> $params
     * @return array{status: int, headers: array<string, string>, body: string, stderr: string, app: int}
     */
    public function request(array $params, string $stdin = ''): array
    {
        return self::parse($this->send(self::encode($params, $stdin)));
    }

    /**
     * Sends an encoded request and reads the answer whole.
     *
     * @return array{out: string, err: string, app: int}
     */
    public function send(string $request): array
    {
        if ($this->socket === null) {
            $socket = stream_socket_client($this->address, $errno, $error, 5);
            if ($socket === false) {
                throw new RuntimeException("cannot connect to {$this->address}: $error");
            }
            stream_set_timeout($socket, 30);
            $this->socket = $socket;
        }
        fwrite($this->socket, $request);
        $out = $err = '';
        for (;;) {
            $head = $this->take(8);
            ['type' => $type, 'length' => $length, 'padding' => $padding] =
                unpack('Cversion/Ctype/nid/nlength/Cpadding/Creserved', $head);
            $content = $length > 0 ? $this->take($length) : '';
            if ($padding > 0) {
                $this->take($padding);
            }
            if ($type === 6) {
                $out .= $content;
            } elseif ($type === 7) {
                $err .= $content;
            } elseif ($type === 3) {
                return ['out' => $out, 'err' => $err, 'app' => unpack('N', $content)[1]];
            }
        }
    }

    /**
     * Sends a request and gives the standard output records as they come, for tests of what was flushed when.
     *
     * @param array<string, string> $params
     * @return \Generator<string>
     */
    public function stream(array $params, string $stdin): \Generator
    {
        $socket = stream_socket_client($this->address, $errno, $error, 5);
        stream_set_timeout($socket, 30);
        $this->socket = $socket;
        fwrite($socket, self::encode($params, $stdin));
        for (;;) {
            $head = unpack('Cversion/Ctype/nid/nlength/Cpadding/Creserved', $this->take(8));
            $content = $head['length'] > 0 ? $this->take($head['length']) : '';
            if ($head['padding'] > 0) {
                $this->take($head['padding']);
            }
            if ($head['type'] === 6 && $content !== '') {
                yield $content;
            } elseif ($head['type'] === 3) {
                return;
            }
        }
    }

    /**
     * @param array{out: string, err: string, app: int} $answer
     * @return array{status: int, headers: array<string, string>, body: string, stderr: string, app: int}
     */
    public static function parse(array $answer): array
    {
        [$head, $body] = explode("\r\n\r\n", $answer['out'], 2) + [1 => ''];
        $headers = [];
        foreach (explode("\r\n", $head) as $line) {
            [$name, $value] = explode(':', $line, 2) + [1 => ''];
            $headers[strtolower($name)] = trim($value);
        }
        return [
            'status' => (int) ($headers['status'] ?? 200),
            'headers' => $headers,
            'body' => $body,
            'stderr' => $answer['err'],
            'app' => $answer['app'],
        ];
    }

    public function disconnect(): void
    {
        if ($this->socket !== null) {
            fclose($this->socket);
            $this->socket = null;
        }
    }

    private function take(int $length): string
    {
        $bytes = '';
        while (strlen($bytes) < $length) {
            $part = fread($this->socket, $length - strlen($bytes));
            if ($part === false || $part === '') {
                $this->disconnect();
                throw new RuntimeException('php-fpm closed the connection in the middle of an answer');
            }
            $bytes .= $part;
        }
        return $bytes;
    }

    private static function record(int $type, string $content): string
    {
        return pack('CCnnCC', 1, $type, 1, strlen($content), 0, 0) . $content;
    }

    private static function size(string $text): string
    {
        return strlen($text) < 128 ? chr(strlen($text)) : pack('N', strlen($text) | 0x80000000);
    }
}
