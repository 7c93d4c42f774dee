// Package fcgi is a FastCGI client in the responder role, made for php-fpm: few connections that are kept, one request after
// the other on each, and an own error for every way in which a request can end.
//
// Know three names: [Client.Do] sends a [Request] and returns a [Response], or an [*Error] that says what happened and
// whether the request can have started. Name/value pairs are encoded once with [AppendParam]; those that never change are
// handed over as Request.Params, the few of one request as Request.Extra. [Client.DoEach] does several, and writes small ones
// ahead of the answers.
//
// A request is sent a second time only when it went out on a kept connection and provably was not started; DESIGN.md has
// the proof and what it was measured with. Everything else is the caller's decision, with Error.Started to base it on.
//
// It does not log, does not know what CGI variables mean (one exception: CONTENT_LENGTH, before a request is repeated),
// does not multiplex, since php-fpm does not, and does not look into bodies.
package fcgi
