package standin_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fpmbridge/fpmbridge/internal/standin"
)

func TestTyped(t *testing.T) {
	const push = "{ public function push(int $fd, $data, int $opcode = 1): bool {} }"
	for name, c := range map[string]struct {
		files []string // "name: text"; the first one is the script
		want  bool
	}{
		"a server":                   {[]string{`a.php: class Chat extends \Swoole\WebSocket\Server ` + push}, true},
		"of the same name":           {[]string{`a.php: class Server extends \Swoole\WebSocket\Server implements X ` + push}, true},
		"an underscore":              {[]string{`a.php: final class Chat Extends Swoole_WebSocket_Server ` + push}, true},
		"OpenSwoole's":               {[]string{`a.php: use OpenSwoole\WebSocket\{Server, Frame}; class Chat extends Server ` + push}, true},
		"an alias":                   {[]string{`a.php: use Swoole\WebSocket\Server as Base; class Chat extends Base ` + push}, true},
		"no class has a name":        {[]string{`a.php: $s = new class ("0.0.0.0", 9501) extends Swoole\WebSocket\Server ` + push + `;`}, true},
		"by way of another":          {[]string{`a.php: require 'b.php'; new Chat`, `lib/b.php: class Base extends swoole_websocket_server {}`, `c.php: class Chat extends \App\Base ` + push}, true},
		"the second parameter":       {[]string{`a.php: class Chat extends Swoole\Server { function send($fd, string $data, $x = -1) {} }`}, true},
		"a table":                    {[]string{`a.php: use Swoole\Table; class Users extends Table { function set(string $key, array $row): bool {} }`}, true},
		"a trait":                    {[]string{"a.php: class Chat extends Swoole\\Server { use Pushes; }\ntrait Pushes " + push}, true},
		"in a comment":               {[]string{`a.php: class Chat extends Swoole\Server { /* function send(int $fd) */ }`}, false},
		"without types":              {[]string{`a.php: class Chat extends Swoole\Server { function send($fd, $data): string { $x = 1; } function close($fd); function set(array $a) {} }`}, false},
		"other methods":              {[]string{`a.php: class Chat extends Swoole\Server { function pushAll(int $fd) {} function onMessage(string $x) {} }`}, false},
		"beside the class":           {[]string{"a.php: class Chat extends Swoole\\Server {}\nclass Wrapper " + push}, false},
		"another server":             {[]string{`a.php: require 'b.php'; new Swoole\Server('', 1);`, `b.php: class Chat extends Server ` + push, `c.php: class Server extends Base {}`}, false},
		"a class of one's own, used": {[]string{"a.php: use App\\Server; class Chat extends Server " + push + " new Swoole\\Table(1);"}, false},
		"round in circles":           {[]string{"a.php: swoole; class A extends B " + push + "\nclass B extends A {}"}, false},
		"a library":                  {[]string{`a.php: require 'vendor/autoload.php';`, `vendor/b.php: class Chat extends Swoole\Server ` + push}, false},
		"nothing":                    {[]string{`b.php: class Chat extends Swoole\Server ` + push}, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, f := range c.files {
				file, text, _ := strings.Cut(f, ": ")
				path := filepath.Join(dir, file)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte("<?php\n"+text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			script := filepath.Join(dir, "a.php")
			if got := standin.Typed(script); got != c.want {
				t.Error(got)
			}
			if got := standin.TypedFlag(script) == "1"; got != c.want {
				t.Error(got)
			}
		})
	}
}

// Text of any kind is read.
func FuzzTyped(f *testing.F) {
	f.Add("class A extends Swoole\\Server { function push(int $fd) {} }")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "a.php")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		standin.Typed(path)
	})
}
