package split

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func splitAll(t testing.TB, o Options, pieces ...string) (packets []string, err error) {
	t.Helper()
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	var s Splitter
	s.Init(r)
	for _, p := range pieces {
		s.Feed([]byte(p))
		for {
			packet, err := s.Next()
			if err != nil {
				if _, again := s.Next(); !errors.Is(again, err) {
					t.Errorf("after %v came %v", err, again)
				}
				return packets, err
			}
			if packet == nil {
				break
			}
			packets = append(packets, string(packet))
		}
	}
	return packets, nil
}

var tables = []struct {
	name  string
	o     Options
	in    string
	want  []string
	fails error
	whole bool // the result depends on how it is cut
}{
	{name: "each eof", o: Options{EOF: []byte("\r\n"), Each: true, Max: 20}, in: "a\r\nbb\r\n\r\nc", want: []string{"a\r\n", "bb\r\n", "\r\n"}},
	{name: "an eof of one byte", o: Options{EOF: []byte{0}, Each: true, Max: 20}, in: "a\x00b\x00", want: []string{"a\x00", "b\x00"}},
	{name: "an eof that repeats itself", o: Options{EOF: []byte("aab"), Each: true, Max: 20}, in: "aaabaab", want: []string{"aaab", "aab"}},
	{name: "eof at the end", o: Options{EOF: []byte("\n"), Max: 20}, in: "a\nb\n", want: []string{"a\nb\n"}, whole: true},
	{name: "eof in the middle only", o: Options{EOF: []byte("\n"), Max: 20}, in: "a\nb", whole: true},
	{name: "packet without eof at the limit", o: Options{EOF: []byte("\n"), Each: true, Max: 5}, in: "abcdef\n", fails: ErrTooBig},
	{name: "packet at the limit", o: Options{EOF: []byte("\n"), Each: true, Max: 5}, in: "abcd\n", want: []string{"abcd\n"}},
	{name: "length N", o: Options{LengthType: 'N', BodyOffset: 4, Max: 20}, in: "\x00\x00\x00\x02hi\x00\x00\x00\x00\x00\x00\x00\x01x", want: []string{"\x00\x00\x00\x02hi", "\x00\x00\x00\x00", "\x00\x00\x00\x01x"}},
	{name: "length n that counts itself", o: Options{LengthType: 'n', Max: 20}, in: "\x00\x04hi\x00\x03x", want: []string{"\x00\x04hi", "\x00\x03x"}},
	{name: "length behind a command", o: Options{LengthType: 'v', LengthOffset: 2, BodyOffset: 6, Max: 20}, in: "CM\x03\x00??abcCM\x00\x00??", want: []string{"CM\x03\x00??abc", "CM\x00\x00??"}},
	{name: "length C", o: Options{LengthType: 'C', BodyOffset: 1, Max: 300}, in: "\x03abc\xff" + strings.Repeat("x", 255), want: []string{"\x03abc", "\xff" + strings.Repeat("x", 255)}},
	{name: "length P", o: Options{LengthType: 'P', BodyOffset: 8, Max: 20}, in: "\x01\x00\x00\x00\x00\x00\x00\x00a", want: []string{"\x01\x00\x00\x00\x00\x00\x00\x00a"}},
	{name: "length J", o: Options{LengthType: 'J', BodyOffset: 8, Max: 20}, in: "\x00\x00\x00\x00\x00\x00\x00\x01a", want: []string{"\x00\x00\x00\x00\x00\x00\x00\x01a"}},
	{name: "length over the limit", o: Options{LengthType: 'N', BodyOffset: 4, Max: 20}, in: "\x00\x00\x00\x11", fails: ErrTooBig},
	{name: "length at the limit", o: Options{LengthType: 'N', BodyOffset: 4, Max: 20}, in: "\x00\x00\x00\x10" + strings.Repeat("y", 16), want: []string{"\x00\x00\x00\x10" + strings.Repeat("y", 16)}},
	{name: "negative length", o: Options{LengthType: 'l', BodyOffset: 4, Max: 20}, in: "\xff\xff\xff\xff", fails: ErrLength},
	{name: "negative length s", o: Options{LengthType: 's', BodyOffset: 2, Max: 20}, in: "\xff\xff", fails: ErrLength},
	{name: "negative length c", o: Options{LengthType: 'c', BodyOffset: 1, Max: 20}, in: "\x80", fails: ErrLength},
	{name: "no length", o: Options{LengthType: 'n', Max: 20}, in: "\x00\x00", fails: ErrLength},
	{name: "length above int64", o: Options{LengthType: 'Q', BodyOffset: 8, Max: 20}, in: "\xff\xff\xff\xff\xff\xff\xff\xff", fails: ErrLength},
	{name: "mqtt", o: Options{MQTT: true, Max: 300}, in: "\x10\x02hi\xc0\x00\x30\x80\x01" + strings.Repeat("p", 128) + "\x30", want: []string{"\x10\x02hi", "\xc0\x00", "\x30\x80\x01" + strings.Repeat("p", 128)}},
	{name: "mqtt with a length that is too long", o: Options{MQTT: true, Max: 300}, in: "\xc0\x00\x30\x80\x80\x80\x80\x01", want: []string{"\xc0\x00"}, fails: ErrLength},
	{name: "mqtt over the limit", o: Options{MQTT: true, Max: 300}, in: "\x30\xff\x7f", fails: ErrTooBig},
	{name: "redis", o: Options{Redis: true, Max: 40}, in: "*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$0\r\n\r\n*1\r\n$4\r\nQ\r\nT\r\n*1", want: []string{"*1\r\n$4\r\nPING\r\n", "*2\r\n$3\r\nGET\r\n$0\r\n\r\n", "*1\r\n$4\r\nQ\r\nT\r\n"}},
	{name: "redis at the limit", o: Options{Redis: true, Max: 14}, in: "*1\r\n$4\r\nPING\r\n", want: []string{"*1\r\n$4\r\nPING\r\n"}},
	{name: "redis above the limit", o: Options{Redis: true, Max: 13}, in: "*1\r\n$4\r\nPING\r\n", fails: ErrTooBig},
	{name: "redis of a gigabyte", o: Options{Redis: true, Max: 40}, in: "*1\r\n$1000000000\r\n", fails: ErrTooBig},
	{name: "redis of many strings", o: Options{Redis: true, Max: 40}, in: "*7\r\n", fails: ErrTooBig},
	{name: "redis of none", o: Options{Redis: true, Max: 40}, in: "*0\r\n", fails: ErrLength},
	{name: "redis of less than none", o: Options{Redis: true, Max: 40}, in: "*-1\r\n", fails: ErrLength},
	{name: "redis with nothing for a string", o: Options{Redis: true, Max: 40}, in: "*1\r\n$-1\r\n", fails: ErrLength},
	{name: "redis with a number", o: Options{Redis: true, Max: 40}, in: "*1\r\n:1\r\n", fails: ErrLength},
	{name: "redis inline", o: Options{Redis: true, Max: 40}, in: "PING\r\n", fails: ErrLength},
	{name: "redis without an end", o: Options{Redis: true, Max: 40}, in: "*1\r\n$1\r\nabc", fails: ErrLength},
	{name: "redis with a long number", o: Options{Redis: true, Max: 40}, in: "*1\r\n$0000000000000001", fails: ErrLength},
	{name: "redis with no number", o: Options{Redis: true, Max: 40}, in: "*1\r\n$x\r\n", fails: ErrLength},
	{name: "length of a gigabyte", o: Options{LengthType: 'J', BodyOffset: 8, Max: 1 << 30}, in: "\x7f\xff\xff\xff\xff\xff\xff\xff", fails: ErrTooBig},
}

