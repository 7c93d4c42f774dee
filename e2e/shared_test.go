package e2e_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// sharedScript runs the PHP code that a client sends, and answers with what it returned.
const sharedScript = `<?php
use Swoole\WebSocket\Server;

$atomic = new Swoole\Atomic(5);
$atomic->add(2);
$big = new Swoole\Atomic\Long(PHP_INT_MAX);
$wake = new swoole_atomic();
$table = new Swoole\Table(1024);
$table->column('n', Swoole\Table::TYPE_INT);
$table->column('s', Swoole\Table::TYPE_STRING, 32);
$table->create();
$table->set('boot', ['n' => 1, 's' => "\0\xff"]);
$table->incr('boot', 'n', 10);
if (!$table->exists('seen')) { $table->set('seen', ['s' => 'first']); }
$late = new Swoole\Table(64);
$late->create();
$lock = new Swoole\Lock(SWOOLE_MUTEX);
$rw = new swoole_lock(SWOOLE_RWLOCK);
$server = new Server('127.0.0.1', 9501);
$server->on('message', function (Server $server, $frame) use ($atomic, $big, $wake, $table, $late, $lock, $rw) {
    $code = $frame->data;
    $server->push($frame->fd, json_encode(eval($code)));
});
$server->start();
`

// ask sends PHP code and wants what it returns, as JSON.
func (c *client) ask(code, want string) {
	c.t.Helper()
	c.send(code)
	c.want(want)
}

// overDrivers serves a script with each driver of shared memory.
func overDrivers(t *testing.T, script string, test func(t *testing.T, p *program)) {
	for _, driver := range []string{"bridge", "apcu"} {
		t.Run(driver, func(t *testing.T) {
			test(t, serve(t, []string{"BRIDGE_WORKERS=4", "BRIDGE_SHARED_MEMORY_DRIVER=" + driver}, write(t, "server.php", script)))
		})
	}
}

func TestSharedAtomics(t *testing.T) { overDrivers(t, sharedScript, testSharedAtomics) }

func testSharedAtomics(t *testing.T, p *program) {
	a, b := p.dial("/"), p.dial("/")
	a.ask("return $atomic->get();", "7")
	a.ask("return $atomic->add(3);", "10")
	b.ask("return [$atomic->get(), $atomic->sub(11), $atomic->add(), $atomic->cmpset(0, 4), $atomic->cmpset(0, 5), $atomic->get()];",
		"[10,4294967295,0,true,false,4]")
	a.ask("$atomic->set(-5); return $atomic->get();", "4294967291")
	b.ask("return [$big->get(), $big->add(1), $big->cmpset(PHP_INT_MIN, -1), $big->get()];",
		"[9223372036854775807,-9223372036854775808,true,-1]")
	a.ask("$own = new Swoole\\Atomic(1); return [$own->add(), $own->cmpset(2, 3), $own->get()];", "[2,true,3]")

	t.Run("wait and wakeup", func(_ *testing.T) {
		a.ask("return $wake->wait(0.01);", "false")
		a.send("return $wake->wait(10);")
		b.ask("usleep(20000); $wake->wakeup(); return 0;", "0") // whoever waits may take a while to notice
		a.want("true")
		b.ask("return $wake->get();", "0")
		b.ask("$wake->wakeup(); return [$wake->get(), $wake->wait(), $wake->get()];", "[1,true,0]")
		b.ask("$wake->set(2); return $wake->wait(5);", "false")
	})
	t.Run("no update is lost", func(_ *testing.T) {
		a.ask("$atomic->set(0); return 0;", "0")
		var all sync.WaitGroup
		const clients, messages, adds = 4, 20, 50
		for range clients {
			c := p.dial("/")
			all.Go(func() {
				for range messages {
					c.send(fmt.Sprintf("for ($i = 0; $i < %d; $i++) { $atomic->add(); } return 1;", adds))
					c.want("1")
				}
			})
		}
		all.Wait()
		a.ask("return $atomic->get();", itoa(clients*messages*adds))
	})
	if s := p.stderr.String(); strings.Contains(s, "failed") {
		t.Error(s)
	}
}

