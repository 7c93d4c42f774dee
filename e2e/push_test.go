package e2e_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/fpmbridge/fpmbridge/fcgi"
	"github.com/fpmbridge/fpmbridge/internal/fpm"
	"github.com/fpmbridge/fpmbridge/internal/fpm/fpmtest"
)

var pushAt = regexp.MustCompile(`push +(\S+)`)

// api is where the program takes pushes from anywhere.
func (p *program) api() string {
	p.t.Helper()
	m := pushAt.FindStringSubmatch(p.stdout.String())
	if m == nil {
		p.t.Fatal("it does not say where")
	}
	return m[1]
}

// php runs a piece of PHP with the client in $bridge, and returns what it prints.
func (p *program) php(address, key, code string) string {
	p.t.Helper()
	return p.phpWith(nil, address, key, code)
}

// phpWith is php with more arguments for PHP.
func (p *program) phpWith(args []string, address, key, code string) string {
	p.t.Helper()
	binary, err := exec.LookPath("php")
	if err != nil {
		missing(p.t, err)
	}
	sdk, _ := filepath.Abs("../php-sdk/client.php")
	script := fmt.Sprintf(`require %q; use FpmBridge\{Client, Target, ClientException}; $bridge = new Client(%q, %q); %s`, sdk, address, key, code)
	out, err := exec.CommandContext(p.t.Context(), binary, append(args, "-r", script)...).CombinedOutput()
	if err != nil {
		p.t.Errorf("%s: %v", out, err)
	}
	return strings.TrimSpace(string(out))
}

