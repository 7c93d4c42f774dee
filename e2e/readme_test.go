package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// phpBlocks are the PHP code blocks of a page.
func phpBlocks(t *testing.T, page string) []string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, m := range regexp.MustCompile("(?s)```php\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

// What a newcomer copies from the README runs as it stands there.
func TestREADMEScriptsRun(t *testing.T) {
	blocks := phpBlocks(t, "../README.md")
	if len(blocks) != 2 {
		t.Fatalf("the README has %d scripts, this test knows 2", len(blocks))
	}
	t.Run("plain", func(t *testing.T) {
		if lines := strings.Count(blocks[0], "\n"); lines > 15 {
			t.Errorf("the script in 15 lines has %d", lines)
		}
		c := serve(t, nil, write(t, "echo.php", blocks[0])).dial("/")
		c.want("Welcome, number 1")
		c.send("hello")
		c.want("hello")
		c.leave()
	})
	t.Run("Swoole", func(t *testing.T) {
		p := serve(t, nil, write(t, "server.php", blocks[1]))
		a := p.dial("/")
		a.want("Welcome, number 1")
		b := p.dial("/")
		b.want("Welcome, number 2")
		a.send("hello")
		a.want("hello")
		b.want("hello")
		a.leave()
		p.wantLog("1 has left")
	})
}

// folder makes files next to each other, and returns their folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// runPHP runs a script in the repository's folder.
func runPHP(t *testing.T, text string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "php", append(args, write(t, "doc.php", text))...)
	cmd.Dir = ".."
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

func once(t *testing.T, text, old, now string) string {
	t.Helper()
	if strings.Count(text, old) != 1 {
		t.Fatalf("%q stands %d times in\n%s", old, strings.Count(text, old), text)
	}
	return strings.Replace(text, old, now, 1)
}

func TestGatewayWorkerPageRuns(t *testing.T) {
	blocks := phpBlocks(t, "../docs/gatewayworker.md")
	if len(blocks) != 3 {
		t.Fatalf("docs/gatewayworker.md has %d scripts, this test knows 3", len(blocks))
	}
	p := serve(t, nil, filepath.Join(folder(t, map[string]string{"Events.php": blocks[0]}), "Events.php"))
	ann := p.dial("/?name=Ann")
	ann.send("hi") // its open event is over then
	ann.want("Ann: hi")
	bob := p.dial("/?name=Bob")
	ann.want("Bob came")
	bob.send("hello")
	ann.want("Bob: hello")
	bob.want("Bob: hello")
	bob.leave()
	ann.want("Bob left")

	dir := folder(t, map[string]string{"server.php": blocks[1], "vendor/autoload.php": `<?php namespace App; class Events {
		public static function onWebSocketConnect($id, $data) { \GatewayWorker\Lib\Gateway::bindUid($id, '7'); }
		public static function onMessage($id, $message) { \GatewayWorker\Lib\Gateway::sendToCurrentClient("you say $message"); }
	}`})
	p = serve(t, nil, filepath.Join(dir, "server.php"))
	c := p.dial("/")
	c.send("it")
	c.want("you say it")
	runPHP(t, once(t, blocks[2], "unix:/run/fpmbridge/api.sock", p.api()))
	c.want("your order is on its way")

	// As the page says: the register's address and secret are the bridge's, and no line of the caller changes.
	key := "the secret of the cluster"
	config := write(t, "bridge.yaml", "api: {listen: \"tcp:127.0.0.1:0\", keys: [{name: all, key: "+key+"}]}")
	p = serve(t, nil, "--config", config, filepath.Join(dir, "server.php"))
	c = p.dial("/")
	c.send("it")
	c.want("you say it")
	installed := "spl_autoload_register(function ($class) { if ($class[0] === 'G') exit(\"$class is the one that Composer knows\"); }, true, true); "
	caller := "<?php " + installed + "GatewayWorker\\Lib\\Gateway::$registerAddress = '" + strings.TrimPrefix(p.api(), "tcp:") + "'; GatewayWorker\\Lib\\Gateway::$secretKey = '" + key + "'; GatewayWorker\\Lib\\Gateway::sendToAll('as before');"
	prepend, _ := filepath.Abs("../php-sdk/gatewayworker.php")
	runPHP(t, caller, "-d", "auto_prepend_file="+prepend)
	c.want("as before")
}

// block is the one in which a text stands.
func block(t *testing.T, blocks []string, text string) string {
	t.Helper()
	for _, b := range blocks {
		if strings.Contains(b, text) {
			return b
		}
	}
	t.Fatalf("%q is in no block", text)
	return ""
}

// indented are the blocks of a page that are indented by four.
func indented(t *testing.T, page string) []string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, m := range regexp.MustCompile("(?m)(?:^    .*\n)+").FindAllString(string(text), -1) {
		blocks = append(blocks, regexp.MustCompile("(?m)^    ").ReplaceAllString(m, ""))
	}
	return blocks
}

