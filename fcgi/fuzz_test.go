package fcgi_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

// FuzzAnswer reads arbitrary bytes as an answer, at once and byte by byte: both must say the same, keep to the limits and
// end in exactly one of the known kinds.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		"", okReply, stdout("Status: 404 Not Found\n\nbody") + stderr("noise") + end(0, 0), end(1, 0), end(0, 2),
		record(6, "A: b\n\nx", 1, 2, 3) + end(0, 0), stdout("\n"), okReply[:20], "HTTP/1.1 400 Bad Request\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	limits := fcgi.Options{MaxAnswer: 100, MaxHeader: 50, MaxStderr: 20}
	kinds := []error{
		fcgi.ErrReset, fcgi.ErrTruncated, fcgi.ErrOverloaded, fcgi.ErrCantMultiplex, fcgi.ErrUnknownRole,
		fcgi.ErrGarbage, fcgi.ErrHeaderMissing, fcgi.ErrHeaderTooLarge, fcgi.ErrAnswerTooLarge,
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		read := func(step int) (*fcgi.Response, error) {
			peer := canned(string(answer))
			peer.step = step
			return dialing(t, limits, peer).Do(background, small())
		}
		whole, err := read(0)
		defer whole.Release()
		pieces, err2 := read(1)
		defer pieces.Release()
		if (err == nil) != (err2 == nil) || err != nil && err.Error() != err2.Error() {
			t.Fatalf("at once %v, byte by byte %v", err, err2)
		}
		for _, res := range []*fcgi.Response{whole, pieces} {
			if res != nil && (len(res.Body) > 100 || len(res.Stderr) > 20 || res.StderrDropped > 0 && len(res.Stderr) < 20) {
				t.Fatalf("over the limits: %d of body, %d of stderr", len(res.Body), len(res.Stderr))
			}
		}
		if err == nil {
			if whole.Status < 100 || whole.Status > 999 || whole.Status != pieces.Status ||
				!bytes.Equal(whole.Body, pieces.Body) || !bytes.Equal(whole.Stderr, pieces.Stderr) {
				t.Fatalf("at once %+v, byte by byte %+v", whole, pieces)
			}
			return
		}
		matches := 0
		if errors.As(err, new(*fcgi.AppStatusError)) {
			matches++
		}
		for _, kind := range kinds {
			if errors.Is(err, kind) {
				matches++
			}
		}
		if matches != 1 {
			t.Fatalf("%v is of %d kinds", err, matches)
		}
	})
}

// FuzzHeaders reads an arbitrary CGI answer: splitting it into header block and body loses nothing, and every header that
// the walk shows is found by its name.
func FuzzHeaders(f *testing.F) {
	for _, seed := range []string{okAnswer, "Status: 503\r\nA:b\nC : d \n\nbody", "\n", "\r\n\r\n", ":\n\n", "a:\r\r\n\n", "A: b\r\n\n", "Status:200x\n\n"} {
		f.Add(seed, 3)
	}
	f.Fuzz(func(t *testing.T, answer string, cut int) {
		if len(answer) > 60000 {
			return
		}
		cut = min(max(cut, 0), len(answer))
		res, err := dialing(t, fcgi.Options{}, canned(stdout(answer[:cut])+stdout(answer[cut:])+end(0, 0))).Do(background, small())
		if err != nil {
			if !errors.Is(err, fcgi.ErrHeaderMissing) && !errors.Is(err, fcgi.ErrGarbage) {
				t.Fatal(err)
			}
			res.Release()
			return
		}
		defer res.Release()
		if !strings.HasSuffix(answer, string(res.Body)) {
			t.Fatalf("body %q is not the end of %q", res.Body, answer)
		}
		for name, value := range res.Headers() {
			if bytes.ContainsAny(name, "\n") || bytes.ContainsAny(value, "\n") || len(name) == 0 {
				t.Fatalf("header %q: %q", name, value)
			}
			if res.Header(string(name)) == nil {
				t.Fatalf("header %q is not found", name)
			}
		}
	})
}

// FuzzParams hands over arbitrary bytes as encoded pairs, with so much before them that they have to be walked: they are
// refused, or arrive in order in records that end where pairs end.
func FuzzParams(f *testing.F) {
	f.Add([]byte("\x01\x01AB"))
	f.Add([]byte("\x01\x80\x00\x00\x02Abc"))
	f.Add([]byte{0x80, 0, 0})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	full, err := fcgi.AppendParam(nil, "W", strings.Repeat("w", 65529))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, pairs []byte) {
		peer := canned(okReply)
		res, err := dialing(t, fcgi.Options{}, peer).Do(background, &fcgi.Request{Params: full, Extra: pairs})
		res.Release()
		if err != nil {
			if !errors.Is(err, fcgi.ErrBadParams) && !errors.Is(err, fcgi.ErrParamTooLarge) || len(peer.written) > 0 {
				t.Fatalf("%v after %d bytes", err, len(peer.written))
			}
			return
		}
		var got []byte
		for b := peer.written[len(begin):]; len(b) > 0; {
			n := int(b[4])<<8 | int(b[5])
			if b[1] == 4 {
				if err := fcgi.CheckPairs(b[8 : 8+n]); err != nil {
					t.Fatalf("a record that does not end with a pair: %v", err)
				}
				got = append(got, b[8:8+n]...)
			}
			b = b[8+n:]
		}
		if !bytes.Equal(got, append(slices.Clip(full), pairs...)) {
			t.Fatal("not what was handed over")
		}
	})
}
