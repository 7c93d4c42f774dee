package e2e_test

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"
)

const residentLife = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 0, SWOOLE_PROCESS);
$server->set(['worker_num' => 2, 'task_worker_num' => 2, 'max_request' => MAX]);
$n = 0;
function note($s) { file_put_contents(__DIR__ . '/notes', "$s\n", FILE_APPEND); }
$server->on('workerStart', function ($s, $id) { if (!$s->taskworker) { note("start $id"); } });
$server->on('workerStop', function ($s, $id) { if (!$s->taskworker) { note("stop $id"); } });
$server->on('workerError', function ($s, $id, $pid, $code, $signal) { note("error $id " . ($pid > 0) . " $code $signal"); });
$server->on('beforeReload', function () { note('before'); });
$server->on('afterReload', function () { note('after'); });
$server->on('message', function ($s, $f) use (&$n) {
    $n++;
    $say = function ($text) use ($s, $f) { $s->push($f->fd, $text); };
    [$word, $rest] = explode(' ', $f->data . ' ', 2);
    switch ($word) {
        case 'echo': $say(trim($rest)); break;
        case 'code': $say('VERSION'); break;
        case 'who': $say("$s->worker_id " . ($s->worker_pid === getmypid()) . $s->getWorkerId() . $s->getWorkerStatus()); break;
        case 'reload': $s->reload(); break;
        case 'stop': $s->stop(); break;
        case 'exit': exit;
        case 'message': $say((string) (int) $s->sendMessage(['fd' => $f->fd], 1 - $s->worker_id)); break;
        case 'totask': $s->sendMessage(['fd' => $f->fd], 2); break;
        case 'task': $s->task(['fd' => $f->fd, 'text' => trim($rest)]); break;
        case 'closure':
            $kept = "kept $n";
            $s->task(['text' => trim($rest)], -1, function ($s, $id, $data) use ($say, $kept, &$n) { $say("$kept of $n: $data"); });
            break;
        case 'wait': $say('waited ' . $s->taskwait(['text' => trim($rest)], 5)); break;
        case 'co': $say(json_encode($s->taskCo([['text' => 'a'], ['text' => 'b']], 5))); break;
    }
});
$server->on('task', function ($s, $id, $source, $data) { return isset($data['fd']) ? $data : strtoupper($data['text']); });
$server->on('finish', function ($s, $id, $data) { $s->push($data['fd'], "finished $data[text] in $s->worker_id"); });
$server->on('pipeMessage', function ($s, $from, $data) { $s->push($data['fd'], "from $from to $s->worker_id"); });
$server->start();
`

func lifeScript(most string) string {
	return strings.ReplaceAll(residentLife, "MAX", most)
}

func TestResidentReload(t *testing.T) {
	path := write(t, "server.php", lifeScript("0"))
	p := serve(t, nil, path, "--mode", "resident")
	a, b := p.dial("/"), p.dial("/")
	a.send("code")
	a.want("VERSION")
	overwrite(t, path, strings.ReplaceAll(lifeScript("0"), "VERSION", "second"))
	if err := p.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	for range 200 { // nothing is lost meanwhile
		a.talk("x")
		b.talk("y")
	}
	notes := func() string { return read(t, path) }
	eventually(t, "the reload is over", func() bool { return strings.Contains(notes(), "after") })
	for _, c := range []*client{a, b} {
		c.send("code")
		c.want("second")
	}
	got := notes()
	for _, s := range []string{"start 0", "start 1", "before", "stop 0", "stop 1"} {
		if !strings.Contains(got, s) {
			t.Errorf("no %q in %q", s, got)
		}
	}
	if strings.Count(got, "start ") != 4 || strings.Contains(p.stderr.String(), "event lost") {
		t.Error(got)
	}
	a.send("reload")
	eventually(t, "a second reload", func() bool { return strings.Count(notes(), "after") == 2 })
	a.send("stop")
	eventually(t, "one worker is replaced", func() bool { return strings.Count(notes(), "start ") == 7 })
	a.send("exit")
	eventually(t, "the script hears of it", func() bool { return strings.Contains(notes(), " 1 255 0") })
	a.talk("there")
}

func read(t *testing.T, script string) string {
	t.Helper()
	return readFile(t, strings.TrimSuffix(script, "server.php")+"notes")
}

func TestResidentMaxRequest(t *testing.T) {
	path := write(t, "server.php", lifeScript("50"))
	p := serve(t, nil, path, "--mode", "resident")
	a := p.dial("/")
	for range 300 {
		a.send("echo x")
	}
	for range 300 {
		a.want("x")
	}
	if got := read(t, path); strings.Count(got, "start ") < 5 || strings.Contains(got, "error") || strings.Contains(p.stderr.String(), "event lost") {
		t.Error(got)
	}
}

func TestResidentTasksAndMessages(t *testing.T) {
	p := serve(t, nil, write(t, "server.php", lifeScript("0")), "--mode", "resident")
	a, b := p.dial("/"), p.dial("/") // fd 1 belongs to worker 1, fd 2 to worker 0
	a.send("who")
	a.want("1 111")
	b.send("who")
	b.want("0 101")
	a.send("message")
	a.want("1")
	a.want("from 1 to 0")
	a.send("totask")
	a.want("from 1 to 2")
	a.send("task hello")
	a.want("finished hello in 1")
	for range 3 {
		b.talk("x")
	}
	b.send("closure word")
	b.want("kept 5 of 5: WORD")
	b.send("wait word")
	b.want("waited WORD")
	b.send("co")
	b.want(`["A","B"]`)
	for range 50 { // reservations are given back
		b.send("task again")
		b.want("finished again in 0")
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(b)
}