func TestPushPageRuns(t *testing.T) {
	const page = "../docs/push.md"
	blocks := phpBlocks(t, page)
	if len(blocks) != 5 {
		t.Fatalf("docs/push.md has %d scripts, this test knows 5", len(blocks))
	}
	// Inside of an event: the blocks are callbacks.
	inside := "<?php $server = new Swoole\\WebSocket\\Server('127.0.0.1', 9501);\n"
	p := serve(t, nil, write(t, "rooms.php", inside+block(t, blocks, "somebody came")+"$server->on('message', function ($server, $frame) { $server->push($frame->fd, 'in'); }); $server->start();"))
	a := p.dial("/")
	a.send("?") // its open event is over then
	a.want("in")
	b := p.dial("/")
	a.want("somebody came")

	// Over HTTP, with the command that the page shows.
	curl, answer, _ := strings.Cut(block(t, indented(t, page), "curl"), "\n{")
	curl = once(t, once(t, curl, "/run/fpmbridge/api.sock", strings.TrimPrefix(p.api(), "unix:")), `"fd":7`, `"fd":1`)
	out, err := exec.CommandContext(t.Context(), "sh", "-c", "KEY=; "+curl+" --silent --show-error").CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if want := once(t, "{"+strings.TrimSpace(answer), `"queued":41`, `"queued":1`); strings.TrimSpace(string(out)) != want {
		t.Errorf("%s answers %s, the page says %s", curl, out, want)
	}
	b.want("hello")
	b.leave()

	p = serve(t, nil, write(t, "attributes.php", inside+block(t, blocks, "'hello '")+"$server->start();"))
	a = p.dial("/?name=Ann")
	a.send("?")
	a.want("hello Ann")

	// A plain script's answer.
	plain := "<?php header('Content-Type: application/json'); if ($_SERVER['BRIDGE_EVENT'] === 'open') { echo '" + block(t, indented(t, page), `"do":"join"`) + "'; }"
	q := serve(t, nil, write(t, "plain.php", plain))
	c := q.dial("/")
	c.want("somebody came")

	// Outside: everything that the first block does, to one connection, and what the others do.
	text := once(t, block(t, blocks, "new FpmBridge\\Client"), "unix:/run/fpmbridge/api.sock", p.api())
	order := `class Order { public $id = 3; public $user = "nobody"; function notifyByMail() { echo "mailed "; } } $order = new Order();`
	got := runPHP(t, `<?php `+order+` $fd = 1; $key = ''; $json = '{}'; $bytes = "\0"; `+text+block(t, blocks, "$order")+`$bridge->join(1, 'room');`+block(t, blocks, "fdsInGroup('room', $after")+`echo json_encode($bridge->isOnline('7'));`)
	if got != "mailed false" {
		t.Errorf("%s", got)
	}
	a.want("hello")
	a.want("\x00")
	a.wantClose(4001)

	// Where it listens.
	config := block(t, indented(t, page), "api:")
	config = once(t, config, "unix:/run/fpmbridge/api.sock", "unix:"+filepath.Join(t.TempDir(), "api.sock"))
	config = once(t, config, "/etc/fpmbridge/shop.key", write(t, "shop.key", "0123456789abcdef\n"))
	if code, stdout, stderr := run(t, nil, "check", "--config", write(t, "bridge.yaml", config), example(t, "echo/server.php"), "--listen", "127.0.0.1:0"); code != 0 {
		t.Errorf("%d: %s%s", code, stdout, stderr)
	}
}

func TestSDKPageRuns(t *testing.T) {
	blocks := phpBlocks(t, "../php-sdk/README.md")
	if len(blocks) != 3 {
		t.Fatalf("php-sdk/README.md has %d scripts, this test knows 3", len(blocks))
	}
	sdk, err := filepath.Abs("../php-sdk")
	if err != nil {
		t.Fatal(err)
	}
	p := serve(t, nil, write(t, "app.php", once(t, blocks[0], "php-sdk/autoload.php", sdk+"/autoload.php")))
	a := p.dial("/?name=Ann")
	a.want("hello Ann")
	b := p.dial("/")
	b.want("hello you")
	b.send("all")
	a.want("all")
	b.want("all")
	b.leave()
	p.wantLog("2 left: client")

	dir := folder(t, map[string]string{
		"server.php": "<?php $server = new Swoole\\WebSocket\\Server('127.0.0.1', 9501); $server->on('message', function ($server, $frame) { $server->push($frame->fd, $frame->data); }); $server->start();",
		"News.php":   "<?php namespace App; class News { private $bridge; function __construct(\\FpmBridge\\Client $bridge) { $this->bridge = $bridge; } function publish($uid, $text) { $this->bridge->pushToUid($uid, $text); } }",
		"test.php":   "<?php require '" + sdk + "/autoload.php'; require __DIR__ . '/News.php';\n" + blocks[1] + blocks[2] + "echo 'passed';",
	})
	cmd := exec.CommandContext(t.Context(), "php", "-d", "zend.assertions=1", "-d", "assert.exception=1", filepath.Join(dir, "test.php"))
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "passed" {
		t.Errorf("%v: %s", err, out)
	}
}
