package api

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// field is what is wrong with a request, and where.
type fieldError struct {
	status int
	field  string
	what   string
}

func (e *fieldError) Error() string { return e.field + ": " + e.what }

func bad(field, format string, args ...any) error {
	return &fieldError{400, field, fmt.Sprintf(format, args...)}
}

// member is one key of an object, in the order of the text.
type member struct {
	key   string
	value json.RawMessage
}

// object takes an object apart. Keys that stand twice are refused; where is its name in errors.
func object(b []byte, where string) ([]member, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, bad(where, "want an object")
	}
	var list []member
	for d.More() {
		t, err := d.Token()
		key, ok := t.(string)
		if err != nil || !ok {
			return nil, notJSON(where, err)
		}
		for _, m := range list {
			if m.key == key {
				return nil, bad(join(where, key), "it stands there twice")
			}
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, notJSON(join(where, key), err)
		}
		list = append(list, member{key, value})
	}
	if _, err := d.Token(); err != nil {
		return nil, notJSON(where, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, bad(where, "something stands after the object")
	}
	return list, nil
}

func notJSON(where string, err error) error {
	if err == nil || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return bad(where, "the JSON breaks off")
	}
	return bad(where, "not JSON: %v", err)
}

func join(where, key string) string {
	if where == "" || where == body {
		return key
	}
	return where + "." + key
}

// body is the name of the whole in errors.
const body = "body"

// operation reads one operation. kind 0: it has "do".
func operation(b []byte, kind ops.Kind, where string) (*ops.Op, error) {
	list, err := object(b, where)
	if err != nil {
		return nil, err
	}
	given := kind
	for _, m := range list {
		if m.key != "do" || given != 0 {
			continue
		}
		var name string
		if json.Unmarshal(m.value, &name) != nil {
			return nil, bad(join(where, "do"), "want a string")
		}
		for _, k := range ops.Kinds() {
			if k.String() == name {
				kind = k
			}
		}
		if kind == 0 {
			return nil, bad(join(where, "do"), "unknown operation %.40q", name)
		}
	}
	if kind == 0 {
		return nil, bad(join(where, "do"), "it is missing")
	}
	r := reader{op: &ops.Op{Kind: kind}, where: where}
	for _, m := range list {
		if m.key == "do" && given == 0 {
			continue
		}
		if err := r.member(m); err != nil {
			return nil, err
		}
	}
	if err := r.finish(); err != nil {
		return nil, err
	}
	var wrong *ops.Error
	if err := r.op.Check(); errors.As(err, &wrong) {
		return nil, bad(join(where, wrong.Field), "%s", wrong.What)
	}
	return r.op, nil
}

// defaultWait is how long a push that waits does so.
const defaultWait = time.Second

// reader reads the members of one operation.
type reader struct {
	op              *ops.Op
	where           string
	data, encoded   bool
	opcode, hasCode bool
	wait            bool
	timeout         time.Duration
}

func (r *reader) member(m member) error {
	o, where := r.op, join(r.where, m.key)
	grouping := o.Kind == ops.Join || o.Kind == ops.Leave || o.Kind == ops.Dissolve
	closing := o.Kind == ops.Close || o.Kind == ops.Bind
	var err error
	switch {
	case m.key == "fd" && o.Kind != ops.Dissolve:
		o.To.FDs, err = fds(m.value, where)
	case m.key == "uid" && o.Kind == ops.Bind:
		o.UID, err = name(m.value, where)
	case m.key == "uid" && o.Kind != ops.Dissolve:
		o.To.UIDs, err = nameList(m.value, where)
	case m.key == "group" && grouping:
		o.Groups, err = nameList(m.value, where)
	case m.key == "group" && o.Kind != ops.Bind:
		o.To.Groups, err = nameList(m.value, where)
	case m.key == "all" && o.Kind != ops.Dissolve && o.Kind != ops.Bind:
		if json.Unmarshal(m.value, &o.All) != nil || !o.All {
			err = bad(where, "want true, or leave it out")
		}
	case m.key == "except" && o.Kind != ops.Dissolve && o.Kind != ops.Bind:
		err = r.except(m.value, where)
	case m.key == "data" && o.Kind == ops.Push:
		r.data = true
		var s *string
		if json.Unmarshal(m.value, &s) != nil || s == nil {
			return bad(where, "want a string")
		}
		o.Data = []byte(*s)
	case m.key == "data_base64" && o.Kind == ops.Push:
		r.encoded = true
		o.Data, err = decode64(m.value, where)
	case m.key == "wait" && o.Kind == ops.Push:
		if string(m.value) != `"written"` {
			return bad(where, `want "written", or leave it out`)
		}
		r.wait = true
	case m.key == "timeout_ms" && o.Kind == ops.Push:
		var n uint64
		if n, err = integer(m.value, where, uint64(ops.MaxWait.Milliseconds())); err == nil && n == 0 {
			err = bad(where, "want 1 to %d", ops.MaxWait.Milliseconds())
		}
		r.timeout = time.Duration(n) * time.Millisecond
	case m.key == "opcode" && o.Kind == ops.Push:
		r.opcode = true
		var n uint64
		n, err = integer(m.value, where, math.MaxUint8)
		o.Opcode = uint8(n)
	case m.key == "attributes" && (o.Kind == ops.SetAttributes || o.Kind == ops.MergeAttributes):
		o.Attributes = m.value
	case m.key == "code" && closing:
		r.hasCode = true
		var n uint64
		n, err = integer(m.value, where, math.MaxUint16)
		o.Code = uint16(n)
	case m.key == "reason" && closing:
		var s *string
		if json.Unmarshal(m.value, &s) != nil || s == nil {
			return bad(where, "want a string")
		}
		o.Reason = *s
	default:
		err = bad(where, "unknown field")
	}
	return err
}