// eventuallyAsks asks until the answer is the wanted one.
func eventuallyAsks(c *client, code, want string) {
	c.t.Helper()
	eventually(c.t, code+" answers "+want, func() bool {
		c.send(code)
		_, got, err := c.read()
		return err == nil && got == want
	})
}

func TestSharedTable(t *testing.T) { overDrivers(t, sharedScript, testSharedTable) }

func testSharedTable(t *testing.T, p *program) {
	a, b := p.dial("/"), p.dial("/")
	a.ask("return [$table->get('boot', 'n'), bin2hex($table->get('boot', 's')), $table->get('seen', 's'), count($table)];", `[11,"00ff","first",2]`)
	a.ask("$table->set('boot', ['n' => 5]); $table->del('seen'); return $table->incr('hits', 'n', 3);", "3")
	b.ask("return [$table->get('boot', 'n'), $table->exists('seen'), $table->get('hits')];", `[5,false,{"n":3,"s":""}]`)
	// The order of the rows is the driver's own.
	b.ask("$keys = []; foreach ($table as $key => $row) { $keys[$key] = $row['n']; } ksort($keys); return $keys;", `{"boot":5,"hits":3}`)
	a.ask("$table->set('x', ['s' => str_repeat('x', 40)]); return strlen($table->get('x', 's'));", "32")
	p.wantLog("string value is too long")
	a.ask("$own = new Swoole\\Table(64); $own->column('n', 1); $own->create(); return [$own->incr('a', 'n'), count($own)];", "[1,1]")

	t.Run("no update is lost", func(_ *testing.T) {
		const clients, messages, adds = 4, 20, 50
		var all sync.WaitGroup
		for range clients {
			c := p.dial("/")
			all.Go(func() {
				for range messages {
					c.send(fmt.Sprintf("for ($i = 0; $i < %d; $i++) { $table->incr('sum', 'n'); } return 1;", adds))
					c.want("1")
				}
			})
		}
		all.Wait()
		a.ask("return $table->get('sum', 'n');", itoa(clients*messages*adds))
	})
	t.Run("a destroyed table", func(_ *testing.T) {
		a.ask("return $late->set('a', []);", "true")
		a.ask("return $late->destroy();", "true")
		a.send("return $late->count();")
		p.wantLog("table is not created or has been destroyed")
		b.ask("return count($table) > 0;", "true")
	})
}

func TestSharedLock(t *testing.T) {
	p := serve(t, []string{"BRIDGE_WORKERS=4"}, write(t, "server.php", sharedScript))
	a, b := p.dial("/"), p.dial("/")
	t.Run("holds others up", func(_ *testing.T) {
		const clients, messages = 4, 20
		var all sync.WaitGroup
		for range clients {
			c := p.dial("/")
			all.Go(func() {
				for range messages {
					c.send("$lock->lock(); $n = $atomic->get(); usleep(500); $atomic->set($n + 1); $lock->unlock(); return 1;")
					c.want("1")
				}
			})
		}
		all.Wait()
		a.ask("return $atomic->get();", itoa(7+clients*messages))
	})
	t.Run("is given back at the end of the run", func(_ *testing.T) {
		a.ask("return [$lock->lock(), $rw->lock(LOCK_SH)];", "[true,true]")
		p.wantLog("the run ended with a lock that it holds")
		b.ask("return [$lock->lock(LOCK_EX, 5), $rw->lock(LOCK_EX, 5), $lock->unlock(), $rw->unlock()];", "[true,true,true,true]")
		a.send("$lock->lock(); exit;")
		b.ask("return [$lock->lock(LOCK_EX, 5), $lock->unlock()];", "[true,true]")
		a.send("$lock->lock(); nonsense();")
		b.ask("return [$lock->lock(LOCK_EX, 5), $lock->unlock()];", "[true,true]")
	})
	t.Run("is given back when PHP is killed", func(_ *testing.T) {
		a.send("$lock->lock(); $atomic->set(getmypid()); sleep(20);")
		eventuallyAsks(b, "return $lock->trylock() ? $lock->unlock() : 'held';", `"held"`)
		b.ask("return $lock->lock(LOCK_EX, 0.1);", "false")
		b.ask("posix_kill($atomic->get(), 9); return [$lock->lock(LOCK_EX, 5), $lock->unlock()];", "[true,true]")
	})
}

