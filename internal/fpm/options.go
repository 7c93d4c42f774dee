package fpm

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Settings are php.ini settings for scripts of a bridge, which scripts cannot change. With display_errors a fatal error would be part of the
// answer, which a route with reply: text sends to the client.
func Settings() []string {
	return []string{
		"display_errors=0", "display_startup_errors=0", "html_errors=0",
		// The bridge refuses what is too large before PHP hears of it.
		"post_max_size=0", "upload_max_filesize=0", "max_file_uploads=1000",
	}
}

// Defaults are settings that scripts may change: the SDK logs errors itself, once.
func Defaults() []string { return []string{"log_errors=1"} }

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
	for _, line := range slices.Concat([]string{"user=" + o.User, "group=" + o.Group}, o.INI, o.Defaults) {
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

// render writes php-fpm's configuration. Values stand in single quotes, where nothing is special.
func (o *Options) render(address string) []byte {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" { // php-fpm refuses '' as NULL, and takes nothing at all as the empty string
			value = "'" + value + "'"
		}
		fmt.Fprintf(&b, "%s = %s\n", name, value)
	}
	b.WriteString("[global]\n")
	line("error_log", stderrPath())
	line("process_control_timeout", seconds(o.ProcessControlTimeout))
	b.WriteString("[fpmbridge]\n")
	line("listen", address)
	line("listen.mode", "0600")
	if o.User == "" && os.Geteuid() == 0 {
		line("user", "root")
		line("group", "root")
	}
	if o.User != "" {
		line("user", o.User)
	}
	if o.Group != "" {
		line("group", o.Group)
	}
	line("pm", "static")
	line("pm.max_children", fmt.Sprint(o.MaxChildren))
	line("pm.max_requests", fmt.Sprint(o.MaxRequests))
	line("request_terminate_timeout", seconds(o.RequestTerminateTimeout))
	line("catch_workers_output", "yes")
	line("decorate_workers_output", "no")
	line("clear_env", "no")
	// Script names come from our configuration, never from a client, and `serve bin/server` needs no suffix.
	line("security.limit_extensions", "")
	for _, ini := range o.Defaults {
		name, value, _ := strings.Cut(ini, "=")
		line("php_value["+strings.TrimSpace(name)+"]", strings.TrimSpace(value))
	}
	for _, ini := range slices.Backward(o.INI) { // php-fpm sets them from the last to the first
		name, value, _ := strings.Cut(ini, "=")
		line("php_admin_value["+strings.TrimSpace(name)+"]", strings.TrimSpace(value))
	}
	return []byte(b.String())
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
