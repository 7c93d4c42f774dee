package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fpmbridge/fpmbridge/internal/sock"
)

// openCallback opens the callback socket, where PHP can get to it and strangers cannot.
func (p *plant) openCallback(ctx context.Context) error {
	c := &p.cfg.Callback
	p.token = c.Token.Reveal()
	if p.token == "" {
		p.token = rand.Text()
	}
	address, group := string(c.Listen), c.Group
	if group == "" {
		group = p.fpmGroup()
	}
	switch {
	case address != "":
	case p.sharesOurFiles():
		address = "unix:" + filepath.Join(p.own.Dir(), "callback.sock")
	default:
		address = p.privateSocket("callback.sock")
	}
	var err error
	if p.socket, err = p.openSocket(ctx, address, "callback.sock", group); err != nil {
		return fmt.Errorf("callback: %w", err)
	}
	return nil
}

// sharesOurFiles reports whether PHP runs as the user that we are, in a php-fpm of our own.
func (p *plant) sharesOurFiles() bool { return p.own != nil && p.cfg.FPM.User == "" }

// fpmGroup is the group that a given php-fpm's socket belongs to, if we may give the callback socket to it: by Debian's
// defaults that is the group of the pool's user. "" is our own group.
func (p *plant) fpmGroup() string {
	if p.own != nil {
		return p.cfg.FPM.Group
	}
	path, ok := strings.CutPrefix(p.fpmAddr, "unix:")
	if !ok {
		return ""
	}
	return sock.GroupOf(path)
}

// sdkFolder is where the SDK is laid out: with our own php-fpm in its private folder, else where its user can read it.
func (p *plant) sdkFolder() string {
	switch {
	case p.sharesOurFiles():
		return filepath.Join(p.own.Dir(), "sdk")
	case os.Geteuid() == 0:
		return "/var/lib/fpmbridge"
	default:
		return filepath.Join(os.TempDir(), fmt.Sprintf("fpmbridge-sdk-%d", os.Geteuid()))
	}
}
