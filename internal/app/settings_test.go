package app

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge"
	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/certs"
	"github.com/fpmbridge/fpmbridge/internal/config"
	"github.com/fpmbridge/fpmbridge/internal/logfile"
	"github.com/fpmbridge/fpmbridge/internal/tlsconf"
)

func tuneFor(t *testing.T, cfg *config.Config, l callback.Listener, server map[string]any) (*tuning, *bridge.Options, error) {
	t.Helper()
	p := &plant{cfg: cfg, log: slog.New(slog.DiscardHandler)}
	o := p.bridgeOptions()
	tu, err := p.tune(&l, server, &o, "/srv")
	return tu, &o, err
}

func tcpPort() callback.Listener { return callback.Listener{Type: sockTCP, Protocol: callback.KindTCP} }

// rows are what each setting comes to. Every setting of the table has one.
var rows = map[string]struct {
	value any
	got   func(tu *tuning, o *bridge.Options) any
	want  any
}{
	"package_max_length":             {"3M", func(tu *tuning, _ *bridge.Options) any { return tu.listener.MaxMessage }, 3 << 20},
	"socket_buffer_size":             {"131072", func(tu *tuning, _ *bridge.Options) any { return tu.listener.OutboxBytes }, 131072},
	"max_queued_bytes":               {float64(100000), func(_ *tuning, o *bridge.Options) any { return o.InboxBytes }, 100000},
	"buffer_high_watermark":          {"1M", func(tu *tuning, _ *bridge.Options) any { return tu.listener.HighWater }, 1 << 20},
	"buffer_low_watermark":           {"1K", func(tu *tuning, _ *bridge.Options) any { return tu.listener.LowWater }, 1 << 10},
	"max_idle_time":                  {1.5, func(tu *tuning, _ *bridge.Options) any { return tu.listener.MaxIdle }, 1500 * time.Millisecond},
	"open_http2_protocol":            {true, func(tu *tuning, _ *bridge.Options) any { return tu.listener.HTTP2 }, true},
	"enable_delay_receive":           {true, func(tu *tuning, _ *bridge.Options) any { return tu.listener.Delay }, true},
	"heartbeat_check_interval":       {"5", func(_ *tuning, o *bridge.Options) any { return [2]time.Duration{o.HeartbeatInterval, o.HeartbeatIdle} }, [2]time.Duration{5 * time.Second, 10 * time.Second}},
	"heartbeat_idle_time":            {float64(60), func(_ *tuning, o *bridge.Options) any { return [2]time.Duration{o.HeartbeatInterval, o.HeartbeatIdle} }, [2]time.Duration{30 * time.Second, time.Minute}},
	"max_conn":                       {float64(7), func(_ *tuning, o *bridge.Options) any { return o.MaxConnections }, 7},
	"max_connection":                 {"8", func(_ *tuning, o *bridge.Options) any { return o.MaxConnections }, 8},
	"max_concurrency":                {float64(3), func(_ *tuning, o *bridge.Options) any { return o.MaxConcurrency }, 3},
	"start_session_id":               {float64(1000), func(_ *tuning, o *bridge.Options) any { return o.FirstFD }, uint64(1001)},
	"discard_timeout_request":        {true, func(tu *tuning, _ *bridge.Options) any { return tu.discard }, true},
	"backlog":                        {float64(64), func(tu *tuning, _ *bridge.Options) any { return tu.socket.Backlog }, 64},
	"enable_reuse_port":              {true, func(tu *tuning, _ *bridge.Options) any { return tu.socket.ReusePort }, true},
	"open_tcp_nodelay":               {false, func(tu *tuning, _ *bridge.Options) any { return tu.socket.NoDelay }, false},
	"open_tcp_keepalive":             {float64(1), func(tu *tuning, _ *bridge.Options) any { return *tu.socket.KeepAlive }, true},
	"tcp_keepidle":                   {float64(4), func(tu *tuning, _ *bridge.Options) any { return tu.socket.KeepIdle }, 4 * time.Second},
	"tcp_keepinterval":               {float64(3), func(tu *tuning, _ *bridge.Options) any { return tu.socket.KeepInterval }, 3 * time.Second},
	"tcp_keepcount":                  {float64(2), func(tu *tuning, _ *bridge.Options) any { return tu.socket.KeepCount }, 2},
	"tcp_user_timeout":               {float64(1000), func(tu *tuning, _ *bridge.Options) any { return tu.socket.UserTimeout }, 1000},
	"tcp_fastopen":                   {true, func(tu *tuning, _ *bridge.Options) any { return tu.socket.FastOpen }, true},
	"tcp_defer_accept":               {float64(9), func(tu *tuning, _ *bridge.Options) any { return tu.socket.DeferAccept }, 9},
	"kernel_socket_recv_buffer_size": {"64K", func(tu *tuning, _ *bridge.Options) any { return tu.socket.RecvBuffer }, 64 << 10},
	"kernel_socket_send_buffer_size": {"32K", func(tu *tuning, _ *bridge.Options) any { return tu.socket.SendBuffer }, 32 << 10},
	"open_eof_check":                 {true, func(tu *tuning, _ *bridge.Options) any { return string(tu.listener.Split.EOF) }, "\r\n\r\n"},
	"open_eof_split":                 {true, func(tu *tuning, _ *bridge.Options) any { return tu.listener.Split.Each }, true},
	"package_eof":                    {"\n", func(tu *tuning, _ *bridge.Options) any { return string(tu.split.EOF) }, "\n"},
	"open_length_check": {true, func(tu *tuning, _ *bridge.Options) any {
		return [2]int{int(tu.listener.Split.LengthType), tu.listener.Split.BodyOffset}
	}, [2]int{'N', 4}},
	"open_mqtt_protocol":         {true, func(tu *tuning, _ *bridge.Options) any { return tu.listener.Split.MQTT }, true},
	"open_redis_protocol":        {true, func(tu *tuning, _ *bridge.Options) any { return tu.listener.Split.Redis }, true},
	"package_length_type":        {"v", func(tu *tuning, _ *bridge.Options) any { return tu.split.LengthType }, byte('v')},
	"package_length_offset":      {float64(2), func(tu *tuning, _ *bridge.Options) any { return tu.split.LengthOffset }, 2},
	"package_body_offset":        {float64(0), func(tu *tuning, _ *bridge.Options) any { return tu.split.BodyOffset }, 0},
	"package_body_start":         {float64(6), func(tu *tuning, _ *bridge.Options) any { return tu.split.BodyOffset }, 6},
	"dispatch_mode":              {float64(3), func(tu *tuning, _ *bridge.Options) any { return tu.dispatch }, bridge.DispatchMode(3)},
	"package_length_func":        {false, func(tu *tuning, _ *bridge.Options) any { return tu.listener.Split == nil }, true},
	"ssl_cert_file":              {"a.crt", func(tu *tuning, _ *bridge.Options) any { return tu.tls.Pair.Cert }, "/srv/a.crt"},
	"ssl_key_file":               {"/x/a.key", func(tu *tuning, _ *bridge.Options) any { return tu.tls.Pair.Key }, "/x/a.key"},
	"ssl_verify_peer":            {true, func(tu *tuning, _ *bridge.Options) any { return tu.tls.Verify }, true},
	"ssl_client_cert_file":       {"ca.crt", func(tu *tuning, _ *bridge.Options) any { return tu.tls.ClientCA }, "/srv/ca.crt"},
	"ssl_protocols":              {float64(tlsconf.TLS13), func(tu *tuning, _ *bridge.Options) any { return tu.tls.Min }, uint16(0x0304)},
	"ssl_cafile":                 {"ca.pem", func(tu *tuning, _ *bridge.Options) any { return tu.tls.CAFile }, "/srv/ca.pem"},
	"ssl_capath":                 {"/ca", func(tu *tuning, _ *bridge.Options) any { return tu.tls.CAFolder }, "/ca"},
	"ssl_verify_depth":           {float64(2), func(tu *tuning, _ *bridge.Options) any { return tu.tls.Depth }, 2},
	"ssl_allow_self_signed":      {true, func(tu *tuning, _ *bridge.Options) any { return tu.tls.SelfSigned }, true},
	"ssl_ciphers":                {"EECDH+AESGCM:DHE-RSA-AES128-SHA", func(tu *tuning, _ *bridge.Options) any { return len(tu.tls.Ciphers) }, 4},
	"ssl_prefer_server_ciphers":  {false, func(tu *tuning, _ *bridge.Options) any { return tu.tls.ClientOrder }, true},
	"ssl_dhparam":                {"dh.pem", func(tu *tuning, _ *bridge.Options) any { return tu.tls.DHParam }, "/srv/dh.pem"},
	"ssl_compress":               {true, func(tu *tuning, _ *bridge.Options) any { return len(tu.tls.Ciphers) }, 0},
	"ssl_sni_certs":              {map[string]any{"a.example": map[string]any{"ssl_cert_file": "x.crt", "ssl_key_file": "x.key"}}, func(tu *tuning, _ *bridge.Options) any { return tu.tls.Names["a.example"] }, certs.Pair{Cert: "/srv/x.crt", Key: "/srv/x.key"}},
	"log_file":                   {"a.log", func(tu *tuning, _ *bridge.Options) any { return tu.log.File }, "/srv/a.log"},
	"log_level":                  {float64(4), func(tu *tuning, _ *bridge.Options) any { return tu.log.LevelName() }, "WARNING"},
	"log_rotation":               {float64(2), func(tu *tuning, _ *bridge.Options) any { return tu.log.Rotation }, logfile.Daily},
	"log_date_format":            {"%s", func(tu *tuning, _ *bridge.Options) any { return tu.log.DateFormat }, "%s"},
	"log_date_with_microseconds": {true, func(tu *tuning, _ *bridge.Options) any { return tu.log.Microseconds }, true},
	"upload_tmp_dir":             {"/tmp", func(tu *tuning, _ *bridge.Options) any { return tu.uploads }, "/tmp"},
	"ssl_ecdh_curve":             {"prime256v1:nonsense", func(tu *tuning, _ *bridge.Options) any { return len(tu.tls.Curves) }, 1},
}

