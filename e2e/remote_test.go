package e2e_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/testlog"
)

// ask runs a command that asks the program, as a person in the same folder would.
func (p *program) ask(stdin string, args ...string) (code int, stdout, stderr string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(os.Environ(), "TMPDIR="+p.tmp)
	cmd.Dir = p.tmp
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		p.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// Commands of a terminal against a bridge that runs.
func TestCommandsAskABridgeThatRuns(t *testing.T) {
	p := serve(t, nil, write(t, "server.php", attributesScript))
	a, b := p.dial("/?user=ann"), p.dial("/?user=bob")
	a.want("hello")
	b.want("hello")
	p.php(p.api(), "", `$bridge->bindUid(1, "ann"); $bridge->join(2, ["x\tä\e[31m", "room"]); $bridge->setAttributes(2, ["name" => "Bob"]);`)
	api := p.api()
	for _, c := range []struct {
		stdin string
		args  []string
		code  int
		want  string // of stdout and stderr, a pattern
	}{
		{"", []string{"push", "--all", "to all", "--api", api}, 0, `^2 queued\n$`},
		{"from stdin", []string{"push", "--uid", "ann", "--api", api}, 0, `^1 queued\n$`},
		{"", []string{"push", "--group", "room", "--except-uid", "ann", "--json", "not ann", "--api", api}, 0, `^{"gone":0,"queued":1,"results":\["queued"\],"slow":0,"unknown":0}\n$`},
		{"\xff\x00", []string{"push", "--fd", "1,2", "--binary", "--wait", "5s", "--api", api}, 0, `^2 written\n$`},
		{"\xff\x00", []string{"push", "--fd", "1", "--api", api}, 2, "not UTF-8.*--binary"},
		{"", []string{"push", "--fd", "99", "--uid", "carl", "x", "--api", api}, 1, "nobody got it: 2 unknown"},
		{"", []string{"push", "x", "--api", api}, 2, "for whom"},
		{"", []string{"push", "--all", "x", "y", "--api", api}, 2, "quotes"},
		{"", []string{"push", "--fd", "-1", "x", "--api", api}, 2, "no connection"},
		{"", []string{"push", "--all", "--fd", "1", "x", "--api", api}, 1, `refused \(400\): all`},
		{"", []string{"close", "--fd", "1", "--code", "1", "--api", api}, 1, `refused \(400\): code: 1`},
		{"", []string{"connections", "--api", api}, 0, `(?m)^FD +FROM +SINCE +UID +GROUPS +QUEUED +ATTRIBUTES\n1 +127\.0\.0\.1:\d+ +\d+s +ann +room +0 +{"more".*\n2 +127\.0\.0\.1:\d+ +\d+s +- +room "x\\tä\\x1b\[31m" +0 +{"name":"Bob"}\n$`},
		{"", []string{"connections", "--uid", "ann", "--json", "--api", api}, 0, `^{"members":\[{"attributes":{"more".*"connection":{"fd":1,.*"fd":1,"groups":\["room"\],"uid":"ann"}\],"total":1}\n$`},
		{"", []string{"connections", "--limit", "1", "--api", api}, 0, `\n1 of 2; the next ones: --after 1\n$`},
		{"", []string{"connections", "--group", "nobody", "--api", api}, 0, `\nnone\n$`},
		{"", []string{"groups", "--api", api}, 0, `^NAME +CONNECTIONS\nroom +2\n"x\\tä\\x1b\[31m" +1\n$`},
		{"", []string{"users", "--api", api}, 0, `^NAME +CONNECTIONS\nann +1\n$`},
		{"", []string{"users", "--json", "--api", api}, 0, `^{"names":\[{"connections":1,"name":"ann"}\],"total":1}\n$`},
		{"", []string{"info", "1", "--api", api}, 0, `(?s)fd +1\n.*connect_time +20\d\d-.*attributes +{.*user +ann\ngroups +room`},
		{"", []string{"info", "99", "--api", api}, 1, "there is no connection 99"},
		{"", []string{"info", "x", "--api", api}, 2, "no FD"},
		{"", []string{"info", "--api", api}, 2, "which connection"},
		{"", []string{"stats", "--api", api}, 0, `(?s)connections +2\n.*groups +2\n.*memberships +3\n.*pushes_refused_by.unknown +2\n`},
		{"", []string{"stats"}, 0, `connections +2`}, // the one bridge that runs here
		{"", []string{"stats", "--api", "unix:/nowhere/api.sock"}, 1, `no bridge answers at unix:/nowhere/api.sock: .*no such file`},
		{"", []string{"stats", "--api", "here"}, 2, `"here" is no address`},
		{"", []string{"stats", "--api", "http://127.0.0.1:1"}, 1, "no bridge answers at http://127.0.0.1:1: .*refused"},
		{"", []string{"stats", "--api", "http://" + p.addr}, 1, "not the API of fpmbridge"},
		{"", []string{"stats", "--api", api, "--key", "a", "--key-file", "b"}, 2, "either --key"},
		{"", []string{"close", "--uid", "ann", "--code", "4001", "--reason", "bye", "--api", api}, 0, `^1 closed\n$`},
		{"", []string{"close", "--uid", "ann", "--api", api}, 1, "nobody got it: 1 unknown"},
	} {
		code, out, errs := p.ask(c.stdin, c.args...)
		if got := out + errs; code != c.code || !regexp.MustCompile(c.want).MatchString(got) {
			t.Errorf("%v: exit %d\n%s\nwant %d, %s", c.args, code, got, c.code, c.want)
		}
	}
	for _, want := range []string{"to all", "from stdin", "\xff\x00"} {
		a.want(want)
	}
	a.wantClose(4001)
	for _, want := range []string{"to all", "not ann", "\xff\x00"} {
		b.want(want)
	}
}

// With a configuration that says where and with which key, as serve has it.
func TestCommandsReadTheConfiguration(t *testing.T) {
	folder := t.TempDir()
	key := filepath.Join(folder, "key")
	config := filepath.Join(folder, "bridge.yaml")
	yaml := `api: {listen: "tcp:127.0.0.1:0", keys: [{name: file, key_file: ` + key + `, scopes: [read]}, {name: push, key: pushpushpushpush, scopes: [push]}]}`
	for file, text := range map[string]string{key: "readreadreadread\n", config: yaml} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p := serve(t, nil, write(t, "server.php", attributesScript), "--config", config)
	c := p.dial("/?user=ann")
	c.want("hello")
	// The port was chosen when it started.
	if err := os.WriteFile(config, []byte(strings.Replace(yaml, "tcp:127.0.0.1:0", p.api(), 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, q := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"stats", "--config", config}, 0, "connections +1"},
		{[]string{"push", "--all", "x", "--config", config}, 0, "1 queued"},
		{[]string{"close", "--all", "--config", config}, 1, "wants a key: --key-file"},
		{[]string{"close", "--all", "--api", p.api(), "--key", "pushpushpushpush"}, 1, `refused \(403\): key`},
		{[]string{"stats", "--api", p.api()}, 1, "wants a key"},
		{[]string{"stats", "--api", p.api(), "--key-file", key}, 0, "connections +1"},
		{[]string{"stats", "--api", p.api(), "--key-file", key + ".not"}, 1, "no such file"},
		{[]string{"stats", "--config", config + ".not"}, 1, "--api ADDRESS does without it"},
	} {
		code, out, errs := p.ask("", q.args...)
		if got := out + errs; code != q.code || !regexp.MustCompile(q.want).MatchString(got) {
			t.Errorf("%v: exit %d\n%s\nwant %d, %s", q.args, code, got, q.code, q.want)
		}
	}
	if code, out, errs := p.ask("", "stats", "--config", config); code != 0 {
		t.Error(out, errs)
	}
	cmd := exec.CommandContext(t.Context(), binary, "stats", "--api", p.api())
	cmd.Env = append(os.Environ(), "BRIDGE_API_KEY=readreadreadread")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s %v", out, err)
	}
}

