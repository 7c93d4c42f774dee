<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Multipart;
use FpmBridge\Testing\FakeBridge;
use FpmBridge\Testing\Result;
use FpmBridge\Wire;
use PHPUnit\Framework\TestCase;
use Swoole\Http\Request;
use Swoole\Http\Response;
use Swoole\WebSocket\Server;

/**
 * Swoole\Http\Request and Response over a fake bridge.
 */
final class HttpTest extends TestCase
{
    private FakeBridge $bridge;

    /** @var callable(Request, Response, Server): mixed */
    private $page;

    /** @var list<string> */
    private array $warnings = [];

    protected function setUp(): void
    {
        set_error_handler(function (int $type, string $text): bool {
            $this->warnings[] = $text;
            return true;
        });
    }

    protected function tearDown(): void
    {
        restore_error_handler();
        FakeBridge::stop();
    }

    /**
     * @param array<string, mixed> $settings
     */
    private function serve(callable $page, array $settings = []): void
    {
        $this->bridge = FakeBridge::serving(function () use ($page, $settings): void {
            $server = new Server('127.0.0.1', 9501);
            $server->set($settings);
            $server->on('message', function ($server, $frame) use ($page): void {
                $page(null, $frame, $server);
            });
            $server->on('request', function (Request $request, Response $response) use ($page, $server): void {
                $page($request, $response, $server);
            });
            $server->start();
        });
    }

    /**
     * @param array<string, string|list<string>> $headers
     */
    private function get(string $target = '/', array $headers = []): Result
    {
        return $this->bridge->request('GET', $target, $headers);
    }

    public function testRequestHasTheExtensionsArrays(): void
    {
        $seen = null;
        $this->serve(function (Request $request, Response $response) use (&$seen): void {
            $seen = [json_decode((string) json_encode($request), true), $request->rawContent(), $request->getMethod()];
            $seen[] = [$request->getData(), $request->isCompleted(), $request->parse('x')];
            $response->end();
        });
        $form = 'application/x-www-form-urlencoded; charset=utf-8';
        $this->bridge->request('POST', '/a%20b?x[]=1&y.z=2', [
            'content-type' => $form, 'cookie' => 'a=1; b=2', 'x-multi' => ['1', '2'], 'accept' => ['a', 'b'],
        ], 'p=1&q[r]=2&q[s]=a+b');
        [$request, $raw, $method, [$data, $completed, $parsed]] = $seen;
        self::assertSame(
            ['fd', 'streamId', 'header', 'server', 'cookie', 'get', 'files', 'post', 'tmpfiles'],
            array_keys($request)
        );
        self::assertSame(['x' => ['1'], 'y_z' => '2'], $request['get']);
        self::assertSame(['p' => '1', 'q' => ['r' => '2', 's' => 'a b']], $request['post']);
        self::assertSame(['a' => '1', 'b' => '2'], $request['cookie']);
        self::assertSame(
            ['content-type' => $form, 'x-multi' => ['1', '2'], 'accept' => 'b', 'host' => '127.0.0.1:9501'],
            $request['header']
        );
        self::assertSame([
            'query_string', 'request_method', 'request_uri', 'path_info', 'request_time', 'request_time_float',
            'server_protocol', 'server_port', 'remote_port', 'server_addr', 'remote_addr', 'master_time',
        ], array_keys($request['server']));
        self::assertNull($request['files']);
        self::assertSame(['p=1&q[r]=2&q[s]=a+b', 'POST', true, false], [$raw, $method, $completed, $parsed]);
        self::assertStringStartsWith("POST /a%20b?x[]=1&y.z=2 HTTP/1.1\r\n", $data);
        self::assertStringEndsWith("\r\n\r\np=1&q[r]=2&q[s]=a+b", $data);
    }

