package bridge

import (
	"bytes"
	"context"
	"log/slog"

	"github.com/fpmbridge/fpmbridge/callback"
)

// logEnd writes the one line that each ended connection gets: Debug when both sides parted in order, Warn when it is the
// client's fault.
func (b *Bridge) logEnd(s *session, e ending, dropped int) {
	level := slog.LevelDebug
	switch e.cause {
	case callback.CauseSlow, callback.CauseDead, callback.CauseProtocol, callback.CauseUTF8, callback.CauseTooBig,
		callback.CausePHPFailed, callback.CausePHPBusy, callback.CausePHPDown:
		level = slog.LevelWarn
	case callback.CauseNone, callback.CauseClient, callback.CauseGone, callback.CauseServer, callback.CauseShutdown, callback.CauseIdle:
	}
	if !b.log.Enabled(context.Background(), level) {
		return
	}
	attrs := []slog.Attr{
		slog.Uint64("fd", s.fd), slog.String("cause", e.cause.String()), slog.Int("code", int(e.code)),
		slog.String("remote", s.addr), slog.String("script", s.route.name),
	}
	if e.reason != "" && e.cause != callback.CauseClient { // a client's reason is payload, which is never logged
		attrs = append(attrs, slog.String("reason", e.reason))
	}
	if dropped > 0 {
		attrs = append(attrs, slog.Int("messages_dropped", dropped))
	}
	b.log.LogAttrs(context.Background(), level, "connection ended", attrs...)
}

// logOutput writes what PHP said that is no instruction: stderr (warnings of FPM and PHP) and printed text.
func (b *Bridge) logOutput(m *mailbox, ev *callback.Event, reply *callback.Reply) {
	b.logLines(slog.LevelWarn, "stderr", reply.Stderr, reply.StderrDropped, m, ev)
	b.logLines(slog.LevelInfo, "stdout", reply.Output, reply.OutputDropped, m, ev)
}

func (b *Bridge) logLines(level slog.Level, stream string, text []byte, dropped int, m *mailbox, ev *callback.Event) {
	if len(text) == 0 || !b.log.Enabled(context.Background(), level) {
		return
	}
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		b.log.LogAttrs(context.Background(), level, "php output", slog.String("stream", stream), slog.String("text", string(line)),
			slog.Uint64("fd", m.fd), slog.String("event", ev.Type.String()), slog.String("script", m.route.name))
	}
	if dropped > 0 {
		b.log.LogAttrs(context.Background(), level, "php output was cut", slog.String("stream", stream), slog.Int("bytes_dropped", dropped), slog.Uint64("fd", m.fd), slog.String("script", m.route.name))
	}
}
