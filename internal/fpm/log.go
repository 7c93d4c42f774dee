package fpm

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"sync"
)

const (
	// php-fpm cuts its lines at log_limit, 1024 bytes unless told otherwise; longer ones reach us in pieces.
	logLineBytes = 16 << 10
	tailLines    = 20
	readyMessage = "ready to handle connections"
)

// tail keeps the last lines of the log for the error of a failed start.
type tail struct {
	mu   sync.Mutex
	last []string // guarded by mu
}

func (t *tail) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.last) == tailLines {
		t.last = t.last[1:]
	}
	t.last = append(t.last, line)
}

func (t *tail) lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.last...)
}

// forward sends the log of php-fpm to ours until its end. Lines without php-fpm's own prefix are a worker's output.
func (p *process) forward(r io.Reader, log *slog.Logger) {
	pattern := regexp.MustCompile(`^\[[^\]]*\] ([A-Z]+): (.*)$`)
	buf := bufio.NewReaderSize(r, logLineBytes)
	ready := false
	var answers repeats
	for {
		raw, _, err := buf.ReadLine()
		if err != nil {
			return
		}
		line := strings.TrimRight(string(raw), "\r")
		if line == "" {
			continue
		}
		logLine(log, p.pid, pattern, line, answers.has(line))
		if ready {
			continue
		}
		p.tail.add(line)
		if strings.Contains(line, readyMessage) {
			ready = true
			close(p.ready)
		}
	}
}

// repeats knows lines that a FastCGI answer has as well, where they are logged with what they are about: PHP writes its messages
// to both, that of an uncaught exception with its trace.
type repeats struct{ trace bool }

func (r *repeats) has(line string) bool {
	if strings.HasPrefix(line, "NOTICE: PHP message: ") {
		r.trace = strings.Contains(line, "Uncaught ")
		return true
	}
	r.trace = r.trace && (line == "Stack trace:" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "  thrown in "))
	return r.trace
}

func logLine(log *slog.Logger, pid int, pattern *regexp.Regexp, line string, again bool) {
	m := pattern.FindStringSubmatch(line)
	switch {
	case again:
		log.Debug("php output", "pid", pid, "line", line)
		return
	case m == nil:
		log.Info("php output", "pid", pid, "line", line)
		return
	}
	log.Log(context.Background(), level(m[1]), "php-fpm log", "pid", pid, "line", m[2])
}

// level of a php-fpm severity. NOTICE is its routine (starting, reloading), which we announce ourselves.
func level(severity string) slog.Level {
	switch severity {
	case "DEBUG", "NOTICE":
		return slog.LevelDebug
	case "WARNING":
		return slog.LevelWarn
	default:
		return slog.LevelError
	}
}
