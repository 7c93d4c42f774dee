// Package hub knows which connections are in which groups and which user they belong to, and carries out the operations of
// [internal/ops] on them: it finds the targets, and has its [World] do what concerns a connection alone.
//
// Three names to know: [Hub], a [Member] per connection, and [Hub.Do].
//
// It knows no frames, no sessions and no encodings. A member that was dropped is in nothing and never gets into anything again.
package hub
