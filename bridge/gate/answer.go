package gate

import (
	"net/http"
	"strconv"
)

// Answer is what an HTTP client is told that is not let in.
func Answer(why Refusal) []byte {
	status, text := http.StatusServiceUnavailable, "The server has as many connections as it may have."
	switch why {
	case Address:
		status, text = http.StatusTooManyRequests, "Your address has as many connections as it may have."
	case Draining:
		text = "The server is shutting down."
	default:
	}
	return []byte("HTTP/1.1 " + strconv.Itoa(status) + " " + http.StatusText(status) + "\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: " +
		strconv.Itoa(len(text)+1) + "\r\n\r\n" + text + "\n")
}
