<?php
/*
 * Messages are handed to task workers, which push to all; SWOOLE_PROCESS, many settings that mean nothing here.
 *
 * open a /
 * open b /
 * a> text {"msg":"hello"}
 * a< text {"fd":1,"msg":"hello"}
 * b< text {"fd":1,"msg":"hello"}
 * log AsyncTask[0] Finish
 */
class WebsocketTest
{
    public $serv;
    public function __construct()
    {
        $this->serv = new swoole_websocket_server('0.0.0.0', 9501, SWOOLE_PROCESS, SWOOLE_SOCK_TCP);
        $this->serv->set(array(
            'reactor_num' => 2,
            'worker_num' => 4,
            'task_worker_num' => 2,
            'max_request' => 10000,
            'dispatch_mode' => 2,
            'debug_mode' => 1,
            'daemonize' => false,
            'log_file' => __DIR__ . '/swoole.log',
            'heartbeat_check_interval' => 60,
            'heartbeat_idle_time' => 600,
        ));
        foreach (['start', 'workerStart', 'open', 'message', 'task', 'finish', 'close'] as $event) {
            $this->serv->on($event, array($this, 'on' . ucfirst($event)));
        }
        $this->serv->start();
    }
    public function onStart($serv)
    {
        swoole_set_process_name('live_master');
        echo "start\n";
    }
    public function onWorkerStart($serv, $worker_id)
    {
        if ($serv->taskworker) {
            swoole_set_process_name("php task worker");
        } else {
            swoole_set_process_name("php event worker");
        }
    }
    public function onOpen($serv, $request)
    {
    }
    public function onMessage($serv, $frame)
    {
        $data = json_decode($frame->data, true);
        $serv->task(json_encode(['fd' => $frame->fd, 'msg' => $data['msg']]));
    }
    public function onTask($serv, $task_id, $src_worker_id, $data)
    {
        foreach ($serv->connections as $fd) {
            $serv->push($fd, $data);
        }
        return 'done';
    }
    public function onFinish($serv, $task_id, $data)
    {
        echo "AsyncTask[$task_id] Finish: $data" . PHP_EOL;
    }
    public function onClose($serv, $fd)
    {
    }
}
new WebsocketTest();