func TestEverySettingHasItsEffect(t *testing.T) {
	for _, s := range allSettings() {
		row, ok := rows[s.name]
		if !ok {
			t.Errorf("%s has no row", s.name)
			continue
		}
		server := map[string]any{s.name: row.value}
		tu, o, err := tuneFor(t, config.Defaults(), tcpPort(), server)
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
		} else if got := row.got(tu, o); got != row.want {
			t.Errorf("%s: %v, want %v", s.name, got, row.want)
		}
		// A port's own settings take the server's place, and it has no say in what is the server's.
		own := tcpPort()
		own.Settings = server
		if tu, _, err := tuneFor(t, config.Defaults(), own, map[string]any{"package_max_length": "1M"}); err != nil || (s.name != "package_max_length" && tu.listener.MaxMessage != 0) {
			t.Errorf("%s of a port: %v, %d", s.name, err, tu.listener.MaxMessage)
		}
	}
}

// winning is the configuration of each key that wins over a setting, and what the setting would have made of it.
var winning = map[string]struct {
	give func(c *config.Config)
	got  func(tu *tuning, o *bridge.Options) any
	want any
}{
	"limits.message":     {func(c *config.Config) { c.Limits.Message = 100 }, func(tu *tuning, _ *bridge.Options) any { return tu.listener.MaxMessage }, 0},
	"limits.outbox":      {func(c *config.Config) { c.Limits.Outbox = 100 }, func(tu *tuning, _ *bridge.Options) any { return tu.listener.OutboxBytes }, 0},
	"limits.inbox":       {func(c *config.Config) { c.Limits.Inbox = 100 }, func(_ *tuning, o *bridge.Options) any { return o.InboxBytes }, 100},
	"limits.connections": {func(c *config.Config) { c.Limits.Connections = 5 }, func(_ *tuning, o *bridge.Options) any { return o.MaxConnections }, 5},
	"limits.requests":    {func(c *config.Config) { c.Limits.Requests = 6 }, func(_ *tuning, o *bridge.Options) any { return o.MaxConcurrency }, 6},
	"subprotocols":       {func(c *config.Config) { c.Subprotocols = []string{"mine"} }, func(tu *tuning, _ *bridge.Options) any { return tu.listener.Speech.FixedProtocol }, "fixed"},
	"compression":        {func(c *config.Config) { c.Compression = true }, func(_ *tuning, o *bridge.Options) any { return o.Compression }, true},
	"http2":              {func(c *config.Config) { c.HTTP2 = true }, func(tu *tuning, _ *bridge.Options) any { return tu.listener.HTTP2 }, true},
	"tls.cert":           {func(c *config.Config) { c.TLS.Cert = "mine.pem" }, func(tu *tuning, _ *bridge.Options) any { return tu.tls.Pair.Cert }, "mine.pem"},
	"tls.key":            {func(c *config.Config) { c.TLS.Key = "mine.key" }, func(tu *tuning, _ *bridge.Options) any { return tu.tls.Pair.Key }, ""},
	"log.level":          {func(c *config.Config) { c.Log.Asked = true }, func(tu *tuning, _ *bridge.Options) any { return tu.log.Level }, 0},
	"tls.client_ca": {func(c *config.Config) { c.TLS.ClientCA = "mine.ca" }, func(tu *tuning, _ *bridge.Options) any {
		return tu.tls.ClientCA + tu.tls.CAFile + tu.tls.CAFolder
	}, ""},
}