func TestCommandsWithoutABridge(t *testing.T) {
	for args, want := range map[string]string{
		"stats":        `(?s)no bridge runs here.*looked at .*api.sock.*fpmbridge serve.*--api`,
		"push --all x": `(?s)no bridge runs here.*--api`,
	} {
		code, out, errs := run(t, nil, strings.Fields(args)...)
		if code != 1 || out != "" || !regexp.MustCompile(want).MatchString(errs) {
			t.Errorf("%s: exit %d %s%s", args, code, out, errs)
		}
	}
}

// --watch goes on until it is interrupted, and prints one picture after the other where there is no terminal.
func TestCommandsWatch(t *testing.T) {
	p := serve(t, nil, write(t, "server.php", attributesScript))
	c := p.dial("/?user=ann")
	c.want("hello")
	for _, args := range [][]string{{"connections", "--watch"}, {"stats", "--watch", "--json"}, {"groups", "--watch"}} {
		cmd := exec.CommandContext(t.Context(), binary, append(args, "--api", p.api())...)
		var out testlog.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		word := map[string]string{"connections": "fpmbridge at", "stats": `{"api"`, "groups": "room"}[args[0]]
		eventually(t, "three pictures", func() bool { return strings.Count(out.String(), word) >= 3 })
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v %s", args, err, out.String())
		}
		if strings.Contains(out.String(), "\x1b") {
			t.Errorf("%q", out.String())
		}
	}
}

// Every number of stats is described, and no other.
func TestStatsAreDescribed(t *testing.T) {
	p := serve(t, nil, write(t, "server.php", attributesScript))
	get := func(path string, v any) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		res, err := unixClient(p.api()).Do(must(http.NewRequestWithContext(ctx, http.MethodGet, "http://bridge"+path, nil)))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if err := json.NewDecoder(res.Body).Decode(v); err != nil {
			t.Fatal(err)
		}
	}
	var stats map[string]map[string]any
	get("/v1/stats", &stats)
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct{ Properties map[string]any }
			}
		}
	}
	get("/v1/openapi.json", &doc)
	for part, numbers := range stats {
		var described, there []string
		for name := range doc.Components.Schemas["Stats"].Properties[part].Properties {
			described = append(described, name)
		}
		for name := range numbers {
			there = append(there, name)
		}
		slices.Sort(described)
		slices.Sort(there)
		if !slices.Equal(described, there) {
			t.Errorf("%s: described %v\nthere %v", part, described, there)
		}
	}
	if memory, _ := stats["bridge"]["memory"].(float64); memory < 1<<20 || time.Duration(memory) > 1<<40 {
		t.Error(stats["bridge"]["memory"])
	}
}
