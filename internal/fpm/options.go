package fpm

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// complete fills in defaults and says everything that is wrong.
func (o *Options) complete() error {
	var errs []error
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Binary == "" {
		var err error
		if o.Binary, err = Find(); err != nil {
			errs = append(errs, err)
		}
	}
	if o.MaxChildren == 0 {
		o.MaxChildren = defaultMaxChildren
	}
	if o.MaxChildren < 0 || o.MaxRequests < 0 || o.ProcessControlTimeout < 0 || o.RequestTerminateTimeout < 0 {
		errs = append(errs, errors.New("fpm: numbers of workers and requests and timeouts must not be negative"))
	}
	if o.Listen != "" && o.Listen != ListenTCP {
		errs = append(errs, fmt.Errorf("fpm: listen %q: allowed are \"\" (a Unix socket) and %q", o.Listen, ListenTCP))
	}
	if (o.User != "" || o.Group != "") && os.Geteuid() != 0 {
		errs = append(errs, fmt.Errorf("fpm: user %q group %q: only root may run PHP as somebody else", o.User, o.Group))
	}
	for _, line := range append([]string{"user=" + o.User, "group=" + o.Group}, o.INI...) {
		if err := checkINI(line); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// asRoot tells whether workers run as root, which php-fpm must be asked to allow.
func (o *Options) asRoot() bool {
	return os.Geteuid() == 0 && (o.User == "" || o.User == "root")
}

// checkINI refuses what could end the line or start another section in php-fpm's configuration.
func checkINI(line string) error {
	name, value, ok := strings.Cut(line, "=")
	switch {
	case !ok:
		return fmt.Errorf("fpm: ini %q: write name=value", line)
	case !regexp.MustCompile(`^[A-Za-z0-9_.-]+$`).MatchString(strings.TrimSpace(name)):
		return fmt.Errorf("fpm: ini %q: %q is no name of a PHP setting", line, name)
	case strings.ContainsAny(value, "'\r\n\x00"):
		return fmt.Errorf("fpm: ini %q: a value cannot hold a single quote, a line end or a zero byte", line)
	}
	return nil
}

// maxWorkers bounds the pool of resident workers, which php-fpm starts as they are asked for.
const maxWorkers = 512

// render writes php-fpm's configuration. workers is the address of the second pool, "" for none.
func (o *Options) render(address, workers string) []byte {
	var c conf
	c.WriteString("[global]\n")
	c.line("error_log", stderrPath())
	c.line("process_control_timeout", seconds(o.ProcessControlTimeout))
	o.pool(&c, "fpmbridge", address)
	c.line("pm", "static")
	c.line("pm.max_children", fmt.Sprint(o.MaxChildren))
	c.line("pm.max_requests", fmt.Sprint(o.MaxRequests))
	c.line("request_terminate_timeout", seconds(o.RequestTerminateTimeout))
	if workers != "" {
		o.pool(&c, "workers", workers)
		c.line("pm", "ondemand")
		c.line("pm.max_children", fmt.Sprint(maxWorkers))
		c.line("pm.process_idle_timeout", "1s")
		c.line("pm.max_requests", "1") // a worker leaves a fresh process to the next one
	}
	return []byte(c.String())
}

// conf is php-fpm's configuration. Values stand in single quotes, where nothing is special.
type conf struct{ strings.Builder }

func (c *conf) line(name, value string) {
	if value != "" { // php-fpm refuses '' as NULL, and takes nothing at all as the empty string
		value = "'" + value + "'"
	}
	fmt.Fprintf(c, "%s = %s\n", name, value)
}

// pool begins a pool with what all pools have.
func (o *Options) pool(c *conf, name, address string) {
	fmt.Fprintf(c, "[%s]\n", name)
	c.line("listen", address)
	c.line("listen.mode", "0600")
	if o.User == "" && os.Geteuid() == 0 {
		c.line("user", "root")
		c.line("group", "root")
	}
	if o.User != "" {
		c.line("user", o.User)
	}
	if o.Group != "" {
		c.line("group", o.Group)
	}
	c.line("catch_workers_output", "yes")
	c.line("decorate_workers_output", "no")
	c.line("clear_env", "no")
	// Script names come from our configuration, never from a client, and `serve bin/server` needs no suffix.
	c.line("security.limit_extensions", "")
	for _, ini := range o.INI {
		name, value, _ := strings.Cut(ini, "=")
		c.line("php_admin_value["+strings.TrimSpace(name)+"]", strings.TrimSpace(value))
	}
}

// seconds rounds up: php-fpm counts in seconds, and zero would mean "no limit".
func seconds(d time.Duration) string {
	return fmt.Sprintf("%ds", (d+time.Second-1)/time.Second)
}

// stderrPath names descriptor 2 as a file, since php-fpm opens its error log by name.
func stderrPath() string {
	if runtime.GOOS == "linux" {
		return "/proc/self/fd/2"
	}
	return "/dev/fd/2"
}
