<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Handshake;
use PHPUnit\Framework\TestCase;

final class HandshakeTest extends TestCase
{
    public function testTakesTheHeadApart(): void
    {
        $handshake = new Handshake("GET /a%20b?x=1&y[]=2&y[]=3 HTTP/1.1\r\nhost: h\r\nx-a:  1 \r\nx-a: 2\r\n\r\n");
        self::assertSame('GET', $handshake->method);
        self::assertSame('/a%20b?x=1&y[]=2&y[]=3', $handshake->target);
        self::assertSame('/a%20b', $handshake->path);
        self::assertSame('x=1&y[]=2&y[]=3', $handshake->queryString);
        self::assertSame('HTTP/1.1', $handshake->protocol);
        self::assertSame([['host', 'h'], ['x-a', '1'], ['x-a', '2']], $handshake->lines);
        self::assertSame('1', $handshake->header('X-A'));
        self::assertNull($handshake->header('cookie'));
        self::assertSame(['x' => '1', 'y' => ['2', '3']], $handshake->query());
        self::assertSame([], $handshake->cookies());
    }

    /**
     * @return array<int, array{string, array<int|string, mixed>}> as php-fpm fills $_COOKIE: EntryTest compares
     */
    public static function cookies(): array
    {
        return [
            ['a=1; b=2', ['a' => '1', 'b' => '2']],
            ['a=1; a=2', ['a' => '1']],
            ['a.b=1; a_b=2; a b=3', ['a_b' => '1']],
            ['a=x%20y+z', ['a' => 'x y+z']],
            ['a%20b=1', ['a%20b' => '1']],
            ['a[b]=1; a[c]=2; a[]=3', ['a' => ['b' => '1', 'c' => '2', 0 => '3']]],
            ['a', ['a' => '']],
            ['a=', ['a' => '']],
            ['=1; ;;  b=2', ['b' => '2']],
            ['a=b=c', ['a' => 'b=c']],
            ['5=x', [5 => 'x']],
            ['a[b=1', ['a_b' => '1']],
            ['a=%', ['a' => '%']],
            ['a=ü&b', ['a' => 'ü&b']],
        ];
    }

    /**
     * @dataProvider cookies
     * @param array<int|string, mixed> $expected
     */
    public function testReadsCookiesAsPhpDoes(string $header, array $expected): void
    {
        self::assertSame($expected, (new Handshake("GET / HTTP/1.1\r\ncookie: $header\r\n\r\n"))->cookies());
    }

    public function testGarbageIsNoError(): void
    {
        foreach (['', "\r\n", "GET", "GET /\r\n:x\r\ny\r\n", "\0"] as $head) {
            $handshake = new Handshake($head);
            self::assertSame([], $handshake->lines);
            self::assertSame([], $handshake->query());
        }
    }
}
