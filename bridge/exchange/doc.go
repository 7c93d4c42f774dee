// Package exchange is HTTP between a client and PHP, one request at a time: its body on the way in, its response, in parts and from any
// goroutine, on the way out.
//
// [Exchange] collects the parts and writes them through net/http, which does the framing. [Front] sits below net/http and gives heads the
// order that a script wants. [ReadBody] bounds bodies. What a request is for PHP, and who finds an Exchange, is package bridge's business.
package exchange
