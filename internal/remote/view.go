package remote

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// View asks, and returns the answer as JSON and as a table.
type View func(ctx context.Context, c *Client) (json.RawMessage, *Table, error)

// Page is a part of a list.
type Page struct {
	After string // "": from the start
	Limit int
}

func (p *Page) query() string {
	q := url.Values{"limit": {strconv.Itoa(p.Limit)}}
	if p.After != "" {
		q.Set("after", p.After)
	}
	return "?" + q.Encode()
}

// Name is the name of a user or group: any bytes. In JSON it is a string, or {"base64":"…"} if it is not UTF-8.
type Name string

// MarshalJSON implements json.Marshaler.
func (n Name) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(n)) {
		return json.Marshal(string(n)) //nolint:wrapcheck // of a string it has none
	}
	return json.Marshal(map[string]string{"base64": base64.StdEncoding.EncodeToString([]byte(n))}) //nolint:wrapcheck // as above
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *Name) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*n = Name(s)
		return nil
	}
	var o struct{ Base64 []byte }
	err := json.Unmarshal(b, &o)
	*n = Name(o.Base64)
	return err //nolint:wrapcheck // for ask, which wraps it
}

// ask gets path into v.
func ask(ctx context.Context, c *Client, path string, v any) (json.RawMessage, error) {
	raw, err := c.Get(ctx, path)
	if err == nil {
		if err = json.Unmarshal(raw, v); err != nil {
			err = fmt.Errorf("the bridge's answer to %s: %w", path, err)
		}
	}
	return raw, err
}

// note says what a page leaves out.
func note(total, shown int, more bool, next string) string {
	switch {
	case total == 0:
		return "none"
	case more:
		return fmt.Sprintf("%s of %s; the next ones: --after %s", thousands(float64(shown)), thousands(float64(total)), next)
	}
	return ""
}

// Names is the list of groups or uids: kind is how the API spells it.
func Names(kind string, p Page) View {
	return func(ctx context.Context, c *Client) (json.RawMessage, *Table, error) {
		var a struct {
			Total int
			Names []struct {
				Name        Name
				Connections int
			}
			Next *Name
		}
		raw, err := ask(ctx, c, "/v1/"+kind+p.query(), &a)
		t := &Table{Head: []string{"NAME", "CONNECTIONS"}}
		for _, n := range a.Names {
			t.Rows = append(t.Rows, []string{plain(string(n.Name)), strconv.Itoa(n.Connections)})
		}
		next := ""
		if a.Next != nil {
			next = plain(string(*a.Next))
		}
		t.Note = note(a.Total, len(a.Names), a.Next != nil, next)
		return raw, t, err
	}
}

// detail is a connection as a list of members has it with details.
type detail struct {
	FD         uint64
	Connection struct {
		RemoteAddr  string  `json:"remote_addr"`
		RemotePort  int     `json:"remote_port"`
		ConnectTime float64 `json:"connect_time"`
		OutboxBytes int     `json:"outbox_bytes"`
	}
	UID        *Name
	Groups     []Name
	Attributes json.RawMessage
}

func (d *detail) from() string {
	return net.JoinHostPort(d.Connection.RemoteAddr, strconv.Itoa(d.Connection.RemotePort))
}

func joined(names []Name) string {
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = plain(string(n))
	}
	return strings.Join(list, " ")
}

// widest is how much of a text a column shows.
const widest = 40

// Connections is the list of connections: all, those in a group, or those of a user.
func Connections(group, uid Name, p Page) View {
	return func(ctx context.Context, c *Client) (json.RawMessage, *Table, error) {
		path := "/v1/members"
		switch {
		case group != "":
			path = "/v1/groups/" + url.PathEscape(string(group)) + "/members"
		case uid != "":
			path = "/v1/uids/" + url.PathEscape(string(uid)) + "/members"
		}
		var a struct {
			Total   int
			Members []detail
			Next    *uint64
		}
		raw, err := ask(ctx, c, path+p.query()+"&details=1", &a)
		if err != nil {
			return nil, nil, err
		}
		t := &Table{Head: []string{"FD", "FROM", "SINCE", "UID", "GROUPS", "QUEUED", "ATTRIBUTES"}}
		for i := range a.Members {
			t.Rows = append(t.Rows, a.Members[i].row())
		}
		next := ""
		if a.Next != nil {
			next = strconv.FormatUint(*a.Next, 10)
		}
		t.Note = note(a.Total, len(a.Members), a.Next != nil, next)
		return raw, t, nil
	}
}