// Each setting that has a key: the key wins when it is given, the log says so once, and it is silent when it is not.
func TestConfigurationWinsOverSettings(t *testing.T) {
	keys := map[string]string{"websocket_subprotocol": "subprotocols", "websocket_compression": "compression"}
	values := map[string]any{"websocket_subprotocol": "fixed", "websocket_compression": false}
	for _, s := range allSettings() {
		if s.key != "" {
			keys[s.name], values[s.name] = s.key, rows[s.name].value
		}
	}
	for name, key := range keys {
		t.Run(name, func(t *testing.T) {
			c, ok := winning[key]
			if !ok {
				t.Fatalf("%s has no row", key)
			}
			for _, given := range []bool{true, false} {
				var log strings.Builder
				cfg := config.Defaults()
				if given {
					c.give(cfg)
				}
				p := &plant{cfg: cfg, log: slog.New(slog.NewTextHandler(&log, nil))}
				o := p.bridgeOptions()
				var tu *tuning
				for range 2 { // of two ports
					l := tcpPort()
					tu, _ = p.tune(&l, map[string]any{name: values[name]}, &o, "/srv") // certificates that are missing
				}
				said := `msg="the configuration wins over the script's setting" setting=` + name + " key=" + key
				if n := strings.Count(log.String(), said); given != (n == 1) {
					t.Errorf("given %v: said %d times: %s", given, n, log.String())
				}
				if got := c.got(tu, &o); given && got != c.want {
					t.Errorf("%v, want %v", got, c.want)
				}
			}
		})
	}
}

