<?php
/*
 * A ThinkPHP-like wrapper: a config array, callbacks by method names, __call to the server.
 *
 * open a /?uid=5
 * a< text hello 5
 * a> text ping
 * a< text pong
 * GET /index/hello?name=x
 * body hello x
 * header X-Powered-By: ThinkLike
 * log Server: ThinkLike
 */
namespace think;

abstract class Server
{
    protected $swoole;
    protected $sockType = SWOOLE_SOCK_TCP;
    protected $mode = SWOOLE_PROCESS;
    protected $host = '0.0.0.0';
    protected $port = 9501;
    protected $option = [];
    protected $serverType = 'socket';
    protected $event = ['Start', 'Shutdown', 'WorkerStart', 'WorkerStop', 'WorkerExit', 'Connect', 'Receive', 'Packet', 'Close', 'BufferFull', 'BufferEmpty', 'Task', 'Finish', 'PipeMessage', 'WorkerError', 'ManagerStart', 'ManagerStop', 'Open', 'Message', 'HandShake', 'Request'];
    public function __construct()
    {
        switch ($this->serverType) {
            case 'socket': $this->swoole = new \swoole_websocket_server($this->host, $this->port); break;
            case 'http': $this->swoole = new \swoole_http_server($this->host, $this->port); break;
            default: $this->swoole = new \swoole_server($this->host, $this->port, $this->mode, $this->sockType);
        }
        if (!empty($this->option)) { $this->swoole->set($this->option); }
        foreach ($this->event as $event) {
            if (method_exists($this, 'on' . $event)) { $this->swoole->on($event, [$this, 'on' . $event]); }
        }
        $this->init();
        $this->swoole->start();
    }
    protected function init() {}
    public function __call($method, $args) { call_user_func_array([$this->swoole, $method], $args); }
}
class MyServer extends Server
{
    protected $option = ['worker_num' => 1, 'daemonize' => true, 'backlog' => 128, 'task_worker_num' => 1];
    public function init() { echo "Server: ThinkLike\n"; }
    public function onStart($s) { echo "started\n"; }
    public function onWorkerStart($s, $id) { date_default_timezone_set('UTC'); }
    public function onOpen($s, $req) { $this->push($req->fd, 'hello ' . $req->get['uid']); }
    public function onMessage($s, $frame) { $this->push($frame->fd, $frame->data == 'ping' ? 'pong' : '?'); }
    public function onRequest($req, $res)
    {
        $_SERVER = []; $_GET = [];
        foreach ($req->server as $k => $v) $_SERVER[strtoupper($k)] = $v;
        if (isset($req->get)) foreach ($req->get as $k => $v) $_GET[$k] = $v;
        ob_start();
        try {
            $this->run(explode('/', trim($_SERVER['PATH_INFO'], '/')));
        } catch (\Exception $e) { echo $e->getMessage(); }
        $content = ob_get_contents();
        ob_end_clean();
        $res->header('X-Powered-By', 'ThinkLike');
        $res->end($content);
    }
    private function run(array $parts) { echo $parts[1] . ' ' . $_GET['name']; }
    public function onTask($s, $id, $from, $data) {}
    public function onFinish($s, $id, $data) {}
    public function onClose($s, $fd) {}
}
new MyServer;
