// Package journal writes what PHP says, and how connections end, as log lines.
//
// Each line says which connection, event and script it is about: [About].
package journal

import (
	"bytes"
	"context"
	"log/slog"

	"github.com/fpmbridge/fpmbridge/callback"
)

// About is what a line is about.
type About struct {
	FD     uint64
	Event  callback.EventType // 0: none
	Script string
}

// End is how a connection ended.
type End struct {
	Cause   callback.Cause
	Code    uint16
	Reason  string
	Remote  string
	Dropped int // messages
}

// Ended writes the one line that each ended connection gets: Debug when both sides parted in order, Warn when it is the
// client's fault.
func Ended(log *slog.Logger, about About, e End) {
	level := slog.LevelDebug
	switch e.Cause {
	case callback.CauseSlow, callback.CauseDead, callback.CauseProtocol, callback.CauseUTF8, callback.CauseTooBig,
		callback.CausePHPFailed, callback.CausePHPBusy, callback.CausePHPDown:
		level = slog.LevelWarn
	case callback.CauseNone, callback.CauseClient, callback.CauseGone, callback.CauseServer, callback.CauseShutdown, callback.CauseIdle, callback.CauseExpired:
	}
	if !log.Enabled(context.Background(), level) {
		return
	}
	attrs := []slog.Attr{
		slog.Uint64("fd", about.FD), slog.String("cause", e.Cause.String()), slog.Int("code", int(e.Code)),
		slog.String("remote", e.Remote), slog.String("script", about.Script),
	}
	if e.Reason != "" && e.Cause != callback.CauseClient { // a client's reason is payload, which is never logged
		attrs = append(attrs, slog.String("reason", e.Reason))
	}
	if e.Dropped > 0 {
		attrs = append(attrs, slog.Int("messages_dropped", e.Dropped))
	}
	log.LogAttrs(context.Background(), level, "connection ended", attrs...)
}

// Output writes what PHP said that is no instruction: stderr (warnings of FPM and PHP) and printed text.
func Output(log *slog.Logger, about About, reply *callback.Reply) {
	lines(log, slog.LevelWarn, "stderr", reply.Stderr, reply.StderrDropped, about)
	lines(log, slog.LevelInfo, "stdout", reply.Output, reply.OutputDropped, about)
}

func lines(log *slog.Logger, level slog.Level, stream string, text []byte, dropped int, about About) {
	if len(text) == 0 || !log.Enabled(context.Background(), level) {
		return
	}
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		log.LogAttrs(context.Background(), level, "php output", slog.String("stream", stream), slog.String("text", string(line)),
			slog.Uint64("fd", about.FD), slog.String("event", about.Event.String()), slog.String("script", about.Script))
	}
	if dropped > 0 {
		log.LogAttrs(context.Background(), level, "php output was cut", slog.String("stream", stream), slog.Int("bytes_dropped", dropped), slog.Uint64("fd", about.FD), slog.String("script", about.Script))
	}
}

// Said writes a log instruction.
func Said(log *slog.Logger, about About, in *callback.Instruction) {
	level := slog.LevelInfo
	switch in.Code {
	case 0:
		level = slog.LevelDebug
	case 2:
		level = slog.LevelWarn
	case 3:
		level = slog.LevelError
	}
	if !log.Enabled(context.Background(), level) {
		return
	}
	attrs := []slog.Attr{slog.String("text", string(in.Data)), slog.String("script", about.Script)}
	if about.Event != 0 { // a resident worker's timers are no events
		attrs = append(attrs, slog.Uint64("fd", max(about.FD, in.FD)), slog.String("event", about.Event.String()))
	}
	if in.File != "" {
		attrs = append(attrs, slog.String("file", in.File), slog.Int("line", in.Line))
	}
	log.LogAttrs(context.Background(), level, "php", attrs...)
}
