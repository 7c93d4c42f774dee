package ops

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Limits of a connection's attributes, a JSON object.
const (
	MaxAttributes = 4 << 10 // bytes, as Attributes writes them
	maxDepth      = 8       // objects and lists in each other, the whole one included
)

// ErrFull is a merge whose result would be larger than MaxAttributes.
var ErrFull = errors.New("ops: the attributes would get too large")

// Attributes checks attributes and writes them as the bridge keeps them: without white space, with the keys of each object in order.
// Numbers stay as they are written. Its errors are *Error.
func Attributes(raw []byte) ([]byte, error) {
	tree, err := parse(raw)
	if err != nil {
		return nil, err
	}
	out, err := text(tree)
	if err != nil {
		return nil, err
	}
	if len(out) > MaxAttributes {
		return nil, wrong("attributes", "%d bytes, at most %d are allowed", len(out), MaxAttributes)
	}
	return out, nil
}

// Merge changes attributes by RFC 7396: what a key of patch names takes the place of what was there, null takes the key away, and
// objects are merged in the same way. Both have been checked. old may be empty, and so is the result if nothing is left. Its only
// error is ErrFull.
func Merge(old, patch []byte) ([]byte, error) {
	if len(old) == 0 {
		old = []byte("{}")
	}
	to, err := parse(old)
	if err != nil {
		return nil, err
	}
	by, err := parse(patch)
	if err != nil {
		return nil, err
	}
	out, err := text(merge(to, by))
	switch {
	case err != nil:
		return nil, err
	case len(out) > MaxAttributes:
		return nil, ErrFull
	case len(out) <= len("{}"):
		return nil, nil
	}
	return out, nil
}

func merge(to, patch map[string]any) map[string]any {
	if to == nil {
		to = make(map[string]any, len(patch))
	}
	for key, value := range patch {
		switch v := value.(type) {
		case nil:
			delete(to, key)
		case map[string]any:
			was, _ := to[key].(map[string]any)
			to[key] = merge(was, v)
		default:
			to[key] = v
		}
	}
	return to
}

// text writes an object.
func text(tree map[string]any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(tree); err != nil { // not of what parse made
		return nil, wrong("attributes", "%v", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// parse reads an object. It is stricter than json.Unmarshal: a key that stands twice, bytes that are not UTF-8 and endless nesting
// are errors.
func parse(raw []byte) (map[string]any, error) {
	const much = 4 * MaxAttributes // with white space and escapes
	switch {
	case len(raw) == 0:
		return nil, wrong("attributes", "they are missing")
	case len(raw) > much:
		return nil, wrong("attributes", "%d bytes, at most %d are allowed", len(raw), MaxAttributes)
	case !utf8.Valid(raw):
		return nil, wrong("attributes", "not valid UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	tree, err := value(d, 0)
	if err == nil {
		if _, end := d.Token(); !errors.Is(end, io.EOF) {
			err = errors.New("something stands after the object")
		}
	}
	object, ok := tree.(map[string]any)
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return nil, wrong("attributes", "the JSON breaks off")
	case err != nil:
		return nil, wrong("attributes", "%v", err)
	case !ok:
		return nil, wrong("attributes", "want an object")
	}
	return object, nil
}

func value(d *json.Decoder, depth int) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err //nolint:wrapcheck // parse words it
	}
	open, ok := t.(json.Delim)
	if !ok {
		return t, nil
	}
	if depth == maxDepth {
		return nil, fmt.Errorf("more than %d objects and lists in each other", maxDepth)
	}
	if open == '[' {
		list := []any{}
		for d.More() {
			item, err := value(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
		_, err = d.Token()
		return list, err //nolint:wrapcheck // parse words it
	}
	object := make(map[string]any)
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err //nolint:wrapcheck // parse words it
		}
		key, _ := t.(string) // More and Token let nothing else stand here
		if _, twice := object[key]; twice {
			return nil, fmt.Errorf("the key %.40q stands there twice", key)
		}
		if object[key], err = value(d, depth+1); err != nil {
			return nil, err
		}
	}
	_, err = d.Token()
	return object, err //nolint:wrapcheck // parse words it
}
