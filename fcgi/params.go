package fcgi

import "strconv"

// AppendParam appends one name/value pair in the encoding of a PARAMS record. A pair that cannot
// fit one record, lengths included, is ErrParamTooLarge and leaves dst as it was: php-fpm answers
// a pair that is cut over two records by resetting the connection.
func AppendParam(dst []byte, name, value string) ([]byte, error) {
	if pairLen(len(name), len(value)) > maxRecord {
		return dst, ErrParamTooLarge
	}
	dst = appendLen(dst, len(name))
	dst = appendLen(dst, len(value))
	dst = append(dst, name...)
	return append(dst, value...), nil
}

func pairLen(name, value int) int {
	return lenLen(name) + lenLen(value) + name + value
}

// A length below 128 takes one byte, any other four with the top bit set.
const shortLen = 128

func lenLen(n int) int {
	if n < shortLen {
		return 1
	}
	return 4
}

func appendLen(dst []byte, n int) []byte {
	if n < shortLen {
		return append(dst, byte(n))
	}
	return append(dst, byte(n>>24)|0x80, byte(n>>16), byte(n>>8), byte(n))
}

// readLen decodes one length; used is 0 when b is too short for it.
func readLen(b []byte) (n, used int) {
	switch {
	case len(b) == 0:
		return 0, 0
	case b[0] < shortLen:
		return int(b[0]), 1
	case len(b) < 4:
		return 0, 0
	default:
		return int(b[0]&0x7f)<<24 | int(b[1])<<16 | int(b[2])<<8 | int(b[3]), 4
	}
}

// firstPair returns how many bytes the first pair of b takes.
func firstPair(b []byte) (int, error) {
	name, n := readLen(b)
	if n == 0 {
		return 0, ErrBadParams
	}
	value, v := readLen(b[n:])
	if v == 0 {
		return 0, ErrBadParams
	}
	total := n + v + name + value
	if total > maxRecord {
		return 0, ErrParamTooLarge
	}
	if total > len(b) {
		return 0, ErrBadParams
	}
	return total, nil
}

// checkParams refuses pairs that appendParams could not put into records. Two lists that fit one
// record together are sent as they are, so nothing is looked at on the common path.
func checkParams(params, extra []byte) error {
	if len(params)+len(extra) <= maxRecord {
		return nil
	}
	for _, list := range [...][]byte{params, extra} {
		for len(list) > 0 {
			n, err := firstPair(list)
			if err != nil {
				return err
			}
			list = list[n:]
		}
	}
	return nil
}

// appendParams appends the PARAMS records of both lists and the empty one that ends the stream.
// The lists went through checkParams.
func appendParams(dst, params, extra []byte) []byte {
	if n := len(params) + len(extra); n <= maxRecord {
		if n > 0 { // an empty record would end the stream already
			dst = appendHeader(dst, typeParams, n)
			dst = append(dst, params...)
			dst = append(dst, extra...)
		}
	} else {
		dst = appendSplit(dst, params)
		dst = appendSplit(dst, extra)
	}
	return appendHeader(dst, typeParams, 0)
}

// appendSplit appends list as records that end where a pair ends.
func appendSplit(dst, list []byte) []byte {
	for len(list) > 0 {
		n := 0
		for n < len(list) {
			pair, err := firstPair(list[n:])
			if err != nil || n+pair > maxRecord {
				break
			}
			n += pair
		}
		if n == 0 {
			return dst // not reached after checkParams; never loop for ever
		}
		dst = appendHeader(dst, typeParams, n)
		dst = append(dst, list[:n]...)
		list = list[n:]
	}
	return dst
}

// lengthHolds says whether no pair claims a longer stdin than size with CONTENT_LENGTH. php-fpm reads as far as that
// claim, past the end of stdin if need be.
func lengthHolds(params, extra []byte, size int) bool {
	for _, list := range [...][]byte{params, extra} {
		for len(list) > 0 {
			n, err := firstPair(list)
			if err != nil {
				return false
			}
			name, value := splitPair(list[:n])
			list = list[n:]
			if string(name) != "CONTENT_LENGTH" || len(value) == 0 {
				continue
			}
			if claim, err := strconv.ParseUint(string(value), 10, 63); err != nil || claim > uint64(size) {
				return false
			}
		}
	}
	return true
}

// splitPair returns the parts of one whole pair.
func splitPair(pair []byte) (name, value []byte) {
	length, n := readLen(pair)
	_, v := readLen(pair[n:])
	pair = pair[n+v:]
	return pair[:length], pair[length:]
}

// Param finds a CGI variable among encoded pairs, which must be whole; nil: it is not there.
func Param(pairs []byte, name string) []byte {
	for len(pairs) > 0 {
		var n [2]int
		for i := range n {
			if n[i], pairs = int(pairs[0]), pairs[1:]; n[i] > 127 {
				n[i], pairs = (n[i]&127)<<24|int(pairs[0])<<16|int(pairs[1])<<8|int(pairs[2]), pairs[3:]
			}
		}
		if string(pairs[:n[0]]) == name {
			return pairs[n[0] : n[0]+n[1]]
		}
		pairs = pairs[n[0]+n[1]:]
	}
	return nil
}
