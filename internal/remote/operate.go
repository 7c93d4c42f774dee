package remote

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Target says for whom an operation is.
type Target struct {
	FDs          []uint64
	UIDs, Groups []Name
	All          bool
	ExceptFDs    []uint64
	ExceptUIDs   []Name
	ExceptGroups []Name
}

func set(fds []uint64, uids, groups []Name) map[string]any {
	m := map[string]any{}
	if len(fds) > 0 {
		m["fd"] = fds
	}
	if len(uids) > 0 {
		m["uid"] = uids
	}
	if len(groups) > 0 {
		m["group"] = groups
	}
	return m
}

func (t *Target) body() map[string]any {
	m := set(t.FDs, t.UIDs, t.Groups)
	if t.All {
		m["all"] = true
	}
	if except := set(t.ExceptFDs, t.ExceptUIDs, t.ExceptGroups); len(except) > 0 {
		m["except"] = except
	}
	return m
}

// ErrNobody is an operation that no connection got.
var ErrNobody = errors.New("nobody got it")

// Push sends a message. wait above 0 waits that long until it was written to each connection.
func Push(ctx context.Context, c *Client, t Target, data []byte, binary bool, wait time.Duration, asJSON bool, out io.Writer) error {
	body := t.body()
	if binary {
		body["data_base64"] = base64.StdEncoding.EncodeToString(data)
	} else {
		body["data"] = string(data)
	}
	if wait > 0 {
		body["wait"], body["timeout_ms"] = "written", wait.Milliseconds()
	}
	return operate(ctx, c, "push", body, asJSON, out)
}

// CloseConnections closes with the close handshake.
func CloseConnections(ctx context.Context, c *Client, t Target, code int, reason string, asJSON bool, out io.Writer) error {
	body := t.body()
	body["code"], body["reason"] = code, reason
	return operate(ctx, c, "close", body, asJSON, out)
}

// operate carries an operation out, prints what became of it, and returns ErrNobody if that is nothing.
func operate(ctx context.Context, c *Client, name string, body map[string]any, asJSON bool, out io.Writer) error {
	raw, err := c.Post(ctx, "/v1/"+name, body)
	if err != nil {
		return err
	}
	var res struct{ Queued, Written, Done, Slow, Gone, Unknown int }
	if err := json.Unmarshal(raw, &res); err != nil {
		return fmt.Errorf("the bridge's answer: %w", err)
	}
	reached := res.Queued + res.Written + res.Done
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{
		{res.Written, "written"},
		{res.Queued, "queued"},
		{res.Done, "closed"},
		{res.Slow, "slow (refused, and closed)"},
		{res.Gone, "gone"},
		{res.Unknown, "unknown"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	if len(parts) == 0 {
		parts = []string{"no connections"}
	}
	summary := strings.Join(parts, ", ")
	switch {
	case asJSON:
		_, err = fmt.Fprintf(out, "%s\n", raw)
	case reached > 0:
		_, err = fmt.Fprintln(out, summary)
	}
	if err == nil && reached == 0 {
		err = fmt.Errorf("%w: %s", ErrNobody, summary)
	}
	return err
}