    public function testOtherBodiesAreLeftToTheScript(): void
    {
        $posts = [];
        $this->serve(function (Request $request, Response $response) use (&$posts): void {
            $posts[] = [$request->post, $request->getContent(), $request->cookie, $request->header['cookie'] ?? null];
            $response->end();
        }, ['http_parse_cookie' => false]);
        $form = ['content-type' => 'application/x-www-form-urlencoded', 'cookie' => 'a=b'];
        $this->bridge->request('POST', '/', ['content-type' => 'application/json'], '{"a":1}');
        $this->bridge->request('GET', '/', $form, 'a=1');
        $this->bridge->request('DELETE', '/', $form, 'a=1');
        self::assertSame([
            [null, '{"a":1}', null, null],
            [null, 'a=1', null, 'a=b'],
            [['a' => '1'], 'a=1', null, 'a=b'],
        ], $posts);
    }

    public const FORM = "--b\r\nContent-Disposition: form-data; name=\"f[x]\"; filename=\"C:\\\\d\\\\a.txt\"\r\n"
        . "Content-Type: text/plain\r\n\r\nfile\r\n--b\r\nContent-Disposition: form-data; name=\"t[]\"\r\n\r\none\r\n"
        . "--b\r\nContent-Disposition: form-data; name=none; filename=\"\"\r\n\r\n\r\n--b--\r\n";

    public function testFormsWithFiles(): void
    {
        $seen = [];
        $this->serve(function (Request $request, Response $response) use (&$seen): void {
            $path = $request->files['f']['x']['tmp_name'];
            $seen = [$request->post, $request->files, file_get_contents($path), $request->tmpfiles === [$path], $path];
            $response->end();
        });
        $this->bridge->request('POST', '/', ['content-type' => 'multipart/form-data; boundary=b'], self::FORM);
        [$post, $files, $content, $listed, $path] = $seen;
        self::assertSame(['t' => ['one']], $post);
        self::assertSame([
            'f' => ['x' => [
                'name' => 'a.txt', 'type' => 'text/plain', 'tmp_name' => $path, 'error' => 0, 'size' => 4,
            ]],
            'none' => ['name' => '', 'type' => '', 'tmp_name' => '', 'error' => 4, 'size' => 0],
        ], $files);
        self::assertSame(['file', true, false], [$content, $listed, file_exists($path)]);
    }

    public function testLayoutsOfFiles(): void
    {
        $file = ['name' => 'n', 'type' => 't', 'tmp_name' => '/x', 'error' => 0, 'size' => 3];
        $perFile = ['a' => $file, 'b' => ['c' => [$file]]];
        $perKey = ['a' => $file];
        foreach ($file as $key => $value) {
            $perKey['b'][$key] = ['c' => [$value]];
        }
        self::assertSame($perKey, Multipart::perKey($perFile));
        self::assertSame($perFile, Multipart::perFile($perKey));
        self::assertSame(['/x', '/x'], Multipart::temporary($perFile));
        self::assertSame('b', Multipart::boundary('multipart/form-data; boundary="b"; x=y'));
        self::assertSame('', Multipart::boundary('multipart/mixed; boundary=b'));
    }

    public function testGarbageIsNoForm(): void
    {
        $bodies = ['', '--b', "--b\r\n\r\n", "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--", "\0--b--"];
        foreach ($bodies as $body) {
            $form = new Multipart($body, 'b');
            self::assertSame([[], []], [$form->post, $form->files]);
        }
    }

    public function testNoOtherFolderThanTheOneAskedFor(): void
    {
        $form = new Multipart(self::FORM, 'b', '/no/such/folder');
        self::assertSame([['t' => ['one']], []], [$form->post, Multipart::temporary($form->files)]);
        self::assertSame(UPLOAD_ERR_NO_TMP_DIR, $form->files['f']['x']['error']);
    }

