package app

import (
	"context"
	"io/fs"
	"strings"

	"github.com/fpmbridge/fpmbridge/fcgi"
	"github.com/fpmbridge/fpmbridge/internal/config"
	"github.com/fpmbridge/fpmbridge/internal/fpm"
	"github.com/fpmbridge/fpmbridge/internal/standin"
)

// dialFPM makes the client of requests, if there is a php-fpm.
func (p *plant) dialFPM() (err error) {
	if p.fpmAddr == "" {
		return nil
	}
	cfg := p.cfg
	network, address, _ := strings.Cut(p.fpmAddr, ":")
	p.client, err = fcgi.New(fcgi.Options{
		Network: network, Address: address,
		MaxConns:    p.slots + 1, // one for describe
		IdleTimeout: cfg.FPMIdle(), DialTimeout: cfg.FPM.DialTimeout, MaxAnswer: int(cfg.FPM.MaxAnswer),
		EOFMeansUnread: true,
	})
	if err != nil {
		return err //nolint:wrapcheck // it says what is wrong, with its package's name
	}
	p.onClose(p.client.Close)
	return nil
}

// startFPM starts a php-fpm of our own unless one was given. files are the SDK's.
func (p *plant) startFPM(ctx context.Context, files fs.FS) error {
	f := &p.cfg.FPM
	if f.Address != "" {
		p.fpmAddr = string(f.Address)
		return nil
	}
	if !p.cfg.Launches(config.LauncherFPM) {
		return nil
	}
	o := fpm.Options{
		Binary: f.Binary, User: f.User, Group: f.Group, INI: append(fpm.Settings(), f.INI...), Defaults: fpm.Defaults(), Log: p.log,
		ProcessControlTimeout: p.cfg.Shutdown.Timeout, StandIns: standin.Wanted(p.cfg.Scripts(config.LauncherFPM), f.INI),
	}
	var err error
	if o.StandInCode, err = standin.Code(files, o.StandIns); err != nil {
		return err //nolint:wrapcheck // it says what is wrong, with its package's name
	}
	p.options = o // of the one for resident workers, too
	o.MaxChildren = p.slots + 1
	o.RequestTerminateTimeout = p.cfg.FPMTerminate()
	srv, err := fpm.Start(ctx, o)
	if err != nil {
		return err //nolint:wrapcheck // as above
	}
	p.own, p.fpmAddr = srv, srv.Address()
	p.onClose(srv.Stop)
	return nil
}
