package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// taskScript has task workers, all callbacks of the server's life, and does what its clients say.
const taskScript = `<?php
use Swoole\Server\Task;
use Swoole\WebSocket\Server;

function note(string $line): void
{
    file_put_contents(__DIR__ . '/events', $line . "\n", FILE_APPEND | LOCK_EX);
}
function named(Server $server, int $id, $data) { $server->push($data['fd'], "named callback of task $id in worker $server->worker_id"); }

$server = new Server('127.0.0.1', 9501, SWOOLE_PROCESS);
$server->set(['worker_num' => 2, 'task_worker_num' => 4]);
foreach (['Start', 'ManagerStart', 'BeforeShutdown', 'ManagerStop', 'Shutdown', 'BeforeReload', 'AfterReload'] as $name) {
    $server->on($name, function (Server $server) use ($name) { note("$name $server->worker_id"); });
}
$server->on('WorkerStart', function (Server $server, int $id) { if (is_file(__DIR__ . '/notes')) { note('WorkerStart ' . ($server->taskworker ? 'task' : 'event') . ($id === $server->worker_id ? '' : '!')); } });
$server->on('WorkerStop', function (Server $server, int $id) { if (is_file(__DIR__ . '/notes')) { note('WorkerStop ' . ($server->taskworker ? 'task' : 'event')); } });
$server->on('WorkerError', function (Server $server, int $id, int $pid, int $code, int $signal) { note("WorkerError $id $code $signal"); });
$server->on('message', function (Server $server, $f) {
    [$command, $rest] = explode(' ', $f->data, 2) + [1 => ''];
    $fd = $f->fd;
    $say = function ($value) use ($server, $fd) { $server->push($fd, json_encode($value)); };
    switch ($command) {
        case 'echo': $server->push($fd, $rest); break;
        case 'task': $say($server->task(['fd' => $fd, 'do' => $rest])); break;
        case 'named': $say($server->task(['fd' => $fd, 'do' => 'back'], -1, 'named')); break;
        case 'closure': $say($server->task(['fd' => $fd, 'do' => 'back'], -1, function () {})); break;
        case 'fail': $server->task(['fd' => $fd, 'do' => 'push never']); throw new LogicException('all or nothing');
        case 'wait': $say($server->taskwait(['fd' => $fd, 'do' => $rest], 5)); break;
        case 'short': $say($server->taskwait(['fd' => $fd, 'do' => $rest], 0.2)); break;
        case 'multi': $say($server->taskWaitMulti(array_map(function ($do) use ($fd) { return ['fd' => $fd, 'do' => $do]; }, explode(',', $rest)), 1.0)); break;
        case 'co': $say($server->taskCo(array_map(function ($do) use ($fd) { return ['fd' => $fd, 'do' => $do]; }, explode(',', $rest)), 1.0)); break;
        case 'message': $say($server->sendMessage(['fd' => $fd, 'text' => $rest], $server->worker_id === 0 ? 1 : 0)); break;
        case 'toself': $say(@$server->sendMessage('x', $server->worker_id)); break;
        case 'totask': $say($server->sendMessage(['fd' => $fd, 'text' => $rest], 2)); break;
        case 'stats': $say($server->stats()); break;
        case 'status': $say([$server->getWorkerStatus(), $server->getWorkerStatus(1 - $server->worker_id), $server->getWorkerStatus(3), $server->getWorkerStatus(6)]); break;
        case 'reload': $say($server->reload()); break;
        case 'shutdown': $say($server->shutdown()); break;
        case 'die': posix_kill(getmypid(), 9); break;
    }
});
$server->on('task', function (Server $server, int $id, int $source, $data) {
    [$command, $rest] = explode(' ', $data['do'], 2) + [1 => ''];
    switch ($command) {
        case 'push': $server->push($data['fd'], $rest); return;
        case 'back': return ['fd' => $data['fd'], 'text' => "$rest" . ($server->taskworker && $server->worker_id >= 2 ? '' : '!')];
        case 'twice': $server->finish(['fd' => $data['fd'], 'text' => '1']); $server->finish(['fd' => $data['fd'], 'text' => '2']); return;
        case 'value': return $rest;
        case 'null': return null;
        case 'sleep': usleep((int) ((float) $rest * 1e6)); return "slept $rest";
        case 'die': posix_kill(getmypid(), 9); return;
        case 'throw': throw new LogicException('in the task');
        case 'nested': $server->push($data['fd'], json_encode(@$server->task('x'))); return;
    }
});
$server->on('finish', function (Server $server, int $id, $data) {
    if (is_array($data)) { $server->push($data['fd'], "task $id: $data[text]" . ($server->taskworker || $server->worker_id < 0 ? '!' : '')); }
});
$server->on('pipeMessage', function (Server $server, int $from, $data) {
    $server->push($data['fd'], "from $from to $server->worker_id" . ($server->taskworker ? ' (task)' : '') . ": $data[text]");
});
$server->on('close', function () { note('close'); });
$server->start();
`