func (d *detail) row() []string {
	uid, attributes := "-", ""
	if d.UID != nil {
		uid = plain(string(*d.UID))
	}
	if text := string(d.Attributes); text != "{}" {
		attributes = plain(text)
	}
	since := time.Since(time.UnixMicro(int64(d.Connection.ConnectTime * 1e6))).Truncate(time.Second)
	return []string{
		strconv.FormatUint(d.FD, 10), d.from(), since.String(), cut(uid, widest), cut(joined(d.Groups), widest),
		thousands(float64(d.Connection.OutboxBytes)), cut(attributes, widest),
	}
}

// Info is all that is known of a connection.
func Info(fd uint64) View {
	return func(ctx context.Context, c *Client) (json.RawMessage, *Table, error) {
		var a struct {
			Connection json.RawMessage
			UID        *Name
			Groups     []Name
		}
		raw, err := ask(ctx, c, "/v1/connections/"+strconv.FormatUint(fd, 10), &a)
		if err != nil {
			if isNotFound(err) {
				err = fmt.Errorf("there is no connection %d", fd)
			}
			return nil, nil, err
		}
		t := &Table{Rows: members(a.Connection, "")}
		if a.UID != nil {
			t.Rows = append(t.Rows, []string{"user", plain(string(*a.UID))})
		}
		return raw, &Table{Rows: append(t.Rows, []string{"groups", joined(a.Groups)})}, nil
	}
}

// members are the members of an object in their order, one a row.
func members(raw json.RawMessage, prefix string) (rows [][]string) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	for d.More() {
		key, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			return rows
		}
		name := fmt.Sprint(key)
		text := plain(string(value))
		var s string
		var f float64
		switch {
		case json.Unmarshal(value, &s) == nil:
			text = plain(s)
		case strings.HasSuffix(name, "_time") && json.Unmarshal(value, &f) == nil:
			text = "-"
			if f > 0 {
				text = time.UnixMicro(int64(f * 1e6)).Format("2006-01-02 15:04:05.000")
			}
		}
		rows = append(rows, []string{prefix + name, text})
	}
	return rows
}

// Stats are the bridge's numbers. From the second time on they say what comes each second.
func Stats() View {
	last := map[string]float64{}
	var at time.Time
	return func(ctx context.Context, c *Client) (json.RawMessage, *Table, error) {
		var a map[string]map[string]any
		raw, err := ask(ctx, c, "/v1/stats", &a)
		if err != nil {
			return nil, nil, err
		}
		numbers := make(map[string]float64)
		for _, part := range a {
			flatten(numbers, "", part)
		}
		now := time.Now()
		t := &Table{Head: []string{"", "NUMBER"}}
		if !at.IsZero() {
			t.Head = append(t.Head, "A SECOND")
		}
		names := make([]string, 0, len(numbers))
		for name := range numbers {
			names = append(names, name)
		}
		slices.SortFunc(names, func(a, b string) int {
			return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
		})
		for _, name := range names {
			row := []string{name, thousands(numbers[name])}
			if change := numbers[name] - last[name]; !at.IsZero() && change != 0 && name != "uptime" {
				row = append(row, thousands(change/now.Sub(at).Seconds()))
			}
			t.Rows = append(t.Rows, row)
		}
		last, at = numbers, now
		return raw, t, nil
	}
}

// rank puts what is there now before what was counted since the start.
func rank(name string) int {
	now := []string{"connections", "groups", "uids", "memberships", "bytes_queued", "events_waiting", "memory", "heap", "goroutines", "uptime"}
	if i := slices.Index(now, name); i >= 0 {
		return i
	}
	return len(now)
}

func flatten(to map[string]float64, prefix string, from map[string]any) {
	for key, v := range from {
		switch v := v.(type) {
		case float64:
			to[prefix+key] = v
		case map[string]any:
			flatten(to, prefix+key+".", v)
		case []any: // workers
			for i, of := range v {
				if of, ok := of.(map[string]any); ok {
					flatten(to, prefix+key+"."+strconv.Itoa(i)+".", of)
				}
			}
		}
	}
}

// Show prints a view once.
func Show(ctx context.Context, c *Client, v View, asJSON bool, out io.Writer) error {
	raw, t, err := v(ctx, c)
	if err != nil {
		return err
	}
	text := string(raw)
	if !asJSON {
		text = strings.Join(t.Lines(), "\n")
	}
	_, err = fmt.Fprintln(out, text)
	return err //nolint:wrapcheck // of stdout
}
