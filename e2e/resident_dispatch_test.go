package e2e_test

import (
	"strconv"
	"strings"
	"testing"
)

// dispatchScript says which worker handles what, and in which order it heard of it.
const dispatchScript = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 0, SWOOLE_PROCESS);
$server->set(['worker_num' => 3, SETTINGS]);
function note($s) { file_put_contents(__DIR__ . '/notes', "$s\n", FILE_APPEND); }
$server->on('connect', function ($s, $fd) { note("connect $fd"); });
$server->on('open', function ($s, $request) { note("open $request->fd"); });
$server->on('message', function ($s, $f) {
    [$word, $rest] = explode(' ', $f->data . ' ', 2);
    switch ($word) {
        case 'who': break;
        case 'bind': $s->push($f->fd, (string) (int) $s->bind($f->fd, (int) $rest)); return;
        case 'sleep': note('asleep'); usleep(400000); break;
        case 'nap': usleep(random_int(0, 3000)); break;
        case 'info': $s->push($f->fd, json_encode($s->getClientInfo($f->fd)['worker_id'] ?? null)); return;
    }
    $s->push($f->fd, "$s->worker_id $word " . trim($rest));
});
$server->on('close', function ($s, $fd) { note("close $fd"); });
$server->start();
`

func dispatching(t *testing.T, settings string, flags ...string) (*program, string) {
	t.Helper()
	path := write(t, "server.php", strings.Replace(dispatchScript, "SETTINGS", settings, 1))
	p := serve(t, nil, append([]string{path, "--mode", "resident"}, flags...)...)
	eventually(t, "all workers are there", func() bool { return strings.Count(p.stderr.String(), "worker started") == 3 })
	return p, path
}

// worker asks which worker answers.
func (c *client) worker(question string) string {
	c.t.Helper()
	who, _, _ := strings.Cut(c.answer(question), " ")
	return who
}

func TestDispatchByConnection(t *testing.T) {
	for _, settings := range []string{"", "'dispatch_mode' => 2", "'dispatch_mode' => 6, 'dispatch_func' => function () { return 0; }"} {
		p, path := dispatching(t, settings)
		for range 2 {
			for i := 1; i <= 3; i++ {
				c := p.dial("/")
				first := c.worker("who")
				for range 3 {
					if got := c.worker("who"); got != first {
						t.Errorf("%s: worker %s, then %s", settings, first, got)
					}
				}
				c.leave()
			}
		}
		eventually(t, "the closes are heard", func() bool { return strings.Count(read(t, path), "close") == 6 })
		if said := strings.Contains(p.stdout.String(), "dispatch_func: the bridge does not run PHP"); said != strings.Contains(settings, "func") {
			t.Errorf("%s: said at boot: %v", settings, said)
		}
	}
}

// Each event the next worker; a connection's order holds, and events without an order do not come.
func TestDispatchRoundRobin(t *testing.T) {
	p, path := dispatching(t, "'dispatch_mode' => 1")
	c := p.dial("/")
	var got []string
	for range 6 {
		got = append(got, c.worker("who"))
	}
	if all := strings.Join(got, ""); !strings.Contains("012012012", all) {
		t.Errorf("workers %s", all)
	}
	const n = 300
	for i := range n {
		c.send("nap " + strconv.Itoa(i))
	}
	heard := make(map[string]int)
	for i := range n {
		_, text, err := c.read()
		who, rest, _ := strings.Cut(text, " ")
		if err != nil || rest != "nap "+strconv.Itoa(i) {
			t.Fatalf("answer %d is %q %v", i, text, err)
		}
		heard[who]++
	}
	if len(heard) != 3 || heard["0"] != n/3 {
		t.Errorf("events by worker: %v", heard)
	}
	c.leave()
	d := p.dial("/")
	d.worker("who")
	d.leave()
	if notes := read(t, path); strings.Contains(notes, "close") || strings.Contains(notes, "connect") {
		t.Errorf("unsafe events came: %s", notes)
	}
	if !strings.Contains(p.stdout.String(), "cannot set 'onClose' event when using dispatch_mode=1") {
		t.Error("it is not said")
	}
}

func TestDispatchUnsafeEvents(t *testing.T) {
	p, path := dispatching(t, "'dispatch_mode' => 3, 'enable_unsafe_event' => true")
	c := p.dial("/")
	for range 20 {
		c.send("nap")
	}
	for range 20 {
		if _, _, err := c.read(); err != nil {
			t.Fatal(err)
		}
	}
	c.leave()
	eventually(t, "the close is heard", func() bool { return strings.HasSuffix(read(t, path), "close 1\n") })
	if notes := read(t, path); notes != "connect 1\nopen 1\nclose 1\n" {
		t.Error(notes)
	}
}

// A worker at work gets nothing while others are idle.
func TestDispatchToTheIdle(t *testing.T) {
	for _, mode := range []string{"3", "7", "9", "10"} {
		p, _ := dispatching(t, "'dispatch_mode' => "+mode)
		a, b, c := p.dial("/"), p.dial("/"), p.dial("/")
		a.send("sleep")
		b.send("sleep")
		for range 20 {
			c.worker("who")
		}
		if _, text, err := a.read(); err != nil || !strings.Contains(text, "sleep") {
			t.Error(text, err)
		}
		_, _, _ = b.read()
	}
}

func TestDispatchByAddress(t *testing.T) {
	p, path := dispatching(t, "'dispatch_mode' => 4")
	for range 4 {
		c := p.dial("/")
		// 127.0.0.1 as it stands in memory: 0x0100007f % 3
		if got, want := c.worker("who"), strconv.Itoa(0x0100007f%3); got != want {
			t.Errorf("worker %s, want %s", got, want)
		}
		c.leave()
	}
	eventually(t, "the closes are heard", func() bool { return strings.Count(read(t, path), "close") == 4 })
}

func TestDispatchByBoundUser(t *testing.T) {
	p, _ := dispatching(t, "'dispatch_mode' => 5, 'enable_unsafe_event' => true")
	for range 4 {
		c := p.dial("/")
		c.send("bind 14") // % 3: worker 2
		c.want("1")
		eventually(t, "the binding is known", func() bool { return c.worker("who") == "2" })
		c.send("info")
		c.want("2")
		// What is sent while it moves keeps its order.
		d := p.dial("/")
		for i := range 50 {
			d.send("nap " + strconv.Itoa(i))
		}
		d.send("bind 13")
		for i := range 50 {
			d.send("nap " + strconv.Itoa(50+i))
		}
		next := 0
		for next < 100 {
			_, text, err := d.read()
			if err != nil {
				t.Fatal(err)
			}
			if text == "1" {
				continue
			}
			if !strings.HasSuffix(text, " nap "+strconv.Itoa(next)) {
				t.Fatalf("answer %d is %q", next, text)
			}
			next++
		}
		eventually(t, "the other binding is known", func() bool { return d.worker("who") == "1" })
	}
}

// A connection stays with the worker that had the least to do when it came.
func TestDispatchToTheLightest(t *testing.T) {
	p, path := dispatching(t, "'dispatch_mode' => 8")
	a := p.dial("/")
	first := a.worker("who")
	a.send("sleep")
	eventually(t, "its worker sleeps", func() bool { return strings.Contains(read(t, path), "asleep") })
	b := p.dial("/")
	second := b.worker("who")
	if first == second {
		t.Errorf("both with worker %s", first)
	}
	b.send("info")
	b.want(second)
	if _, text, err := a.read(); err != nil || !strings.HasPrefix(text, first+" sleep") {
		t.Error(text, err)
	}
	for range 3 {
		if got := a.worker("who"); got != first {
			t.Errorf("worker %s, then %s", first, got)
		}
	}
}

func TestDispatchModeThatIsNone(t *testing.T) {
	p, _ := dispatching(t, "'dispatch_mode' => 12")
	p.dial("/").worker("who")
	if !strings.Contains(p.stdout.String(), "dispatch_mode: there is no mode 12, 2 is used") {
		t.Error("it is not said")
	}
}

// What a worker knows of the others.
func TestResidentWorkersKnowEachOther(t *testing.T) {
	script := strings.Replace(dispatchScript, "case 'who': break;", `case 'who': break;
        case 'others':
            $s->push($f->fd, json_encode([$s->getWorkerPid(), getmypid(), $s->getWorkerPid(0), $s->getWorkerPid(1), $s->getWorkerPid(9), $s->getWorkerStatus(0), $s->getWorkerStatus(2), $s->getWorkerStatus(9)]));
            return;
        case 'stats': $x = $s->stats(); $s->push($f->fd, "$x[worker_num] $x[task_worker_num] $x[idle_worker_num] $x[concurrency] $x[worker_request_count] $x[connection_num]"); return;`, 1)
	p := serve(t, nil, write(t, "server.php", strings.Replace(script, "SETTINGS", "", 1)), "--mode", "resident", "--workers", "4")
	eventually(t, "all workers are there", func() bool { return strings.Count(p.stderr.String(), "worker started") == 4 })
	if !strings.Contains(p.stdout.String(), "worker_num of the script is 3, but workers says 4: that wins") {
		t.Error("it is not said which number of workers wins")
	}
	c := p.dial("/") // fd 1: worker 1
	c.send("others")
	_, got, err := c.read()
	f := strings.Split(strings.Trim(got, "[]"), ",")
	if err != nil || len(f) != 8 || f[0] != f[1] || f[3] != f[1] || f[2] == f[1] || f[2] == "false" || f[4] != "false" || f[5] != "2" || f[6] != "2" || f[7] != "false" {
		t.Errorf("%s %v", got, err)
	}
	c.send("stats")
	c.want("4 0 3 0 4 1")
	d := p.dial("/")
	d.send("sleep")
	eventually(t, "the other one is busy", func() bool {
		c.send("stats")
		_, got, err := c.read()
		return err == nil && strings.HasPrefix(got, "4 0 2 0 ")
	})
}
