package app

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge"
	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/certs"
	"github.com/fpmbridge/fpmbridge/internal/config"
	"github.com/fpmbridge/fpmbridge/internal/logfile"
	"github.com/fpmbridge/fpmbridge/internal/phpval"
	"github.com/fpmbridge/fpmbridge/internal/sockopt"
	"github.com/fpmbridge/fpmbridge/internal/tlsconf"
)

// tuning is what a script's settings for one listener come to.
type tuning struct {
	listener bridge.Listener
	socket   sockopt.Options
	split    bridge.SplitOptions
	splits   splitKind
	dispatch bridge.DispatchMode
	discard  bool
	whole    *bridge.Options // of the server; nil for listeners but the first: such settings are the server's
	cfg      *config.Config
	tls      tlsconf.Listener
	secure   bool             // the socket type has SWOOLE_SSL, or the configuration says so
	log      logfile.Settings // the server's
	uploads  string           // folder of the files of forms; "" = PHP's
	notes    []string
	at       string // where the setting in hand was set, to be put behind what is said of it
	swoole   bool   // the listener is one of a Swoole server
}

// note is something to know about a setting, for those who start the bridge.
func (t *tuning) note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...)+t.at)
}

type splitKind struct{ eof, each, length, mqtt, redis bool }

// setting is one of Swoole's settings that the bridge, and not PHP, carries out. Defaults are those of the bridge.
type setting struct {
	name string
	key  string // the configuration key that wins, if it has another value than its default; "": none
	// apply takes the value over. What is wrong with it is said without its name.
	apply func(t *tuning, v any) error
}

// swooleOutbox is the default of socket_buffer_size.
const swooleOutbox = 8 << 20

// minPackage is the least package_max_length, SW_BUFFER_MIN_SIZE.
const minPackage = 64 << 10

// settings is the one place where a setting's effect is named, in the order of docs/configuration.md.
func settings() []setting {
	return []setting{
		{"package_max_length", "limits.message", asSize(func(t *tuning, n int) { t.listener.MaxMessage = max(n, minPackage) })},
		{"socket_buffer_size", "limits.outbox", asSize(func(t *tuning, n int) { t.listener.OutboxBytes = positive(n) })},
		{"max_queued_bytes", "limits.inbox", whole(asSize(func(t *tuning, n int) {
			if n > 0 {
				t.whole.InboxBytes = n
			}
		}))},
		{"buffer_high_watermark", "", asSize(func(t *tuning, n int) { t.listener.HighWater = n })},
		{"buffer_low_watermark", "", asSize(func(t *tuning, n int) { t.listener.LowWater = n })},
		{"open_http2_protocol", "http2", asFlag(func(t *tuning, on bool) { t.listener.HTTP2 = on })},
		{"max_idle_time", "", asSeconds(func(t *tuning, d time.Duration) { t.listener.MaxIdle = d })},
		{"enable_delay_receive", "", asFlag(func(t *tuning, on bool) { t.listener.Delay = on })},
		{"heartbeat_check_interval", "", whole(asSeconds(func(t *tuning, d time.Duration) { t.whole.HeartbeatInterval = d }))},
		{"heartbeat_idle_time", "", whole(asSeconds(func(t *tuning, d time.Duration) { t.whole.HeartbeatIdle = d }))},
		{"max_conn", "limits.connections", whole(asInteger(func(t *tuning, n int) { t.connections(n) }))},
		{"max_connection", "limits.connections", whole(asInteger(func(t *tuning, n int) { t.connections(n) }))},
		{"max_concurrency", "limits.requests", whole(asInteger(func(t *tuning, n int) { t.whole.MaxConcurrency = max(n, 0) }))},
		{"start_session_id", "", whole(asInteger(func(t *tuning, n int) { t.whole.FirstFD = uint64(max(n, 0)) + 1 }))},
		{"discard_timeout_request", "", whole(asFlag(func(t *tuning, on bool) { t.discard = on }))},
		{"dispatch_mode", "", whole(asInteger(func(t *tuning, n int) { t.dispatch = bridge.DispatchMode(max(0, min(n, math.MaxUint8))) }))},
		{"backlog", "", asInteger(func(t *tuning, n int) { t.socket.Backlog = max(0, min(n, math.MaxUint16)) })},
		{"enable_reuse_port", "", asFlag(func(t *tuning, on bool) { t.socket.ReusePort = on })},
		{"open_tcp_nodelay", "", asFlag(func(t *tuning, on bool) { t.socket.NoDelay = on })},
		{"open_tcp_keepalive", "", asFlag(func(t *tuning, on bool) { t.socket.KeepAlive = &on })},
		{"tcp_keepidle", "", asSeconds(func(t *tuning, d time.Duration) { t.socket.KeepIdle = d })},
		{"tcp_keepinterval", "", asSeconds(func(t *tuning, d time.Duration) { t.socket.KeepInterval = d })},
		{"tcp_keepcount", "", asInteger(func(t *tuning, n int) { t.socket.KeepCount = n })},
		{"tcp_user_timeout", "", asInteger(func(t *tuning, n int) { t.socket.UserTimeout = n })},
		{"tcp_fastopen", "", asFlag(func(t *tuning, on bool) { t.socket.FastOpen = on })},
		{"tcp_defer_accept", "", asInteger(func(t *tuning, n int) { t.socket.DeferAccept = n })},
		{"kernel_socket_recv_buffer_size", "", asSize(func(t *tuning, n int) { t.socket.RecvBuffer = n })},
		{"kernel_socket_send_buffer_size", "", asSize(func(t *tuning, n int) { t.socket.SendBuffer = n })},
		{"open_eof_check", "", asFlag(func(t *tuning, on bool) { t.splits.eof = on })},
		{"open_eof_split", "", asFlag(func(t *tuning, on bool) { t.splits.each = on })},
		{"package_eof", "", func(t *tuning, v any) error {
			s, ok := v.(string)
			if !ok {
				return errors.New("want a text of 1 to 8 bytes")
			}
			t.split.EOF = []byte(s)
			return nil
		}},
		{"open_mqtt_protocol", "", asFlag(func(t *tuning, on bool) { t.splits.mqtt = on })},
		{"open_redis_protocol", "", asFlag(func(t *tuning, on bool) { t.splits.redis = on })},
		{"open_length_check", "", asFlag(func(t *tuning, on bool) { t.splits.length = on })},
		{"package_length_type", "", func(t *tuning, v any) error {
			s, ok := v.(string)
			if !ok || s == "" {
				return errors.New("want a letter of pack()")
			}
			t.split.LengthType = s[0]
			return nil
		}},
		{"package_length_offset", "", asInteger(func(t *tuning, n int) { t.split.LengthOffset = n })},
		{"package_body_start", "", asInteger(func(t *tuning, n int) { t.split.BodyOffset = n })},
		{"package_body_offset", "", asInteger(func(t *tuning, n int) { t.split.BodyOffset = n })},
		{"upload_tmp_dir", "", whole(func(t *tuning, v any) error { t.uploadTo(v); return nil })},
		{"package_length_func", "", func(_ *tuning, v any) error {
			if v == nil || v == false {
				return nil
			}
			return errors.New("the bridge cuts packets itself and cannot call PHP for it: use package_length_type, or no open_length_check and cut them in onReceive")
		}},
	}
}

