package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	dialTimeout = 2 * time.Second
	// maxAnswer is above what the largest page has.
	maxAnswer = 64 << 20
)

// Client asks one bridge. Close it.
type Client struct {
	Address string // as it was named

	base string // http://host
	key  string
	http *http.Client
}

// Error is the bridge's refusal.
type Error struct {
	Status         int
	Field, Message string
}

func (e *Error) Error() string {
	if e.Status == http.StatusUnauthorized {
		return "the bridge wants a key: --key-file FILE, --key KEY or the variable BRIDGE_API_KEY (" + e.Message + ")"
	}
	if e.Field == "" {
		return fmt.Sprintf("the bridge refused (%d): %s", e.Status, e.Message)
	}
	return fmt.Sprintf("the bridge refused (%d): %s: %s", e.Status, e.Field, e.Message)
}

// UnreachableError is an address at which no bridge answers.
type UnreachableError struct {
	Address string
	Err     error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf(`no bridge answers at %s: %v
Does "fpmbridge serve" run? The line "push" of what it said at its start has its address, which goes to --api or, as api.listen, into bridge.yaml.`, e.Address, e.Err)
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// New returns a client for unix:/path, tcp:host:port, or http://host:port (https, too). timeout is for each question.
func New(address, key string, timeout time.Duration) (*Client, error) {
	c := &Client{Address: address, key: key, base: "http://bridge"}
	dialer := &net.Dialer{Timeout: dialTimeout}
	transport := &http.Transport{Proxy: nil}
	network, where, _ := strings.Cut(address, ":")
	switch {
	case where == "":
		return nil, fmt.Errorf("%q is no address of a bridge: want unix:/path, tcp:host:port or http://host:port", address)
	case network == "unix":
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", where)
		}
	case network == "tcp":
		host, port, err := net.SplitHostPort(where)
		if err != nil || port == "" || port == "0" {
			return nil, fmt.Errorf("%q is no address of a bridge: want tcp:host:port", address)
		}
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() { // where it listens is no address to connect to
			host = "127.0.0.1"
		}
		c.base = "http://" + net.JoinHostPort(host, port)
	case network == "http" || network == "https":
		u, err := url.Parse(address)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("%q is no address of a bridge: want http://host:port", address)
		}
		c.base = strings.TrimRight(address, "/")
	default:
		return nil, fmt.Errorf("%q is no address of a bridge: want unix:/path, tcp:host:port or http://host:port", address)
	}
	c.http = &http.Client{Transport: transport, Timeout: timeout}
	return c, nil
}

// Close ends the connection.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Get asks, and returns the answer's JSON.
func (c *Client) Get(ctx context.Context, path string) (json.RawMessage, error) {
	return c.do(ctx, http.MethodGet, path, nil)
}

// Post sends v as JSON, and returns the answer's.
func (c *Client) Post(ctx context.Context, path string, v any) (json.RawMessage, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("remote: %w", err)
	}
	return c.do(ctx, http.MethodPost, path, b)
}

func (c *Client) do(ctx context.Context, method, path string, body []byte) (json.RawMessage, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("remote: %w", err)
	}
	if c.key != "" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := c.http.Do(req)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok { // its text repeats a URL that nobody wrote
			err = wrapped.Err
		}
		return nil, &UnreachableError{c.Address, err}
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, &UnreachableError{c.Address, err}
	}
	b = bytes.TrimSpace(b)
	if res.StatusCode == http.StatusOK && json.Valid(b) {
		return b, nil
	}
	var answer struct {
		Error struct{ Field, Message string }
	}
	if json.Unmarshal(b, &answer) != nil || answer.Error.Message == "" {
		answer.Error.Message = "this is not the API of fpmbridge"
	}
	return nil, &Error{res.StatusCode, answer.Error.Field, answer.Error.Message}
}
