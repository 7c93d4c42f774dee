// Package tlsconf reads the ssl_* settings of a Swoole script.
//
// [Settings] names them, each with the key of the configuration that wins over it; what they come to is a certs.Files. It opens no
// files: certs does that.
package tlsconf
