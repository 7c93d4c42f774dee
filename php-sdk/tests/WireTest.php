<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Wire;
use FpmBridge\WireException;
use PHPUnit\Framework\TestCase;

final class WireTest extends TestCase
{
    /**
     * @return array<string, array{array<string, mixed>}>
     */
    public static function contract(): array
    {
        return self::fixtures('frames.json');
    }

    /**
     * @return array<string, array{array<string, mixed>}>
     */
    public static function badContract(): array
    {
        return self::fixtures('bad-frames.json');
    }

    /**
     * @dataProvider contract
     * @param array<string, mixed> $frame
     */
    public function testReadsTheContractsFrames(array $frame): void
    {
        $events = Wire::read(hex2bin($frame['hex']), Wire::MAX_LENGTH);
        self::assertCount(1, $events);
        foreach (['type', 'flags', 'opcode', 'attempt', 'id', 'fd', 'code'] as $field) {
            $got = $events[0]->$field;
            if ($field === 'code') {
                $got |= $events[0]->listener << 16;
            }
            self::assertSame($frame[$field], $got, $field);
        }
        self::assertSame($frame['meta_hex'], bin2hex($events[0]->meta));
        self::assertSame($frame['payload_hex'], bin2hex($events[0]->data));
    }

    /**
     * @dataProvider contract
     * @param array<string, mixed> $frame
     */
    public function testPacksTheContractsFrames(array $frame): void
    {
        $bytes = Wire::pack(
            $frame['type'],
            $frame['flags'],
            $frame['opcode'],
            $frame['attempt'],
            $frame['id'],
            $frame['fd'],
            $frame['code'],
            hex2bin($frame['meta_hex']),
            hex2bin($frame['payload_hex'])
        );
        self::assertSame($frame['hex'], bin2hex($bytes));
    }

    /**
     * @dataProvider badContract
     * @param array<string, mixed> $frame
     */
    public function testRefusesTheContractsBadFrames(array $frame): void
    {
        $this->expectException(WireException::class);
        $this->expectExceptionMessageMatches("/^{$frame['error']}: /");
        Wire::read(hex2bin($frame['hex']), Wire::MAX_LENGTH);
    }

    public function testReadsSeveralFramesInOrder(): void
    {
        $bytes = '';
        foreach (self::contract() as [$frame]) {
            $bytes .= hex2bin($frame['hex']);
        }
        $events = Wire::read($bytes);
        self::assertSame(array_column(array_column(self::contract(), 0), 'id'), array_column($events, 'id'));
    }

    public function testEveryPrefixOfAFrameIsRefused(): void
    {
        $bytes = Wire::pack(Wire::MESSAGE, 33, 1, 1, 1, 1, 0, '{}', 'payload');
        for ($length = 1; $length < strlen($bytes); $length++) {
            try {
                Wire::read(substr($bytes, 0, $length));
                self::fail("a frame cut to $length bytes was read");
            } catch (WireException $cut) {
                self::assertStringStartsWith('truncated: ', $cut->getMessage());
            }
        }
        self::assertSame([], Wire::read(''));
    }

    public function testJsonCarriesWhatItCannot(): void
    {
        self::assertSame('{"a":"/ü","b":"�","c":0}', Wire::json(['a' => '/ü', 'b' => "\xff", 'c' => NAN]));
    }

    /**
     * @return array<string, array{array<string, mixed>}>
     */
    private static function fixtures(string $file): array
    {
        $folder = dirname(__DIR__, 2) . '/callback/testdata/contract';
        $cases = [];
        foreach (json_decode((string) file_get_contents("$folder/$file"), true) as $case) {
            $cases[$case['name']] = [$case];
        }
        return $cases;
    }
}