    public function testParsesRequestsPieceByPiece(): void
    {
        $request = Request::create(['parse_files' => true]);
        $bytes = "POST /p?q=1 HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            . "Content-Length: 3\r\n\r\na=bREST";
        self::assertFalse($request->isCompleted());
        foreach (str_split($bytes, 7) as $piece) {
            $taken = $request->parse($piece);
            if ($request->isCompleted()) {
                break;
            }
            self::assertSame(strlen($piece), $taken);
        }
        self::assertSame(['a' => 'b'], $request->post);
        self::assertSame(['q' => '1'], $request->get);
        self::assertSame(['a=b', false], [$request->getContent(), $request->parse('more')]);
        self::assertSame(substr($bytes, 0, -4), $request->getData());

        $chunked = Request::create();
        $bytes = "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n1\r\nd\r\n0\r\nT: 1\r\n\r\n";
        self::assertSame(strlen($bytes), $chunked->parse($bytes));
        self::assertSame('abcd', $chunked->rawContent());
        foreach (["nonsense\r\n\r\n", "GET / HTTP/9\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"] as $bad) {
            self::assertFalse(Request::create()->parse($bad));
        }
    }

    public function testEndIsOneInstruction(): void
    {
        $this->serve(function (Request $request, Response $response): void {
            self::assertTrue($response->status(201, 'Made'));
            self::assertTrue($response->header('x-one', 'a '));
            self::assertTrue($response->header('x-LIST', ['1', null, '2']));
            self::assertTrue($response->header('Keep_this', 'k', false));
            self::assertTrue($response->header('x-gone', null));
            self::assertTrue($response->setHeader('content-type', ''));
            self::assertSame('a ', $response->header['X-One']);
            self::assertTrue($response->isWritable());
            self::assertTrue($response->end('body'));
            self::assertFalse($response->isWritable());
            self::assertFalse($response->end('again'));
            self::assertSame(7106, swoole_last_error());
            self::assertFalse($response->header('a', 'b') || $response->write('x') || $response->detach());
        });
        $result = $this->get();
        self::assertNull($result->error);
        self::assertSame([[
            'fd' => 1, 'flags' => Wire::RESPONSE_END, 'status' => 201,
            'head' => "Made\r\nX-One: a\r\nX-List: 1\r\nX-List: 2\r\nKeep_this: k\r\nContent-Type: \r\n",
            'data' => 'body',
        ]], $result->responses);
        self::assertSame(0, $this->bridge->questions);
    }

    public function testBrokenHeadersAreRefused(): void
    {
        $this->serve(function (Request $request, Response $response): void {
            self::assertFalse($response->header("a\nb", 'c'));
            self::assertFalse($response->header('a', "b\r\nc: d"));
            self::assertFalse($response->header('a', ["b\0"]));
            self::assertFalse($response->header(str_repeat('x', 128), 'y'));
            self::assertFalse($response->cookie('a=b', 'c'));
            self::assertFalse($response->rawcookie('a', "b\r\nSet-Cookie: c"));
            self::assertFalse($response->redirect("/\r\nX: y"));
            $response->end();
        });
        $result = $this->get();
        self::assertSame([302, "\r\n"], [$result->responses[0]['status'], $result->responses[0]['head']]);
        self::assertCount(7, $this->warnings);
        self::assertStringContainsString('Header may not contain more than a single header', $this->warnings[0]);
    }

    public function testCookies(): void
    {
        $this->serve(function (Request $request, Response $response): void {
            $response->cookie('a', 'b c/d');
            $response->setCookie('gone', '', 0, '/p');
            $response->rawcookie('raw', 'b c', 1900000000, '/', 'example.org', true, true, 'Lax', 'High', true);
            $response->end();
        });
        $lines = explode("\r\n", $this->get()->responses[0]['head']);
        self::assertSame('Set-Cookie: a=b+c%2Fd', $lines[1]);
        self::assertSame(
            'Set-Cookie: gone=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0; path=/p',
            $lines[2]
        );
        self::assertMatchesRegularExpression(
            '/^Set-Cookie: raw=b c; expires=Sun, 17-Mar-2030 17:46:40 GMT; Max-Age=\d+; path=\/; domain=example.org; '
                . 'secure; HttpOnly; SameSite=Lax; Priority=High; Partitioned$/',
            $lines[3]
        );
    }

