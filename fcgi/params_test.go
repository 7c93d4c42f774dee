package fcgi_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

func TestAppendParam(t *testing.T) {
	long := strings.Repeat("v", 300)
	for _, tc := range []struct{ name, value, want string }{
		{"", "", "\x00\x00"},
		{"A", "", "\x01\x00A"},
		{"A", "bc", "\x01\x02Abc"},
		{"A", long[:127], "\x01\x7fA" + long[:127]},
		{"A", long[:128], "\x01\x80\x00\x00\x80A" + long[:128]},
		{long, "b", "\x80\x00\x01\x2c\x01" + long + "b"},
		{long[:128], long, "\x80\x00\x00\x80\x80\x00\x01\x2c" + long[:128] + long},
	} {
		got, err := fcgi.AppendParam([]byte("before"), tc.name, tc.value)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff("before"+tc.want, string(got)); diff != "" {
			t.Errorf("%d and %d bytes: %s", len(tc.name), len(tc.value), diff)
		}
	}
}

// A pair fits one record with its lengths, or not at all.
func TestAppendParamRefusesWhatFitsNoRecord(t *testing.T) {
	largest := strings.Repeat("v", 65535-5-1)
	got, err := fcgi.AppendParam(nil, "N", largest)
	if err != nil || len(got) != 65535 {
		t.Fatalf("got %d bytes, %v", len(got), err)
	}
	got, err = fcgi.AppendParam([]byte("before"), "N", largest+"v")
	if !errors.Is(err, fcgi.ErrParamTooLarge) || string(got) != "before" {
		t.Errorf("got %q, %v", got, err)
	}
}

const begin = "\x01\x01\x00\x01\x00\x08\x00\x00" + "\x00\x01\x01\x00\x00\x00\x00\x00"

func TestRequestBytes(t *testing.T) {
	a, b := encode(t, "A", "1"), encode(t, "B", "2")
	half := encode(t, "H", strings.Repeat("h", 40000))
	whole := encode(t, "W", strings.Repeat("w", 65529))
	large := strings.Repeat("x", 100_000)
	for _, tc := range []struct {
		name string
		req  fcgi.Request
		want string
	}{
		{"nothing", fcgi.Request{}, begin + record(4, "") + record(5, "")},
		{"params", fcgi.Request{Params: a}, begin + record(4, string(a)) + record(4, "") + record(5, "")},
		{"extra", fcgi.Request{Extra: b}, begin + record(4, string(b)) + record(4, "") + record(5, "")},
		{"both and a body", fcgi.Request{Params: a, Extra: b, Body: []byte("body")}, begin + record(4, string(a)+string(b)) + record(4, "") + record(5, "body") + record(5, "")},
		{"one full record", fcgi.Request{Params: whole}, begin + record(4, string(whole)) + record(4, "") + record(5, "")},
		{
			"pairs over records",
			fcgi.Request{Params: append(bytes.Clone(half), a...), Extra: append(bytes.Clone(half), whole...)},
			begin + record(4, string(half)+string(a)) + record(4, string(half)) + record(4, string(whole)) + record(4, "") + record(5, ""),
		},
		{"large body", fcgi.Request{Body: []byte(large)}, begin + record(4, "") + record(5, large[:65528]) + record(5, large[65528:]) + record(5, "")},
		{"stream", fcgi.Request{Stdin: strings.NewReader(large)}, begin + record(4, "") + record(5, large[:65528]) + record(5, large[65528:]) + record(5, "")},
		{"empty stream", fcgi.Request{Stdin: strings.NewReader("")}, begin + record(4, "") + record(5, "")},
		{"body before stream", fcgi.Request{Body: []byte{}, Stdin: strings.NewReader("no")}, begin + record(4, "") + record(5, "")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got []byte
			c := serving(t, fcgi.Options{}, recording(&got))
			body(t, c, &tc.req)
			if diff := cmp.Diff(tc.want, string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Small requests are one system call; so are they that fill it.
func TestASmallRequestIsOneWrite(t *testing.T) {
	peer := canned(okReply)
	c := dialing(t, fcgi.Options{}, peer)
	body(t, c, &fcgi.Request{Params: encode(t, "A", "1"), Extra: encode(t, "B", "2"), Body: make([]byte, 16<<10)})
	if peer.writes != 1 {
		t.Errorf("got %d writes", peer.writes)
	}
}

// A connection that is not to be kept does not ask for it.
func TestWithoutKeepingTheServerIsTold(t *testing.T) {
	first := canned(okReply)
	c := dialing(t, fcgi.Options{IdleTimeout: -1}, first, canned(okReply))
	body(t, c, small())
	if first.written[10] != 0 || !first.isClosed() {
		t.Errorf("flags %d, closed %v", first.written[10], first.isClosed())
	}
	body(t, c, small())
	if s := c.Stats(); s.Dials != 2 || s.Idle != 0 {
		t.Errorf("got %+v", s)
	}
}

func TestBadPairsAreRefusedBeforeAnythingIsSent(t *testing.T) {
	full := encode(t, "W", strings.Repeat("w", 65529))
	tooLarge := append([]byte{1, 0x80, 1, 0, 0, 'N'}, make([]byte, 65536)...)
	for _, tc := range []struct {
		name  string
		extra []byte
		kind  error
	}{
		{"cut in the value", encode(t, "A", "bcd")[:4], fcgi.ErrBadParams},
		{"cut in the name's length", []byte{0x80, 0, 0}, fcgi.ErrBadParams},
		{"cut in the value's length", []byte{1, 0x80, 0}, fcgi.ErrBadParams},
		{"without a value's length", []byte{1}, fcgi.ErrBadParams},
		{"too large", tooLarge, fcgi.ErrParamTooLarge},
		{"too large for any memory", []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, fcgi.ErrParamTooLarge},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := dialing(t, fcgi.Options{})
			_, err := c.Do(background, &fcgi.Request{Params: full, Extra: tc.extra})
			failed(t, err, tc.kind, false)
		})
	}
}

func TestParamFindsWhatWasAppended(t *testing.T) {
	var pairs []byte
	want := map[string]string{"A": "", "BRIDGE_FRAME": strings.Repeat("x", 5000), "BRIDGE_WORKER": "7", strings.Repeat("N", 200): "long name"}
	for name, value := range want {
		var err error
		if pairs, err = fcgi.AppendParam(pairs, name, value); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range want {
		if got := fcgi.Param(pairs, name); got == nil || string(got) != value {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := fcgi.Param(pairs, "BRIDGE"); got != nil {
		t.Errorf("%q", got)
	}
	if got := fcgi.Param(nil, "A"); got != nil {
		t.Errorf("%q", got)
	}
}
