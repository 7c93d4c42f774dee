package ops

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestAttributesAreChecked(t *testing.T) {
	for in, want := range map[string]string{
		`{}`:                                        `{}`,
		" { \"b\" : 1.50 ,\n\"a\":[ ] } ":           `{"a":[],"b":1.50}`,
		`{"n":123456789012345678901234567890}`:      `{"n":123456789012345678901234567890}`,
		`{"s":"<a href=\"\u00fc\">\u0000"}`:         `{"s":"<a href=\"ü\">\u0000"}`,
		`{"":null,"x":{"y":{}}}`:                    `{"":null,"x":{"y":{}}}`,
		`{"a":[[[[[[[]]]]]]]}`:                      `{"a":[[[[[[[]]]]]]]}`,
		`{"a":"` + strings.Repeat("x", 4088) + `"}`: `{"a":"` + strings.Repeat("x", 4088) + `"}`,
	} {
		if got, err := Attributes([]byte(in)); string(got) != want || err != nil {
			t.Errorf("%.60s: %.60s %v", in, got, err)
		}
	}
	for in, want := range map[string]string{
		``: "missing", `[]`: "object", `1`: "object", `null`: "object", `{`: "breaks off", `{"a":`: "breaks off", `{"a":1`: "breaks off", `{"a" 1}`: "invalid",
		`{"a":1,}`: "invalid", `{} {}`: "after", `{"a":1,"a":2}`: "twice", `{"a":{"b":1,"b":1}}`: "twice", `{a:1}`: "invalid", "{\"a\":\"\xff\"}": "UTF-8",
		`{"a":[[[[[[[[]]]]]]]]}`: "in each other", `{"a":"` + strings.Repeat("x", 4089) + `"}`: "4097 bytes", strings.Repeat(" ", 1<<20): "bytes", `{"a":01}`: "invalid",
	} {
		got, err := Attributes([]byte(in))
		var wrong *Error
		if !errors.As(err, &wrong) || wrong.Field != "attributes" || !strings.Contains(wrong.What, want) {
			t.Errorf("%.60q: %s %v, want %q", in, got, err, want)
		}
	}
}

// The examples of RFC 7396, appendix A, whose patch is an object.
func TestMerge(t *testing.T) {
	for _, c := range [][3]string{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, ``},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`{"e":null}`, `{"a":1}`, `{"a":1,"e":null}`},
		{``, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		if got, err := Merge([]byte(c[0]), []byte(c[1])); string(got) != c[2] || err != nil {
			t.Errorf("%s + %s: %s %v", c[0], c[1], got, err)
		}
	}
	half := strings.Repeat("x", MaxAttributes/2)
	if _, err := Merge([]byte(`{"a":"`+half+`"}`), []byte(`{"b":"`+half+`"}`)); !errors.Is(err, ErrFull) {
		t.Error(err)
	}
}

// Whatever comes: what is accepted is the same object, small enough, and merged into nothing it is itself but for nulls.
func FuzzAttributes(f *testing.F) {
	for _, s := range []string{`{"a":1,"b":[{"c":null}],"d":{"e":"\ud83d\ude00"}}`, `{"a":1e5}`, `{"a":{"a":{"a":{}}}}`, `{"\u0061":1,"a":2}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Attributes(b)
		if err != nil {
			return
		}
		var want, is map[string]any
		if json.Unmarshal(b, &want) == nil && (json.Unmarshal(got, &is) != nil || !reflect.DeepEqual(want, is)) {
			t.Fatalf("%q: %q", b, got)
		}
		if again, err := Attributes(got); err != nil || string(again) != string(got) || len(got) > MaxAttributes {
			t.Fatalf("%q: %q %v", got, again, err)
		}
		if merged, err := Merge(got, got); err != nil && !errors.Is(err, ErrFull) {
			t.Fatalf("%q: %q %v", got, merged, err)
		}
	})
}
