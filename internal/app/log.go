package app

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge"
	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/config"
	"github.com/fpmbridge/fpmbridge/internal/logfile"
)

// startLog makes the log, which goes to standard error until a script says where else.
func (a *App) startLog(p *plant) {
	o := logfile.Options{Out: a.Stderr, Level: p.cfg.Log.Level, Fixed: p.cfg.Given("log.level"), OfPHP: ofPHP, PID: os.Getpid()}
	if p.cfg.ByHand != "" && !o.Fixed {
		o.Level = slog.LevelWarn // who typed `php server.php` sees what the script prints
	}
	stderr := &slog.HandlerOptions{Level: o.Level}
	o.Stderr = slog.NewTextHandler(a.Stderr, stderr)
	if p.cfg.Log.Format == config.LogJSON {
		o.Stderr = slog.NewJSONHandler(a.Stderr, stderr)
	}
	p.lines = logfile.New(o)
	p.log = slog.New(p.lines.Handler())
	p.onClose(func() error { p.lines.Close(); return nil })
}

// ofPHP tells what PHP says, and how it fails, from what the bridge says of itself.
func ofPHP(r *slog.Record) bool {
	switch r.Message {
	case "php", "php output", "php output was cut":
		return true
	case "event failed", "event lost", "worker ended", "process ended":
		return r.Level >= slog.LevelWarn
	}
	return false
}

// openLogFile has the log written to the script's log_file, too.
func (p *plant) openLogFile(s *logfile.Settings) {
	if err := p.lines.Use(*s); err != nil {
		d, _ := p.master()
		p.log.Warn("the script's log_file cannot be written", "err", err, "at", d.Listeners[0].Places["log_file"])
	} else if s.File != "" {
		p.log.Info("the log goes to the script's log_file, too", "file", s.Name(time.Now()))
	}
}

// quieten ends what is said at the start: the script's log_level holds from here on.
func (p *plant) quieten(s *logfile.Settings) {
	if s.Level != 0 {
		p.log.Info("the script's log_level holds from here on; what PHP says and the bridge's errors are shown in any case", "log_level", s.LevelName())
	}
	p.lines.Quieten(s)
}

// relog carries out what a new description wants of the log.
func (p *plant) relog(script string, d *callback.Description, s *logfile.Settings) {
	if err := p.lines.Use(*s); err != nil {
		p.log.Warn("the script's log_file cannot be written, the log goes where it went", "script", script, "err", err, "at", d.Listeners[0].Places["log_file"])
	}
	p.lines.Quieten(s)
}

// logStats writes what the bridge counted, as the last word: what failed and was refused is in it by reason.
func (p *plant) logStats(s bridge.Stats) {
	shared := p.shared.Stats()
	p.log.LogAttrs(context.Background(), slog.LevelInfo, "served",
		slog.Uint64("accepted", s.Accepted), slog.Any("refused", s.Refused), slog.Any("closed", s.Closed),
		slog.Uint64("messages_in", s.MessagesIn), slog.Uint64("pushes", s.Pushes), slog.Uint64("pushes_refused", s.PushesRefused),
		slog.Any("events_done", s.EventsDone), slog.Any("events_failed", s.EventsFailed), slog.Uint64("events_retried", s.EventsRetried),
		slog.Uint64("events_expired", s.EventsExpired), slog.Uint64("messages_dropped", s.MessagesDropped),
		slog.Uint64("inbox_full", s.InboxFull), slog.Int("connections_left", s.Connections), slog.Int("events_left", s.EventsWaiting),
		slog.Uint64("tasks", s.Tasks.Tasks), slog.Uint64("tasks_failed", s.Tasks.Failed), slog.Uint64("tasks_dropped", s.Tasks.Dropped),
		slog.Uint64("task_results_dropped", s.Tasks.ResultsDropped), slog.Uint64("worker_messages_dropped", s.Tasks.MessagesDropped),
		slog.Int("tables", shared.Tables), slog.Int("table_rows", shared.Rows), slog.Int64("shared_bytes", shared.Bytes))
}