// A form that is posted to an ordinary PHP-FPM pushes into open pages; so does a queue job.
func TestPushFromWeb(t *testing.T) {
	p := serve(t, nil, example(t, "push-from-web/server.php"))
	ann, bob, ann2 := p.dial("/?user=ann"), p.dial("/?user=bob"), p.dial("/?user=ann")
	all := []*client{ann, bob, ann2}
	for _, c := range all {
		c.want("ready")
	}
	web := fpmtest.Start(t, fpm.Options{MaxChildren: 2})
	network, address, _ := strings.Cut(web.Address(), ":")
	pool, err := fcgi.New(fcgi.Options{Network: network, Address: address, MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	post := func(body, want string) {
		t.Helper()
		var params []byte
		for _, pair := range [][2]string{
			{"SCRIPT_FILENAME", example(t, "push-from-web/web/send.php")},
			{"REQUEST_METHOD", http.MethodPost},
			{"CONTENT_TYPE", "application/x-www-form-urlencoded"},
			{"CONTENT_LENGTH", strconv.Itoa(len(body))},
			{"FPMBRIDGE_API", p.api()},
		} {
			if params, err = fcgi.AppendParam(params, pair[0], pair[1]); err != nil {
				t.Fatal(err)
			}
		}
		res, err := pool.Do(t.Context(), &fcgi.Request{Params: params, Body: []byte(body)})
		if err != nil || !strings.Contains(string(res.Body), want) {
			t.Fatalf("%v: %s", err, res.Body)
		}
	}
	for i := range 3 { // on the connection that the child keeps
		post(fmt.Sprintf("user=ann&text=for+you+%d", i), "queued for 2 page")
		ann.want(fmt.Sprintf("for you %d", i))
		ann2.want(fmt.Sprintf("for you %d", i))
	}
	post("text=news", "queued for 3 page")
	for _, c := range all {
		c.want("news")
	}
	post("user=nobody&text=x", "queued for 0 page")
	post("user=ann&text=%ff", "not valid UTF-8")
	post("user="+strings.Repeat("x", 256)+"&text=x", "1 to 255 bytes")
	post("user[]=ann&text=x", "are strings")

	job := exec.CommandContext(t.Context(), "php", example(t, "push-from-web/queue/job.php"), p.api())
	job.Stdin = strings.NewReader("bob from the queue\ncarl hello\n")
	if out, err := job.CombinedOutput(); err != nil || string(out) != "bob: queued\ncarl: not there\n" {
		t.Errorf("%s %v", out, err)
	}
	bob.want("from the queue")
}

const roomsScript = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 9501);
$server->on('open', function ($server, $request) {
    $server->bridge()->join($request->fd, 'room');
    $server->bridge()->toGroup('room')->exceptFds($request->fd)->push("came $request->fd");
    $server->push($request->fd, 'in');
});
$server->on('message', function ($server, $frame) {
    $b = $server->bridge();
    switch ($frame->data) {
        case 'leave': $b->leave($frame->fd, 'room'); break;
        case 'bind': $b->bindUid($frame->fd, 'u', 4002, 'elsewhere'); $b->toUid('u')->push('you'); return;
        case 'fail': $b->pushToAll('never'); throw new Exception('no');
        case 'kick': $b->toGroup('room')->exceptFds($frame->fd)->close(4001, 'out'); break;
    }
    $server->push($frame->fd, json_encode([$b->fdsInGroup('room'), $b->info($frame->fd)['groups']]));
});
$server->on('close', function ($server, $fd) { $server->bridge()->pushToGroup('room', "left $fd"); });
$server->start();
`

// A Swoole script with rooms, as requests and resident.
func TestRooms(t *testing.T) {
	for _, mode := range []string{"request", "resident"} {
		t.Run(mode, func(t *testing.T) {
			p := serve(t, nil, write(t, "server.php", roomsScript), "--mode", mode)
			a := p.dial("/")
			a.want("in")
			b := p.dial("/")
			b.want("in")
			a.want("came 2")
			a.send("who")
			a.want(`[[1,2],["room"]]`)
			b.send("leave")
			eventually(t, "b has left", func() bool {
				b.want(`[[1,2],["room"]]`) // an answer's instructions are carried out when the event is over
				return true
			})
			b.send("who")
			b.want(`[[1],[]]`)
			b.send("bind")
			b.want("you")
			a.send("bind")
			a.want("you")
			b.wantClose(4002)
			a.want("left 2")
			a.send("kick")
			a.want(`[[1],["room"]]`)
		})
	}
}

const plainRooms = `<?php
header('Content-Type: application/json');
$do = [];
if ($_SERVER['BRIDGE_EVENT'] === 'open') {
    $do = [['do' => 'join', 'group' => 'room'], ['do' => 'push', 'group' => 'room', 'except' => ['fd' => (int) $_SERVER['BRIDGE_FD']], 'data' => 'came']];
} elseif ($_SERVER['BRIDGE_EVENT'] === 'message') {
    $do = json_decode(file_get_contents('php://input'), true);
}
echo json_encode(['instructions' => $do]);
`

func TestRoomsOfAPlainScript(t *testing.T) {
	p := serve(t, nil, write(t, "rooms.php", plainRooms))
	a := p.dial("/")
	a.send(`[{"do":"push","data":"joined"}]`)
	a.want("joined")
	b := p.dial("/")
	a.want("came")
	b.send(`[{"do":"bind","uid":"ü"},{"do":"push","uid":"ü","data":"to the user"},{"do":"push","all":true,"except":{"uid":["ü"]},"data":"others"},{"do":"close","uid":["ü"],"code":4003}]`)
	b.want("to the user")
	a.want("others")
	b.wantClose(4003)
}

// Every operation with its result, over both protocols, with real connections.
func TestPushClient(t *testing.T) {
	folder, err := os.MkdirTemp("/tmp", "e2e")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	const key = "0123456789abcdef0123"
	config := filepath.Join(folder, "bridge.yaml")
	if err := os.WriteFile(config, []byte(`api: {listen: "tcp:127.0.0.1:0", keys: [{name: all, key: `+key+`}, {name: push, key: pushpushpushpush, scopes: [push]}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	p := serve(t, nil, example(t, "push-from-web/server.php"), "--config", config)
	tcp := p.api()
	web := "http://" + strings.TrimPrefix(tcp, "tcp:")
	for i, address := range []string{tcp, web, web} {
		var bare []string
		if i == 2 {
			bare = []string{"-n"} // without curl, which is an extension
		}
		a, b := p.dial("/?user=u"), p.dial("/")
		a.want("ready")
		b.want("ready")
		fds := p.php(address, key, `echo implode(" ", $bridge->fds());`)
		var x, y int
		if _, err := fmt.Sscan(fds, &x, &y); err != nil {
			t.Fatalf("%s: %v", fds, err)
		}
		got := p.phpWith(bare, address, key, fmt.Sprintf(`
			$a = %d; $b = %d; $name = "a\0\xff/\"é";
			$show = function ($r) { echo "$r->done,$r->slow,$r->gone,$r->unknown ", implode(",", $r->each), "\n"; };
			$show($bridge->push($a, "one"));
			$show($bridge->push([$a, 999999, 1 << 40], "\xff\0", Client::BINARY));
			$show($bridge->push($a, "written", Client::TEXT, 5.0));
			$show($bridge->join([$a, $b], [$name, "12"]));
			$show($bridge->pushToGroup($name, "to the group", Client::TEXT, $b));
			$show($bridge->push(Target::all()->exceptUids("u"), "not to u"));
			$show($bridge->bindUid($b, $name));
			echo json_encode([$bridge->isOnline($name), $bridge->isOnline("x"), $bridge->fdsInGroup("12") === [$a, $b], $bridge->groups() === ["12" => 2, $name => 2, "news" => 2], $bridge->uidsInGroup("12") === [$name => 1, "u" => 1]]), "\n";
			echo json_encode([$bridge->members($name) === [["fd" => $a, "uid" => "u", "groups" => ["12", $name, "news"], "attributes" => []], ["fd" => $b, "uid" => $name, "groups" => ["12", $name, "news"], "attributes" => []]], array_column($bridge->members("", $a), "fd") === [$b], $bridge->members("none")]), "\n";
			echo json_encode([$bridge->info($a)["uid"], count($bridge->info($a)["groups"]), $bridge->info(999999), $bridge->stats()["connections"], $bridge->countInGroup("12")]), "\n";
			echo json_encode([$bridge->fdsOfUids([$name, "nobody", "u"]) === [$name => [$b], "nobody" => [], "u" => [$a]]]), "\n";
			$show($bridge->leave($a, "12")); $show($bridge->dissolve(["12", "none"])); $show($bridge->unbindUid($b));
			$show($bridge->pushToUid(["u", "x"], "bye"));
			$show($bridge->bindUid($b, "u", 4002, "elsewhere"));
			$show($bridge->close($b, 4001, "over"));
			usleep(200000); echo json_encode($bridge->groups()), "\n";
			try { $bridge->push($a, "\xff"); } catch (InvalidArgumentException $e) { echo "bad text\n"; }
			foreach (["wrong key wrong key", "pushpushpushpush"] as $key) {
				try { (new Client(%q, $key))->fds(); } catch (ClientException $e) { echo $e->getCode(), "\n"; }
			}
		`, x, y, address))
		want := `1,0,0,0 done
1,0,0,2 done,unknown,unknown
1,0,0,0 done
2,0,0,0 done,done
1,0,0,0 done
1,0,0,0` + " " + `
1,0,0,0 done
[true,false,true,true,true]
[true,true,[]]
["u",3,null,2,2]
[true]
1,0,0,0 done
1,0,0,1` + " " + `
1,0,0,0 done
1,0,0,1 done,unknown
1,0,0,0 done
1,0,0,0 done
[]
bad text
401
403`
		if got != want {
			t.Errorf("%s:\n%s\nwant\n%s", address, got, want)
		}
		for _, s := range []string{"one", "\xff\x00", "written", "to the group", "bye"} {
			a.want(s)
		}
		a.wantClose(4002)
		b.want("not to u")
		b.wantClose(4001)
	}
	if got := p.php("unix:/nowhere/api.sock", "", `try { $bridge->fds(); } catch (ClientException $e) { echo $e->getCode(), $e->getMessage(); }`); !strings.HasPrefix(got, "1fpmbridge cannot be reached") {
		t.Error(got)
	}
}
