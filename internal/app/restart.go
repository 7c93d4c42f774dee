package app

import (
	"reflect"
	"slices"

	"github.com/fpmbridge/fpmbridge/callback"
)

// sayRestart says what a new description wants of listeners and connections, which stay as they are.
func (p *plant) sayRestart(script string, before, after *callback.Description) {
	if !slices.EqualFunc(before.Listeners, after.Listeners, sameListener) {
		p.log.Warn("the script's ports changed, restart to use it", "script", script)
	}
	for _, s := range append(settings(), tlsSettings()...) {
		if !reflect.DeepEqual(before.Settings[s.name], after.Settings[s.name]) {
			p.log.Warn("a setting of the script changed, restart to use it", "script", script, "setting", s.name)
		}
	}
}

// sameListener reports whether a listener is served as before. Its events may differ: they are looked up each time.
func sameListener(a, b callback.Listener) bool {
	return a.Host == b.Host && a.Port == b.Port && a.Type == b.Type && a.Protocol == b.Protocol && reflect.DeepEqual(a.Settings, b.Settings)
}