    public function testWriteLeavesAtOnce(): void
    {
        $this->serve(function (Request $request, Response $response): void {
            self::assertFalse($response->write(''));
            self::assertSame(550, swoole_last_error());
            $response->header('a', 'b');
            self::assertTrue($response->write('one') && $response->write('two'));
            self::assertFalse($response->sendfile(__FILE__));
            self::assertTrue($response->trailer('X-Sum', '7'));
            self::assertTrue($response->end());
        });
        $result = $this->get();
        self::assertSame([], $result->responses);
        $want = [[0, 200, "\r\nA: b\r\n", 'one'], [0, 0, '', 'two'], [1, 0, "\r\nx-sum: 7\r\n", '']];
        self::assertSame($want, $this->sent());
    }

    /**
     * @return list<array{int, int, string, string}> flags, status, head, data
     */
    private function sent(): array
    {
        return array_map(static function (array $part): array {
            return [$part['flags'], $part['status'], $part['head'], $part['data']];
        }, $this->bridge->sent);
    }

    public function testLargeBodiesLeaveInPieces(): void
    {
        $this->serve(function (Request $request, Response $response): void {
            self::assertTrue($response->end(str_repeat('x', 2500000)));
        });
        self::assertSame([], $this->get()->responses);
        self::assertSame([1048576, 1048576, 402848], array_map('strlen', array_column($this->bridge->sent, 'data')));
        self::assertSame([0, 0, 1], array_column($this->bridge->sent, 'flags'));
        self::assertSame("\r\nContent-Length: 2500000\r\n", $this->bridge->sent[0]['head']);
    }

    public function testWhatNobodyEndsIsAnErrorOfTheServer(): void
    {
        $this->serve(function (Request $request, Response $response): void {
            if (isset($request->get['status'])) {
                $response->status((int) $request->get['status']);
            }
        });
        self::assertSame([500, 1], [$this->get()->responses[0]['status'], $this->bridge->sent === [] ? 1 : 0]);
        self::assertSame(404, $this->get('/?status=404')->responses[0]['status']);
    }

    public function testDetachAndCreate(): void
    {
        $late = [];
        $this->serve(function (?Request $request, $response, Server $server) use (&$late): void {
            if ($request !== null) {
                self::assertTrue($response->detach());
                self::assertFalse($response->end('no'));
                return;
            }
            foreach ([1, [$server, null], $server, 'x', 77] as $i => $from) {
                $made = Response::create($from, $i === 2 ? 1 : -1);
                $late[] = $made === false ? false : $made->end("late $i");
            }
        });
        self::assertSame([[Wire::RESPONSE_DETACH, 0, 1]], array_map(static function (array $part): array {
            return [$part['flags'], $part['status'], $part['fd']];
        }, $this->get()->responses));
        $fd = $this->bridge->connect()->fd;
        $result = $this->bridge->message($fd, 'go');
        self::assertSame([true, false, true, false, false], $late);
        self::assertSame(['late 0', 'late 2'], array_column($result->responses, 'data'));
        self::assertCount(1, $this->warnings);
    }

