// Package api is the way in for those who are not handling an event: HTTP with JSON, and beside it, on the same socket, the frames
// of docs/protocol.md, which somebody else serves.
//
// Three names to know: [Keys] says who may do what, [New] makes the HTTP handler, and [Split] takes a listener apart by what its clients
// speak. openapi.json describes the HTTP side; a test holds it against the handler.
package api
