package e2e_test

import (
	"fmt"
	"strings"
	"testing"
)

// exitScript ends its worker outside of events' callbacks. The lines that the log has to name have a comment.
const exitScript = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 0);
function note($s) { file_put_contents(__DIR__ . '/notes', "$s\n", FILE_APPEND); }
function end_it($how)
{
    if ($how === 'exit') {
        exit(3);
    }
    throw new RuntimeException('on purpose'); // throw
}
$server->on('workerStart', function ($s, $id) { // workerStart exit
    note('start');
    $how = @file_get_contents(__DIR__ . '/next');
    @unlink(__DIR__ . '/next');
    if ($how) {
        Co::sleep(0.01);
        end_it($how);
    }
});
$server->on('workerStop', function ($s, $id) { // workerStop exit
    note('stop');
    if (file_exists(__DIR__ . '/stop')) {
        unlink(__DIR__ . '/stop');
        end_it('exit');
    }
});
$server->on('workerError', function ($s, $id, $pid, $code, $signal) { note("error $code $signal"); });
$server->on('message', function ($s, $f) { // message exit
    [$where, $how] = explode(' ', $f->data . ' ');
    switch ($where) {
        case 'after':
            Swoole\Timer::after(5, function () use ($how) { // after exit
                end_it($how);
            });
            break;
        case 'tick':
            Swoole\Timer::tick(5, function ($id, $how) { // tick exit
                Co::sleep(0.01);
                go(function () {
                    Co::sleep(0.001);
                });
                end_it($how);
            }, $how);
            break;
        case 'go':
            go(function () use ($how) { // go exit
                Co::sleep(0.02);
                end_it($how);
            });
            break;
        case 'now':
            go(function () use ($how) { // now exit
                end_it($how);
            });
            break;
        case 'message':
            go(function () {
                Co::sleep(0.001);
            });
            Swoole\Timer::after(1, function () {});
            Co::sleep(0.02);
            end_it($how);
        case 'workerStart':
            file_put_contents(__DIR__ . '/next', $how);
            $s->stop();
            break;
        case 'workerStop':
            touch(__DIR__ . '/stop');
            $s->stop();
            break;
    }
    $s->push($f->fd, $f->data);
});
$server->start();
`

// exit and exceptions end a worker wherever they are: the log names the place, workerStop does not run, and the next worker serves.
func TestEndsOutsideOfCallbacks(t *testing.T) {
	for _, where := range []string{"after", "tick", "go", "now", "message", "workerStart", "workerStop"} {
		for _, how := range []string{"exit", "throw"} {
			if where == "workerStop" && how == "throw" {
				continue
			}
			t.Run(where+" "+how, func(t *testing.T) {
				path := write(t, "server.php", exitScript)
				p := serve(t, nil, path, "--mode", "resident")
				a := p.dial("/")
				a.send(where + " " + how)
				mark := "// throw\n"
				if how == "exit" {
					mark = "// " + where + " exit\n"
				}
				before, _, found := strings.Cut(exitScript, mark)
				if !found {
					t.Fatal("the script has no ", mark)
				}
				p.wantLog(fmt.Sprintf("file=%s line=%d\n", path, strings.Count(before, "\n")+1))
				eventually(t, "the script hears of it", func() bool { return strings.Contains(read(t, path), "error 255 0") })
				b := p.dial("/")
				b.send("hello")
				b.want("hello")
				notes := read(t, path)
				want := map[string]int{"workerStart": 1, "workerStop": 1}[where]
				if n := strings.Count(notes, "stop"); n != want {
					t.Errorf("workerStop has run: %q", notes)
				}
				if log := p.stderr.String(); how == "exit" && !strings.Contains(log, "which begins here, called exit: the worker ends") {
					t.Error(log)
				}
			})
		}
	}
}
