package exchange

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

// Settings say how a route answers requests that are no upgrades.
type Settings struct {
	NoCompression bool
	Level         int      // 1 to 9; default 1
	MinLength     int      // of a body that is compressed, in bytes; default 20
	Types         []string // media types that are compressed; none: all
	MaxUpload     int64    // of a multipart body, in bytes; up to the limit of all bodies it is as any body
	NoForms       bool     // php-fpm does not take multipart bodies apart

	brotli *sync.Pool // of writers, which are large; made by SetDefaults
}

const (
	defaultLevel     = 1
	defaultMinLength = 20
	// MaxLevel is the largest level.
	MaxLevel = gzip.BestCompression
)

// SetDefaults gives zero fields Swoole's defaults.
func (o *Settings) SetDefaults() {
	if o.Level == 0 {
		o.Level = defaultLevel
	}
	if o.MinLength == 0 {
		o.MinLength = defaultMinLength
	}
	level := o.Level
	o.brotli = &sync.Pool{New: func() any { return brotli.NewWriterLevel(nil, level) }}
}

// compress returns a whole body as the client accepts it, and the encoding; "": as it is.
func (o *Settings) compress(r *http.Request, h http.Header, body []byte) (encoding string, packed []byte) {
	if o.NoCompression || len(body) < o.MinLength || len(h["Content-Encoding"]) > 0 {
		return "", nil
	}
	if _, set := h["Content-Encoding"]; set {
		return "", nil
	}
	if len(o.Types) > 0 {
		media, _, _ := strings.Cut(h.Get("Content-Type"), ";")
		if !slices.ContainsFunc(o.Types, func(t string) bool { return strings.EqualFold(t, strings.TrimSpace(media)) }) {
			return "", nil
		}
	}
	var b bytes.Buffer
	var w io.WriteCloser
	switch accepts := r.Header.Values("Accept-Encoding"); {
	case acceptsEncoding(accepts, "br") && o.brotli != nil:
		encoding = "br"
		writer, _ := o.brotli.Get().(*brotli.Writer)
		defer o.brotli.Put(writer)
		writer.Reset(&b)
		w = writer
	case acceptsEncoding(accepts, "gzip"):
		encoding = "gzip"
		w, _ = gzip.NewWriterLevel(&b, o.Level) // the level was checked
	case acceptsEncoding(accepts, "deflate"):
		encoding = "deflate"
		w, _ = flate.NewWriter(&b, o.Level) // without zlib's head, as Swoole does it
	default:
		return "", nil
	}
	if _, err := w.Write(body); err != nil || w.Close() != nil {
		return "", nil // into memory: it does not happen
	}
	return encoding, b.Bytes()
}

// acceptsEncoding reports whether Accept-Encoding names a coding, and not with a weight of 0 (RFC 9110 section 12.5.3). Swoole looks for names
// only, so * means nothing.
func acceptsEncoding(lines []string, coding string) bool {
	for _, line := range lines {
		for item := range strings.SplitSeq(line, ",") {
			name, params, _ := strings.Cut(item, ";")
			if !strings.EqualFold(strings.TrimSpace(name), coding) {
				continue
			}
			q, weighted := strings.CutPrefix(strings.ToLower(strings.ReplaceAll(params, " ", "")), "q=")
			if weight, err := strconv.ParseFloat(q, 64); weighted && err == nil && weight == 0 {
				return false
			}
			return true
		}
	}
	return false
}
