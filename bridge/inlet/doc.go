// Package inlet is the way in from one WebSocket client: it reads the socket, takes frames apart, checks them against RFC 6455
// and RFC 7692, and gives whole messages on.
//
// Three names to know: [Inlet], whose Run reads until the connection ends; [Handler], whom it tells of messages, pings and
// pongs; [Error], which says with what code a client that broke the protocol is sent away. [Negotiate] answers an offer of permessage-deflate.
//
// It decodes whatever has arrived, byte by byte if need be, and keeps its place in a few fields. So a connection that waits,
// between messages or in the middle of one, holds no read buffer; and what is wrong is seen with the byte that makes it wrong.
//
// It does not write, answer or queue: pongs, close frames and events are its user's.
package inlet
