package app

import (
	"cmp"
	"context"
	"errors"

	"github.com/fpmbridge/fpmbridge/internal/cliphp"
	"github.com/fpmbridge/fpmbridge/internal/config"
)

var errBeside = errors.New("that needs a php-fpm that the bridge starts, without fpm.user, and shared_memory.driver bridge; or --launcher cli")

// onCLI is what the route has on the command line; nil: nothing.
func (r routed) onCLI() *launched { return cmp.Or(r.cli, r.beside) }

// layOutBeside makes what runs the processes that a script adds to its server, where workers are in php-fpm: its children serve events, and
// these have none. They are PHP on the command line, of the user that runs the workers.
func (p *plant) layOutBeside(ctx context.Context, r *routed, entry string) {
	if r.cli != nil || r.script.Description().Processes == 0 || p.workers(*r) == 0 {
		return
	}
	php, err := cliphp.Find(ctx, p.cfg.PHP.Binary)
	if !p.sharesOurFiles() || p.cfg.Shared.Driver != config.SharedBridge {
		err = errBeside
	}
	if err != nil {
		r.besideNote = "addProcess(): the script's processes are not run: " + err.Error()
		return
	}
	if p.launcher == nil {
		p.launcher = cliphp.New(p.cliOptions(php, entry, config.LauncherFPM))
		p.onClose(p.launcher.Close)
	}
	r.beside = p.launch(r.Route)
}
