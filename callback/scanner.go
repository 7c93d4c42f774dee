package callback

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// scanner reads the JSON of a plain answer. The answer is written by hand in the scripts of people who look at no log at
// first, so everything that is not exactly right is refused, with the place where it is: a reader that guesses would hide
// it. json.Unmarshal accepts keys twice and in any case, and knows no place for a wrong opcode. json.Decoder's tokens
// could do it, but were measured (BenchmarkPlainAnswer) at 10 µs and 68 allocations for one push and 8 ms for a list of
// 10,000 fds, a third of what the whole event may cost; this takes 0.7 µs, none, and 0.7 ms. It copies only strings with
// escapes, and what JSON allows and an answer never has (floats, true, null, deep nesting) it does not read at all.
type scanner struct {
	b   []byte
	pos int
}

// answerError is what is wrong with a plain answer, and where.
type answerError struct {
	offset int
	what   string
}

func (e *answerError) Error() string { return "byte " + strconv.Itoa(e.offset) + ": " + e.what }

// wrong is an error at a place.
func wrong(offset int, format string, args ...any) error {
	return &answerError{offset, fmt.Sprintf(format, args...)}
}

// peek skips white space and returns the next byte, or 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.b) {
		switch c := s.b[s.pos]; c {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// at is where the next value starts.
func (s *scanner) at() int {
	s.peek()
	return s.pos
}

// expect reads one of {}[]:, and the like; what says what is wanted, in errors.
func (s *scanner) expect(c byte, what string) error {
	if s.peek() != c {
		return s.want(what)
	}
	s.pos++
	return nil
}

// want is the error for something else than was wanted.
func (s *scanner) want(what string) error {
	if s.peek() == 0 && s.pos >= len(s.b) {
		return wrong(s.pos, "the answer ends where %s is wanted", what)
	}
	return wrong(s.pos, "want %s", what)
}

// more reports whether a list or object that is closed by end has a (next) item, and reads what stands before it.
func (s *scanner) more(first bool, end byte) (bool, error) {
	switch c := s.peek(); {
	case c == end:
		s.pos++
		return false, nil
	case first:
		return true, nil
	case c == ',':
		s.pos++
		if s.peek() == end {
			return false, wrong(s.pos, "nothing stands after the comma")
		}
		return true, nil
	}
	return false, s.want(fmt.Sprintf("a comma or %c", end))
}

// str reads a string. It points into the answer if nothing in it is escaped.
func (s *scanner) str(what string) ([]byte, error) {
	if s.peek() != '"' {
		return nil, s.want(what)
	}
	start := s.pos
	escaped := false
	for i := start + 1; ; {
		n := bytes.IndexByte(s.b[i:], '"')
		if n < 0 {
			return nil, wrong(start, "a string that does not end")
		}
		i += n
		// A quote after an odd number of backslashes belongs to the string.
		slashes := 0
		for s.b[i-1-slashes] == '\\' {
			slashes++
		}
		i++
		if slashes%2 == 0 {
			s.pos = i
			break
		}
	}
	raw := s.b[start:s.pos]
	for _, c := range raw {
		if c < ' ' {
			return nil, wrong(start, "a string with an unescaped control character")
		}
		escaped = escaped || c == '\\'
	}
	if !escaped {
		return raw[1 : len(raw)-1], nil
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return nil, wrong(start, "a string that is not JSON: %v", err)
	}
	return []byte(text), nil
}

// integer reads an integer that is not negative.
func (s *scanner) integer(what string) (uint64, error) {
	s.peek()
	start := s.pos
	n := uint64(0)
	for ; s.pos < len(s.b); s.pos++ {
		d := s.b[s.pos] - '0'
		if d > 9 {
			break
		}
		if n > (math.MaxInt64-9)/10 {
			return 0, wrong(start, "a number that is too large")
		}
		n = n*10 + uint64(d)
	}
	switch length := s.pos - start; {
	case length == 0, length > 1 && s.b[start] == '0':
		s.pos = start
		return 0, s.want(what)
	case s.pos < len(s.b) && bytes.IndexByte([]byte(".eE"), s.b[s.pos]) >= 0:
		s.pos = start
		return 0, s.want(what)
	}
	return n, nil
}

// raw reads a value of any kind, as it stands there.
func (s *scanner) raw() ([]byte, error) {
	start := s.at()
	d := json.NewDecoder(bytes.NewReader(s.b[start:]))
	var value json.RawMessage
	if err := d.Decode(&value); err != nil {
		return nil, wrong(start, "not JSON: %v", err)
	}
	s.pos += int(d.InputOffset())
	return value, nil
}

// literal reads a word such as true.
func (s *scanner) literal(word string) error {
	if s.peek(); !bytes.HasPrefix(s.b[s.pos:], []byte(word)) {
		return s.want(word)
	}
	s.pos += len(word)
	return nil
}