// All of a small pool wait for a lock: the bridge goes on, and each waits no longer than a request may take.
func TestADeadlockOfThePool(t *testing.T) {
	p := serve(t, []string{"BRIDGE_WORKERS=2", "BRIDGE_FPM_TIMEOUT=2s"}, write(t, "server.php", sharedScript))
	a, b := p.dial("/"), p.dial("/")
	a.send("$lock->lock(); $wake->wait(0.3); $rw->lock(); return 'never';")
	b.send("$rw->lock(); $wake->wait(0.3); $lock->lock(); return 'never';")
	c := p.dial("/")
	eventuallyAsks(c, "return [$lock->lock(LOCK_EX, 5), $rw->lock(LOCK_EX, 5)];", "[true,true]")
}

// A deploy with another layout: a new table, at once, with what the new script puts in.
func TestSharedTableAfterADeploy(t *testing.T) {
	script := write(t, "server.php", sharedScript)
	p := serve(t, []string{"BRIDGE_FPM_INI=opcache.enable=0"}, script)
	a := p.dial("/")
	a.ask("$atomic->set(1); $table->set('old', ['n' => 1]); return count($table);", "3")
	overwrite(t, script, strings.Replace(sharedScript, "TYPE_STRING, 32", "TYPE_STRING, 64", 1))
	a.ask("return [$table->exists('old'), $table->get('boot', 'n'), $atomic->get()];", "[false,11,1]")
	p.wantLog("a table's definition changed")
	p.wantLog("described again")
}

func TestTheLimitOfSharedMemory(t *testing.T) {
	p := serve(t, []string{"BRIDGE_SHARED_MEMORY_LIMIT=8K"}, write(t, "server.php", sharedScript))
	a := p.dial("/")
	a.ask("$n = 0; while ($table->set(\"k$n\", [])) { $n++; } return $n > 10 && $n < 80;", "true")
	p.wantLog("shared_memory.limit")
	code, _, stderr := run(t, []string{"BRIDGE_SHARED_MEMORY_LIMIT=1K"}, "check", write(t, "server.php", sharedScript))
	if code == 0 || !strings.Contains(stderr, "shared_memory.limit") {
		t.Errorf("%d %s", code, stderr)
	}
}

// suiteScript runs the PHP SDK's suite, whose objects are those of the bridge, or of APCu.
const suiteScript = `<?php
require '%s';
$suite = new FpmBridge\Tests\Support\SharedSuite();
$server = new Swoole\WebSocket\Server('127.0.0.1', 9501);
$server->on('message', function ($server, $frame) use ($suite) {
    $list = json_encode(FpmBridge\Tests\Support\SharedSuite::cases());
    $server->push($frame->fd, $frame->data === 'cases' ? $list : $suite->run($frame->data));
});
$server->start();
`

func TestSharedSuite(t *testing.T) {
	file, err := filepath.Abs("../php-sdk/tests/Support/SharedSuite.php")
	if err != nil {
		t.Fatal(err)
	}
	overDrivers(t, fmt.Sprintf(suiteScript, file), func(t *testing.T, p *program) {
		c := p.dial("/")
		c.send("cases")
		_, list, err := c.read()
		var cases []string
		if err != nil || json.Unmarshal([]byte(list), &cases) != nil || len(cases) < 8 {
			t.Fatalf("%s %v", list, err)
		}
		for _, name := range cases {
			c.send(name)
			if _, got, err := c.read(); err != nil || got != "" {
				t.Errorf("%s: %s %v", name, got, err)
			}
		}
	})
}

func TestAPCuThatIsNotThere(t *testing.T) {
	needPHP(t)
	env := []string{"BRIDGE_SHARED_MEMORY_DRIVER=apcu", "BRIDGE_FPM_INI=apc.enabled=0"}
	code, _, stderr := run(t, env, "check", write(t, "server.php", sharedScript))
	if code == 0 || !strings.Contains(stderr, "this php-fpm has no APCu") {
		t.Errorf("%d %s", code, stderr)
	}
}
