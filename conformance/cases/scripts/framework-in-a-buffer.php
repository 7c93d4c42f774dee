<?php
/*
 * A framework in ob_start(): superglobals are filled by hand, what it echoes is the answer.
 *
 * GET /index/hello?name=bob
 *   Cookie: sid=7
 * header Content-Type: text/html; charset=utf-8
 * body "<p>hello bob 7 GET /index/hello</p>"
 * POST /
 *   Content-Type: application/x-www-form-urlencoded
 *   | name=ann
 * body "<p>hello ann  POST /</p>"
 */
class HttpServer
{
    public $http;
    public function __construct()
    {
        $this->http = new swoole_websocket_server("0.0.0.0", 9501);
        $this->http->set(array('worker_num' => 2, 'enable_static_handler' => true, 'document_root' => __DIR__ . '/static'));
        $this->http->on('workerstart', [$this, 'onWorkerStart']);
        $this->http->on('request', [$this, 'onRequest']);
        $this->http->on('message', [$this, 'onMessage']);
        $this->http->start();
    }
    public function onWorkerStart($server, $worker_id)
    {
        define('APP_PATH', __DIR__ . '/../application/');
    }
    public function onMessage($ws, $frame)
    {
    }
    public function onRequest($request, $response)
    {
        $_SERVER = [];
        if (isset($request->server)) {
            foreach ($request->server as $k => $v) {
                $_SERVER[strtoupper($k)] = $v;
            }
        }
        $_GET = [];
        if (isset($request->get)) {
            foreach ($request->get as $k => $v) {
                $_GET[$k] = $v;
            }
        }
        $_POST = $request->post ?? [];
        $_COOKIE = $request->cookie ?? [];
        $_POST['http_server'] = $this->http;
        ob_start();
        try {
            $name = $_GET['name'] ?? $_POST['name'];
            echo "<p>hello $name " . ($_COOKIE['sid'] ?? '') . " {$_SERVER['REQUEST_METHOD']} {$_SERVER['REQUEST_URI']}</p>";
        } catch (\Exception $e) {
            echo $e->getMessage();
        }
        $res = ob_get_contents();
        ob_end_clean();
        $response->header('Content-Type', 'text/html; charset=utf-8');
        $response->end($res);
    }
}
new HttpServer();
