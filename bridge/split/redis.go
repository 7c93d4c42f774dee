package split

import (
	"bytes"
	"strconv"
)

const (
	maxNumber   = len("*-2147483648\r\n")
	leastString = len("$0\r\n\r\n") // the least that one takes
)

// redis returns the size of the request that p begins with, or 0 if it cannot be known yet. What was read of it is not read again. Another one than an
// array of strings is an error, as in Swoole; two that came at once are two, which Swoole gives as one.
func (s *Splitter) redis(p []byte) (int, error) {
	if s.seen == 0 {
		n, at, err := number(p, '*')
		switch {
		case err != nil || at == 0:
			return 0, err
		case n < 1:
			return 0, ErrLength
		case n > s.rule.o.Max/leastString:
			return 0, ErrTooBig
		}
		s.left, s.seen = n, at
	}
	for s.left > 0 {
		n, at, err := number(p[s.seen:], '$')
		switch {
		case err != nil || at == 0:
			return 0, err
		case n < 0:
			return 0, ErrLength
		case n > s.rule.o.Max-s.seen:
			return 0, ErrTooBig
		}
		end := s.seen + at + n + len("\r\n")
		if len(p) < end {
			return 0, nil
		}
		if !bytes.Equal(p[end-2:end], []byte("\r\n")) {
			return 0, ErrLength
		}
		s.left--
		s.seen = end
	}
	return s.seen, nil
}

// number reads a line such as $12; end is where what follows begins, 0: it is not whole yet.
func number(p []byte, sign byte) (n, end int, err error) {
	if len(p) == 0 {
		return 0, 0, nil
	}
	if p[0] != sign {
		return 0, 0, ErrLength
	}
	line := p[:min(len(p), maxNumber)]
	end = bytes.Index(line, []byte("\r\n"))
	switch {
	case end < 0 && len(line) == maxNumber:
		return 0, 0, ErrLength
	case end < 0:
		return 0, 0, nil
	}
	n64, err := strconv.ParseInt(string(line[1:end]), 10, 32)
	if err != nil {
		return 0, 0, ErrLength
	}
	return int(n64), end + len("\r\n"), nil
}
