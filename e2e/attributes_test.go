package e2e_test

import (
	"fmt"
	"strings"
	"testing"
)

const attributesScript = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 9501);
$server->on('open', function ($server, $request) {
    $b = $server->bridge();
    if ($b->attributes($request->fd) !== []) { $server->push($request->fd, 'there are some'); }
    $b->setAttributes($request->fd, ['user' => $request->get['user'], 'n' => 0, 'more' => ['a' => 1, 'list' => []]]);
    $b->join($request->fd, 'room');
    $server->push($request->fd, 'hello');
});
$server->on('message', function ($server, $frame) {
    $b = $server->bridge();
    $known = $b->attributes($frame->fd);
    if ($frame->data === 'fail') { $b->setAttributes($frame->fd, ['lost' => 1]); throw new Exception('no'); }
    if ($frame->data === 'next') {
        $b->mergeAttributes($frame->fd, ['n' => $known['n'] + 1, 'more' => ['a' => null, 'b' => 1.0]]);
        $known = ['was' => $known['n']] + $b->attributes($frame->fd);
    }
    if ($frame->data === 'all') { $b->toGroup('room')->mergeAttributes(['all' => true]); }
    if ($frame->data === 'info') { $known = $b->info($frame->fd)['connection']['attributes']; }
    if (ctype_digit($frame->data)) { $known = $b->attributes((int) $frame->data); }
    $server->push($frame->fd, json_encode($known, JSON_PRESERVE_ZERO_FRACTION));
});
$server->on('close', function ($server, $fd) {
    $server->bridge()->pushToAll('left ' . json_encode($server->bridge()->attributes($fd)['user'] ?? null));
});
$server->start();
`

// wantLike reads a message that has something in it.
func (c *client) wantLike(s string) {
	c.t.Helper()
	if _, got, err := c.read(); err != nil || !strings.Contains(got, s) {
		c.t.Fatalf("got %.200q, %v; want something with %.200q", got, err, s)
	}
}

// What a script knows of a client comes with each event of the client, the next one already.
func TestAttributes(t *testing.T) {
	p := serve(t, nil, write(t, "server.php", attributesScript))
	a, b := p.dial("/?user=ann"), p.dial("/?user=bob")
	a.want("hello")
	b.want("hello")
	for range 3 { // sent without waiting: each event sees what the one before it did
		a.send("next")
	}
	a.want(`{"was":0,"more":{"list":[],"b":1.0},"n":1,"user":"ann"}`)
	a.want(`{"was":1,"more":{"b":1.0,"list":[]},"n":2,"user":"ann"}`)
	a.want(`{"was":2,"more":{"b":1.0,"list":[]},"n":3,"user":"ann"}`)
	a.send("fail")
	a.send("x")
	a.want(`{"more":{"b":1.0,"list":[]},"n":3,"user":"ann"}`)
	a.send("info")
	a.want(`{"more":{"b":1.0,"list":[]},"n":3,"user":"ann"}`)
	b.send("1")
	b.want(`{"more":{"b":1.0,"list":[]},"n":3,"user":"ann"}`)
	b.send("99")
	b.want(`null`)
	b.send("all")
	b.want(`{"more":{"a":1,"list":[]},"n":0,"user":"bob"}`)
	got := p.php(p.api(), "", `echo json_encode([$bridge->attributes(1), $bridge->attributes(99), $bridge->setAttributes([1, 99], [])->each,
		$bridge->attributes(1), $bridge->mergeAttributes(2, ["x" => str_repeat("x", 4080)])->each, $bridge->mergeAttributes(2, ["y" => "\u{fc}"])->done, $bridge->attributes(2)]);`)
	if want := `[{"all":true,"more":{"b":1,"list":[]},"n":3,"user":"ann"},null,["done","unknown"],[],["full"],1,{"all":true,"more":{"a":1,"list":[]},"n":0,"user":"bob","y":"\u00fc"}]`; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	a.send("x")
	a.want(`[]`)
	_ = a.ws.CloseNow()
	b.want(`left null`)
}

// A resident worker asks for them, and sees at once what it and others did.
func TestAttributesOfAResidentWorker(t *testing.T) {
	p := serve(t, nil, write(t, "server.php", attributesScript), "--mode", "resident")
	a := p.dial("/?user=ann")
	a.want("hello")
	for range 20 {
		a.send("next")
	}
	for i := range 20 {
		a.wantLike(fmt.Sprintf(`"was":%d,`, i))
	}
	b := p.dial("/?user=bob")
	b.want("hello")
	a.send("all")
	a.wantLike(`"n":20`)
	if got := p.php(p.api(), "", `echo json_encode($bridge->attributes(2));`); got != `{"all":true,"more":{"a":1,"list":[]},"n":0,"user":"bob"}` {
		t.Error(got)
	}
	_ = a.ws.CloseNow()
	b.wantLike(`left "ann"`)
}

const plainAttributes = `<?php
header('Content-Type: application/json');
$known = $_SERVER['BRIDGE_ATTRIBUTES'] ?? 'none';
$do = [['do' => 'push', 'data' => $known]];
if ($_SERVER['BRIDGE_EVENT'] === 'message') {
    $do[] = ['do' => 'merge_attributes', 'attributes' => json_decode(file_get_contents('php://input'))];
} elseif ($_SERVER['BRIDGE_EVENT'] === 'open') {
    $do[] = ['do' => 'set_attributes', 'attributes' => ['user' => 'ü"']];
} else {
    $do = [['do' => 'push', 'all' => true, 'data' => $known]];
}
echo json_encode(['instructions' => $do]);
`

func TestAttributesOfAPlainScript(t *testing.T) {
	p := serve(t, nil, write(t, "plain.php", plainAttributes))
	a, b := p.dial("/"), p.dial("/")
	b.want("none")
	a.want("none")
	a.send(`{"n":1}`)
	a.want(`{"user":"ü\""}`)
	a.send(`{"n":null,"m":{"x":[]}}`)
	a.want(`{"n":1,"user":"ü\""}`)
	a.send(`[1]`) // not allowed: the answer is refused
	a.send(`{}`)
	a.want(`{"m":{"x":[]},"user":"ü\""}`)
	_ = a.ws.CloseNow()
	b.want(`{"m":{"x":[]},"user":"ü\""}`)
}
