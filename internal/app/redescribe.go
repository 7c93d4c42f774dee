package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge"
	"github.com/fpmbridge/fpmbridge/callback"
)

// reload has a script described again, since it asks for it; tasks: its event workers stay.
func (p *plant) reload(script string, tasks bool) {
	for i := range p.routes {
		for r := &p.routes[i]; r.Script == script && !r.ask(tasks); {
			select {
			case <-r.reload: // whatever it was for, the next one is for all
			default:
			}
		}
	}
}

// ask notes a reload, and reports whether that, or the one that waits already, does what is asked for.
func (r *routed) ask(tasks bool) bool {
	select {
	case r.reload <- tasks:
		return true
	default:
		return tasks
	}
}

// taskNote says what becomes of a script with task workers when there are few slots; "" if all is well.
func (p *plant) taskNote(d *callback.Description) string {
	switch {
	case d.TaskWorkers == 0 || p.slots > d.TaskWorkers:
		return ""
	case p.slots == 1:
		return "with workers: 1, taskwait() and its like fail: nobody could run the task meanwhile. Set workers to 2 or more"
	}
	return fmt.Sprintf("task_worker_num is %d, but of %d PHP requests at once tasks take %d at most. Set workers to %d or more to run all at once",
		d.TaskWorkers, p.slots, p.slots-1, d.TaskWorkers+1)
}

// redescribe asks a script again when its answers show that it changed, or when it wants to be.
func (p *plant) redescribe(ctx context.Context, r routed, b *bridge.Bridge) {
	for {
		asked, tasks := false, false
		select {
		case <-r.script.Changed():
		case tasks = <-r.reload:
			asked = true
			b.Tell(ctx, r.Script, callback.StartBeforeReload)
		case <-ctx.Done():
			return
		}
		before := r.script.Description()
		d, err := r.script.Describe(ctx)
		switch {
		case err != nil && p.serving.Err() != nil: // our own end cut it short
			return
		case err != nil:
			p.log.Error("the script changed and cannot be described, the old description stays", "script", r.Script, "err", err)
		case len(p.cfg.Listen) == 0 && (d.Host() != before.Host() || d.Port() != before.Port()):
			p.log.Warn("the script asks for another address, restart to listen there", "script", r.Script, "host", d.Host(), "port", d.Port())
		case d.Hash == before.Hash && !asked:
			p.log.Debug("the script's file changed, it has a new key", "script", r.Script)
		case d.Hash == before.Hash:
			p.log.Info("reload: described again, the script is the same to us", "script", r.Script)
		default:
			p.log.Info("the script changed, described again", "script", r.Script, "events", strings.Join(d.Events, " "))
		}
		if err == nil {
			p.logFindings(r.Script, before, d)
			p.retune(b, r.Script, before, d)
		}
		if asked && err == nil {
			r.cli.reload(ctx)
			if !tasks {
				b.Reload(ctx, r.Script)
			}
		}
		if asked {
			b.Tell(ctx, r.Script, callback.StartAfterReload)
		}
		// Old and new code may answer side by side for a moment: one description a second is enough.
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return
		}
	}
}