func TestTasks(t *testing.T) {
	script := write(t, "server.php", taskScript)
	p := serve(t, nil, "--workers", "5", script)
	c := p.dial("/")
	id := func(want string) {
		t.Helper()
		_, got, err := c.read()
		if err != nil || strings.Trim(got, "0123456789") != "" {
			t.Fatalf("got %q, %v; want a task's id", got, err)
		}
		if want != "" && got != want {
			t.Fatalf("task %s; want %s", got, want)
		}
	}
	t.Run("a task and its result", func(*testing.T) {
		c.send("task back hi")
		id("0")
		c.want("task 0: hi")
	})
	t.Run("a task pushes", func(*testing.T) {
		c.send("task push from the task")
		id("")
		c.want("from the task")
	})
	t.Run("several results", func(t *testing.T) {
		c.send("task twice")
		id("")
		for _, want := range []string{": 1", ": 2"} {
			if _, got, err := c.read(); err != nil || !strings.HasSuffix(got, want) {
				t.Errorf("got %q, %v; want %s", got, err, want)
			}
		}
	})
	t.Run("a named finish callback", func(t *testing.T) {
		c.send("named")
		id("")
		if _, got, err := c.read(); err != nil || !strings.HasPrefix(got, "named callback of task ") {
			t.Errorf("got %q, %v", got, err)
		}
		c.send("closure")
		p.wantLog("which does not have this closure or object")
	})
	t.Run("all or nothing", func(*testing.T) {
		c.send("fail")
		p.wantLog("all or nothing")
		c.talk("still here")
	})
	t.Run("no task inside a task", func(*testing.T) {
		c.send("task nested")
		id("")
		c.want("false")
	})
	t.Run("waiting", func(*testing.T) {
		c.send("wait value 42")
		c.want(`"42"`)
		c.send("wait null")
		c.want("false")
		c.send("short sleep 2")
		c.want("false")
		c.send("wait throw")
		c.want("false")
		c.send("wait die")
		c.want("false")
		p.wantLog("in the task")
		c.send("multi value a,sleep 3,value c")
		c.want(`{"0":"a","2":"c"}`)
		c.send("co value a,sleep 3,value c")
		c.want(`["a",false,"c"]`)
	})
	t.Run("messages between workers", func(t *testing.T) {
		c.send("message hello")
		c.want("true")
		if _, got, err := c.read(); err != nil || got != "from 0 to 1: hello" && got != "from 1 to 0: hello" {
			t.Errorf("got %q, %v", got, err)
		}
		c.send("totask hello")
		c.want("true")
		if _, got, err := c.read(); err != nil || !strings.HasSuffix(got, "to 2 (task): hello") {
			t.Errorf("got %q, %v", got, err)
		}
		c.send("toself")
		c.want("false")
	})
	t.Run("facts", func(t *testing.T) {
		eventually(t, "no task sleeps any more", func() bool {
			c.send("status")
			_, got, err := c.read()
			return err == nil && strings.HasPrefix(got, "[1,") && strings.HasSuffix(got, ",2,false]")
		})
		c.send("stats")
		_, got, err := c.read()
		var stats map[string]int
		if err != nil || json.Unmarshal([]byte(got), &stats) != nil {
			t.Fatalf("%s %v", got, err)
		}
		if len(stats) != 28 || stats["connection_num"] != 1 || stats["worker_num"] != 2 || stats["task_worker_num"] != 4 ||
			stats["session_round"] != 1 || stats["min_fd"] != 1 || stats["max_fd"] != 1 || stats["task_count"] < 10 ||
			stats["start_time"] < 1_600_000_000 {
			t.Errorf("stats %s", got)
		}
	})
	t.Run("dead children", func(t *testing.T) {
		c.send("die")
		eventually(t, "the script hears of it", func() bool {
			b, _ := os.ReadFile(filepath.Join(filepath.Dir(script), "events"))
			return strings.Count(string(b), "WorkerError") >= 4 && strings.Contains(string(b), " 255 0\n") && strings.Contains(string(b), " 0 9\n")
		})
		c.talk("still here")
	})
	c.leave()
}

