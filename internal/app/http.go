package app

import (
	"strconv"
	"strings"

	"github.com/fpmbridge/fpmbridge/bridge"
)

// speech is what the settings of a Swoole script, or of a port, say about what is spoken with clients.
func speech(settings map[string]any) bridge.Speech {
	return bridge.Speech{
		HTTP: httpOptions(settings), FixedProtocol: text(settings, "websocket_subprotocol"), Compression: truth(settings, false, "websocket_compression"),
		PingFrames: truth(settings, false, "open_websocket_ping_frame"), PongFrames: truth(settings, false, "open_websocket_pong_frame"),
		CloseFrames: truth(settings, false, "open_websocket_close_frame"),
	}
}

// speechSettings are those of speech.
func speechSettings() []string {
	return []string{
		"websocket_subprotocol", "websocket_compression", "open_websocket_ping_frame", "open_websocket_pong_frame", "open_websocket_close_frame",
		"http_compression", "http_compression_level", "http_gzip_level", "compression_level", "http_compression_min_length", "compression_min_length",
		"http_compression_types", "compression_types", "upload_max_filesize", "http_parse_post",
	}
}

// httpOptions is what a Swoole script's settings say about HTTP.
func httpOptions(settings map[string]any) bridge.HTTP {
	return bridge.HTTP{
		NoCompression: !truth(settings, true, "http_compression"),
		Level:         min(max(int(number(settings, 1, "http_compression_level", "http_gzip_level", "compression_level")), 1), 9),
		MinLength:     int(number(settings, 0, "http_compression_min_length", "compression_min_length")),
		Types:         texts(settings, "http_compression_types", "compression_types"),
		MaxUpload:     number(settings, 0, "upload_max_filesize"),
		NoForms:       !truth(settings, true, "http_parse_post"),
	}
}

// truth reads a setting as PHP converts it to bool.
func truth(settings map[string]any, def bool, name string) bool {
	switch v := settings[name].(type) {
	case bool:
		return v
	case float64:
		return v != 0
	case string:
		return v != "" && v != "0"
	}
	return def
}

// number reads the first of the settings that is there: a number, or a size such as 2M.
func number(settings map[string]any, def int64, names ...string) int64 {
	for _, name := range names {
		switch v := settings[name].(type) {
		case float64:
			return int64(v)
		case string:
			if n, ok := size(v); ok {
				return n
			}
		}
	}
	return def
}

// size reads what Swoole reads as a size: digits, and K, M or G.
func size(s string) (int64, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	s = strings.TrimSuffix(s, "B")
	shift := 0
	for i, unit := range []string{"K", "M", "G"} {
		if rest, ok := strings.CutSuffix(s, unit); ok {
			s, shift = rest, 10*(i+1)
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > 1<<62>>shift {
		return 0, false
	}
	return n << shift, true
}

func texts(settings map[string]any, names ...string) []string {
	var list []string
	for _, name := range names {
		items, _ := settings[name].([]any)
		for _, item := range items {
			if s, ok := item.(string); ok {
				list = append(list, s)
			}
		}
	}
	return list
}

func text(settings map[string]any, name string) string {
	s, _ := settings[name].(string)
	return s
}