// allSettings are those and the ones of TLS and of the log.
func allSettings() []setting {
	all := settings()
	for _, s := range tlsconf.Settings() {
		all = append(all, setting{s.Name, s.Key, func(t *tuning, v any) error { return s.Apply(&t.tls, v) }})
	}
	for _, s := range logfile.All() {
		all = append(all, setting{s.Name, s.Key, whole(func(t *tuning, v any) error {
			if err := s.Apply(&t.log, t.tls.Folder, v); err != nil { // no reason not to serve
				t.note("%s: %v", s.Name, err)
			}
			return nil
		})})
	}
	return all
}

// tune applies a listener's settings. What is wrong with them is returned together.
func (p *plant) tune(l *callback.Listener, server map[string]any, whole *bridge.Options, folder string) (*tuning, error) {
	t := &tuning{whole: whole, cfg: p.cfg, swoole: len(l.Events) > 0}
	t.socket.NoDelay, t.listener.HTTP2 = true, p.cfg.HTTP2
	t.split = bridge.SplitOptions{EOF: []byte("\r\n\r\n"), LengthType: 'N', BodyOffset: 4} // ListenPort's in swoole_server.h
	switch l.Protocol {
	case callback.KindTCP:
		t.listener.Protocol = bridge.ProtocolTCP
	case callback.KindHTTP:
		t.listener.Protocol = bridge.ProtocolHTTP
	}
	values := server
	if l.Settings != nil {
		values = l.Settings
	}
	t.whole = whole
	spoken := speech(values)
	t.listener.Speech = &spoken
	for _, s := range [][2]string{{"websocket_subprotocol", "subprotocols"}, {"websocket_compression", "compression"}} {
		if values[s[0]] != nil && p.cfg.Given(s[1]) {
			p.sayOnce("the configuration wins over the script's setting", "setting", s[0], "key", s[1])
		}
	}
	var problems []error
	t.tls.Folder, t.tls.Note = folder, t.note
	for _, s := range allSettings() {
		v, ok := values[s.name]
		if !ok {
			continue
		}
		if s.key != "" && p.cfg.Given(s.key) {
			p.sayOnce("the configuration wins over the script's setting", "setting", s.name, "key", s.key)
			continue
		}
		t.at = l.At(s.name)
		if err := s.apply(t, v); err != nil {
			problems = append(problems, fmt.Errorf("setting %s: %w%s", s.name, err, t.at))
		}
	}
	t.complete()
	t.secure = l.Type&sockTLS != 0 || p.cfg.TLS.Cert != ""
	for _, s := range tlsconf.Settings() {
		if own := l.Settings != nil || whole != nil; own && !t.secure && values[s.Name] != nil {
			t.notes = []string{s.Name + " and its like: the listener speaks no TLS without SWOOLE_SSL in its socket type (SWOOLE_SOCK_TCP | SWOOLE_SSL)" + l.At(s.Name)}
			break
		}
	}
	if t.secure && len(problems) == 0 {
		if p.cfg.TLS.Cert != "" {
			t.tls.Pair.Cert, t.tls.Names = p.cfg.TLS.Cert, nil
		}
		if p.cfg.TLS.Key != "" {
			t.tls.Pair.Key = p.cfg.TLS.Key
		}
		if p.cfg.TLS.ClientCA != "" {
			t.tls.ClientCA, t.tls.Verify = p.cfg.TLS.ClientCA, true
		}
		var err error
		t.tls.HTTP2 = t.listener.HTTP2 && t.listener.Protocol != bridge.ProtocolTCP
		if t.listener.TLS, err = certs.New(&t.tls.Files, p.log); err != nil {
			problems = append(problems, err)
		}
	}
	if t.listener.Protocol != bridge.ProtocolTCP {
		t.listener.Split = nil
	}
	return t, errors.Join(problems...)
}

