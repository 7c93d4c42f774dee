package app

import (
	"strings"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/fcgi"
)

// openStay makes the client of requests that stay. They have connections of their own: a worker holds one as long as it lives.
func (p *plant) openStay() error {
	address := p.fpmAddr
	if p.own != nil {
		address = p.own.Workers()
	}
	network, where, _ := strings.Cut(address, ":")
	c, err := fcgi.New(fcgi.Options{
		Network: network, Address: where, MaxConns: maxWorkers, IdleTimeout: -1,
		DialTimeout: p.cfg.FPM.DialTimeout, MaxAnswer: int(p.cfg.FPM.MaxAnswer),
	})
	if err != nil {
		return err //nolint:wrapcheck // it says what is wrong, with its package's name
	}
	p.stay = c
	p.onClose(c.Close)
	return nil
}

// maxWorkers bounds the resident workers of all routes together.
const maxWorkers = 512

// abort ends all PHP calls that are under way.
func (p *plant) abort() {
	_ = p.client.Close()
	if p.stay != nil {
		_ = p.stay.Close()
	}
}

// workers is how many resident workers a script gets: as many as --workers says, or its worker_num, or one, so that its arrays mean
// what its author thought.
func (p *plant) workers(d *callback.Description) int {
	n := p.cfg.Workers
	if n == 0 {
		if v, ok := d.Settings["worker_num"].(float64); ok {
			n = int(v)
		}
	}
	return min(max(n, 1), maxWorkers)
}
