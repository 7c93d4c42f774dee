// Package remote asks a bridge that runs, over the HTTP API of its socket, for the commands of a terminal: push, connections, stats
// and the like.
//
// [Find] looks where a bridge listens, [Client] asks it, and a [View] is an answer as a person reads it, once ([Show]) or each second
// ([Watch]). It knows no flags and no configuration.
package remote
