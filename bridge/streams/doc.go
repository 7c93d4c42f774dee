// Package streams stands below net/http's HTTP/2 server, which does the protocol, on connections of listeners that speak it. It
// tells what that server does not: the number of each request's stream and the order in which requests were complete, and it
// bounds what one connection may have under way. Names to know: Conn, Stream, Of. It does no HTTP, and knows nothing of PHP.
package streams