func (r *reader) except(b []byte, where string) error {
	list, err := object(b, where)
	for _, m := range list {
		if err != nil {
			break
		}
		switch at := join(where, m.key); m.key {
		case "fd":
			r.op.Except.FDs, err = fds(m.value, at)
		case "uid":
			r.op.Except.UIDs, err = nameList(m.value, at)
		case "group":
			r.op.Except.Groups, err = nameList(m.value, at)
		default:
			err = bad(at, "unknown field")
		}
	}
	return err
}

// finish fills in what was left out.
func (r *reader) finish() error {
	switch r.op.Kind {
	case ops.Push:
		if r.data == r.encoded {
			return bad(join(r.where, "data"), "a push has either data or data_base64")
		}
		switch {
		case r.wait:
			r.op.Wait = cmp.Or(r.timeout, defaultWait)
		case r.timeout != 0:
			return bad(join(r.where, "timeout_ms"), `it goes with "wait":"written"`)
		}
		if !r.opcode {
			r.op.Opcode = 1
			if r.encoded {
				r.op.Opcode = 2
			}
		}
	case ops.Close:
		if !r.hasCode {
			r.op.Code = 1000
		}
	default:
	}
	return nil
}

func decode64(b []byte, where string) ([]byte, error) {
	var s *string
	if json.Unmarshal(b, &s) != nil || s == nil {
		return nil, bad(where, "want a string")
	}
	data, err := base64.StdEncoding.Strict().DecodeString(*s)
	if err != nil {
		return nil, bad(where, "not base64")
	}
	return data, nil
}

func integer(b []byte, where string, most uint64) (uint64, error) {
	n, err := strconv.ParseUint(string(b), 10, 64)
	if err != nil || n > most {
		return 0, bad(where, "want an integer from 0 to %d", most)
	}
	return n, nil
}

// items takes a list apart; something that is no list is a list of one.
func items(b []byte, where string) ([]json.RawMessage, error) {
	if len(b) == 0 || b[0] != '[' {
		return []json.RawMessage{b}, nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, notJSON(where, err)
	}
	return list, nil
}

func fds(b []byte, where string) ([]uint64, error) {
	raw, err := items(b, where)
	list := make([]uint64, len(raw))
	for i := range raw {
		if err == nil {
			list[i], err = integer(raw[i], where, math.MaxInt64)
		}
	}
	return list, err
}

func nameList(b []byte, where string) ([]string, error) {
	raw, err := items(b, where)
	list := make([]string, len(raw))
	for i := range raw {
		if err == nil {
			list[i], err = name(raw[i], where)
		}
	}
	return list, err
}

// name reads a name: a string, or {"base64":"…"} for one that is not UTF-8.
func name(b []byte, where string) (string, error) {
	var s string
	switch {
	case len(b) > 0 && b[0] == '"' && json.Unmarshal(b, &s) == nil:
		return s, nil
	case len(b) > 0 && b[0] == '{':
		list, err := object(b, where)
		if err != nil {
			return "", err
		}
		if len(list) == 1 && list[0].key == "base64" {
			data, err := decode64(list[0].value, where)
			return string(data), err
		}
	}
	return "", bad(where, `want a name: a string, or {"base64":"…"}`)
}
