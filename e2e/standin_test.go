package e2e_test

import (
	"strings"
	"testing"
)

// guarded refuses to run without the extension, and elsewhere than on the command line, as many scripts for Swoole do.
const guarded = `<?php
if (php_sapi_name() !== 'cli') {
    exit("run it on the command line\n");
}
foreach (['json', 'Core', 'swoole'] as $extension) {
    if (!extension_loaded($extension)) {
        exit("please install $extension\n");
    }
}
if (version_compare(phpversion('swoole'), '4.4.0', '<')) {
    exit("too old\n");
}
$server = new Swoole\WebSocket\Server('127.0.0.1', 9501);
$server->on('message', function ($server, $frame) {
    $server->push($frame->fd, json_encode([
        extension_loaded('OpenSwoole'), extension_loaded('no'), phpversion(), phpversion('no'), phpversion('Core') === PHP_VERSION, php_sapi_name(),
    ]));
});
$server->on('request', function ($request, $response) {
    $response->end('guarded');
});
$server->start();
`

func TestGuardsOfTheExtension(t *testing.T) {
	for _, mode := range [][]string{nil, {"--mode", "resident"}, {"--mode", "resident", "--launcher", "cli"}} {
		t.Run(strings.Join(mode, " "), func(t *testing.T) {
			p := serve(t, nil, append([]string{write(t, "server.php", guarded)}, mode...)...)
			c := p.dial("/")
			for range 2 {
				if got := c.answer("x"); !strings.HasPrefix(got, `[true,false,"`) || !strings.HasSuffix(got, `",false,true,"cli"]`) {
					t.Fatalf("heard %q", got)
				}
			}
		})
	}
}

// A plain script in the same php-fpm hears the truth.
func TestPlainScriptsHearTheTruth(t *testing.T) {
	p := serve(t, nil, write(t, "plain.php", `<?php
header('Content-Type: application/json');
if (getenv('BRIDGE_EVENT') === 'message') echo json_encode(['instructions' => [['do' => 'push', 'data' => json_encode([
	extension_loaded('swoole'), extension_loaded('json'), phpversion('swoole'), php_sapi_name() === 'cli', php_sapi_name(),
])]]]);`))
	if got := p.dial("/").answer("x"); got != `[false,true,false,false,"fpm-fcgi"]` {
		t.Errorf("heard %q", got)
	}
}
