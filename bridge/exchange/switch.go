package exchange

import (
	"crypto/sha1" //nolint:gosec // RFC 6455 section 4.2.2 wants it
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Upgrades reports whether a request's header asks for a WebSocket, RFC 6455 section 4.2.1.
func Upgrades(h http.Header) bool {
	return hasToken(h["Connection"], "upgrade") && hasToken(h["Upgrade"], "websocket")
}

// hasToken looks for a token in a list, in whatever case. Elements that are empty, or no tokens, are passed over.
func hasToken(lines []string, token string) bool {
	for _, line := range lines {
		for element := range strings.SplitSeq(line, ",") {
			element = strings.Trim(element, " \t")
			if len(element) == len(token) && strings.EqualFold(element, token) { // the length: U+212A folds to k
				return true
			}
		}
	}
	return false
}

// ValidKey reports whether there is one key of RFC 6455 section 4.2.1.
func ValidKey(lines []string) bool {
	if len(lines) != 1 {
		return false
	}
	raw, err := base64.StdEncoding.DecodeString(lines[0])
	return err == nil && len(raw) == keyBytes
}

// Switch is the bridge's own 101, in Swoole's order: extra are header lines of the script's. named: it says Server, too.
func Switch(key, subprotocol, extensions string, extra Head, named bool) []byte {
	a := append([]byte(nil), "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "...)
	sum := sha1.Sum([]byte(key + acceptGUID)) //nolint:gosec // as above
	a = base64.StdEncoding.AppendEncode(a, sum[:])
	a = append(a, "\r\nSec-WebSocket-Version: 13\r\n"...)
	if subprotocol != "" {
		a = appendLine(a, "Sec-WebSocket-Protocol", subprotocol)
	}
	for _, line := range extra.Lines {
		if !strings.EqualFold(line.Name, "Set-Cookie") {
			a = appendLine(a, line.Name, line.Value)
		}
	}
	if extensions != "" {
		a = appendLine(a, "Sec-WebSocket-Extensions", extensions)
	}
	if named {
		a = appendLine(a, "Server", ServerName)
	}
	for _, line := range extra.Lines {
		if strings.EqualFold(line.Name, "Set-Cookie") {
			a = appendLine(a, line.Name, line.Value)
		}
	}
	a = appendLine(a, "Date", time.Now().UTC().Format(http.TimeFormat))
	return append(a, "\r\n"...)
}

const (
	keyBytes = 16
	// acceptGUID is RFC 6455's.
	acceptGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
)

func appendLine(dst []byte, name, value string) []byte {
	return append(append(append(append(dst, name...), ": "...), value...), "\r\n"...)
}

// Subprotocol is the answer to the client's offers: the first of ours that it offers. Without any of ours it is fixed, whatever is offered.
func Subprotocol(req *http.Request, list []string, fixed string) string {
	if len(list) == 0 {
		return fixed
	}
	var offers []string
	for _, line := range req.Header["Sec-Websocket-Protocol"] {
		for offer := range strings.SplitSeq(line, ",") {
			offers = append(offers, strings.TrimSpace(offer))
		}
	}
	for _, ours := range list {
		if slices.Contains(offers, ours) {
			return ours
		}
	}
	return ""
}

// ScriptSwitch is the 101 as the script says it, and the subprotocol and the value of Sec-WebSocket-Extensions that it has. extensions are those
// of the bridge, where the script says nothing of them.
func ScriptSwitch(p *Part, extensions string) (answer []byte, subprotocol, extended string) {
	head := ParseHead(p.Head)
	reason := head.Reason
	if reason == "" {
		reason = "Switching Protocols"
	}
	a := append([]byte(nil), "HTTP/1.1 101 "+reason+"\r\n"...)
	seen := make(map[string]string)
	var cookies []Line
	for _, line := range head.Lines {
		name := strings.ToLower(line.Name)
		seen[name] = line.Value
		switch name {
		case "content-length", "transfer-encoding":
			continue
		case "set-cookie":
			cookies = append(cookies, line)
			continue
		}
		a = appendLine(a, line.Name, line.Value)
	}
	if own, ok := seen["sec-websocket-extensions"]; ok {
		extensions = ""
		if strings.Contains(own, "permessage-deflate") {
			extensions = own
		}
	} else if extensions != "" {
		a = appendLine(a, "Sec-Websocket-Extensions", extensions)
	}
	for _, auto := range []Line{{Name: "Server", Value: ServerName}, {Name: "Date", Value: time.Now().UTC().Format(http.TimeFormat)}} {
		if _, ok := seen[strings.ToLower(auto.Name)]; !ok {
			a = appendLine(a, auto.Name, auto.Value)
		}
		for _, line := range cookies { // where the bridge's own 101 has them
			a = appendLine(a, line.Name, line.Value)
		}
		cookies = nil
	}
	return append(append(a, "\r\n"...), p.Data...), seen["sec-websocket-protocol"], extensions
}