// What a port's settings come to that say how it speaks with clients.
func TestEverySettingOfSpeech(t *testing.T) {
	of := func(name string, value any) bridge.Speech { return speech(map[string]any{name: value}) }
	for name, c := range map[string]struct {
		value any
		got   func(s bridge.Speech) any
		want  any
	}{
		"websocket_subprotocol":       {"chat", func(s bridge.Speech) any { return s.FixedProtocol }, "chat"},
		"websocket_compression":       {true, func(s bridge.Speech) any { return s.Compression }, true},
		"open_websocket_ping_frame":   {float64(1), func(s bridge.Speech) any { return s.PingFrames }, true},
		"open_websocket_pong_frame":   {"1", func(s bridge.Speech) any { return s.PongFrames }, true},
		"open_websocket_close_frame":  {true, func(s bridge.Speech) any { return s.CloseFrames }, true},
		"http_compression":            {false, func(s bridge.Speech) any { return s.HTTP.NoCompression }, true},
		"http_compression_level":      {float64(7), func(s bridge.Speech) any { return s.HTTP.Level }, 7},
		"http_gzip_level":             {"6", func(s bridge.Speech) any { return s.HTTP.Level }, 6},
		"compression_level":           {float64(99), func(s bridge.Speech) any { return s.HTTP.Level }, 9},
		"http_compression_min_length": {float64(50), func(s bridge.Speech) any { return s.HTTP.MinLength }, 50},
		"compression_min_length":      {"1K", func(s bridge.Speech) any { return s.HTTP.MinLength }, 1024},
		"http_compression_types":      {[]any{"text/css"}, func(s bridge.Speech) any { return strings.Join(s.HTTP.Types, " ") }, "text/css"},
		"compression_types":           {[]any{"a/b", 5.0, "c/d"}, func(s bridge.Speech) any { return strings.Join(s.HTTP.Types, " ") }, "a/b c/d"},
		"upload_max_filesize":         {"16M", func(s bridge.Speech) any { return s.HTTP.MaxUpload }, int64(16 << 20)},
		"http_parse_post":             {"0", func(s bridge.Speech) any { return s.HTTP.NoForms }, true},
	} {
		if got := c.got(of(name, c.value)); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		if got := c.got(speech(nil)); got == c.want {
			t.Errorf("%s: %v without it, too", name, got)
		}
		if !slices.Contains(speechSettings(), name) {
			t.Errorf("%s is not in speechSettings", name)
		}
	}
	if n := len(speechSettings()); n != 15 {
		t.Errorf("%d settings, 15 have a row", n)
	}
}

