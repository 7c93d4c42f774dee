package e2e_test

import (
	"os"
	"strings"
	"testing"
)

const forgetfulScript = `<?php
$users = [];
$server = new Swoole\WebSocket\Server('127.0.0.1', 9501);
$server->on('workerStart', function ($server) {
    Swoole\Timer::tick(60000, function () {});
});
$server->on('open', function ($server, $request) use (&$users) {
    $users[$request->fd] = 'guest';
});
$server->on('message', function ($server, $frame) use (&$users) {
    require_once __DIR__ . '/room.php';
    $server->push($frame->fd, implode(' ', [Room::join($frame->fd), count($users)]));
});
$server->start();
`

const forgetfulRoom = `<?php
class Room {
    private static $members = [];
    public static function join($fd) {
        self::$members[$fd] = $fd;
        return count(self::$members);
    }
}
`

func TestCheckNamesWhatRequestModeCannotKeep(t *testing.T) {
	needPHP(t)
	script := write(t, "server.php", forgetfulScript)
	room := strings.TrimSuffix(script, "server.php") + "room.php"
	if err := os.WriteFile(room, []byte(forgetfulRoom), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, stderr := run(t, nil, "check", script, "--listen", "127.0.0.1:0")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	for _, want := range []string{
		script + ":8", "$users, captured by reference", script + ":5", "Swoole\\Timer::tick()", room + ":5", "Room::$members, a static property",
		"--mode resident", "ok: serve would work",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in:\n%s", want, out)
		}
	}
	code, out, _ = run(t, nil, "check", write(t, "echo.php", swooleScript), "--listen", "127.0.0.1:0")
	if code != 0 || strings.Contains(out, "forgets") || strings.Contains(out, "no timers") {
		t.Errorf("exit %d, a false alarm:\n%s", code, out)
	}
}

func TestServeLogsWhatRequestModeCannotKeepOnce(t *testing.T) {
	script := write(t, "server.php", forgetfulScript)
	room := strings.TrimSuffix(script, "server.php") + "room.php"
	if err := os.WriteFile(room, []byte(forgetfulRoom), 0o600); err != nil {
		t.Fatal(err)
	}
	p := serve(t, nil, script)
	for _, want := range []string{"at=" + script + ":8", "at=" + room + ":5", "at=" + script + ":5", "level=WARN"} {
		p.wantLog(want)
	}
	if !strings.Contains(p.stdout.String(), "(3 warnings)") {
		t.Errorf("the announcement does not point to the log:\n%s", p.stdout.String())
	}
	// A deploy that forgets one thing more: only that is said.
	changed := strings.Replace(forgetfulScript, "$server->on('open', function ($server, $request) use (&$users) {",
		"$server->on('close', function ($server) { echo @$server->seen++; });\n$server->on('open', function ($server, $request) use (&$users) {", 1)
	if err := os.WriteFile(script, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the new finding is logged", func() bool {
		c := p.dial("/")
		c.send("x")
		c.leave()
		return strings.Contains(p.stderr.String(), "$server->seen, a property of the server")
	})
	if n := strings.Count(p.stderr.String(), "$users, captured by reference"); n != 1 {
		t.Errorf("$users was said %d times", n)
	}
}
