package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/api"
	"github.com/fpmbridge/fpmbridge/internal/ops"
	"github.com/fpmbridge/fpmbridge/internal/sock"
)

// apiSocket is the file of the API socket beside the callback socket.
const apiSocket = "api.sock"

// openAPI opens the socket for those who push from anywhere.
func (p *plant) openAPI(ctx context.Context) error {
	c := &p.cfg.API
	var keys []api.Key
	for _, k := range c.Keys {
		keys = append(keys, api.Key{Name: k.Name, Key: k.Key.Reveal(), File: k.KeyFile, Scope: ops.Scope{
			Read: slices.Contains(k.Scopes, "read"), Push: slices.Contains(k.Scopes, "push"), Admin: slices.Contains(k.Scopes, "admin"),
		}})
	}
	var err error
	if p.keys, err = api.NewKeys(keys, p.log); err != nil {
		return err //nolint:wrapcheck // it says what is wrong, with its package's name
	}
	address := string(c.Listen)
	if address == "" {
		callback, unix := strings.CutPrefix(sock.Address(p.socket), "unix:")
		folder := filepath.Dir(callback)
		if !unix {
			if folder, err = os.MkdirTemp("", "fpmb-"); err != nil {
				return fmt.Errorf("api: %w", err)
			}
			p.onClose(func() error { return os.RemoveAll(folder) })
		}
		address = "unix:" + filepath.Join(folder, apiSocket)
	}
	group := p.cfg.Callback.Group
	if group == "" {
		group = p.fpmGroup()
	}
	if p.apiSocket, err = p.openSocket(ctx, address, apiSocket, group); err != nil {
		return fmt.Errorf("api: %w", err)
	}
	return nil
}

const (
	apiHeaderTimeout = 10 * time.Second
	apiReadTimeout   = 30 * time.Second
	apiIdleTimeout   = 2 * time.Minute
	apiMaxHeader     = 16 << 10
)

// serveAPI serves the API until ctx ends.
func (p *plant) serveAPI(ctx context.Context, g gateway) error {
	framed, err := callback.NewServer(callback.ServerOptions{
		Gateway: g, Authorize: p.keys.Authorize, Generation: p.keys.Generation, OnError: func(err error) { p.log.Warn("api socket", "err", err) },
	})
	if err != nil {
		return err //nolint:wrapcheck // it says what is wrong, with its package's name
	}
	plain := &http.Server{
		Handler:           api.New(api.Options{Gateway: g, Keys: p.keys, Concurrency: p.cfg.API.Concurrency, Log: p.log}),
		ReadHeaderTimeout: apiHeaderTimeout, ReadTimeout: apiReadTimeout, IdleTimeout: apiIdleTimeout, MaxHeaderBytes: apiMaxHeader,
		ErrorLog: slog.NewLogLogger(p.log.Handler(), slog.LevelDebug),
	}
	frames, requests := api.Split(p.apiSocket)
	defer context.AfterFunc(ctx, func() { _ = plain.Close() })()
	var sides sync.WaitGroup
	defer sides.Wait()
	sides.Go(func() {
		if err := framed.Serve(ctx, frames); err != nil {
			p.log.Error("api socket", "err", err)
		}
	})
	if err := plain.Serve(requests); err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) && ctx.Err() == nil {
		return fmt.Errorf("api: %w", err)
	}
	return nil
}
