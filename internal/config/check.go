package config

import (
	"cmp"
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// checker collects mistakes in values that decoded well.
type checker struct {
	origins map[string]string
	file    string
	errs    []error
}

func (k *checker) fail(key string, value any, problem string, args ...any) {
	root, _, _ := strings.Cut(key, "[")
	k.errs = append(k.errs, &KeyError{
		Key: key, Origin: originOf(root, k.origins, k.file), Value: show(value), Problem: fmt.Sprintf(problem, args...),
	})
}

func (c *Config) check(origins map[string]string, file string) []error {
	k := &checker{origins: origins, file: file}
	c.checkNumbers(k)
	for i, address := range c.Listen {
		if err := hostPort(address, 0); err != nil {
			k.fail(fmt.Sprintf("listen[%d]", i), address, "%v", err)
		}
	}
	k.origin("origins", c.Origins)
	k.tokens("subprotocols", c.Subprotocols)
	c.checkRoutes(k)
	c.checkFPM(k)
	c.checkPHP(k)
	k.address("callback.listen", c.Callback.Listen, 0)
	c.checkAPI(k)
	c.checkAuth(k)
	if c.SDK.Path != "" && !filepath.IsAbs(c.SDK.Path) {
		k.fail("sdk.path", c.SDK.Path, "write an absolute path, as PHP sees it")
	}
	return k.errs
}

func (c *Config) checkNumbers(k *checker) {
	least(k, "workers", c.Workers, 0)
	least(k, "batch", c.Batch, 1)
	least(k, "queue_timeout", c.QueueTimeout, time.Millisecond)
	if c.WorkerTimeout != 0 {
		least(k, "worker_timeout", c.WorkerTimeout, 100*time.Millisecond)
	}
	if c.WorkerMemoryLimit != 0 {
		least(k, "worker_memory_limit", c.WorkerMemoryLimit, MiB)
	}
	least(k, "retry_window", c.RetryWindow, 0)
	least(k, "fpm.idle", c.FPM.Idle, 0)
	least(k, "fpm.timeout", c.FPM.Timeout, time.Millisecond)
	least(k, "fpm.dial_timeout", c.FPM.DialTimeout, time.Millisecond)
	least(k, "fpm.max_answer", c.FPM.MaxAnswer, KiB)
	least(k, "shared_memory.limit", c.Shared.Limit, KiB)
	least(k, "limits.connections", c.Limits.Connections, 0)
	least(k, "limits.connections_per_address", c.Limits.ConnectionsPerAddress, 0)
	least(k, "limits.requests", c.Limits.Requests, 0)
	least(k, "limits.header", c.Limits.Header, KiB)
	least(k, "limits.header_timeout", c.Limits.HeaderTimeout, time.Millisecond)
	least(k, "limits.keep_alive", c.Limits.KeepAlive, time.Millisecond)
	least(k, "limits.detached", c.Limits.Detached, time.Millisecond)
	least(k, "limits.message", c.Limits.Message, 1)
	least(k, "limits.inbox", c.Limits.Inbox, 1)
	least(k, "limits.inbox_messages", c.Limits.InboxMessages, 1)
	least(k, "limits.outbox", c.Limits.Outbox, 1)
	least(k, "limits.spool", c.Limits.Spool, KiB)
	least(k, "limits.tasks", c.Limits.Tasks, 1)
	least(k, "limits.task_data", c.Limits.TaskData, KiB)
	least(k, "ping.interval", c.Ping.Interval, 0)
	if c.Ping.Interval > 0 && c.Ping.Timeout <= c.Ping.Interval {
		k.fail("ping.timeout", c.Ping.Timeout, "it must be longer than ping.interval (%v), or every peer looks dead", c.Ping.Interval)
	}
	least(k, "close_timeout", c.CloseTimeout, time.Millisecond)
	least(k, "write_timeout", c.WriteTimeout, time.Millisecond)
	least(k, "shutdown.timeout", c.Shutdown.Timeout, 0)
	least(k, "shutdown.spread", c.Shutdown.Spread, 0)
	if c.Shutdown.Spread > c.Shutdown.Timeout {
		k.fail("shutdown.spread", c.Shutdown.Spread, "it must fit into shutdown.timeout (%v)", c.Shutdown.Timeout)
	}
}

func least[T cmp.Ordered](k *checker, key string, value, lowest T) {
	if value < lowest {
		k.fail(key, value, "the least allowed is %v", lowest)
	}
}

func (c *Config) checkRoutes(k *checker) {
	paths := make(map[string]int)
	usesScript := len(c.Routes) == 0
	for i, r := range c.Routes {
		key := fmt.Sprintf("routes[%d]", i)
		if !strings.HasPrefix(r.Path, "/") {
			k.fail(key+".path", r.Path, "write a path that starts with /")
		} else if first, twice := paths[strings.TrimRight(r.Path, "/")]; twice {
			k.fail(key+".path", r.Path, "routes[%d] has this path already", first)
		} else {
			paths[strings.TrimRight(r.Path, "/")] = i
		}
		if r.Script == "" {
			usesScript = true
			if c.Script == "" {
				k.fail(key+".script", r.Script, "name a script, here or as the general script")
			}
		}
		k.origin(key+".origins", r.Origins)
		k.tokens(key+".subprotocols", r.Subprotocols)
	}
	if c.Script != "" && !usesScript {
		k.fail("script", c.Script, "every route has a script of its own, so this one would serve nothing; add a route without script, or drop it")
	}
}

func (c *Config) checkAPI(k *checker) {
	k.address("api.listen", c.API.Listen, 0)
	least(k, "api.concurrency", c.API.Concurrency, 1)
	if network, _ := c.API.Listen.Split(); network == "tcp" && len(c.API.Keys) == 0 {
		k.fail("api.listen", string(c.API.Listen), "everybody who can connect to it could push: write api.keys")
	}
	names := make(map[string]bool)
	for i, key := range c.API.Keys {
		at := fmt.Sprintf("api.keys[%d]", i)
		switch {
		case key.Name == "":
			k.fail(at+".name", key.Name, "give it a name, for the log")
		case names[key.Name]:
			k.fail(at+".name", key.Name, "another key has this name")
		}
		names[key.Name] = true
		if (key.Key == "") == (key.KeyFile == "") {
			k.fail(at+".key", "", "write either key or key_file")
		}
		for _, scope := range key.Scopes {
			if scope != "read" && scope != "push" && scope != "admin" {
				k.fail(at+".scopes", scope, "allowed are read, push and admin")
			}
		}
	}
}

func (c *Config) checkFPM(k *checker) {
	k.address("fpm.address", c.FPM.Address, 1)
	if c.FPM.Address != "" {
		for _, own := range []struct{ key, value string }{
			{"fpm.binary", c.FPM.Binary},
			{"fpm.user", c.FPM.User},
			{"fpm.group", c.FPM.Group},
			{"fpm.ini", strings.Join(c.FPM.INI, ", ")},
		} {
			if own.value != "" {
				k.fail(own.key, own.value, "this is for a php-fpm that we start, but fpm.address names a running one")
			}
		}
	}
	name := regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	for i, param := range c.FPM.Params {
		key := fmt.Sprintf("fpm.params[%d]", i)
		n, _, ok := strings.Cut(param, "=")
		switch {
		case !ok || !name.MatchString(n):
			k.fail(key, param, "write NAME=value")
		case n == "PHP_VALUE" || n == "PHP_ADMIN_VALUE":
			k.fail(key, param, "php-fpm keeps these settings in its worker, where they hit every other site of the pool; use fpm.ini or the pool's configuration")
		case n == "SCRIPT_FILENAME" || n == "CONTENT_LENGTH" || strings.HasPrefix(n, "BRIDGE_"):
			k.fail(key, param, "the bridge itself sets %s", n)
		}
	}
	for i, ini := range c.FPM.INI {
		if n, _, ok := strings.Cut(ini, "="); !ok || strings.TrimSpace(n) == "" {
			k.fail(fmt.Sprintf("fpm.ini[%d]", i), ini, "write name=value, as in php.ini")
		}
	}
}

// checkPHP checks what is about routes with launcher: cli.
func (c *Config) checkPHP(k *checker) {
	for i, ini := range c.PHP.INI {
		if n, _, ok := strings.Cut(ini, "="); !ok || strings.TrimSpace(n) == "" {
			k.fail(fmt.Sprintf("php.ini[%d]", i), ini, "write name=value, as in php.ini")
		}
	}
	key := "launcher"
	for i, r := range c.Routes {
		if r.Launcher == LauncherCLI && c.Launcher != LauncherCLI {
			key = fmt.Sprintf("routes[%d].launcher", i)
		}
	}
	for _, r := range c.RouteList() {
		if r.Launcher == LauncherCLI && (r.Protocol == ProtocolPlain || r.Reply == ReplyText) {
			k.fail(key, LauncherCLI, "a plain script needs php-fpm: launcher cli is for scripts that start a server")
		}
	}
	switch {
	case !c.Launches(LauncherCLI):
	case c.Mode != ModeResident:
		k.fail(key, LauncherCLI, "PHP processes of the command line stay: add mode: resident (--mode resident). Request mode needs php-fpm")
	case c.Shared.Driver == SharedAPCu:
		k.fail(key, LauncherCLI, "processes of the command line do not share APCu: shared_memory.driver has to be bridge")
	case c.FPM.Address != "" && !c.Launches(LauncherFPM):
		k.fail("fpm.address", string(c.FPM.Address), "with launcher: cli no route needs a php-fpm: leave one of the two out")
	}
}

func (k *checker) address(key string, a Address, minPort int) {
	if a == "" {
		return
	}
	network, address := a.Split()
	switch {
	case network == "unix" && filepath.IsAbs(address):
	case network == "tcp" && hostPort(address, minPort) == nil:
	default:
		k.fail(key, string(a), "write unix:/absolute/path or tcp:HOST:PORT")
	}
}

func hostPort(s string, minPort int) error {
	_, port, err := net.SplitHostPort(s)
	n, portErr := strconv.Atoi(port)
	if err != nil || portErr != nil || n < minPort || n > 65535 {
		return fmt.Errorf("write HOST:PORT, such as 127.0.0.1:9501, [::1]:9501 or :9501, with a port from %d to 65535", minPort)
	}
	return nil
}

func (k *checker) origin(key string, origins []string) {
	pattern := regexp.MustCompile(`^(\*|([A-Za-z][A-Za-z0-9+.-]*://)?(\*\.)?[^\s*/?#@]+)$`)
	for i, o := range origins {
		if !pattern.MatchString(o) {
			k.fail(fmt.Sprintf("%s[%d]", key, i), o,
				`write "*" for everybody, or whose pages may connect: https://example.com, example.com or *.example.com, with :PORT if it has one`)
		}
	}
}

func (k *checker) tokens(key string, names []string) {
	token := regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	for i, n := range names {
		if !token.MatchString(n) {
			k.fail(fmt.Sprintf("%s[%d]", key, i), n, "a subprotocol is one word of letters, digits and - . _, without spaces or commas")
		} else if slices.Contains(names[:i], n) {
			k.fail(fmt.Sprintf("%s[%d]", key, i), n, "it stands there twice")
		}
	}
}
