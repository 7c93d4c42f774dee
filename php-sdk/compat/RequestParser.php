<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use FpmBridge\Handshake;

/**
 * Reads one HTTP/1 request from bytes as they come: Swoole\Http\Request::create() and parse().
 */
final class RequestParser
{
    /** A head may have this many bytes. */
    private const MAX_HEAD = 65536;

    public bool $completed = false;
    /** The request cannot be read. */
    public bool $failed = false;
    public string $body = '';
    public ?Handshake $head = null;

    /** All that was taken. */
    public string $data = '';

    /** Not yet understood. */
    private string $rest = '';
    /** Bytes of the body, or of the chunk, that are still to come. */
    private int $missing = 0;
    private bool $chunked = false;
    private bool $trailer = false;

    /**
     * @return int|false how many bytes were taken; false when the request is complete already, or cannot be read
     */
    public function feed(string $data)
    {
        if ($this->completed || $this->failed) {
            return false;
        }
        $before = strlen($this->rest);
        $this->rest .= $data;
        while (!$this->completed && !$this->failed && $this->step()) {
            continue;
        }
        if ($this->failed) {
            return false;
        }
        $taken = strlen($data);
        if ($this->completed) {
            $taken -= min(strlen($this->rest), $before + $taken);
        }
        $this->data .= substr($data, 0, $taken);
        return $taken;
    }

    private function step(): bool
    {
        if ($this->head === null) {
            return $this->readHead();
        }
        if (!$this->chunked || $this->missing > 0) {
            $piece = (string) substr($this->rest, 0, $this->missing);
            $this->rest = (string) substr($this->rest, strlen($piece));
            $this->body .= $piece;
            $this->missing -= strlen($piece);
            $this->completed = !$this->chunked && $this->missing === 0;
            return $piece !== '' && !$this->completed;
        }
        return $this->readChunkLine();
    }

    private function readHead(): bool
    {
        $end = strpos($this->rest, "\r\n\r\n");
        if ($end === false) {
            $this->failed = strlen($this->rest) > self::MAX_HEAD;
            return false;
        }
        $head = new Handshake(substr($this->rest, 0, $end + 4));
        $this->rest = (string) substr($this->rest, $end + 4);
        if (
            preg_match('/^[A-Za-z-]+$/', $head->method) !== 1 || $head->target === ''
            || preg_match('#^HTTP/1\.[01]$#', $head->protocol) !== 1
        ) {
            $this->failed = true;
            return false;
        }
        $this->head = $head;
        $this->chunked = stripos((string) $head->header('transfer-encoding'), 'chunked') !== false;
        $length = trim((string) $head->header('content-length'));
        $this->failed = $length !== '' && !ctype_digit($length);
        $this->missing = $this->chunked ? 0 : (int) $length;
        $this->completed = !$this->chunked && $this->missing === 0;
        return !$this->completed;
    }

    private function readChunkLine(): bool
    {
        $end = strpos($this->rest, "\r\n");
        if ($end === false) {
            return false;
        }
        $line = substr($this->rest, 0, $end);
        $this->rest = (string) substr($this->rest, $end + 2);
        if ($this->trailer) {
            $this->completed = $line === '';
            return true;
        }
        if ($line === '') {
            return true; // after a chunk
        }
        $size = trim(explode(';', $line, 2)[0]);
        if (!ctype_xdigit($size) || strlen($size) > 8) {
            $this->failed = true;
            return false;
        }
        $this->missing = (int) hexdec($size);
        $this->trailer = $this->missing === 0;
        return true;
    }
}
