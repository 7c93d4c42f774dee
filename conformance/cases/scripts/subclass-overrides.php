<?php
/*
 * A subclass of 4.x overrides methods without their types, has one that is called as none of Swoole's, and does without a parent constructor.
 *
 * differs: Swoole 5 and 6 want the return types
 * open a /
 * a< text [hello]
 * a> text x
 * a< text [x]
 * log 1 opened
 */
require __DIR__ . '/conform.php';

class Loud extends swoole_websocket_server
{
    private $opened = 0;

    public function on($event, $callback)
    {
        return parent::on($event, $callback);
    }

    public function set($settings = [])
    {
        return parent::set($settings + ['worker_num' => 1]);
    }

    public function push($fd, $data, $opcode = 1, $finish = true)
    {
        return parent::push($fd, "[$data]", $opcode, $finish);
    }

    public function close($fd, $reset = false)
    {
        return parent::close($fd, $reset);
    }

    public function task($data, $worker = -1, $callback = null)
    {
        return false;
    }

    public function exist($fd)
    {
        return parent::exist($fd);
    }

    public function started()
    {
        return ++$this->opened;
    }

    public function start()
    {
        $this->set();
        $this->on('open', function ($server, $request) {
            echo $this->started(), " opened\n";
            $this->push($request->fd, 'hello');
        });
        $this->on('message', function ($server, $frame) {
            $this->exist($frame->fd) && $this->push($frame->fd, $frame->data);
        });
        return parent::start();
    }
}

class Names extends Swoole\Table
{
    public function __construct()
    {
        parent::__construct(16);
        $this->column('name', self::TYPE_STRING, 16);
        $this->create();
    }

    public function set($key, $row)
    {
        return parent::set((string) $key, $row);
    }

    public function exist($key)
    {
        return parent::exist((string) $key);
    }
}

class Wrapper extends swoole_websocket_server
{
    protected $server;

    public function __construct()
    {
        $this->server = new Loud('0.0.0.0', 9501);
    }

    public function start()
    {
        (new Names())->set(1, ['name' => 'ann']);
        $this->server->start();
    }
}

(new Wrapper())->start();