    public function testFilesAndRedirects(): void
    {
        $this->serve(function (Request $request, Response $response): void {
            switch ($request->server['path_info']) {
                case '/redirect':
                    self::assertTrue($response->redirect('/there', 301));
                    break;
                case '/file':
                    self::assertFalse($response->sendfile('/no/such'));
                    self::assertFalse($response->sendfile(__DIR__));
                    self::assertFalse($response->sendfile(__FILE__, PHP_INT_MAX));
                    self::assertFalse($response->sendfile(__FILE__, 0, PHP_INT_MAX));
                    self::assertTrue($response->sendfile(__FILE__, 2, 5));
                    self::assertFalse($response->isWritable());
                    break;
                case '/close':
                    self::assertTrue($response->close());
                    break;
                case '/no':
                    self::assertFalse($response->upgrade() || $response->push('x') || $response->recv());
                    self::assertFalse($response->disconnect() || $response->ping() || $response->goaway());
                    self::assertTrue($response->initHeader());
                    self::assertSame([[], [], []], [$response->header, $response->cookie, $response->trailer]);
                    $response->end();
            }
        });
        $redirect = $this->get('/redirect')->responses[0];
        self::assertSame(301, $redirect['status']);
        self::assertSame(["\r\nLocation: /there\r\n", ''], [$redirect['head'], $redirect['data']]);
        self::assertSame([], $this->get('/file')->responses);
        self::assertSame([
            'fd' => 2, 'flags' => 1, 'status' => 200, 'head' => "\r\nContent-Type: text/x-php\r\n",
            'data' => pack('JJ', 2, 5) . __FILE__, 'file' => __FILE__,
        ], $this->bridge->sent[0]);
        $closed = $this->get('/close');
        self::assertSame([[], 3], [$closed->responses, $closed->closes[0]['fd']]);
        self::assertNull($this->get('/no')->error);
    }

    public function testARequestOverHttp2(): void
    {
        $this->serve(function (Request $request, Response $response, Server $server): void {
            switch ($request->server['path_info']) {
                case '/write':
                    self::assertTrue($response->write('a'));
                    break;
                case '/detach':
                    self::assertTrue($response->detach());
                    $response = Response::create([$server, $request]);
                    break;
                case '/control':
                    self::assertTrue($response->ping('123456789') && $response->goaway(11, str_repeat('x', 2000)));
            }
            self::assertTrue($response->end((string) $request->streamId));
            self::assertFalse($response->ping() || $response->goaway());
        });
        // 131075 and 5 have the same key.
        foreach ([1 => 1, 5 => 3, 131075 => 3, 131069 => 65535] as $stream => $key) {
            self::assertSame($key, Wire::stream($stream));
            $part = $this->bridge->request('GET', '/', [], '', $stream)->responses[0];
            self::assertSame([$key, 200, (string) $stream], [$part['stream'], $part['status'], $part['data']]);
        }
        self::assertSame(0, Wire::stream(0));
        self::assertArrayNotHasKey('stream', $this->get()->responses[0]);
        $this->bridge->sent = [];
        $this->bridge->request('GET', '/write', [], '', 5);
        self::assertSame([[200, 3], [0, 3]], array_map(function (array $part): array {
            return [$part['status'], $part['stream']];
        }, $this->bridge->sent));
        $parts = $this->bridge->request('GET', '/detach', [], '', 7)->responses;
        self::assertSame([[2, 4], [1, 4]], array_map(function (array $part): array {
            return [$part['flags'], $part['stream']];
        }, $parts));
        $changes = $this->bridge->request('GET', '/control', [], '', 9)->changes;
        self::assertSame([[Wire::PING, 0, '12345678'], [Wire::GO_AWAY, 11, str_repeat('x', 1024)]], array_map(
            function (array $change): array {
                return [$change['what'], $change['code'], $change['data']];
            },
            $changes
        ));
    }

    public function testAPlainConnectionIsNoWebSocket(): void
    {
        $this->serve(function (Request $request, Response $response, Server $server): void {
            self::assertTrue($server->exists($request->fd));
            self::assertFalse($server->isEstablished($request->fd));
            self::assertFalse($server->push($request->fd, 'x'));
            self::assertSame(0, $server->getClientInfo($request->fd)['websocket_status']);
            $response->end();
        });
        self::assertNull($this->get()->error);
        $text = 'the connected client of connection[1] is not a websocket client or closed';
        self::assertSame(['Swoole\WebSocket\Server::push(): ' . $text], $this->warnings);
    }
}
