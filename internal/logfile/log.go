package logfile

import (
	"context"
	"io"
	"log/slog"
	"math"
	"os"
	"strconv"
	"sync/atomic"
	"time"
)

// Options say how lines go to standard error, and what stands in those of a file.
type Options struct {
	Stderr slog.Handler
	// Out is where Stderr writes to. A file that turns out to be the same gets no second copy of each line. nil = it is not known.
	Out io.Writer
	// Level is Stderr's.
	Level slog.Level
	// Fixed says that somebody asked for Level: it is the file's as well, and what a script says about levels does not count.
	Fixed bool
	// OfPHP reports whether a line is something that PHP said, or how it failed. A script's log_level does not hold it back, as in Swoole.
	OfPHP func(r *slog.Record) bool
	PID   int
	Now   func() time.Time // nil = time.Now
}

// Log is where lines go to. Its methods may be called by several goroutines.
type Log struct {
	o     Options
	file  file
	quiet atomic.Int64 // the least level of the bridge's own lines on standard error
}

// New makes a log without a file.
func New(o Options) *Log {
	if o.Now == nil {
		o.Now = time.Now
	}
	l := &Log{o: o}
	l.quiet.Store(math.MinInt64)
	l.file.log = l
	l.file.lowest.Store(int64(silent))
	return l
}

// Handler is what a logger writes to.
func (l *Log) Handler() slog.Handler {
	return &handler{log: l, stderr: l.o.Stderr, text: slog.NewTextHandler(&l.file, nil)}
}

// Use has lines written to the file of s from now on, or to none. An error says why that file cannot be written; then nothing has changed.
func (l *Log) Use(s Settings) error { return l.file.use(s) }

// Quieten has standard error show the bridge's own lines only from the level of s on, and errors in any case.
func (l *Log) Quieten(s *Settings) {
	if !l.o.Fixed {
		l.quiet.Store(int64(min(s.level(), slog.LevelError)))
	}
}

// Reopen opens the file again by its name: somebody has moved it away.
func (l *Log) Reopen() { l.file.reopen() }

// Close writes what has been logged, for a bounded time. What is logged later goes to standard error alone.
func (l *Log) Close() { l.file.close() }

// threshold is the least level of a file's lines, those of the bridge and those of PHP.
func (l *Log) threshold(s *Settings) (own, php slog.Level) {
	if l.o.Fixed {
		return l.o.Level, l.o.Level
	}
	return s.level(), slog.LevelInfo
}

type handler struct {
	log    *Log
	stderr slog.Handler
	text   slog.Handler // writes the attributes of a line into log.file
}

// Enabled implements slog.Handler.
func (h *handler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.log.o.Level || int64(level) >= h.log.file.lowest.Load()
}

// Handle implements slog.Handler.
func (h *handler) Handle(ctx context.Context, r slog.Record) (err error) {
	o := &h.log.o
	php := o.OfPHP != nil && o.OfPHP(&r)
	if r.Level >= o.Level && (php || int64(r.Level) >= h.log.quiet.Load()) {
		err = h.stderr.Handle(ctx, r)
	}
	h.log.file.add(ctx, h.text, &r, php)
	return err //nolint:wrapcheck // Stderr's own
}

// WithAttrs implements slog.Handler.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &handler{log: h.log, stderr: h.stderr.WithAttrs(attrs), text: h.text.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h *handler) WithGroup(name string) slog.Handler {
	return &handler{log: h.log, stderr: h.stderr.WithGroup(name), text: h.text.WithGroup(name)}
}

// complain says something about the file itself, which cannot be said there.
func (l *Log) complain(level slog.Level, msg string, attrs ...slog.Attr) {
	r := slog.NewRecord(l.o.Now(), level, msg, 0)
	r.AddAttrs(attrs...)
	_ = l.o.Stderr.Handle(context.Background(), r)
}

// isOut reports whether a file is where standard error goes.
func (l *Log) isOut(info os.FileInfo) bool {
	out, ok := l.o.Out.(*os.File)
	if !ok {
		return false
	}
	other, err := out.Stat()
	return err == nil && os.SameFile(info, other)
}

// appendHead appends a line up to its attributes: [date #pid.0] TAB LEVEL TAB message. # is the master's mark, * a worker's.
func appendHead(b []byte, date string, s *Settings, pid int, r *slog.Record, php bool) []byte {
	b = append(append(b, '['), date...)
	if s.Microseconds {
		b = append(b, "<."...)
		micros := strconv.Itoa(r.Time.Nanosecond() / 1000)
		b = append(append(b, "000000"[len(micros):]...), micros...)
		b = append(b, '>')
	}
	mark := byte('#')
	if php {
		mark = '*'
	}
	b = append(b, ' ', mark)
	b = strconv.AppendInt(b, int64(pid), 10)
	b = append(b, ".0]\t"...)
	b = append(append(b, levelWord(r.Level)...), '\t')
	return append(b, r.Message...)
}
