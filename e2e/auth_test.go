package e2e_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// gateScript is a plain script that decides about handshakes by ?do=.
const gateScript = `<?php
$event = $_SERVER['BRIDGE_EVENT'];
if ($event !== 'describe') {
    file_put_contents(__DIR__ . '/story', "$event {$_SERVER['BRIDGE_FD']} " . ($_SERVER['BRIDGE_ATTRIBUTES'] ?? '-') . ' ' . $_SERVER['REQUEST_URI'] . "\n", FILE_APPEND | LOCK_EX);
}
if ($event === 'handshake') {
    parse_str($_SERVER['QUERY_STRING'], $q);
    switch ($q['do'] ?? '') {
        case 'no':
            http_response_code(403);
            header('Content-Type: text/plain');
            header('Connection: upgrade');
            header('X-Why: because');
            setcookie('a', 'b');
            exit('go away');
        case 'fatal':
            nope();
        case 'shown':
            exit("<b>Fatal error</b>: as display_errors shows it");
        case 'json':
            header('Content-Type: application/json');
            exit('{"uid":');
        case 'slow':
            sleep(5);
            exit;
        case 'sub':
            header('Content-Type: application/json');
            exit('{"subprotocol":"other"}');
        case 'nothing':
            exit;
    }
    header('Content-Type: application/json');
    exit(json_encode([
        'uid' => $q['me'] ?? '7', 'groups' => ['lobby'], 'attributes' => ['name' => 'Ann'], 'subprotocol' => 'v2', 'headers' => ['X-Hello' => 'world'],
    ]));
}
header('Content-Type: application/json');
$push = static function (array $to, string $data) { exit(json_encode(['instructions' => [['do' => 'push', 'data' => $data] + $to]])); };
if ($event === 'open') {
    $push(['uid' => '7'], 'welcome ' . ($_SERVER['BRIDGE_ATTRIBUTES'] ?? '-'));
}
if ($event === 'message') {
    $push(["group" => "lobby"], preg_replace("/^echo /", "", file_get_contents("php://input")));
}
`

// config writes a bridge.yaml beside a script, and returns the script's folder.
func configured(t *testing.T, script, yaml string) string {
	t.Helper()
	dir := filepath.Dir(write(t, "gate.php", script))
	overwrite(t, filepath.Join(dir, "bridge.yaml"), yaml)
	return dir
}

// upgradeAt sends a handshake, and returns the answer and its body.
func (p *program) upgradeAt(t *testing.T, path string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+p.addr+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range append([]string{"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="}, header...) {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Add(name, value)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return resp, ""
	}
	body, _ := io.ReadAll(resp.Body)
	return resp, string(body)
}

func TestAPlainScriptDecidesAboutHandshakes(t *testing.T) {
	dir := configured(t, gateScript, `
listen: ["127.0.0.1:0"]
log: {level: debug}
fpm: {timeout: 2s}
routes:
  - path: /
    script: gate.php
    authorize: true
    heartbeats: [{message: ping, reply: pong}, {message: hush}]
`)
	p := serve(t, nil, "--config", filepath.Join(dir, "bridge.yaml"))
	a, err := p.tryDial("/", http.Header{"Sec-Websocket-Protocol": {"v1", "v2"}})
	if err != nil || a.ws.Subprotocol() != "v2" {
		t.Fatal(err)
	}
	a.want(`welcome {"name":"Ann"}`)
	for range 50 {
		a.send("hush")
		a.send("ping")
		a.want("pong")
	}
	a.talk("hi")
	for _, c := range []struct {
		path, body, log string
		status          int
	}{
		{"/?do=no", "go away", "", 403},
		{"/?do=fatal", "", "undefined function nope", 500},
		{"/?do=shown", "The script failed.\n", "not application/json", 500},
		{"/?do=json", "The script failed.\n", "byte 7", 500},
		{"/?do=sub", "The script failed.\n", "does not offer", 500},
		{"/", "The script failed.\n", "does not offer", 500}, // v2 is not offered here
		{"/?do=slow", "The script failed.\n", "did not answer in time", 504},
	} {
		resp, body := p.upgradeAt(t, c.path)
		if resp.StatusCode != c.status || body != c.body {
			t.Errorf("%s: %d %q", c.path, resp.StatusCode, body)
		}
		if c.status == 403 && (resp.Header.Get("X-Why") != "because" || resp.Header.Get("Set-Cookie") == "" || resp.Header.Get("Connection") == "upgrade") {
			t.Errorf("%v", resp.Header)
		}
		if c.log != "" {
			p.wantLog(c.log)
		}
	}
	if resp, _ := p.upgradeAt(t, "/?do=nothing"); resp.StatusCode != 101 {
		t.Errorf("%s", resp.Status)
	}
	a.want("welcome -") // of that one's open event
	a.talk("still here")
	a.leave()
	eventually(t, "two closes", func() bool {
		s, _ := os.ReadFile(filepath.Join(dir, "story"))
		return strings.Count(string(s), "close ") == 2 && strings.Count(string(s), "open ") == 2
	})
	story, _ := os.ReadFile(filepath.Join(dir, "story"))
	if n := strings.Count(string(story), "message "); n != 2 {
		t.Errorf("%d messages reached PHP:\n%s", n, story)
	}
}

