package app

import (
	"testing"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

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
