<?php

declare(strict_types=1);

namespace FpmBridge\Client;

use FpmBridge\ClientException;
use FpmBridge\Result;
use FpmBridge\Target;

/**
 * JSON over HTTP. With ext-curl on a connection that is kept as long as the Client lives, else on one for each
 * question.
 */
final class HttpTransport implements Transport
{
    private const OPERATIONS = [
        1 => 'push', 'close', 'join', 'leave', 'dissolve', 'bind', 'unbind', 'set_attributes', 'merge_attributes',
    ];

    private string $address;
    private string $key;
    private float $timeout;
    private float $connectTimeout;

    /** @var resource|\CurlHandle|null */
    private $curl = null;

    public function __construct(string $address, string $key, float $timeout, float $connectTimeout)
    {
        $this->address = rtrim($address, '/');
        $this->key = $key;
        $this->timeout = $timeout;
        $this->connectTimeout = $connectTimeout;
    }

    public function operate(
        int $operation,
        Target $target,
        int $code,
        array $into,
        string $data,
        float $wait = 0.0
    ): Result {
        $ms = Frames::wait($wait);
        Frames::check($operation, $target, $code, $into, $data);
        $body = $target->json();
        $names = Target::jsonNames($into);
        if ($operation === 1) {
            $body['opcode'] = $code;
            if ($code === 1) {
                $body['data'] = $data;
            } else {
                $body['data_base64'] = base64_encode($data);
            }
            if ($ms > 0) {
                $body += ['wait' => 'written', 'timeout_ms' => $ms];
            }
        } elseif ($operation === 6) {
            $body['uid'] = $names[0];
        } elseif ($operation >= 3 && $operation <= 5) {
            if (isset($body['group'])) {
                throw new ClientException('over HTTP, groups cannot be targets of join and leave', 400);
            }
            $body['group'] = $names;
        }
        if ($code !== 0 && $operation !== 1) {
            $body += ['code' => $code, 'reason' => $data];
        }
        $json = json_encode($body, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
        if ($operation >= 8) { // they are JSON already
            $json = substr($json, 0, -1) . ",\"attributes\":$data}";
        }
        $answer = $this->request('/v1/' . self::OPERATIONS[$operation], $json, $wait);
        $each = array_map(static function (string $word) use ($ms): string {
            return $word === 'queued' && $ms > 0 ? Result::LATE
                : ($word === 'queued' || $word === 'written' ? Result::DONE : $word);
        }, $answer['results'] ?? []);
        return new Result(
            $answer['written'] ?? $answer['queued'] ?? $answer['done'] ?? 0,
            $answer['slow'] ?? 0,
            $answer['gone'] ?? 0,
            $answer['unknown'] ?? 0,
            $each,
            $ms > 0 ? $answer['queued'] ?? 0 : 0,
            $answer['full'] ?? 0
        );
    }

    public function ask(int $what, string $name, int $fd, string $after, int $limit, int $flags): array
    {
        if ($what === 11) {
            $lists = [];
            foreach (Frames::uids($name) as $uid) {
                $lists[] = $this->ask(1, $uid, 0, '', $limit, 0)['fds'];
            }
            return ['lists' => $lists] + Frames::answer($what, 0, count($lists), '', '');
        }
        $name = rawurlencode($name);
        $paths = [
            1 => "/v1/uids/$name/connections", "/v1/groups/$name/connections", '/v1/connections', '/v1/groups',
            '/v1/uids', "/v1/groups/$name/uids", "/v1/connections/$fd", '/v1/stats',
            "/v1/connections/$fd/attributes",
            10 => $name === '' ? '/v1/members' : "/v1/groups/$name/members",
        ];
        $start = $what <= 3 || $what === 10 ? (string) $fd : $after;
        $from = $start === '' ? '' : '&after=' . rawurlencode($start);
        $query = $what < 7 || $what === 10 ? "?limit=$limit$from" : '';
        $answer = $this->request($paths[$what] . $query, null);
        $result = ['total' => $answer['total'] ?? 0, 'fds' => $answer['fds'] ?? [], 'names' => []];
        $result += ['info' => null, 'members' => [], 'lists' => []];
        foreach ($answer['names'] ?? [] as $line) {
            $result['names'][self::name($line['name'])] = $line['connections'];
        }
        foreach ($answer['members'] ?? [] as $line) {
            $result['members'][] = [
                'fd' => $line['fd'],
                'uid' => $line['uid'] === null ? null : self::name($line['uid']),
                'groups' => array_map([self::class, 'name'], $line['groups']),
                'attributes' => $flags === 0 ? [] : $line['attributes'],
            ];
        }
        if ($what === 7 && $answer !== []) {
            $result['info'] = [
                'connection' => $answer['connection'],
                'uid' => $answer['uid'] === null ? null : self::name($answer['uid']),
                'groups' => array_map([self::class, 'name'], $answer['groups']),
            ];
        } elseif ($what === 8) {
            $result['info'] = $answer['bridge'];
        } elseif ($what === 9) {
            $result['info'] = $answer['attributes'] ?? null;
        }
        return $result;
    }

    /**
     * @param string|array{base64: string} $name
     */
    private static function name($name): string
    {
        return is_array($name) ? (string) base64_decode($name['base64']) : $name;
    }

    /**
     * @param string|null $json null: GET
     * @return array<string, mixed> empty for 404
     */
    private function request(string $path, ?string $json, float $wait = 0.0): array
    {
        $headers = ["Authorization: Bearer {$this->key}", 'Content-Type: application/json'];
        [$status, $text] = extension_loaded('curl')
            ? $this->curl($this->address . $path, $headers, $json, $this->timeout + $wait)
            : $this->stream($this->address . $path, $headers, $json, $this->timeout + $wait);
        $answer = json_decode($text, true);
        if ($status === 404 && isset($answer['error']) && $answer['error']['field'] === 'fd') {
            return [];
        }
        if ($status === 0) {
            throw new ClientException("fpmbridge at {$this->address}: the connection broke", ClientException::BROKEN);
        }
        if ($status !== 200 || !is_array($answer)) {
            $error = $answer['error'] ?? ['field' => '', 'message' => 'this is not the API of fpmbridge'];
            // An answer that breaks off is none.
            $code = $status === 200 ? ClientException::BROKEN : $status;
            throw new ClientException("fpmbridge refused ($status): {$error['field']}: {$error['message']}", $code);
        }
        return $answer;
    }

    /**
     * @param list<string> $headers
     * @return array{int, string} status and body
     */
    private function curl(string $url, array $headers, ?string $json, float $timeout): array
    {
        if ($this->curl === null) {
            $this->curl = curl_init();
        }
        $options = [
            CURLOPT_URL => $url,
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT_MS => (int) ($timeout * 1000),
            CURLOPT_CONNECTTIMEOUT_MS => (int) ($this->connectTimeout * 1000),
            CURLOPT_NOSIGNAL => true,
            CURLOPT_HTTPHEADER => array_merge($headers, ['Expect:']),
        ];
        $options += $json === null ? [CURLOPT_HTTPGET => true] : [CURLOPT_POST => true, CURLOPT_POSTFIELDS => $json];
        curl_setopt_array($this->curl, $options);
        $text = curl_exec($this->curl);
        if ($text === false) {
            $codes = [
                CURLE_COULDNT_CONNECT => ClientException::UNREACHABLE,
                CURLE_COULDNT_RESOLVE_HOST => ClientException::UNREACHABLE,
                CURLE_OPERATION_TIMEDOUT => ClientException::TIMEOUT,
            ];
            $why = curl_error($this->curl);
            throw new ClientException(
                "fpmbridge at {$this->address}: $why",
                $codes[curl_errno($this->curl)] ?? ClientException::BROKEN
            );
        }
        return [(int) curl_getinfo($this->curl, CURLINFO_RESPONSE_CODE), (string) $text];
    }

    /**
     * @param list<string> $headers
     * @return array{int, string} status and body
     */
    private function stream(string $url, array $headers, ?string $json, float $timeout): array
    {
        $context = stream_context_create(['http' => [
            'method' => $json === null ? 'GET' : 'POST',
            'header' => array_merge($headers, ['Connection: close']),
            'content' => (string) $json,
            'protocol_version' => 1.1,
            'ignore_errors' => true,
            'follow_location' => 0,
            'timeout' => $timeout,
        ]]);
        $start = microtime(true);
        $stream = @fopen($url, 'r', false, $context);
        if ($stream === false) {
            $why = error_get_last()['message'] ?? 'no connection';
            $late = microtime(true) - $start >= $timeout;
            // It says no more than that; a request that was sent may have been carried out.
            $refused = strpos($why, 'refused') !== false || strpos($why, 'getaddrinfo') !== false;
            throw new ClientException("fpmbridge at {$this->address}: $why", $refused
                ? ClientException::UNREACHABLE
                : ($late ? ClientException::TIMEOUT : ClientException::BROKEN));
        }
        $text = (string) stream_get_contents($stream);
        $meta = stream_get_meta_data($stream);
        fclose($stream);
        if ($meta['timed_out']) {
            throw new ClientException("fpmbridge at {$this->address}: no answer in time", ClientException::TIMEOUT);
        }
        return [(int) (explode(' ', $meta['wrapper_data'][0] ?? '')[1] ?? 0), $text];
    }
}
