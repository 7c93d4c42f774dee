package exchange

import (
	"net/http"
	"slices"
	"strings"
)

// RequestHead writes the request head that framed events carry: names in lower case and sorted, one line per
// header line. Names stay as they are otherwise, as Swoole gives them to a script.
func RequestHead(r *http.Request) []byte {
	b := append([]byte(nil), oneLine(r.Method)...)
	b = append(append(b, ' '), oneLine(r.RequestURI)...)
	proto := oneLine(r.Proto)
	if r.ProtoMajor == 2 {
		proto = "HTTP/2" // as Swoole names it
	}
	b = append(append(b, ' '), proto...)
	b = append(b, "\r\n"...)
	if r.Host != "" {
		b = append(append(append(b, "host: "...), oneLine(r.Host)...), "\r\n"...)
	}
	type header struct {
		name   string
		values []string
	}
	headers := make([]header, 0, len(r.Header))
	for name, values := range r.Header {
		if lower := strings.ToLower(name); validName(lower) && (lower != "host" || r.Host == "") {
			headers = append(headers, header{lower, values})
		}
	}
	slices.SortFunc(headers, func(a, b header) int { return strings.Compare(a.name, b.name) })
	for _, h := range headers {
		for _, v := range h.values {
			b = append(append(append(b, h.name...), ": "...), oneLine(v)...)
			b = append(b, "\r\n"...)
		}
	}
	return append(b, "\r\n"...)
}

// oneLine takes out what could end a line, which net/http refuses.
func oneLine(s string) string {
	if strings.ContainsAny(s, "\r\n\x00") {
		return strings.NewReplacer("\r", " ", "\n", " ", "\x00", " ").Replace(s)
	}
	return s
}
