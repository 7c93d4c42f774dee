package e2e_test

import (
	"context"
	"net"
	"net/http"
	"strings"
)

// unixClient is an HTTP client for a Unix socket, unix:/path.
func unixClient(address string) *http.Client {
	path := strings.TrimPrefix(address, "unix:")
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}}}
}

// must is for what cannot fail in a test.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
