package fcgi

import (
	"context"
	"time"
)

// Probe reports whether a child of the php-fpm at an address is free, or becomes so in time: it asks for a script that is not there, which a
// child answers at once. An error of another kind (nobody listens) is no answer to that.
func Probe(ctx context.Context, network, address string, wait time.Duration) (free bool, err error) {
	c, err := New(Options{Network: network, Address: address, MaxConns: 1, IdleTimeout: -1, DialTimeout: wait})
	if err != nil {
		return false, err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	params, _ := AppendParam(nil, "REQUEST_METHOD", "GET")
	params, _ = AppendParam(params, "SCRIPT_FILENAME", "/fpmbridge/is/there/a/child/free.php")
	res, err := c.Do(ctx, &Request{Params: params})
	switch {
	case err == nil:
		res.Release()
		return true, nil
	case ctx.Err() != nil:
		return false, nil
	}
	return false, err
}