const ticketSecret = "a secret of more than 32 bytes, for tests"

// ticketFor signs a ticket.
func ticketFor(alg, secret string, claims map[string]any) string {
	coded := base64.RawURLEncoding.EncodeToString
	payload, _ := json.Marshal(claims)
	text := coded([]byte(`{"alg":"`+alg+`","typ":"JWT"}`)) + "." + coded(payload)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return text + "." + coded(mac.Sum(nil))
}

func in(d time.Duration) int64 { return time.Now().Add(d).Unix() }

// Good tickets come in with what they say, bad ones by the thousand cost no PHP and show up nowhere.
func TestTickets(t *testing.T) {
	dir := configured(t, gateScript, `
listen: ["127.0.0.1:0"]
log: {level: debug}
auth:
  jwt: {algorithms: [HS256], secret_file: SECRET, from: ["header:Authorization", "query:token", "cookie:token"], claims: [sub, name], groups_claim: rooms}
routes:
  - {path: /, script: gate.php}
  - {path: /asked, script: gate.php, authorize: true}
  - {path: /free, script: gate.php, auth: {jwt: {algorithms: [HS256], secret_file: SECRET, required: false, strip: false}}}
  - {path: /open, script: gate.php, auth: {jwt: false}}
  - {path: /short, script: gate.php, auth: {jwt: {algorithms: [HS256], secret_file: SECRET, leeway: 0s, close_on_expiry: true}}}
`)
	secretFile := filepath.Join(dir, "secret")
	overwrite(t, secretFile, ticketSecret+"\n")
	yaml := filepath.Join(dir, "bridge.yaml")
	overwrite(t, yaml, strings.ReplaceAll(readFile(t, yaml), "SECRET", secretFile))
	p := serve(t, nil, "--config", yaml)
	p.wantLog("browsers send cookies")
	good := ticketFor("HS256", ticketSecret, map[string]any{"sub": "7", "name": "Ann", "rooms": []string{"lobby"}, "exp": in(time.Minute)})

	c, err := p.tryDial("/?room=1&token="+good, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.want(`welcome {"name":"Ann","sub":"7"}`)
	c.talk("to the lobby")
	asked, err := p.tryDial("/asked?me=8", http.Header{"Sec-Websocket-Protocol": {"v2"}, "Cookie": {"token=" + good}})
	if err != nil {
		t.Fatal(err)
	}
	c.want(`welcome {"name":"Ann","sub":"7"}`) // to 7, who it is not any more
	asked.send("hi")
	asked.want("hi")
	c.want("hi")

	bad := map[string]string{
		"missing": "", "malformed": "x.y.z", "signature": good + "x", "algorithm": ticketFor("none", ticketSecret, map[string]any{"sub": "7", "exp": in(time.Minute)}),
		"expired": ticketFor("HS256", ticketSecret, map[string]any{"sub": "7", "exp": in(-time.Minute)}), "no_expiry": ticketFor("HS256", ticketSecret, map[string]any{"sub": "7"}),
		"claim": ticketFor("HS256", ticketSecret, map[string]any{"exp": in(time.Minute)}), "too_long": strings.Repeat("x", 9000),
	}
	before, _ := os.ReadFile(filepath.Join(dir, "story"))
	for word, token := range bad {
		resp, body := p.upgradeAt(t, "/?token="+token)
		if resp.StatusCode != 401 || !strings.HasPrefix(resp.Header.Get("WWW-Authenticate"), "Bearer") || body != "Unauthorized: "+word+"\n" {
			t.Errorf("%s: %d %q %v", word, resp.StatusCode, body, resp.Header)
		}
		p.wantLog("why=" + word)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 250 {
				if resp, _ := p.upgradeAt(t, fmt.Sprintf("/?token=%s%d%d", good, i, n)); resp.StatusCode != 401 {
					t.Errorf("%s", resp.Status)
				}
			}
		})
	}
	wg.Wait()
	if after, _ := os.ReadFile(filepath.Join(dir, "story")); len(after) != len(before) {
		t.Errorf("PHP heard of them:\n%s", after[len(before):])
	}

	anonymous := p.dial("/free?x=1")
	anonymous.send("hello")
	c.want("welcome -")
	c.want("hello")
	asked.want("hello")
	if resp, _ := p.upgradeAt(t, "/free?token=bad"); resp.StatusCode != 401 {
		t.Errorf("%s", resp.Status)
	}
	p.dial("/open?token=bad")
	c.want("welcome -")

	short, err := p.tryDial("/short", http.Header{"Authorization": {"Bearer " + ticketFor("HS256", ticketSecret, map[string]any{"sub": "9", "exp": in(2 * time.Second)})}})
	if err != nil {
		t.Fatal(err)
	}
	short.wantClose(4401)

	// A new secret is in force a second later.
	overwrite(t, secretFile, strings.Repeat("z", 40))
	eventually(t, "the old secret out of force", func() bool {
		resp, _ := p.upgradeAt(t, "/?token="+good)
		return resp.StatusCode == 401
	})
	p.wantLog("key file read again")
	p.stop()
	for _, text := range []string{p.stderr.String(), readFile(t, filepath.Join(dir, "story"))} {
		if strings.Contains(text, good[:40]) || strings.Contains(text, good[len(good)-20:]) {
			t.Errorf("a ticket is in:\n%s", tail(text))
		}
	}
}