// Slow tasks take all slots but one: messages go on, and each task runs in the end.
func TestSlowTasksLeaveASlotToMessages(t *testing.T) {
	script := write(t, "server.php", strings.Replace(taskScript, "'worker_num' => 2, 'task_worker_num' => 4", "'worker_num' => 1, 'task_worker_num' => 8", 1))
	p := serve(t, nil, "--workers", "3", script)
	c, d := p.dial("/"), p.dial("/")
	start := time.Now()
	for i := range 6 {
		c.send("task sleep 0.8")
		c.want(fmt.Sprint(i))
	}
	for range 20 {
		d.talk("quick")
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("20 messages took %v while tasks ran", took)
	}
	c.send("wait value after all")
	c.want(`"after all"`)
	if took := time.Since(start); took < 2400*time.Millisecond {
		t.Errorf("6 tasks of 0.8 s on 2 slots were over after %v", took)
	}
}

func TestStartAndEndOfTheServer(t *testing.T) {
	script := write(t, "server.php", taskScript)
	events := func() string {
		b, _ := os.ReadFile(filepath.Join(filepath.Dir(script), "events"))
		return strings.ReplaceAll(strings.TrimSpace(string(b)), "\n", ", ")
	}
	p := serve(t, nil, script)
	c := p.dial("/")
	eventually(t, "start", func() bool { return events() == "ManagerStart -1, Start -1" })
	if err := os.WriteFile(filepath.Join(filepath.Dir(script), "notes"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.send("wait value x")
	c.want(`"x"`)
	eventually(t, "worker start and stop", func() bool {
		return strings.HasSuffix(events(), "Start -1, WorkerStart event, WorkerStart task, WorkerStop task, WorkerStop event")
	})
	if err := os.Remove(filepath.Join(filepath.Dir(script), "notes")); err != nil {
		t.Fatal(err)
	}
	c.send("reload")
	c.want("true")
	eventually(t, "reload", func() bool { return strings.HasSuffix(events(), "BeforeReload -1, AfterReload -1") })
	c.talk("still here")
	c.send("shutdown")
	c.want("true")
	c.wantClose(1001)
	select {
	case <-p.exited:
	case <-time.After(patience):
		t.Fatal("the program does not end")
	}
	if !strings.HasSuffix(events(), "AfterReload -1, BeforeShutdown -1, close, ManagerStop -1, Shutdown -1") {
		t.Errorf("events: %s", events())
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// With one PHP request at a time nobody could run what a script waits for.
func TestWaitingForATaskWithOneSlot(t *testing.T) {
	script := write(t, "server.php", taskScript)
	p := serve(t, nil, "--workers", "1", script)
	if !strings.Contains(p.stdout.String(), "workers") {
		t.Errorf("nothing is said at boot: %s", p.stdout.String())
	}
	c := p.dial("/")
	c.send("wait value x")
	c.want("false")
	p.wantLog("set workers to 2 or more")
	c.send("task back hi")
	_, id, err := c.read()
	if err != nil || id == "false" {
		t.Fatal(id, err)
	}
	c.want("task " + id + ": hi")
}

func TestCheckSaysWhatWorkerStartCosts(t *testing.T) {
	needPHP(t)
	script := write(t, "server.php", strings.Replace(taskScript, "function (Server $server, int $id) { if", "function (Server $server, int $id) { usleep(20000); if", 1))
	code, stdout, stderr := run(t, nil, "check", "--listen", "127.0.0.1:0", script)
	if code != 0 || !regexp.MustCompile(`workerStart +costs [2-9]\d\.\d ms of each PHP run`).MatchString(stdout) || !regexp.MustCompile(`task workers +4`).MatchString(stdout) {
		t.Errorf("%d %s %s", code, stdout, stderr)
	}
}
