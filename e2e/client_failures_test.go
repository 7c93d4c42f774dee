package e2e_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/testlog"
)

// shortFolder is a folder whose path leaves room for a socket's name.
func shortFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("/tmp", "e2e")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

// A bridge that dies or sleeps in the middle of a call: the client says whether something may have been done.
func TestClientOfABridgeThatFails(t *testing.T) {
	if _, err := exec.LookPath("php"); err != nil {
		missing(t, err)
	}
	for name, f := range map[string]struct {
		answer func(c net.Conn)
		code   string // of the exception: 2 TIMEOUT, 3 BROKEN
	}{
		"dies before it reads":   {func(net.Conn) {}, "3"},
		"dies after it has read": {func(c net.Conn) { _, _ = c.Read(make([]byte, 1<<10)) }, "3"},
		"dies in its answer":     {func(c net.Conn) { _, _ = c.Read(make([]byte, 1<<10)); _, _ = c.Write(make([]byte, 20)) }, "3"},
		"says nothing":           {func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, "2"},
		"stops in its answer": {func(c net.Conn) {
			_, _ = c.Read(make([]byte, 1<<10))
			_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"))
			_, _ = io.Copy(io.Discard, c)
		}, "2"},
		"answers something else": {func(c net.Conn) {
			_, _ = c.Read(make([]byte, 1<<10))
			_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"))
		}, ""},
		"answers to another one": {func(c net.Conn) {
			_, _ = c.Read(make([]byte, 1<<10))
			_, _ = c.Write([]byte("\x00\x00\x00\x00\xc0" + strings.Repeat("\x00", 10) + "\x07" + strings.Repeat("\x00", 16)))
		}, "3"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, scheme := range []string{"unix", "tcp", "http", "http without curl"} {
				network, at := "tcp", "127.0.0.1:0"
				if scheme == "unix" {
					network, at = "unix", filepath.Join(shortFolder(t), "s")
				}
				ln, err := net.Listen(network, at)
				if err != nil {
					t.Fatal(err)
				}
				go func() {
					for {
						c, err := ln.Accept()
						if err != nil {
							return
						}
						go func() {
							_ = c.SetDeadline(time.Now().Add(patience))
							f.answer(c)
							_ = c.Close()
						}()
					}
				}()
				address := scheme + ":" + ln.Addr().String()
				args := []string{}
				if strings.HasPrefix(scheme, "http") {
					address = "http://" + ln.Addr().String()
				}
				if scheme == "http without curl" {
					args = append(args, "-n")
				}
				script := fmt.Sprintf(`require %q; $bridge = new FpmBridge\Client(%q, '', ['timeout' => 0.3]); $start = microtime(true);
					try { $bridge->push(1, "x"); echo "done"; } catch (FpmBridge\ClientException $e) { echo $e->getCode(), " ", (int) (microtime(true) - $start), " ", $e->getMessage(); }`,
					must(filepath.Abs("../php-sdk/client.php")), address)
				out, err := exec.CommandContext(t.Context(), "php", append(args, "-r", script)...).CombinedOutput()
				_ = ln.Close()
				want := f.code + " 0 "
				if name == "stops in its answer" && !strings.HasPrefix(scheme, "http") {
					want = "3 0 " // that is no frame
				}
				if name == "answers to another one" && args != nil && strings.HasPrefix(scheme, "http") {
					want = "" // no HTTP at all: any error is right
				}
				if err != nil || f.code != "" && !strings.HasPrefix(string(out), want) || string(out) == "done" || strings.Contains(string(out), "Warning") {
					t.Errorf("%s: %v %s", scheme, err, out)
				}
			}
		})
	}
}

// A bridge that is started anew between two calls: a client that keeps its connection does not notice.
func TestClientOfABridgeThatIsStartedAnew(t *testing.T) {
	folder := shortFolder(t)
	script := write(t, "server.php", attributesScript)
	tcp := must(net.Listen("tcp", "127.0.0.1:0"))
	port := tcp.Addr().String()
	_ = tcp.Close()
	for scheme, address := range map[string]string{"unix": "unix:" + filepath.Join(folder, "api.sock"), "tcp": "tcp:" + port} {
		t.Run(scheme, func(t *testing.T) {
			env := []string{"BRIDGE_API_LISTEN=" + address}
			key := ""
			if scheme == "tcp" {
				key = "0123456789abcdef0123"
				config := write(t, "bridge.yaml", "api: {keys: [{name: a, key: "+key+"}]}")
				env = append(env, "CONFIG="+config)
			}
			start := func() *program {
				args := []string{script}
				if scheme == "tcp" {
					args = append(args, "--config", strings.TrimPrefix(env[1], "CONFIG="))
				}
				p := serve(t, env[:1], args...)
				p.dial("/?user=a").want("hello")
				return p
			}
			p := start()
			addresses := []string{address, address} // two clients share the kept connection
			if scheme == "tcp" {
				addresses = append(addresses, "http://"+port)
			}
			code := fmt.Sprintf(`require %q;`, must(filepath.Abs("../php-sdk/client.php")))
			for i, a := range addresses {
				code += fmt.Sprintf(`$b[%d] = new FpmBridge\Client(%q, %q);`, i, a, key)
			}
			cmd := exec.CommandContext(t.Context(), "php", "-r", code+`while (true) { foreach ($b as $one) { echo $one->push(1, "x")->done; } echo "\n"; if (fgets(STDIN) === false) { break; } }`)
			stdin, stdout := must(cmd.StdinPipe()), must(cmd.StdoutPipe())
			var errs testlog.Buffer
			cmd.Stderr = &errs
			if err := cmd.Start(); err != nil {
				missing(t, err)
			}
			lines := bufio.NewReader(stdout)
			want := strings.Repeat("1", len(addresses)) + "\n"
			for round := range 3 {
				if line, err := lines.ReadString('\n'); line != want {
					t.Fatalf("round %d: %q %v %s", round, line, err, errs.String())
				}
				if round < 2 {
					p.stop()
					p = start()
					_, _ = stdin.Write([]byte("\n"))
				}
			}
			_ = stdin.Close()
			_ = cmd.Wait()
		})
	}
}