// A Swoole script gets neither heartbeats nor those without a ticket.
func TestTicketsAndHeartbeatsOfASwooleScript(t *testing.T) {
	dir := filepath.Dir(write(t, "server.php", swooleScript))
	for _, mode := range []string{"request", "resident"} {
		t.Run(mode, func(t *testing.T) {
			overwrite(t, filepath.Join(dir, "bridge.yaml"), `
mode: `+mode+`
listen: ["127.0.0.1:0"]
auth: {jwt: {algorithms: [HS256], secret: "`+ticketSecret+`"}}
routes:
  - {path: /, script: server.php, heartbeats: [{message: ping, reply: pong}]}
`)
			p := serve(t, nil, "--config", filepath.Join(dir, "bridge.yaml"))
			if _, err := p.tryDial("/", nil); err == nil {
				t.Error("let in without a ticket")
			}
			c, err := p.tryDial("/?token="+ticketFor("HS256", ticketSecret, map[string]any{"sub": "7", "exp": in(time.Minute)}), nil)
			if err != nil {
				t.Fatal(err)
			}
			c.send("echo before")
			c.want("before")
			c.send("ping")
			c.want("pong")
			c.talk("hi")
			c.leave()
		})
	}
	code, _, stderr := run(t, nil, "check", "--config", func() string {
		overwrite(t, filepath.Join(dir, "bridge.yaml"), "routes: [{path: /, script: server.php, authorize: true}]\n")
		return filepath.Join(dir, "bridge.yaml")
	}())
	if code == 0 || !strings.Contains(stderr, "authorize is for plain scripts") {
		t.Errorf("%d %s", code, stderr)
	}
}

