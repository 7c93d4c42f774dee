// Package callback is the contract between the bridge and PHP: events, the instructions that PHP answers with, the
// questions it asks meanwhile, and their encodings. docs/protocol.md is the normative text; testdata/contract holds its
// examples, which the tests of the PHP SDK read too.
//
// Three names to know: [Script] hands [Event] values to one PHP script in php-fpm and decodes the answer into a [Reply];
// [Server] answers on the callback socket what PHP asks about connections.
//
// It does not know connections, queues or retries: an event comes in, a [Result] goes out, and the bridge decides what
// that means. It does not log either. What a script printed, what php-fpm wrote to stderr and why an event failed stand
// in the Reply.
package callback
