<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Compat\Loader;
use PHPUnit\Framework\TestCase;
use Swoole\WebSocket\CloseFrame;
use Swoole\WebSocket\Frame;
use Swoole\WebSocket\Server;

/**
 * Sections 2.1 and 3.1 of the Swoole semantics.
 */
final class FrameTest extends TestCase
{
    public function testPropertiesInOrderWithTheirDefaults(): void
    {
        self::assertSame('{"fd":0,"data":"","opcode":1,"flags":1,"finish":null}', json_encode(new Frame()));
        self::assertSame(
            '{"fd":0,"data":"","opcode":8,"flags":1,"finish":null,"code":1000,"reason":""}',
            json_encode(new CloseFrame())
        );
    }

    public function testToStringPacks(): void
    {
        $frame = new Frame();
        $frame->data = 'hi';
        self::assertSame('81026869', bin2hex((string) $frame));
        self::assertSame('880203e8', bin2hex((string) new CloseFrame()));
        $frame->opcode = 8;
        self::assertSame('880203e8', bin2hex((string) $frame), 'a plain Frame with opcode 8: code 1000, no reason');
    }

    /**
     * @return array<string, array{mixed, int, int|bool, string}>
     */
    public static function packed(): array
    {
        $hello = self::frame(['data' => 'hello']);
        return [
            'text' => ['hi', 1, 1, '81026869'],
            'binary' => ["\0\xff", 2, 1, '820200ff'],
            'no FIN' => ['hi', 1, 0, '01026869'],
            'old bool' => ['hi', 1, false, '01026869'],
            'continuation' => ['', 0, 1, '8000'],
            'null' => [null, 1, 1, '8100'],
            'number' => [42, 1, 1, '81023432'],
            'true' => [true, 1, 1, '810131'],
            'reserved opcode' => ['a', 5, 1, '850161'],
            'control forces FIN, drops RSV1' => ['a', 9, 4, '890161'],
            'rsv bits' => ['a', 1, 1 | 4 | 8 | 16, 'f10161'],
            'mask' => ['hello', 1, 33, '8185323538455a505429' . '5d'],
            'close text has code 0' => ['bye', 8, 1, '88050000627965'],
            'frame wins over arguments' => [$hello, 2, 0, '810568656c6c6f'],
            'finish decides FIN' => [self::frame(['data' => 'a', 'finish' => false]), 1, 1, '010161'],
            'finish true' => [self::frame(['data' => 'a', 'flags' => 0, 'finish' => true]), 1, 1, '810161'],
            'close frame' => [self::closeFrame(3001, 'bye'), 1, 1, '88050bb9627965'],
            'compressed' => ['hello', 1, 3, 'c107ca48cdc9c90700'],
            'empty is not compressed' => ['', 1, 3, '8100'],
        ];
    }

    /**
     * @dataProvider packed
     * @param mixed $data
     * @param int|bool $flags
     */
    public function testPack($data, int $opcode, $flags, string $hex): void
    {
        self::assertSame($hex, bin2hex(Frame::pack($data, $opcode, $flags)));
        self::assertSame($hex, bin2hex(Server::pack($data, $opcode, $flags)));
    }

    public function testLengthsTakeTheirForms(): void
    {
        $heads = [125 => '817d', 126 => '817e007e', 65535 => '817effff', 65536 => '817f0000000000010000'];
        foreach ($heads as $n => $head) {
            $bytes = Frame::pack(str_repeat('x', $n));
            self::assertSame($head, bin2hex(substr($bytes, 0, strlen($head) >> 1)));
            self::assertSame($n + (strlen($head) >> 1), strlen($bytes));
            self::assertSame($n, strlen(Frame::unpack($bytes)->data));
        }
    }

    public function testUnpackReadsWhatPackWrote(): void
    {
        foreach (['', 'a', str_repeat('long ', 5000)] as $data) {
            foreach ([1, 3, 33, 35] as $flags) {
                $frame = Frame::unpack(Frame::pack($data, 2, $flags) . 'surplus');
                self::assertSame($data, $frame->data);
                self::assertSame(2, $frame->opcode);
                self::assertTrue($frame->finish);
                self::assertSame($flags & 32, $frame->flags & 32);
            }
        }
        self::assertSame(39, Frame::unpack(Frame::pack('hello', 1, 35))->flags, 'FIN|COMPRESS|RSV1|MASK');
    }

    public function testUnpackOfCloseFrames(): void
    {
        $frame = Server::unpack(Frame::pack(self::closeFrame(4000, 'grüße')));
        self::assertInstanceOf(CloseFrame::class, $frame);
        self::assertSame([4000, 'grüße', '', 8], [$frame->code, $frame->reason, $frame->data, $frame->opcode]);
        $empty = Frame::unpack("\x88\x00");
        self::assertSame([1000, ''], [$empty->code, $empty->reason]);
        self::assertSame(-1, Frame::unpack("\x88\x02\xff\xff")->code, 'codes from 32768 on come out negative');
    }

    public function testUnpackOfGarbageIsFalseWithError508(): void
    {
        $cases = ['', "\x81", "\x81\x05hi", "\x81\x7e\x00", "\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", "\xc1\x01\xff"];
        foreach ($cases as $bytes) {
            Loader::$lastError = 0;
            self::assertFalse(Frame::unpack($bytes), bin2hex($bytes));
            self::assertSame(508, Loader::$lastError);
        }
    }

    public function testOpcodeAboveTenGivesNothing(): void
    {
        self::assertSame('', @Frame::pack('a', 11));
        self::assertSame(8505, Loader::$lastError);
        self::assertSame('', @Frame::pack(self::closeFrame(1000, str_repeat('x', 126))));
    }

    public function testDynamicPropertiesAreAllowed(): void
    {
        $frame = new Frame();
        $frame->list[] = 'a';
        $frame->list[] = 'b';
        self::assertSame(['a', 'b'], $frame->list);
    }

    /**
     * @param array<string, mixed> $fields
     */
    private static function frame(array $fields): Frame
    {
        $frame = new Frame();
        foreach ($fields as $name => $value) {
            $frame->$name = $value;
        }
        return $frame;
    }

    private static function closeFrame(int $code, string $reason): CloseFrame
    {
        $frame = new CloseFrame();
        $frame->code = $code;
        $frame->reason = $reason;
        return $frame;
    }
}