// What docs/auth.md shows runs as it stands there.
func TestAuthPageRuns(t *testing.T) {
	blocks := phpBlocks(t, "../docs/auth.md")
	if len(blocks) != 2 {
		t.Fatalf("docs/auth.md has %d scripts, this test knows 2", len(blocks))
	}
	page := readFile(t, "../docs/auth.md")
	yaml := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(page, -1)
	if len(yaml) != 3 {
		t.Fatalf("%d configurations", len(yaml))
	}
	dir := filepath.Dir(write(t, "chat.php", blocks[0]+"\nheader('Content-Type: application/json');\nif ($_SERVER['BRIDGE_EVENT'] === 'open') { echo json_encode(['instructions' => [['do' => 'push', 'group' => 'members', 'data' => $_SERVER['BRIDGE_ATTRIBUTES']]]]); }\n"))
	sessions := filepath.Join(dir, "sessions")
	if err := os.Mkdir(sessions, 0o700); err != nil {
		t.Fatal(err)
	}
	overwrite(t, filepath.Join(sessions, "sess_known"), `user|i:7;name|s:3:"Ann";`)
	overwrite(t, filepath.Join(dir, "bridge.yaml"), "listen: [\"127.0.0.1:0\"]\nfpm: {ini: [session.save_path="+sessions+"]}\n"+yaml[0][1])
	p := serve(t, nil, "--config", filepath.Join(dir, "bridge.yaml"))
	if resp, body := p.upgradeAt(t, "/chat"); resp.StatusCode != 403 || body != "Log in first." {
		t.Errorf("%d %q", resp.StatusCode, body)
	}
	c, err := p.tryDial("/chat", http.Header{"Cookie": {"PHPSESSID=known"}})
	if err != nil {
		t.Fatal(err)
	}
	c.want(`{"name":"Ann"}`)

	// The ticket that the page signs, and the configuration that lets it in; then the heartbeats.
	ticket := runPHP(t, "<?php $secret = '"+ticketSecret+"';\n"+blocks[1]+"echo $ticket;")
	secretFile := filepath.Join(dir, "jwt.secret")
	overwrite(t, secretFile, ticketSecret+"\n")
	overwrite(t, filepath.Join(dir, "server.php"), `<?php
if ($_SERVER['BRIDGE_EVENT'] === 'message') {
    header('Content-Type: application/json');
    echo json_encode(['instructions' => [['do' => 'push', 'uid' => '7', 'data' => $_SERVER['BRIDGE_ATTRIBUTES']]]]);
}
`)
	overwrite(t, filepath.Join(dir, "bridge.yaml"), "listen: [\"127.0.0.1:0\"]\n"+strings.ReplaceAll(yaml[1][1], "/etc/fpmbridge/jwt.secret", secretFile)+yaml[2][1])
	p = serve(t, nil, "--config", filepath.Join(dir, "bridge.yaml"))
	c = p.dial("/chat?token=" + ticket)
	c.send("who am I?")
	c.want(`{"name":"Ann","sub":"7"}`)
	c.send("2")
	c.want("3")
	c.send(`{"type":"hb"}`)
	if err := c.ws.Write(t.Context(), websocket.MessageBinary, []byte{0xff}); err != nil {
		t.Fatal(err)
	}
	if typ, got, err := c.read(); err != nil || typ != websocket.MessageBinary || got != "\x00" {
		t.Errorf("%v %q %v", typ, got, err)
	}
}

// examples/tickets: a web application gives out tickets, the bridge lets in who has one.
func TestTicketsExample(t *testing.T) {
	needPHP(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	site := l.Addr().String()
	_ = l.Close()
	php := exec.CommandContext(t.Context(), "php", "-d", "session.save_path="+t.TempDir(), "-S", site, "-t", example(t, "tickets/web"))
	if err := php.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = php.Process.Kill(); _ = php.Wait() })
	eventually(t, "the web application", func() bool {
		c, err := net.Dial("tcp", site)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	p := serve(t, nil, "--config", example(t, "tickets/bridge.yaml"), "--listen", "127.0.0.1:0")
	enter := func(name string) *client {
		jar, _ := cookiejar.New(nil)
		by := &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}
		body := func(resp *http.Response, err error) (int, string) {
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			b, _ := io.ReadAll(resp.Body)
			return resp.StatusCode, string(b)
		}
		if status, _ := body(by.Get("http://" + site + "/ticket.php")); status != 403 {
			t.Fatalf("status %d", status)
		}
		if _, page := body(by.PostForm("http://"+site+"/", url.Values{"name": {name}})); !strings.Contains(page, "new WebSocket") {
			t.Fatalf("%s", page)
		}
		_, ticket := body(by.Get("http://" + site + "/ticket.php"))
		c, err := p.tryDial("/?token="+ticket, http.Header{"Origin": {"http://127.0.0.1:8000"}})
		if err != nil {
			t.Fatal(err)
		}
		c.want(name + " has come")
		return c
	}
	ann := enter("Ann")
	bob := enter("Bob")
	ann.want("Bob has come")
	bob.send("hi")
	ann.want("Bob: hi")
	bob.want("Bob: hi")
	bob.send("ping")
	bob.want("pong")
	bob.leave()
	ann.want("Bob has left")
	if resp, _ := p.upgradeAt(t, "/"); resp.StatusCode != 401 {
		t.Errorf("%s", resp.Status)
	}
}
