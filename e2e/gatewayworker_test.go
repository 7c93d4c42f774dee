package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// events is the Events.php of somebody who had GatewayWorker: no word of fpmbridge is in it.
const events = `<?php
use GatewayWorker\Lib\Gateway;

class Events
{
    public static function onWorkerStart($businessWorker)
    {
        echo "worker {$businessWorker->id} of {$businessWorker->count} starts\n";
    }

    public static function onConnect($client_id)
    {
        Gateway::sendToCurrentClient(json_encode(['type' => 'init', 'client_id' => $client_id]));
    }

    public static function onWebSocketConnect($client_id, $data)
    {
        $_SESSION['name'] = $data['get']['name'] ?? 'nobody';
        Gateway::sendToClient($client_id, $data['server']['REQUEST_URI'] . ' ' . ($data['cookie']['c'] ?? 'no cookie'));
    }

    public static function onMessage($client_id, $message)
    {
        $data = json_decode($message, true);
        switch ($data['type']) {
            case 'login':
                $_SESSION['room'] = $data['room'];
                Gateway::bindUid($client_id, $data['uid']);
                Gateway::joinGroup($client_id, $data['room']);
                $names = [];
                foreach (Gateway::getClientSessionsByGroup($data['room']) as $id => $session) {
                    $names[] = ($id === $client_id ? 'me' : $session['name']);
                }
                $names[] = $_SESSION['name'];
                Gateway::sendToGroup($data['room'], 'in ' . json_encode($names));
                break;
            case 'say':
                Gateway::sendToGroup($_SESSION['room'], "{$_SESSION['name']}: {$data['text']}", [$client_id]);
                Gateway::sendToCurrentClient('said by ' . $_SERVER['REMOTE_ADDR'] . ' ' . ($_SERVER['GATEWAY_CLIENT_ID'] === $client_id ? 'me' : '?'));
                break;
            case 'ask':
                Gateway::sendToCurrentClient(json_encode([
                    Gateway::getAllClientIdCount(), Gateway::getClientIdCountByGroup('r'), Gateway::getUidListByGroup('r'), Gateway::isUidOnline('7'),
                    Gateway::isOnline($client_id), Gateway::getUidByClientId($client_id), Gateway::getAllGroupIdList(), Gateway::getAllGroupUidCount(),
                    Gateway::getAllGroupUidList(), Gateway::getAllGroupClientIdCount(), count(Gateway::getAllGroupClientIdList()['r']),
                    Gateway::getClientIdByUid('7') === [$client_id], Gateway::getSession($client_id), Gateway::getAllUidList(),
                    array_keys(Gateway::getAllClientIdList()) === array_keys(Gateway::getAllClientSessions()),
                ]));
                break;
            case 'session':
                $_SESSION['direct'] = 1;
                Gateway::updateSession($client_id, ['merged' => ['a' => 2], 'name' => null]);
                break;
            case 'fail':
                $_SESSION['failed'] = true;
                throw new Exception('no');
            case 'kick':
                Gateway::closeClient(Gateway::getClientIdByUid($data['uid'])[0], 'out');
                break;
        }
    }

    public static function onClose($client_id)
    {
        Gateway::sendToAll("{$_SESSION['name']} has left" . (Gateway::isOnline($client_id) ? ' but is there' : ''));
    }
}
`

var initialised = regexp.MustCompile(`"client_id":"([0-9a-f]{20})"`)

