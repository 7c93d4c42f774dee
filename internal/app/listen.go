package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge"
	"github.com/fpmbridge/fpmbridge/callback"
)

// Swoole's socket types.
const (
	sockTCP        = 1
	sockTCP6       = 3
	sockUnixStream = 5
	sockTLS        = 512
)

// place is a listener that is to be opened, and how it is served.
type place struct {
	network, address string
	protocol         string // callback.KindWebSocket, KindHTTP or KindTCP
	tls              bool
	tuning           *tuning
	ln               net.Listener // after listen; nil: somebody else has it, and we only check
}

// defaultListen is for scripts that ask for no address.
const defaultListen = "127.0.0.1:9501"

// master is the script that the listeners belong to: the one at "/", else the first that says where it wants to listen.
func (p *plant) master() (found *callback.Description, folder string) {
	for _, r := range p.routes {
		d := r.script.Description()
		if len(d.Listeners) > 0 && (found == nil || r.Path == "/") {
			found, folder = d, filepath.Dir(r.Script)
		}
	}
	return found, folder
}

// plan says where to listen, and how: at the addresses of the configuration in order, else at those of the script. options get the
// settings that are the whole server's.
func (p *plant) plan(options *bridge.Options) error {
	var problems []error
	d, folder := p.master()
	if d == nil {
		d = &callback.Description{}
	}
	wanted := d.Listeners
	if len(wanted) == 0 {
		wanted = []callback.Listener{{Type: sockTCP, Protocol: callback.KindWebSocket}}
	}
	n := max(len(p.cfg.Listen), len(wanted))
	for i := range n {
		l := wanted[0]
		if i < len(wanted) {
			l = wanted[i]
		}
		var whole *bridge.Options
		if i == 0 {
			whole = options
		}
		at := place{protocol: l.Protocol}
		var err error
		if at.network, at.address, err = address(&l); err != nil {
			problems = append(problems, err)
			continue
		}
		if i < len(p.cfg.Listen) {
			at.network, at.address = "tcp", p.cfg.Listen[i]
		} else if len(d.Listeners) == 0 {
			at.address = defaultListen
		}
		if at.tuning, err = p.tune(&l, d.Settings, whole, folder); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", at.address, err))
			continue
		}
		at.tls = at.tuning.secure
		options.Listeners = append(options.Listeners, at.tuning.listener)
		p.places = append(p.places, &at)
	}
	return errors.Join(problems...)
}

// address is where a listener of a script wants to be.
func address(l *callback.Listener) (network, addr string, err error) {
	switch l.Type &^ sockTLS {
	case sockTCP, sockTCP6:
		return "tcp", net.JoinHostPort(strings.Trim(l.Host, "[]"), strconv.Itoa(l.Port)), nil
	case sockUnixStream:
		return "unix", l.Host, nil
	}
	return "", "", fmt.Errorf("the script listens to %s:%d with socket type %d: the bridge serves TCP (SWOOLE_SOCK_TCP, SWOOLE_SOCK_TCP6) and Unix stream sockets"+
		" (SWOOLE_SOCK_UNIX_STREAM), no UDP, no Unix datagrams and no raw sockets; leave that listen() out, or run it in a process of its own%s", l.Host, l.Port, l.Type, l.At("listen"))
}

// listen opens the listeners of the plan.
func (p *plant) listen(ctx context.Context) ([]net.Listener, error) {
	var listeners []net.Listener
	var addresses []string
	for _, at := range p.places {
		if at.network == "unix" {
			removeStale(ctx, at.address)
		}
		if p.checks { // beside a bridge that runs it would get some of its clients
			at.tuning.socket.ReusePort = false
		}
		config := net.ListenConfig{Control: at.tuning.socket.Control}
		ln, err := config.Listen(ctx, at.network, at.address)
		if err != nil {
			if err = p.taken(ctx, at.network, at.address, err); err != nil {
				return nil, fmt.Errorf("cannot listen on %s: %w", at.address, err)
			}
			continue
		}
		p.onClose(func() error { _ = ln.Close(); return nil }) // closed before, by the bridge
		at.ln = ln
		listeners = append(listeners, at.tuning.socket.Listener(ln))
		addresses = append(addresses, ln.Addr().String())
	}
	for _, r := range p.routes {
		r.script.Listening(addresses)
		if l := r.onCLI(); l != nil {
			l.listen = strings.Join(addresses, " ")
		}
	}
	return listeners, nil
}

// removeStale removes a socket that nobody listens to any more.
func removeStale(ctx context.Context, path string) {
	info, err := os.Stat(path)
	if err != nil || info.Mode()&os.ModeSocket == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var d net.Dialer
	if c, err := d.DialContext(ctx, "unix", path); err == nil {
		_ = c.Close()
		return
	}
	_ = os.Remove(path) // what is wrong with it, Listen says
}

// scheme is how a client spells the protocol.
func (at *place) scheme() string {
	scheme := map[string]string{callback.KindHTTP: "http", callback.KindTCP: "tcp"}[at.protocol]
	if scheme == "" {
		scheme = "ws"
	}
	if at.tls {
		if scheme == "tcp" {
			return "tls"
		}
		return scheme + "s"
	}
	return scheme
}
