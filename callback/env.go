package callback

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/yookoala/gofast"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

// maxEnv bounds what a handshake adds to every event of its connection: one PARAMS record. It is far above what nginx
// (8 KiB a line) and Apache (8 KiB a line, 100 lines) let in.
const maxEnv = 64 << 10

// ErrHeaderTooLarge is a handshake whose headers cannot be told to PHP. Answer it with status 431.
var ErrHeaderTooLarge = errors.New("callback: the request's headers are too large")

// BuildEnv encodes the CGI environment of a handshake, once per connection: what gofast's middlewares make of the
// request, with the addresses from the socket and never from Host.
func BuildEnv(r *http.Request, c *Conn) ([]byte, error) {
	env := cgiParams(r)
	// gofast's values for these are Host's or the payload's business, or each script has its own.
	for _, name := range [...]string{
		"CONTENT_TYPE", "CONTENT_LENGTH", "HTTPS", "GATEWAY_INTERFACE", "SERVER_SOFTWARE", "REDIRECT_STATUS",
	} {
		delete(env, name)
	}
	env["REMOTE_ADDR"], env["REMOTE_PORT"] = c.RemoteAddr, strconv.Itoa(int(c.RemotePort))
	env["SERVER_ADDR"], env["SERVER_PORT"] = c.ServerAddr, strconv.Itoa(int(c.ServerPort))
	env["SERVER_NAME"] = c.ServerAddr
	env["REQUEST_SCHEME"] = "http"
	if c.TLS {
		env["REQUEST_SCHEME"], env["HTTPS"] = "https", "on"
	}
	env["BRIDGE_LISTEN"] = c.Listen

	var dst []byte
	var err error
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if dst, err = fcgi.AppendParam(dst, name, env[name]); err != nil {
			return nil, fmt.Errorf("%w: %s has %d bytes", ErrHeaderTooLarge, name, len(env[name]))
		}
		if len(dst) > maxEnv {
			return nil, fmt.Errorf("%w: more than %d bytes", ErrHeaderTooLarge, maxEnv)
		}
	}
	return appendTimePair(dst, "BRIDGE_CONNECT_TIME", c.Connected.UnixMicro()), nil
}

// cgiParams runs gofast's middlewares on a clean copy of r and catches what they would have sent. MapRemoteHost is not
// among them: it asks DNS, which would make every handshake wait for somebody else's name server.
func cgiParams(r *http.Request) map[string]string {
	clean := &http.Request{
		Method: r.Method, Proto: r.Proto, Host: oneLine(r.Host), RemoteAddr: r.RemoteAddr, TLS: r.TLS,
		URL: r.URL, RequestURI: requestURI(r), Header: cleanHeader(r.Header),
		ContentLength: -1, // the event's, not the handshake's
	}
	if clean.URL == nil {
		clean.URL = new(url.URL)
	}
	var params map[string]string
	capture := func(_ gofast.Client, req *gofast.Request) (*gofast.ResponsePipe, error) {
		params = req.Params
		return nil, nil
	}
	_, _ = gofast.Chain(gofast.BasicParamsMap, gofast.MapHeader)(capture)(nil, gofast.NewRequest(clean))
	return params
}

// requestURI is the path and query that the client asked for, also if it wrote the absolute form.
func requestURI(r *http.Request) string {
	if r.URL == nil || strings.HasPrefix(r.RequestURI, "/") {
		return oneLine(r.RequestURI)
	}
	return r.URL.RequestURI()
}

// cleanHeader leaves out what PHP would take for something else. PHP turns every character of a variable's name that is
// not allowed in one into _, so X_Forwarded_For and X.Forwarded.For would come out as X-Forwarded-For, which a proxy in
// front may have set or removed; nginx has the same rule. Proxy would become HTTP_PROXY, which HTTP libraries obey.
func cleanHeader(h http.Header) http.Header {
	clean := make(http.Header, len(h))
	for name, values := range h {
		if len(values) == 0 || !plainName(name) || strings.EqualFold(name, "Proxy") {
			continue
		}
		name = http.CanonicalHeaderKey(name)
		sep := ", "
		if name == "Cookie" {
			sep = "; "
		}
		clean[name] = []string{oneLine(strings.Join(append(clean[name], values...), sep))}
	}
	return clean
}

func plainName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return name != ""
}

// oneLine takes out what could end a line. net/http refuses such headers; a caller that reads requests in another way
// must not open a hole.
func oneLine(s string) string {
	if strings.ContainsAny(s, "\r\n\x00") {
		return strings.NewReplacer("\r", " ", "\n", " ", "\x00", " ").Replace(s)
	}
	return s
}

// The pairs of one event are short and many, so they have their own encoder: fcgi.AppendParam takes strings. Names and
// values must be shorter than 128 bytes, whose lengths take one byte.
func appendShortPair(dst []byte, name, value string) []byte {
	dst = append(dst, byte(len(name)), byte(len(value)))
	return append(append(dst, name...), value...)
}

func appendIntPair(dst []byte, name string, v uint64) []byte {
	dst = appendShortPair(dst, name, "")
	start := len(dst)
	dst = strconv.AppendUint(dst, v, 10)
	dst[start-len(name)-1] = byte(len(dst) - start)
	return dst
}

// appendTimePair writes unix microseconds as seconds with six decimals.
func appendTimePair(dst []byte, name string, us int64) []byte {
	us = max(us, 0)
	dst = appendShortPair(dst, name, "")
	start := len(dst)
	dst = strconv.AppendInt(dst, us/1e6, 10)
	dst = append(dst, '.')
	for frac, unit := us%1e6, int64(1e5); unit > 0; unit /= 10 {
		dst = append(dst, byte('0'+frac/unit%10))
	}
	dst[start-len(name)-1] = byte(len(dst) - start)
	return dst
}

// appendEnv appends the pairs of a handshake but those in skip.
func appendEnv(dst, env []byte, skip map[string]struct{}) []byte {
	if len(skip) == 0 {
		return append(dst, env...)
	}
	for len(env) > 0 {
		name, head := pairLength(env)
		value, n := pairLength(env[head:])
		head += n
		end := head + name + value
		if head == 0 || end > len(env) {
			return dst // not an env of BuildEnv
		}
		if _, ok := skip[string(env[head:head+name])]; !ok {
			dst = append(dst, env[:end]...)
		}
		env = env[end:]
	}
	return dst
}

// pairLength decodes one length of a name/value pair and how many bytes it takes.
func pairLength(b []byte) (length, n int) {
	switch {
	case len(b) == 0:
		return 0, 0
	case b[0] < 128:
		return int(b[0]), 1
	case len(b) < 4:
		return 0, 0
	}
	return int(b[0]&0x7f)<<24 | int(b[1])<<16 | int(b[2])<<8 | int(b[3]), 4
}
