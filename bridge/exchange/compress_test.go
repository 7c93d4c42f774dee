package exchange

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/andybalholm/brotli"
)

// What a client unpacks is the page, also with writers that are used again, at each level.
func TestBrotli(t *testing.T) {
	for level := 1; level <= MaxLevel; level++ {
		o := Settings{Level: level}
		o.SetDefaults()
		r := &http.Request{Header: http.Header{"Accept-Encoding": {"gzip, deflate, br"}}}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				page := bytes.Repeat([]byte("page "+strings.Repeat("x", i)), 1000*i+10)
				encoding, packed := o.compress(r, http.Header{}, page)
				got, err := io.ReadAll(brotli.NewReader(bytes.NewReader(packed)))
				if encoding != "br" || err != nil || !bytes.Equal(got, page) || len(packed) >= len(page) {
					t.Errorf("level %d: %q, %d bytes of %d: %v", level, encoding, len(packed), len(page), err)
				}
			})
		}
		wg.Wait()
	}
}
