package permit

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// Limits of an answer that lets a client in.
const (
	maxAnswer  = 256 << 10
	maxGroups  = 1000
	maxHeaders = 100
)

// Error is what is wrong with an answer, and where.
type Error struct {
	Offset int64
	What   string
}

func (e *Error) Error() string { return fmt.Sprintf("byte %d: %s", e.Offset, e.What) }

// decoder reads an answer. It is strict: what it does not know may have been meant to keep somebody out.
type decoder struct{ *json.Decoder }

func (d decoder) wrong(format string, args ...any) error {
	return &Error{d.InputOffset(), fmt.Sprintf(format, args...)}
}

// Decode reads what a script's answer to a handshake says of the connection: docs/protocol.md section 3. An empty answer is the zero
// Identity. Errors are *Error.
func Decode(body []byte) (who Identity, err error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return who, nil
	}
	d := decoder{json.NewDecoder(bytes.NewReader(body))}
	switch {
	case len(body) > maxAnswer:
		return who, d.wrong("%d bytes, at most %d are allowed", len(body), maxAnswer)
	case !utf8.Valid(body):
		return who, d.wrong("not valid UTF-8")
	}
	err = d.object("an object", func(key string) error {
		switch key {
		case "uid":
			who.UID, err = d.name()
			return err
		case "groups":
			return d.groups(&who)
		case "attributes":
			return d.attributes(&who)
		case "subprotocol":
			if who.Subprotocol, err = d.text("a subprotocol"); err == nil && !validName(who.Subprotocol) {
				err = d.wrong("%.40q is no subprotocol", who.Subprotocol)
			}
			return err
		case "headers":
			return d.headers(&who)
		}
		return d.wrong("unknown key %.40q: allowed are uid, groups, attributes, subprotocol and headers", key)
	})
	if err != nil {
		return Identity{}, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Identity{}, d.wrong("something stands after the answer")
	}
	return who, nil
}

// next reads a token.
func (d decoder) next(what string) (json.Token, error) {
	t, err := d.Token()
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, d.wrong("the answer ends where %s is wanted", what)
	case err != nil:
		return nil, d.wrong("want %s: %v", what, err)
	}
	return t, nil
}

// object reads an object; value reads the value of a key.
func (d decoder) object(what string, value func(key string) error) error {
	t, err := d.next(what)
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return d.wrong("want %s", what)
	}
	return d.members(value)
}

// members reads the rest of an object.
func (d decoder) members(value func(key string) error) error {
	seen := make(map[string]bool)
	for d.More() {
		t, err := d.next("a key")
		if err != nil {
			return err
		}
		key, _ := t.(string) // Token lets nothing else stand here
		if seen[key] {
			return d.wrong("key %.40q for the second time", key)
		}
		seen[key] = true
		if err := value(key); err != nil {
			return err
		}
	}
	_, err := d.next("the object's end")
	return err
}

func (d decoder) text(what string) (string, error) {
	t, err := d.next(what)
	if err != nil {
		return "", err
	}
	s, ok := t.(string)
	if !ok {
		return "", d.wrong("want %s, as a string", what)
	}
	return s, nil
}

// name reads a string, or {"base64":"…"} for a name that is not UTF-8.
func (d decoder) name() (string, error) {
	const what = `a name: a string, or {"base64":"…"}`
	t, err := d.next(what)
	if err != nil {
		return "", err
	}
	name, ok := t.(string)
	if t == json.Delim('{') {
		err = d.members(func(key string) error {
			s, err := d.text("base64")
			if err != nil {
				return err
			}
			b, err := base64.StdEncoding.Strict().DecodeString(s)
			if err != nil || key != "base64" {
				return d.wrong("want %s", what)
			}
			name, ok = string(b), true
			return nil
		})
	}
	switch {
	case err != nil:
		return "", err
	case !ok:
		return "", d.wrong("want %s", what)
	case name == "" || len(name) > ops.MaxName:
		return "", d.wrong("a name of %d bytes: want 1 to %d", len(name), ops.MaxName)
	}
	return name, nil
}

// list reads a list.
func (d decoder) list(what string, item func() error) error {
	t, err := d.next(what)
	if err != nil {
		return err
	}
	if t != json.Delim('[') {
		return d.wrong("want %s", what)
	}
	for d.More() {
		if err := item(); err != nil {
			return err
		}
	}
	_, err = d.next("the list's end")
	return err
}

func (d decoder) groups(who *Identity) error {
	return d.list("a list of groups", func() error {
		name, err := d.name()
		switch {
		case err != nil:
			return err
		case len(who.Groups) == maxGroups:
			return d.wrong("more than %d groups", maxGroups)
		case !slices.Contains(who.Groups, name):
			who.Groups = append(who.Groups, name)
		}
		return nil
	})
}

func (d decoder) attributes(who *Identity) error {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return d.wrong("want attributes, an object: %v", err)
	}
	var err error
	if who.Attributes, err = ops.Attributes(raw); err != nil {
		return d.wrong("%v", err)
	}
	return nil
}

// headers reads {"Name":"value","Name":["value","value"]}.
func (d decoder) headers(who *Identity) error {
	return d.object("headers, an object", func(name string) error {
		if !kept(name) {
			return d.wrong("header %.40q: it is none, or the bridge's own", name)
		}
		add := func(v any) error {
			value, ok := v.(string)
			switch {
			case !ok:
				return d.wrong("header %.40q: want a string or a list of strings", name)
			case !validValue(value):
				return d.wrong("header %.40q: a control character in its value", name)
			case len(who.Headers) == maxHeaders:
				return d.wrong("more than %d header lines", maxHeaders)
			}
			who.Headers = append(who.Headers, Line{name, value})
			return nil
		}
		t, err := d.next("a header's value")
		if err != nil {
			return err
		}
		if t != json.Delim('[') {
			return add(t)
		}
		for d.More() {
			if t, err = d.next("a header's value"); err == nil {
				err = add(t)
			}
			if err != nil {
				return err
			}
		}
		_, err = d.next("the list's end")
		return err
	})
}
