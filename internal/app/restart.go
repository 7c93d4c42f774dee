package app

import (
	"reflect"
	"slices"
	"strings"

	"github.com/fpmbridge/fpmbridge/bridge"
	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/config"
	"github.com/fpmbridge/fpmbridge/internal/logfile"
)

// retune carries out what a new description of the master script wants of listeners and connections, as far as that can be
// done while the bridge runs, and says the rest.
func (p *plant) retune(b *bridge.Bridge, script string, before, after *callback.Description) {
	p.sayRestart(script, before, after)
	if d, folder := p.master(); d == after {
		options := p.bridgeOptions()
		t := bridge.Tuning{}
		var log logfile.Settings
		for i := range d.Listeners {
			var whole *bridge.Options
			if i == 0 {
				whole = &options
			}
			tuned, err := p.tune(&d.Listeners[i], d.Settings, whole, folder)
			if err != nil {
				p.log.Error("the script's new settings cannot be used, the old ones stay", "script", script, "err", err)
				return
			}
			t.Listeners = append(t.Listeners, tuned.listener)
			if i == 0 {
				log = tuned.log
			}
			for _, note := range tuned.notes {
				if i >= len(p.places) || !slices.Contains(p.places[i].tuning.notes, note) {
					p.log.Warn("a note on the script", "script", script, "note", note)
				}
			}
		}
		p.relog(script, d, &log)
		t.HeartbeatInterval, t.HeartbeatIdle, t.MaxConnections, t.MaxConcurrency = options.HeartbeatInterval, options.HeartbeatIdle, options.MaxConnections, options.MaxConcurrency
		if err := b.Retune(t); err != nil {
			p.log.Error("the script's new settings cannot be used, the old ones stay", "script", script, "err", err)
		}
	}
}

// live are the settings that retune carries out, those of listeners for connections from then on.
func live(setting string) bool {
	return slices.Contains(speechSettings(), setting) || slices.Contains([]string{
		"package_max_length", "socket_buffer_size", "buffer_high_watermark", "buffer_low_watermark", "max_idle_time", "enable_delay_receive",
		"heartbeat_check_interval", "heartbeat_idle_time", "max_conn", "max_connection", "max_concurrency", "open_eof_check", "open_eof_split", "package_eof",
		"open_mqtt_protocol", "open_redis_protocol", "open_length_check", "package_length_type", "package_length_offset", "package_body_start", "package_body_offset",
	}, setting)
}

// sayRestart says which changes are not carried out.
func (p *plant) sayRestart(script string, before, after *callback.Description) {
	if !slices.EqualFunc(before.Listeners, after.Listeners, sameListener) {
		p.log.Warn("the script's ports changed, restart to use it", "script", script)
	}
	names := append(speechSettings(), "enable_static_handler", "document_root", "http_index_files", "http_autoindex", "static_handler_locations", "url_rewrite_rules")
	for _, s := range allSettings() {
		names = append(names, s.name)
	}
	for _, name := range names {
		same := reflect.DeepEqual(before.Settings[name], after.Settings[name])
		for i := range min(len(before.Listeners), len(after.Listeners)) {
			same = same && reflect.DeepEqual(before.Listeners[i].Settings[name], after.Listeners[i].Settings[name])
		}
		switch {
		case same:
		case name == "upload_tmp_dir" && p.cfg.Mode == config.ModeResident: // workers see to it
		case strings.HasPrefix(name, "log_"):
			p.log.Info("a setting of the script changed, it holds from now on", "script", script, "setting", name)
		case live(name):
			p.log.Info("a setting of the script changed, it holds for connections from now on", "script", script, "setting", name)
		default:
			p.log.Warn("a setting of the script changed, restart to use it", "script", script, "setting", name)
		}
	}
}

// sameListener reports whether a listener is served as before. Its events may differ: they are looked up each time.
func sameListener(a, b callback.Listener) bool {
	return a.Host == b.Host && a.Port == b.Port && a.Type == b.Type && a.Protocol == b.Protocol
}