// An Events.php as it was written for GatewayWorker, without a start file.
func TestGatewayWorkerEvents(t *testing.T) {
	for _, mode := range []string{"request", "resident"} {
		t.Run(mode, func(t *testing.T) {
			p := serve(t, nil, write(t, "Events.php", events), "--mode", mode)
			if !strings.Contains(p.stdout.String(), "Events.php: a class Events of GatewayWorker, for open, message") {
				t.Errorf("it is called %s", p.stdout.String())
			}
			come := func(name string) (c *client, id string) {
				t.Helper()
				c = p.dial("/chat?name=" + name)
				_, text, err := c.read()
				m := initialised.FindStringSubmatch(text)
				if err != nil || m == nil {
					t.Fatalf("%q %v", text, err)
				}
				c.want("/chat?name=" + name + " no cookie")
				return c, m[1]
			}
			ann, _ := come("Ann")
			bob, bobID := come("Bob")
			ann.send(`{"type":"login","room":"r","uid":7}`)
			ann.want(`in ["Ann"]`)
			bob.send(`{"type":"login","room":"r","uid":"b"}`)
			bob.want(`in ["Ann","Bob"]`)
			ann.want(`in ["Ann","Bob"]`)
			ann.send(`{"type":"say","text":"hello"}`)
			bob.want("Ann: hello")
			ann.want("said by 127.0.0.1 me")
			ann.send(`{"type":"ask"}`)
			ann.want(`[2,2,{"7":"7","b":"b"},1,1,"7",{"r":"r"},{"r":2},{"r":{"7":"7","b":"b"}},{"r":2},2,true,{"name":"Ann","room":"r"},{"7":"7","b":"b"},true]`)

			// From outside, by the name that GatewayClient's callers know.
			php := func(code, want string) {
				t.Helper()
				sdk, _ := filepath.Abs("../php-sdk/gatewayworker.php")
				script := "require '" + sdk + "'; use GatewayClient\\Gateway; Gateway::$registerAddress = '" + p.api() + "'; $bob = '" + bobID + "'; " + code
				out, err := exec.CommandContext(t.Context(), "php", "-d", "display_errors=stderr", "-r", script).CombinedOutput()
				if got := strings.TrimSpace(string(out)); err != nil || got != want {
					t.Errorf("%s: %v\n%s\nwant\n%s", code, err, got, want)
				}
			}
			php(`echo json_encode([Gateway::sendToUid('b', 'for bob'), Gateway::sendToUid('x', 'y'), Gateway::isUidsOnline(['b', 'x']), Gateway::getSession($bob)]);`,
				`[true,false,{"b":1,"x":0},{"name":"Bob","room":"r"}]`)
			bob.want("for bob")
			php(`Gateway::updateSession($bob, ['name' => 'Robert', 'cart' => ['x' => 1]]); echo json_encode([Gateway::getSession($bob), Gateway::getSession(99), @Gateway::getSession('none'),
				Gateway::sendToAll('', []), Gateway::sendToAll("\xff", null, [$bob]), count(Gateway::getAllClientSessions('r')), Gateway::getClientIdByUids(['b', 'x']) === ['b' => [$bob]]]);`,
				`[{"cart":{"x":1},"name":"Robert","room":"r"},null,false,false,true,2,true]`)
			ann.want("\xff")
			bob.send(`{"type":"say","text":"I am another"}`)
			ann.want("Robert: I am another")
			bob.want("said by 127.0.0.1 me")

			ann.send(`{"type":"fail"}`)
			ann.send(`{"type":"session"}`)
			eventually(t, "the session is saved", func() bool {
				text := ann.answer(`{"type":"ask"}`)
				return strings.Contains(text, `{"direct":1,"merged":{"a":2},"room":"r"}`)
			})
			php(`Gateway::setSession($bob, ['name' => 'B']); echo json_encode(Gateway::getSession($bob));`, `{"name":"B"}`)
			ann.send(`{"type":"kick","uid":"b"}`)
			bob.want("out")
			bob.wantClose(1000)
			ann.want("B has left")
			if mode == "resident" { // before the first event of a request it is said too often to be logged
				p.wantLog("worker 0 of 1 starts")
			}
		})
	}
}

// The same with a file that says how to serve them, and a class of another name.
func TestGatewayWorkerServe(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"Chat.php":   "<?php\nnamespace App;\nuse GatewayWorker\\Lib\\Gateway;\nclass Chat { public static function onMessage(string $client_id, string $message): void { Gateway::sendToAll($message); } }\n",
		"server.php": "<?php\nrequire __DIR__ . '/Chat.php';\nFpmBridge\\GatewayWorker::serve(App\\Chat::class);\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := serve(t, nil, filepath.Join(dir, "server.php"))
	a, b := p.dial("/"), p.dial("/")
	a.send("hello")
	a.want("hello")
	b.want("hello")
	a.leave()
}

const counting = `<?php
class Events
{
    public static function onMessage($client_id, $message)
    {
        $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
        if ($message === 'end') {
            GatewayWorker\Lib\Gateway::sendToCurrentClient((string) $_SESSION['n']);
        }
    }
}
`

// Each event sees the session that the one before left, however fast they come and whichever PHP gets them.
func TestGatewayWorkerSessionLosesNothing(t *testing.T) {
	for _, mode := range []string{"request", "resident"} {
		t.Run(mode, func(t *testing.T) {
			p := serve(t, nil, write(t, "Events.php", counting), "--mode", mode)
			const clients, messages = 6, 80
			all := make([]*client, clients)
			for i := range all {
				all[i] = p.dial("/")
			}
			for i := range messages {
				for _, c := range all {
					text := "one more"
					if i == messages-1 {
						text = "end"
					}
					c.send(text)
				}
			}
			for _, c := range all {
				c.want(strconv.Itoa(messages))
			}
		})
	}
}

// A worker that stays has timers.
func TestGatewayWorkerTimer(t *testing.T) {
	p := serve(t, nil, write(t, "Events.php", `<?php
use GatewayWorker\Lib\Gateway;
class Events {
  static $n = 0;
  public static function onWorkerStart($w) { if ($w->id === 0) \Swoole\Timer::tick(50, function () { Gateway::sendToAll('tick'); }); }
  public static function onMessage($id, $m) { Gateway::sendToAll($m . ++self::$n); }
}
`), "--mode", "resident")
	a := p.dial("/")
	a.want("tick")
	a.want("tick")
}

// While a callback waits, others go on: each has its own client and session.
func TestGatewayWorkerCallbacksThatWait(t *testing.T) {
	p := serve(t, nil, write(t, "Events.php", `<?php
use GatewayWorker\Lib\Gateway;
class Events {
  public static function onWebSocketConnect($id, $data) { $_SESSION['name'] = $data['get']['name']; }
  public static function onMessage($id, $m) {
    $_SESSION['said'] = $m;
    if ($m === 'slow') { \Swoole\Coroutine::sleep(0.3); }
    Gateway::sendToCurrentClient("{$_SESSION['name']} {$_SESSION['said']}");
  }
  public static function onClose($id) { Gateway::sendToAll("{$_SESSION['name']} {$_SESSION['said']}, and left"); }
}
`), "--mode", "resident", "--workers", "1")
	a, b := p.dial("/?name=Ann"), p.dial("/?name=Bob")
	a.send("slow")
	b.send("quick")
	b.want("Bob quick")
	a.want("Ann slow")
	b.leave()
	a.want("Bob quick, and left")
}