// splitting makes the rule for packets of the settings that have a part in it.
func (t *tuning) splitting() {
	o := t.split
	if o.Max = t.listener.MaxMessage; o.Max == 0 {
		o.Max = int(t.cfg.Limits.Message)
	}
	switch {
	case t.splits.length:
		o.EOF = nil
	case t.splits.eof, t.splits.each:
		o.LengthType, o.Each = 0, t.splits.each
	case t.splits.mqtt:
		o.LengthType, o.EOF, o.MQTT = 0, nil, true
	case t.splits.redis:
		o.LengthType, o.EOF, o.Redis = 0, nil, true
	default:
		return
	}
	t.listener.Split = &o
}

// whole makes a setting one of the server, which the first listener's are.
func whole(apply func(*tuning, any) error) func(*tuning, any) error {
	return func(t *tuning, v any) error {
		if t.whole == nil {
			return nil
		}
		return apply(t, v)
	}
}

func (t *tuning) connections(n int) {
	if n > 0 {
		t.whole.MaxConnections = n
	}
}

// complete derives what one setting means for another, as the extension does.
func (t *tuning) complete() {
	if o := t.whole; o != nil {
		// Only those modes have no close event whose turn comes after all that the client said.
		o.DiscardClosed = t.discard && t.dispatch.Moves()
		switch {
		case o.HeartbeatInterval > 0 && o.HeartbeatIdle <= 0:
			o.HeartbeatIdle = 2 * o.HeartbeatInterval
		case o.HeartbeatIdle > 0 && o.HeartbeatInterval <= 0:
			o.HeartbeatInterval = max(o.HeartbeatIdle/2, time.Second)
		}
	}
	if t.listener.OutboxBytes == 0 && t.swoole && !t.cfg.Given("limits.outbox") {
		t.listener.OutboxBytes = swooleOutbox
	}
	if t.listener.HighWater <= 0 {
		outbox := t.listener.OutboxBytes
		if outbox == 0 {
			outbox = int(t.cfg.Limits.Outbox)
		}
		t.listener.HighWater = outbox / 10 * 8
	}
	t.splitting()
}

func positive(n int) int {
	if n <= 0 {
		return math.MaxInt32 // as Swoole
	}
	return n
}

func asFlag(set func(t *tuning, on bool)) func(*tuning, any) error {
	return func(t *tuning, v any) error { set(t, phpval.Truth(v)); return nil }
}

func asInteger(set func(t *tuning, n int)) func(*tuning, any) error {
	return func(t *tuning, v any) error {
		f, err := phpval.Number(v)
		if err != nil {
			return err
		}
		set(t, int(f))
		return nil
	}
}

// asSeconds takes numbers of seconds, also with a fraction.
func asSeconds(set func(t *tuning, d time.Duration)) func(*tuning, any) error {
	return func(t *tuning, v any) error {
		f, err := phpval.Number(v)
		if err != nil {
			return err
		}
		set(t, time.Duration(f*float64(time.Second)))
		return nil
	}
}

// asSize takes bytes as a number, or as "2M".
func asSize(set func(t *tuning, n int)) func(*tuning, any) error {
	return func(t *tuning, v any) error {
		if s, ok := v.(string); ok {
			if n, err := config.ParseSize(strings.TrimSpace(s)); err == nil {
				set(t, int(n))
				return nil
			}
		}
		f, err := phpval.Number(v)
		if err != nil {
			return errors.New(`want a size in bytes, such as 2097152 or "2M"`)
		}
		set(t, int(f))
		return nil
	}
}

// sayOnce logs what need not be said of each listener.
func (p *plant) sayOnce(msg, key, value, key2, value2 string) {
	if said := msg + value; !slices.Contains(p.said, said) {
		p.said = append(p.said, said)
		p.log.Info(msg, key, value, key2, value2) //nolint:sloglint // the callers' messages are constant
	}
}
