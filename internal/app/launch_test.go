package app

import (
	"strings"
	"testing"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

func TestParamFindsWhatCallbackEncoded(t *testing.T) {
	var pairs []byte
	want := map[string]string{"A": "", "BRIDGE_FRAME": strings.Repeat("x", 5000), "BRIDGE_WORKER": "7", strings.Repeat("N", 200): "long name"}
	for name, value := range want {
		var err error
		if pairs, err = fcgi.AppendParam(pairs, name, value); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range want {
		if got := param(pairs, name); got == nil || string(got) != value {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := param(pairs, "BRIDGE"); got != nil {
		t.Errorf("%q", got)
	}
	if got := param(nil, "A"); got != nil {
		t.Errorf("%q", got)
	}
}

func TestAnAnswerOfFramesIsAResponse(t *testing.T) {
	r, err := response([]byte("frames"))
	if err != nil || r.Status != 200 || string(r.Body) != "frames" || string(r.Header("content-type")) != "application/vnd.fpmbridge.frames" {
		t.Errorf("%+v, %v", r, err)
	}
	r.Release()
	for _, bad := range []string{"", "X: y", "nothing\n\n", "Status: x\n\n"} {
		if r, err := fcgi.NewResponse([]byte(bad)); err == nil {
			t.Errorf("%q: %+v", bad, r)
		}
	}
}
