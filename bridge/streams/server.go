package streams

import (
	"net/http"
	"time"
)

// Serve has an HTTP server speak HTTP/2 also, with Conns: over TLS too, whose clients have agreed on it before. It chooses by the first bytes.
func Serve(s *http.Server, writeTimeout time.Duration) {
	s.Protocols = new(http.Protocols)
	s.Protocols.SetHTTP1(true)
	s.Protocols.SetUnencryptedHTTP2(true)
	s.HTTP2 = &http.HTTP2Config{
		MaxConcurrentStreams: MaxStreams, MaxReceiveBufferPerStream: Window, MaxReceiveBufferPerConnection: AllWindows,
		MaxReadFrameSize: maxFrame, WriteByteTimeout: writeTimeout,
	}
}
