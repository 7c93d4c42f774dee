package app

import (
	"context"
	"log/slog"

	"github.com/fpmbridge/fpmbridge/bridge"
	"github.com/fpmbridge/fpmbridge/internal/config"
)

func (a *App) logger(cfg *config.Config) *slog.Logger {
	o := &slog.HandlerOptions{Level: cfg.Log.Level}
	if cfg.Log.Format == config.LogJSON {
		return slog.New(slog.NewJSONHandler(a.Stderr, o))
	}
	return slog.New(slog.NewTextHandler(a.Stderr, o))
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
