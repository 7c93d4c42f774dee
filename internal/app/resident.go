package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge"
	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/fcgi"
	"github.com/fpmbridge/fpmbridge/internal/config"
	"github.com/fpmbridge/fpmbridge/internal/fpm"
	"github.com/fpmbridge/fpmbridge/internal/phpval"
)

// maxWorkers bounds the resident workers of one script.
const maxWorkers = 512

// startResident makes the client of requests that stay, in resident mode. They have connections of their own, since a worker holds one
// as long as it lives, and without a php-fpm of the user's a php-fpm of their own: how many children it needs is known only now.
func (p *plant) startResident(ctx context.Context) error {
	n := 0
	for _, r := range p.routes {
		if r.cli == nil {
			n += p.workers(r)
		}
	}
	if n == 0 {
		return nil
	}
	address := p.fpmAddr
	if p.own != nil {
		o := p.options
		o.INI = append([]string{"opcache.revalidate_freq=0"}, o.INI...)
		o.MaxChildren, o.MaxRequests = n, 1 // a worker leaves nothing behind for the next one
		srv, err := fpm.Start(ctx, o)
		if err != nil {
			return fmt.Errorf("resident workers: %w", err)
		}
		p.ownStay = srv
		p.onClose(srv.Stop)
		address = srv.Address()
	}
	network, where, _ := strings.Cut(address, ":")
	c, err := fcgi.New(fcgi.Options{
		Network: network, Address: where, MaxConns: n, IdleTimeout: -1,
		DialTimeout: p.cfg.FPM.DialTimeout, MaxAnswer: int(p.cfg.FPM.MaxAnswer),
	})
	if err != nil {
		return err //nolint:wrapcheck // it says what is wrong, with its package's name
	}
	p.stay, p.stayAddr = c, address
	p.onClose(c.Close)
	return nil
}

// abort ends all PHP calls that are under way. What they run in PHP is not waited for any more.
func (p *plant) abort() {
	for _, srv := range []*fpm.Server{p.own, p.ownStay} {
		if srv != nil {
			srv.Hurry()
		}
	}
	if p.launcher != nil {
		p.launcher.KillAll()
	}
	if p.client != nil {
		_ = p.client.Close()
	}
	if p.stay != nil {
		_ = p.stay.Close()
	}
}

// workers is how many resident workers a route gets: as many as --workers says, or its worker_num, or one, so that its arrays mean
// what its author thought. 0: each event is a request.
func (p *plant) workers(r routed) int {
	d := r.script.Description()
	if p.cfg.Mode != config.ModeResident || d.Encoding != callback.Framed {
		return 0
	}
	n := p.cfg.Workers
	if n == 0 {
		n = int(phpval.Settings(d.Settings).Int(1, "worker_num"))
	}
	return min(max(n, 1), maxWorkers)
}

// resident is how a route's workers are served.
func (p *plant) resident(r routed, n int) *bridge.Resident {
	var boot bridge.Booter = booter{r.script, p.stay}
	late := func(worker int, since time.Duration) { p.late(r.Script, worker, since) }
	var unheard func(known []int)
	if r.cli != nil {
		boot, late = r.cli, nil
	} else if p.ownStay != nil {
		unheard = p.ownStay.KillBut
	}
	return &bridge.Resident{
		Boot: boot, Workers: n, Late: late, Unheard: unheard, Dispatch: dispatchMode(r.script.Description().Settings), Timeout: p.cfg.WorkerTimeout,
		Grace: func() time.Duration {
			return time.Duration(phpval.Settings(r.script.Description().Settings).Int(3, "max_wait_time")+1) * time.Second
		},
	}
}

// dispatchMode is a script's setting dispatch_mode; 0 for one that the bridge does not have, which the SDK says.
func dispatchMode(settings phpval.Settings) bridge.DispatchMode {
	n := int(settings.Int(0, "dispatch_mode"))
	if n < 1 || n > 10 || n == 6 || settings.Flag("dispatch_func", false) {
		return 0
	}
	return bridge.DispatchMode(n)
}

// notes are what somebody should know of a route's processes.
func (p *plant) notes(r routed) (notes []string) {
	for _, note := range []string{p.taskNote(r.script.Description()), p.workerNote(r), r.besideNote} {
		if note != "" {
			notes = append(notes, note)
		}
	}
	if master, _ := p.master(); master == r.script.Description() {
		for _, at := range p.places {
			for _, note := range at.tuning.notes {
				if !slices.Contains(notes, note) {
					notes = append(notes, note)
				}
			}
		}
	}
	return notes
}

// workerNote says where a route's workers are not as it asks; "" if they are.
func (p *plant) workerNote(r routed) string {
	d := r.script.Description()
	if p.cfg.Mode == config.ModeResident && d.Encoding != callback.Framed {
		return "mode: resident is for scripts with the SDK: each event of this one is a request of its own"
	}
	asked := int(phpval.Settings(d.Settings).Int(0, "worker_num"))
	if n := p.workers(r); n > 0 && asked > 0 && n != asked {
		return fmt.Sprintf("worker_num of the script is %d, but workers says %d: that wins", asked, n)
	}
	return ""
}

// booter starts a script's resident workers.
type booter struct {
	script *callback.Script
	client *fcgi.Client
}

// Boot implements bridge.Booter.
func (b booter) Boot(ctx context.Context, worker int, ticket uint64, reply *callback.Reply) error {
	return b.script.Boot(ctx, b.client, worker, ticket, reply) //nolint:wrapcheck // it says what is wrong
}