func TestSettingsThatAreRefused(t *testing.T) {
	for name, value := range map[string]any{
		"package_max_length": "much", "package_eof": 5.0, "package_length_type": "", "package_length_func": map[string]any{}, "ssl_cert_file": 1.0,
		"ssl_protocols": float64(8), "ssl_ciphers": "RC4-MD5:EXPORT", "ssl_sni_certs": "x", "tcp_keepidle": "soon", "backlog": []any{},
	} {
		if _, _, err := tuneFor(t, config.Defaults(), tcpPort(), map[string]any{name: value}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s = %v: %v", name, value, err)
		}
	}
	if _, _, err := address(&callback.Listener{Type: 2, Host: "0.0.0.0", Port: 1}); err == nil || !strings.Contains(err.Error(), "no UDP") {
		t.Error(err)
	}
}

func FuzzSettings(f *testing.F) {
	for name := range rows {
		f.Add(name, "2M", 1.5, true)
	}
	f.Fuzz(func(_ *testing.T, name, text string, number float64, flag bool) {
		for _, v := range []any{text, number, flag, nil, []any{text}, map[string]any{text: number}} {
			p := &plant{cfg: config.Defaults(), log: slog.New(slog.DiscardHandler)}
			o := p.bridgeOptions()
			l := tcpPort()
			_, _ = p.tune(&l, map[string]any{name: v, "open_length_check": flag}, &o, "/srv")
		}
	})
}

// What is wrong with a setting, and what is said about one, names the place where the script set it.
func TestPlacesOfSettings(t *testing.T) {
	t.Parallel()
	l := callback.Listener{Type: sockTCP | sockTLS, Protocol: callback.KindWebSocket, Places: map[string]string{
		"backlog": "/srv/a.php:7", "ssl_dhparam": "/srv/b.php:8", "listen": "/srv/c.php:9",
	}}
	tu, _, err := tuneFor(t, new(config.Config), l, map[string]any{"backlog": "many", "ssl_dhparam": "dh.pem", "tcp_keepidle": "x"})
	if err == nil || !strings.Contains(err.Error(), `"many" is no number (/srv/a.php:7)`) || !strings.HasSuffix(err.Error(), `"x" is no number`) {
		t.Errorf("got %v, want the place of backlog, and none for tcp_keepidle", err)
	}
	if len(tu.notes) != 1 || !strings.HasSuffix(tu.notes[0], "(/srv/b.php:8)") {
		t.Errorf("got the notes %q, want the place behind", tu.notes)
	}
	tu, _, err = tuneFor(t, new(config.Config), callback.Listener{Places: map[string]string{"log_level": "/srv/d.php:2"}}, map[string]any{"log_level": "loud"})
	if err != nil || len(tu.notes) != 1 || tu.notes[0] != `log_level: "loud" is no number: SWOOLE_LOG_INFO is used (/srv/d.php:2)` {
		t.Errorf("a log that is not as it should be stops nothing: %v, %q", err, tu.notes)
	}
	l.Type = 2
	if _, _, err := address(&l); err == nil || !strings.HasSuffix(err.Error(), "(/srv/c.php:9)") {
		t.Errorf("got %v, want the place of the datagram port", err)
	}
}
