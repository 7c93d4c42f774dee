package app

import (
	"github.com/fpmbridge/fpmbridge/bridge"
	"github.com/fpmbridge/fpmbridge/internal/phpval"
)

// speech is what the settings of a Swoole script, or of a port, say about what is spoken with clients.
func speech(s phpval.Settings) bridge.Speech {
	return bridge.Speech{
		HTTP: httpOptions(s), FixedProtocol: s.Text("websocket_subprotocol"), Compression: s.Flag("websocket_compression", false),
		PingFrames: s.Flag("open_websocket_ping_frame", false), PongFrames: s.Flag("open_websocket_pong_frame", false),
		CloseFrames: s.Flag("open_websocket_close_frame", false),
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
func httpOptions(s phpval.Settings) bridge.HTTP {
	return bridge.HTTP{
		NoCompression: !s.Flag("http_compression", true),
		Level:         min(max(int(s.Int(1, "http_compression_level", "http_gzip_level", "compression_level")), 1), 9),
		MinLength:     int(s.Int(0, "http_compression_min_length", "compression_min_length")),
		Types:         s.Texts("http_compression_types", "compression_types"),
		MaxUpload:     s.Int(0, "upload_max_filesize"),
		NoForms:       !s.Flag("http_parse_post", true),
	}
}
