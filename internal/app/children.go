package app

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/fpmbridge/fpmbridge/fcgi"
	"github.com/fpmbridge/fpmbridge/internal/fpmconf"
)

// children counts how many children of php-fpm the routes can take up at once. Beside resident workers there is one request for
// start and its like, one to describe, and those for tasks.
func (p *plant) children() (n fpmconf.Need) {
	tasks := 0
	for _, r := range p.routes {
		if r.cli == nil {
			n.Workers += p.workers(r)
			tasks += r.script.Description().TaskWorkers
		}
	}
	if n.Requests = p.slots + 1; n.Workers > 0 {
		n.Requests = min(p.slots, tasks+1) + 1
	}
	return n
}

// poolNotes are what is wrong with a php-fpm that was given for what is asked of it, as far as its configuration can be seen.
func (p *plant) poolNotes() []string {
	if p.cfg.FPM.Address == "" || p.client == nil {
		return nil
	}
	pool, err := fpmconf.Find(os.DirFS("/"), p.fpmAddr)
	if err != nil {
		return nil
	}
	return p.children().Notes(pool)
}

// late looks into a resident worker that was started and has not called back: is there a child for it at all?
func (p *plant) late(script string, worker int, since time.Duration) {
	const wait = 3 * time.Second
	network, address, _ := strings.Cut(p.stayAddr, ":")
	switch free, err := fcgi.Probe(context.Background(), network, address, wait); {
	case err != nil:
	case free:
		p.log.Warn("a resident worker has not come to start() yet", "worker", worker, "since_s", int(since.Seconds()), "script", script)
	default:
		n := p.children()
		p.log.Error("php-fpm has no free child for a resident worker: set pm.max_children of its pool to needed or more", "worker", worker, "needed", n.All(),
			"needed_for", n.String(), "fpm", p.fpmAddr, "script", script)
	}
}