func TestSplit(t *testing.T) {
	for _, c := range tables {
		t.Run(c.name, func(t *testing.T) {
			got, err := splitAll(t, c.o, c.in)
			if diff := cmp.Diff(c.want, got); diff != "" || !errors.Is(err, c.fails) {
				t.Errorf("%v %s", err, diff)
			}
			if c.whole {
				return
			}
			for i := range len(c.in) + 1 {
				for j := i; j <= len(c.in); j++ {
					got, err := splitAll(t, c.o, c.in[:i], c.in[i:j], c.in[j:])
					if !slices.Equal(got, c.want) || !errors.Is(err, c.fails) {
						t.Fatalf("cut at %d and %d: %q %v", i, j, got, err)
					}
				}
			}
			if got, err := splitAll(t, c.o, strings.Split(c.in, "")...); !slices.Equal(got, c.want) || !errors.Is(err, c.fails) {
				t.Errorf("byte by byte: %q %v", got, err)
			}
		})
	}
}

func TestOptionsThatAreRefused(t *testing.T) {
	for _, o := range []Options{
		{},
		{Max: 10},
		{EOF: []byte("123456789"), Max: 10},
		{EOF: []byte("1")},
		{EOF: []byte("1"), LengthType: 'N', Max: 10},
		{MQTT: true, LengthType: 'N', Max: 10},
		{MQTT: true, EOF: []byte("1"), Max: 10},
		{MQTT: true},
		{Redis: true},
		{Redis: true, MQTT: true, Max: 10},
		{Redis: true, EOF: []byte("1"), Max: 10},
		{LengthType: 'x', Max: 10},
		{LengthType: 'N', LengthOffset: -1, Max: 10},
		{LengthType: 'N', BodyOffset: 1 << 16, Max: 10},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}

// A splitter that is empty holds no large buffer, and one that is fed whole packets allocates nothing for them.
func TestBuffers(t *testing.T) {
	r, err := New(Options{LengthType: 'N', BodyOffset: 4, Max: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	var s Splitter
	s.Init(r)
	s.Feed(append([]byte{0, 1, 0, 0}, make([]byte, 1<<16)...))
	if p, _ := s.Next(); len(p) != 1<<16+4 {
		t.Fatal(len(p))
	}
	if p, _ := s.Next(); p != nil || cap(s.buf) > keep {
		t.Errorf("%d bytes are kept", cap(s.buf))
	}
	packet := []byte("\x00\x00\x00\x02hi")
	allocs := testing.AllocsPerRun(100, func() {
		s.Feed(packet)
		_, _ = s.Next()
		_, _ = s.Next()
	})
	if allocs > 0 {
		t.Errorf("%v allocations for a packet", allocs)
	}
}

// A request that comes byte by byte, of as many strings as may be, is read once and not once for each byte.
func TestRedisIsReadOnce(t *testing.T) {
	const strs = 20_000
	r, err := New(Options{Redis: true, Max: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	var s Splitter
	s.Init(r)
	in := fmt.Sprintf("*%d\r\n%s", strs, strings.Repeat("$0\r\n\r\n", strs))
	read := 0
	for i := range len(in) {
		s.Feed([]byte{in[i]})
		before := s.seen
		p, err := s.Next()
		if err != nil || (p != nil) != (i == len(in)-1) {
			t.Fatal(i, err)
		}
		if p == nil && s.seen > before {
			read++
		}
	}
	if read != strs { // the array's own line, and the strings but for the last one
		t.Errorf("read %d times", read)
	}
}

func FuzzSplit(f *testing.F) {
	for _, c := range tables {
		letter := c.o.LengthType
		if c.o.MQTT {
			letter = 'm'
		}
		if c.o.Redis {
			letter = 'r'
		}
		f.Add([]byte(c.in), uint8(3), letter, string(c.o.EOF), c.o.Each)
	}
	f.Fuzz(func(t *testing.T, in []byte, cut, letter uint8, eof string, each bool) {
		o := Options{EOF: []byte(eof), Each: each, LengthType: letter, BodyOffset: int(cut % 9), Max: 64}
		if letter == 'm' {
			o.MQTT, o.LengthType = true, 0
		}
		if letter == 'r' {
			o.Redis, o.LengthType = true, 0
		}
		if _, err := New(o); err != nil {
			return
		}
		at := min(int(cut), len(in))
		once, err1 := splitAll(t, o, string(in))
		twice, err2 := splitAll(t, o, string(in[:at]), string(in[at:]))
		joined := strings.Join(twice, "")
		if !bytes.HasPrefix(in, []byte(joined)) || !bytes.HasPrefix(in, []byte(strings.Join(once, ""))) {
			t.Fatalf("%q became %q and %q", in, once, twice)
		}
		if (letter != 0 || each) && (fmt.Sprint(once) != fmt.Sprint(twice) || !errors.Is(err2, err1)) {
			t.Fatalf("%q at %d: %q %v, whole %q %v", in, at, twice, err2, once, err1)
		}
		for _, p := range twice {
			if len(p) > o.Max {
				t.Fatalf("a packet of %d bytes", len(p))
			}
		}
	})
}
