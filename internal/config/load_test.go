package config_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fpmbridge/fpmbridge/internal/config"
)

// repo is the folder of bridge.yaml and docs.
const repo = "../.."

func TestTheShippedFileHoldsExactlyTheDefaults(t *testing.T) {
	got, err := config.Load(config.Source{File: filepath.Join(repo, "bridge.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	want := config.Defaults()
	// An empty list and none mean the same; only the file says [].
	want.Listen, want.Subprotocols = []string{}, []string{}
	want.Routes, want.FPM.INI, want.FPM.Params, want.Args, want.PHP.INI = []config.Route{}, []string{}, []string{}, []string{}, []string{}
	want.JWT.Algorithms, want.JWT.Claims, want.JWT.Issuer, want.JWT.Audience = []string{}, []string{}, []string{}, []string{}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	got, err = config.Load(config.Source{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(config.Defaults(), got); d != "" {
		t.Error(d)
	}
}

func TestEveryKeyIsInTheShippedFileAndInTheDocs(t *testing.T) {
	doc := read(t, filepath.Join(repo, "docs", "configuration.md"))
	yaml := read(t, filepath.Join(repo, "bridge.yaml"))
	for _, key := range config.Keys() {
		if !strings.Contains(doc, "`"+key+"`") {
			t.Errorf("docs/configuration.md does not explain `%s`", key)
		}
		if name := key[strings.LastIndexByte(key, '.')+1:]; !strings.Contains(yaml, name+":") {
			t.Errorf("bridge.yaml does not show %s", key)
		}
	}
}

func TestFlagsWinOverEnvironmentOverFileOverDefaults(t *testing.T) {
	file := write(t, "workers: 1\nbatch: 2\nlog: {level: debug}\nfpm: {timeout: 1s}\n")
	env := map[string]string{"BRIDGE_WORKERS": "3", "BRIDGE_LOG_LEVEL": "warn", "BRIDGE_PING_INTERVAL": "7s"}
	got, err := config.Load(config.Source{
		File:   file,
		Getenv: func(name string) string { return env[name] },
		Flags:  map[string]any{"workers": 4, "listen": []string{":1", ":2"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := config.Defaults()
	want.Workers, want.Batch, want.Listen = 4, 2, []string{":1", ":2"}
	want.Log.Asked = true
	want.Log.Level, want.Ping.Interval, want.FPM.Timeout = slog.LevelWarn, 7*time.Second, time.Second
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestEveryKeyCanBeSetByTheEnvironment(t *testing.T) {
	script := write(t, "<?php")
	env := map[string]string{
		"listen": ":1, :2", "script": script, "mode": "resident", "launcher": "cli", "args": "a,b", "php.binary": "p", "php.ini": `["a=1,2"]`, "workers": "9", "batch": "9", "queue_timeout": "9s",
		"worker_timeout": "9s", "worker_memory_limit": "9M",
		"retry_window": "9s", "routes": `[{"path":"/x","script":"` + script + `"}]`, "origins": "https://a.example:8443, b.example, https://*.c.example", "subprotocols": "a,b",
		"compression": "true", "http2": "true", "tls.cert": "c", "tls.key": "k", "tls.client_ca": "ca", "log.level": "error", "log.format": "json", "fpm.address": "tcp:h:1", "fpm.binary": "b",
		"fpm.user": "u", "fpm.group": "g", "fpm.ini": `["a=1,2"]`, "fpm.idle": "0", "fpm.timeout": "9s",
		"fpm.dial_timeout": "9s", "fpm.max_answer": "9M", "fpm.params": "A=1", "callback.listen": "unix:/x",
		"api.listen": "unix:/x", "api.concurrency": "9", "api.keys": `[{"name":"n","key":"k"}]`, "callback.token": "t", "callback.group": "g", "callback.mode": "0600", "sdk.path": "/sdk",
		"shared_memory.driver": "apcu", "shared_memory.limit": "9M",
		"limits.connections": "9", "limits.connections_per_address": "9", "limits.requests": "9", "limits.header": "9K",
		"limits.header_timeout": "9s", "limits.keep_alive": "9s", "limits.detached": "9s", "limits.message": "9", "limits.inbox": "9", "limits.inbox_messages": "9", "limits.tasks": "9", "limits.task_data": "9KiB", "limits.spool": "9KiB",
		"limits.outbox": "9", "ping.interval": "9s", "ping.timeout": "99s", "close_timeout": "9s", "write_timeout": "9s",
		"shutdown.timeout": "9s", "shutdown.spread": "9s", "swoole.clean_close": "true",
		"auth.jwt.algorithms": "HS256", "auth.jwt.secret": strings.Repeat("s", 32), "auth.jwt.secret_file": "f", "auth.jwt.public_key_file": "f", "auth.jwt.jwks_file": "f",
		"auth.jwt.from": "cookie:a", "auth.jwt.required": "false", "auth.jwt.strip": "false", "auth.jwt.uid_claim": "id", "auth.jwt.groups_claim": "g", "auth.jwt.claims": "a,b",
		"auth.jwt.issuer": "i", "auth.jwt.audience": "a", "auth.jwt.leeway": "9s", "auth.jwt.require_exp": "false", "auth.jwt.close_on_expiry": "true", "auth.jwt.close_code": "1008",
	}
	for _, key := range config.Keys() {
		if strings.HasPrefix(key, "routes[]") || strings.HasPrefix(key, "api.keys[]") {
			continue
		}
		getenv := func(name string) string {
			if name == config.EnvName(key) {
				return env[key]
			}
			// A ticket's key needs an algorithm, and an algorithm a key.
			switch {
			case name == "BRIDGE_AUTH_JWT_ALGORITHMS" && key == "auth.jwt.public_key_file":
				return "RS256"
			case name == "BRIDGE_AUTH_JWT_ALGORITHMS" && strings.HasPrefix(key, "auth.jwt.") && (strings.HasSuffix(key, "_file") || key == "auth.jwt.secret"):
				return "HS256"
			case name == "BRIDGE_AUTH_JWT_SECRET" && key == "auth.jwt.algorithms":
				return env["auth.jwt.secret"]
			}
			return ""
		}
		got, err := config.Load(config.Source{Getenv: getenv})
		if err != nil {
			t.Errorf("%s: %v", key, err)
		} else if cmp.Equal(config.Defaults(), got) {
			t.Errorf("%s changed nothing", config.EnvName(key))
		}
	}
}

// mistakes are files and what their errors must say: the key, the value, and what is allowed.
func mistakes() map[string][]string {
	return map[string][]string{
		"fpm: {timeout: 30}":  {"fpm.timeout", "30", "needs a unit", "write 30s"},
		"queue_timeout: '30'": {"queue_timeout", "write 30s"},
		"queue_timeout: soon": {"queue_timeout", `"soon"`, "500ms, 30s"},
		"queue_timeout: -1s":  {"queue_timeout", "least"},
		"workers: many":       {"workers", `"many"`, "whole number"},
		"workers: 1.5":        {"workers", "1.5", "whole number"},
		"workers: -1":         {"workers", "-1", "least allowed is 0"},
		"batch: 0":            {"batch", "least allowed is 1"},
		"mode: fast":          {"mode", `"fast"`, "request resident"},
		"launcher: cron":      {"launcher", `"cron"`, "fpm cli"},
		"php: {ini: [x]}":     {"php.ini[0]", "name=value"},
		"mode: resident\nlauncher: cli\nroutes: [{path: /, script: /a.php, protocol: plain}]\nsdk: {path: /x}": {"launcher", "needs php-fpm"},
		"routes: [{path: /, script: /a.php, launcher: cli}]\nsdk: {path: /x}":                                  {"routes[0].launcher", "mode: resident"},
		"api: {listen: 'tcp:127.0.0.1:9502'}":                                                                  {"api.listen", "write api.keys"},
		"api: {keys: [{key: supersecret, keys: 1}]}":                                                           {"api.keys[0].keys", "did you mean key"},
		"api: {keys: [{name: a}, {name: a, key: k, scopes: [write]}]}":                                         {"api.keys[0].key", "api.keys[1].name", "api.keys[1].scopes", "read, push and admin"},
		"api: {concurrency: 0}":                       {"api.concurrency", "least allowed is 1"},
		"shared_memory: {driver: redis}":              {"shared_memory.driver", `"redis"`, "bridge apcu"},
		"shared_memory: {limit: 1}":                   {"shared_memory.limit", "1KiB"},
		"compression: 1":                              {"compression", "true and false"},
		"log: {level: loud}":                          {"log.level", `"loud"`, "debug, info, warn and error"},
		"log: 5":                                      {"log", "group of keys"},
		"listen: {a: 1}":                              {"listen", "list of texts"},
		"listen: 8080":                                {"listen[0]", `"8080"`, "HOST:PORT"},
		"listen: ['x:99999']":                         {"listen[0]", "65535"},
		"limits: {message: 2 apples}":                 {"limits.message", `"2 apples"`, "2MiB"},
		"limits: {header: 10}":                        {"limits.header", "1KiB"},
		"callback: {mode: 0660}":                      {"callback.mode", "432", "in quotes"},
		"callback: {mode: '999'}":                     {"callback.mode", "in quotes"},
		"callback: {token: [a]}":                      {"callback.token", "***"},
		"fpm: {address: /run/x}":                      {"fpm.address", "unix:/absolute/path or tcp:HOST:PORT"},
		"fpm: {address: 'tcp:h:1', user: www-data}":   {"fpm.user", "that we start"},
		"fpm: {params: [PHP_VALUE=a]}":                {"fpm.params[0]", "every other site"},
		"fpm: {params: [x]}":                          {"fpm.params[0]", "NAME=value"},
		"fpm: {params: [BRIDGE_FD=1]}":                {"fpm.params[0]", "bridge itself"},
		"fpm: {ini: [x]}":                             {"fpm.ini[0]", "name=value"},
		"ping: {timeout: 30s}":                        {"ping.timeout", "30s", "longer than ping.interval"},
		"shutdown: {spread: 1m}":                      {"shutdown.spread", "fit into"},
		"origins: [https://example.com/]":             {"origins[0]", "https://example.com"},
		"subprotocols: ['a b']":                       {"subprotocols[0]", "one word"},
		"subprotocols: [a, a]":                        {"subprotocols[1]", "twice"},
		"sdk: {path: sdk}":                            {"sdk.path", "absolute"},
		"script: missing.php":                         {"script", "missing.php", "able to read"},
		"script: /":                                   {"script", "not a file"},
		"routes: chat":                                {"routes", "list of routes"},
		"routes: [chat]":                              {"routes[0]", "write keys"},
		"routes: [{path: chat, script: /etc/passwd}]": {"routes[0].path", "starts with /"},
		"routes: [{path: /a, script: /etc/passwd}, {path: /a/, script: /etc/passwd}]": {"routes[1].path", "routes[0]"},
		"routes: [{path: /}]":                                                                              {"routes[0].script", "name a script"},
		"routes: [{path: /, replies: text}]":                                                               {"routes[0].replies", "did you mean reply"},
		"routes: [{path: /, reply: xml}]":                                                                  {"routes[0].reply", "json text"},
		"{script: /etc/passwd, routes: [{path: /, script: /etc/passwd}]}":                                  {"script", "serve nothing"},
		"sdk: {path: /sdk}\nscript: a.php":                                                                 {"script", "absolute path that PHP knows"},
		"auth: {jwt: {secret: 0123456789abcdef0123456789abcdef}}":                                          {"auth.jwt.algorithms", "HS256, RS256 and ES256"},
		"auth: {jwt: {algorithms: [none], secret: 0123456789abcdef0123456789abcdef}}":                      {"auth.jwt.algorithms[0]", `"none"`, "HS256, RS256 and ES256"},
		"auth: {jwt: {algorithms: [HS256]}}":                                                               {"auth.jwt", "one of secret"},
		"auth: {jwt: {algorithms: [HS256], secret: hidden}}":                                               {"auth.jwt.secret", "***", "6 bytes", "at least 32"},
		"auth: {jwt: {algorithms: [HS256], public_key_file: a}}":                                           {"auth.jwt.algorithms[0]", "could sign"},
		"auth: {jwt: {algorithms: [RS256], secret_file: a}}":                                               {"auth.jwt.algorithms[0]", "public_key_file"},
		"auth: {jwt: {algorithms: [HS256], secret_file: a, from: [token]}}":                                {"auth.jwt.from[0]", `"token"`, "query:NAME"},
		"auth: {jwt: {algorithms: [HS256], secret_file: a, from: ['header:Sec-WebSocket-Key']}}":           {"auth.jwt.from[0]", "another meaning"},
		"auth: {jwt: {algorithms: [HS256], secret_file: a, from: []}}":                                     {"auth.jwt.from", "where"},
		"auth: {jwt: {algorithms: [HS256], secret_file: a, leeway: 1h}}":                                   {"auth.jwt.leeway", "5m"},
		"auth: {jwt: {algorithms: [HS256], secret_file: a, close_code: 1000}}":                             {"auth.jwt.close_code", "1008 and 3000"},
		"auth: {jwt: {algorithms: [HS256], secret_file: a, claims: [a, a]}}":                               {"auth.jwt.claims[1]", "once"},
		"routes: [{path: /, script: /etc/passwd, auth: true}]":                                             {"routes[0].auth", "jwt: false"},
		"routes: [{path: /, script: /etc/passwd, auth: {jwt: true}}]":                                      {"routes[0].auth.jwt", "write false"},
		"routes: [{path: /, script: /etc/passwd, auth: {jwt: {}}}]":                                        {"routes[0].auth.jwt.algorithms", "HS256"},
		"routes: [{path: /, script: /etc/passwd, auth: {jtw: {}}}]":                                        {"routes[0].auth.jtw", "no such key"},
		"routes: [{path: /, script: /etc/passwd, auth: {jwt: {algorithms: [HS256], secret: [a]}}}]":        {"routes[0].auth.jwt.secret", "***"},
		"routes: [{path: /, script: /etc/passwd, authorize: 1}]":                                           {"routes[0].authorize", "true and false"},
		"routes: [{path: /, script: /etc/passwd, authorize: true, protocol: framed}]":                      {"routes[0].authorize", "plain scripts"},
		"routes: [{path: /, script: /etc/passwd, heartbeats: ping}]":                                       {"routes[0].heartbeats", "{message: ping, reply: pong}"},
		"routes: [{path: /, script: /etc/passwd, heartbeats: [ping]}]":                                     {"routes[0].heartbeats[0]", "{message: ping, reply: pong}"},
		"routes: [{path: /, script: /etc/passwd, heartbeats: [{reply: a}]}]":                               {"routes[0].heartbeats[0]", "either message"},
		"routes: [{path: /, script: /etc/passwd, heartbeats: [{message: a, message_base64: YQ==}]}]":       {"routes[0].heartbeats[0]", "either message"},
		"routes: [{path: /, script: /etc/passwd, heartbeats: [{message: a, reply: a, reply_base64: ''}]}]": {"routes[0].heartbeats[0]", "or neither"},
		"routes: [{path: /, script: /etc/passwd, heartbeats: [{message_base64: /w==}]}]":                   {"routes[0].heartbeats[0]", "UTF-8"},
		"routes: [{path: /, script: /etc/passwd, heartbeats: [{message_base64: '!'}]}]":                    {"routes[0].heartbeats[0]", "base64"},
		"routes: [{path: /, script: /etc/passwd, heartbeats: [{message: a}, {message: a, reply: b}]}]":     {"routes[0].heartbeats[1]", "already"},
		"routes: [{path: /, script: /etc/passwd, heartbeats: [{message: a, opcode: ping}]}]":               {"routes[0].heartbeats[0].opcode", "text binary"},
		"routes: [{path: /, script: /etc/passwd, heartbeats: [{mesage: a}]}]":                              {"routes[0].heartbeats[0].mesage", "did you mean message"},
		"wrokers: 3":          {"wrokers", "did you mean workers?"},
		"fpm: {addr: x}":      {"fpm.addr", "did you mean fpm.address?"},
		"max_answer: 1M":      {"max_answer", "did you mean fpm.max_answer?"},
		"trusted_proxies: []": {"trusted_proxies", "no such key"},
	}
}

func TestMistakesNameKeyValueAndWhatIsAllowed(t *testing.T) {
	for yaml, want := range mistakes() {
		file := write(t, yaml)
		_, err := config.Load(config.Source{File: file})
		var e *config.KeyError
		if !errors.As(err, &e) {
			t.Errorf("%s: error %v", yaml, err)
			continue
		}
		if e.Key != want[0] || e.Origin != file {
			t.Errorf("%s: key %q from %q", yaml, e.Key, e.Origin)
		}
		for _, part := range want[1:] {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: no %q in: %v", yaml, part, err)
			}
		}
	}
}

func TestAllMistakesAreReportedAtOnce(t *testing.T) {
	_, err := config.Load(config.Source{
		File:   write(t, "workers: x\nnope: 1\nrouts: []\nroutes: [{path: 1, protocol: x, foo: 1}]\n"),
		Getenv: func(name string) string { return map[string]string{"BRIDGE_BATCH": "y"}[name] },
		Flags:  map[string]any{"mode": "z"},
	})
	for _, part := range []string{
		"workers", "nope", "routes?", "routes[0].protocol", "routes[0].foo", "batch (BRIDGE_BATCH)", "mode (flag)",
	} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("no %q in: %v", part, err)
		}
	}
	_, err = config.Load(config.Source{File: write(t, "workers: -1\nbatch: -1\nping: {interval: -1s}\n")})
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("want three lines: %v", err)
	}
}

func TestAFileThatCannotBeReadIsNamed(t *testing.T) {
	for _, file := range []string{filepath.Join(t.TempDir(), "none.yaml"), write(t, "a: [")} {
		if _, err := config.Load(config.Source{File: file}); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("error %v", err)
		}
	}
}

func TestScriptsOfTheFileAreRelativeToIt(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.php", "b.php"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "bridge.yaml")
	text := "script: a.php\norigins: ['https://x.example']\nroutes: [{path: /}, {Path: /b, script: b.php, origins: ['*']}]\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(config.Source{File: file})
	if err != nil {
		t.Fatal(err)
	}
	want := []config.Route{
		{Path: "/", Script: dir + "/a.php", Launcher: config.LauncherFPM, Protocol: config.ProtocolAuto, Reply: config.ReplyJSON, Origins: []string{"https://x.example"}},
		{Path: "/b", Script: dir + "/b.php", Launcher: config.LauncherFPM, Protocol: config.ProtocolAuto, Reply: config.ReplyJSON, Origins: []string{"*"}},
	}
	if d := cmp.Diff(want, c.RouteList()); d != "" {
		t.Error(d)
	}
	t.Chdir(dir)
	c, err = config.Load(config.Source{Flags: map[string]any{"script": "b.php"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.RouteList(); len(got) != 1 || got[0].Path != "/" || got[0].Script != dir+"/b.php" {
		t.Errorf("routes %+v", got)
	}
}

func TestScriptsOnAnotherFileSystemAreNotOpened(t *testing.T) {
	c, err := config.Load(config.Source{File: write(t, "sdk: {path: /sdk}\nscript: /only/there.php\n")})
	if err != nil || c.Script != "/only/there.php" {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestSlots(t *testing.T) {
	own, given, set := config.Defaults(), config.Defaults(), config.Defaults()
	given.FPM.Address, set.Workers = "unix:/x", 7
	got := []int{own.Slots(1), own.Slots(8), given.Slots(8), set.Slots(8)}
	if want := []int{4, 16, 4, 7}; !slices.Equal(got, want) {
		t.Errorf("slots %v, want %v", got, want)
	}
}

func FuzzLoad(f *testing.F) {
	for yaml := range mistakes() {
		f.Add(yaml)
	}
	f.Add(read(f, filepath.Join(repo, "bridge.yaml")))
	f.Fuzz(func(t *testing.T, yaml string) {
		c, err := config.Load(config.Source{File: write(t, yaml)})
		if (c == nil) == (err == nil) {
			t.Fatalf("config %v and error %v", c, err)
		}
		if c != nil {
			_ = fmt.Sprintf("%+v", c)
			c.RouteList()
		}
	})
}

func write(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "bridge.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func read(t testing.TB, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// php-fpm must neither end a script that still has time, however long its child waited for it, nor let what was sent next wait for the
// child until that one's time is over, too.
func TestOurOwnPHPFPMEndsAScriptAfterUs(t *testing.T) {
	for _, s := range []string{"3s", "4s", "7s", "30s", "90s", "1h"} {
		var c config.Config
		c.FPM.Timeout, _ = time.ParseDuration(s)
		c.FPM.Idle = 5 * time.Second
		timeout, end := c.FPM.Timeout, c.FPMTerminate()
		late := (end + time.Second - 1).Truncate(time.Second) * 4 / 3 // when it looks
		if end < timeout+c.FPMIdle() || c.FPMIdle() <= 0 || late >= 2*timeout {
			t.Errorf("%v: idle %v, ends it after %v, or %v", timeout, c.FPMIdle(), end, late)
		}
		c.FPM.Idle = 0
		if end := c.FPMTerminate(); end != timeout || c.FPMIdle() >= 0 {
			t.Errorf("%v, not kept: ends it after %v", timeout, end)
		}
	}
	var c config.Config
	c.FPM.Timeout, c.FPM.Idle = time.Second, 5*time.Second
	if end := c.FPMTerminate(); end != time.Second {
		t.Errorf("1s: ends it after %v", end)
	}
}

func TestARouteHasItsOwnTickets(t *testing.T) {
	const secret = "0123456789abcdef0123456789abcdef"
	c, err := config.Load(config.Source{File: write(t, `
script: /etc/passwd
auth: {jwt: {algorithms: [HS256], secret: `+secret+`, claims: [a]}}
routes:
  - {path: /}
  - {path: /free, auth: {jwt: false}}
  - {path: /own, auth: {jwt: {algorithms: [RS256], public_key_file: key.pem, required: false}}}
  - path: /beats
    authorize: true
    heartbeats: [{message: ping, reply: pong}, {message: 2, reply: ""}, {message: ""}, {message_base64: /w==, opcode: binary, reply_base64: ""}]
`)})
	if err != nil {
		t.Fatal(err)
	}
	list := c.RouteList()
	if j := list[0].JWT; !j.Enabled() || j.Secret.Reveal() != secret || !j.Strip || !j.Required {
		t.Errorf("%+v", j)
	}
	if list[1].JWT.Enabled() {
		t.Error("/free wants a ticket")
	}
	if j := list[2].JWT; !j.Enabled() || j.Secret != "" || j.Claims != nil || j.Required || j.UIDClaim != "sub" {
		t.Errorf("%+v", j)
	}
	var got []string
	for i := range list[3].Heartbeats {
		message, reply, err := list[3].Heartbeats[i].Bytes()
		got = append(got, fmt.Sprintf("%q %q %v %v", message, reply, reply == nil, err))
	}
	want := []string{`"ping" "pong" false <nil>`, `"2" "" false <nil>`, `"" "" true <nil>`, `"\xff" "" false <nil>`}
	if d := cmp.Diff(want, got); d != "" || !list[3].Authorize {
		t.Error(d)
	}
	if text := fmt.Sprintf("%+v", c); strings.Contains(text, secret) {
		t.Error("the secret is printed")
	}
}
