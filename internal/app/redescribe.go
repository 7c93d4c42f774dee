package app

import (
	"context"
	"strings"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge"
	"github.com/fpmbridge/fpmbridge/callback"
)

// reload has a script described again, since it asks for it.
func (p *plant) reload(script string) {
	for _, r := range p.routes {
		if r.Script != script {
			continue
		}
		select {
		case r.reload <- struct{}{}:
		default:
		}
	}
}

// redescribe asks a script again when its answers show that it changed, or when it wants to be.
func (p *plant) redescribe(ctx context.Context, r routed, b *bridge.Bridge) {
	for {
		asked := false
		select {
		case <-r.script.Changed():
		case <-r.reload:
			asked = true
			b.Tell(r.Script, callback.StartBeforeReload)
		case <-ctx.Done():
			return
		}
		before := r.script.Description()
		d, err := r.script.Describe(ctx)
		switch {
		case err != nil:
			p.log.Error("the script changed and cannot be described, the old description stays", "script", r.Script, "err", err)
		case len(p.cfg.Listen) == 0 && (d.Host() != before.Host() || d.Port() != before.Port()):
			p.log.Warn("the script asks for another address, restart to listen there", "script", r.Script, "host", d.Host(), "port", d.Port())
		case d.Hash == before.Hash && !asked:
			p.log.Debug("the script's file changed, it has a new key", "script", r.Script)
		default:
			p.log.Info("the script changed, described again", "script", r.Script, "events", strings.Join(d.Events, " "))
		}
		if err == nil {
			p.logFindings(r.Script, before, d)
		}
		if asked {
			b.Tell(r.Script, callback.StartAfterReload)
		}
		// Old and new code may answer side by side for a moment: one description a second is enough.
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return
		}
	}
}
