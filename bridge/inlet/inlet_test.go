package inlet

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"unicode/utf8"
)

const text = bitFIN | OpText

// What a client may say, and what is heard of it.
var streams = []struct {
	name, bytes, heard string
}{
	{"nothing", "", "EOF"},
	{"text", frame(text, "hello"), `1:33:"hello" EOF`},
	{"binary", frame(bitFIN|OpBinary, "\xff\x00"), `2:33:"\xff\x00" EOF`},
	{"empty", frame(text, "") + frame(bitFIN|OpBinary, ""), `1:33:"" 2:33:"" EOF`},
	{"burst", strings.Repeat(frame(text, "a"), 3), `1:33:"a" 1:33:"a" 1:33:"a" EOF`},
	{"126 bytes", frame(text, strings.Repeat("a", 126)), fmt.Sprintf(`1:33:%q EOF`, strings.Repeat("a", 126))},
	{"as much as may be", frame(text, strings.Repeat("ä", 500)), fmt.Sprintf(`1:33:%q EOF`, strings.Repeat("ä", 500))},
	{"fragments", frame(OpText, "\xe2\x82") + frame(0, "") + frame(0, "\xac") + frame(bitFIN, "!"), `1:33:"€!" EOF`},
	{"empty fragments", frame(OpText, "") + frame(0, "") + frame(bitFIN, ""), `1:33:"" EOF`},
	{"ping in fragments", frame(OpBinary, "a") + frame(bitFIN|OpPing, "p") + frame(0, "b") + frame(bitFIN|OpPong, "") + frame(bitFIN, "c"), `9:"p" 10:"" 2:33:"abc" EOF`},
	{"ping of 125", frame(bitFIN|OpPing, strings.Repeat("p", 125)), fmt.Sprintf(`9:%q EOF`, strings.Repeat("p", 125))},
	{"all planes", frame(text, "a\u00df\u20ac\ufffd\U0010ffff\x00"), `1:33:"aß€�\U0010ffff\x00" EOF`},

	{"close", closeFrame(1000, "bye") + frame(text, "not heard"), `close 1000 "bye"`},
	{"close without a code", frame(bitFIN|OpClose, ""), `close 1005 ""`},
	{"close in fragments", frame(OpText, "a") + closeFrame(4999, "ß"), `close 4999 "ß"`},
	{"close of 125", closeFrame(3000, strings.Repeat("r", 123)), fmt.Sprintf(`close 3000 %q`, strings.Repeat("r", 123))},
	{"close of one byte", frame(bitFIN|OpClose, "x"), "!1002 close frame of one byte"},
	{"close with bad UTF-8", closeFrame(1000, "\xc0"), "!1007 close reason is not UTF-8"},
	{"close cut in a rune", closeFrame(1000, "\xe2\x82"), "!1007 close reason is not UTF-8"},

	{"unmasked", "\x81\x02hi", "!1002 frame is not masked"},
	{"unmasked ping", "\x89\x00", "!1002 frame is not masked"},
	{"RSV1 on a ping", frame(bitFIN|bitRSV1|OpPing, ""), "!1002 reserved bits are set"},
	{"RSV1 on a close", frame(bitFIN|bitRSV1|OpClose, ""), "!1002 reserved bits are set"},
	{"RSV1 on a continuation", frame(OpText|bitRSV1, "") + frame(bitFIN|bitRSV1, ""), "!1002 reserved bits are set"},
	{"RSV2", frame(text|0x20, ""), "!1002 reserved bits are set"},
	{"RSV3", frame(text|0x10, ""), "!1002 reserved bits are set"},
	{"RSV1 and 2", frame(text|0x60, ""), "!1002 reserved bits are set"},
	{"fragmented ping", frame(OpPing, ""), "!1002 control frame is fragmented or too long"},
	{"fragmented close", frame(OpClose, ""), "!1002 control frame is fragmented or too long"},
	{"ping of 126", frame(bitFIN|OpPing, strings.Repeat("p", 126)), "!1002 control frame is fragmented or too long"},
	{"ping with a long length", "\x89\xff", "!1002 control frame is fragmented or too long"},
	{"continuation of nothing", frame(0, "x"), "!1002 continuation of nothing"},
	{"last continuation of nothing", frame(bitFIN, "x"), "!1002 continuation of nothing"},
	{"continuation after the end", frame(text, "x") + frame(bitFIN, "y"), `1:33:"x" !1002 continuation of nothing`},
	{"text in a text", frame(OpText, "x") + frame(text, "y"), "!1002 message inside of a message"},
	{"binary in a text", frame(OpText, "x") + frame(OpBinary, "y"), "!1002 message inside of a message"},
	{"no code", closeFrame(0, ""), "!1002 bad close code"},

	{"125 in 16 bits", "\x81\xfe\x00\x7dmask", "!1002 bad length encoding"},
	{"65535 in 64 bits", "\x81\xff\x00\x00\x00\x00\x00\x00\xff\xffmask", "!1002 bad length encoding"},
	{"2^63", "\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00", "!1002 bad length encoding"},
	{"2^63-1", "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff", "!1009 message too big"},
	{"2^63-1 behind something", frame(OpBinary, "x") + "\x80\xff\x7f\xff\xff\xff\xff\xff\xff\xff", "!1009 message too big"},
	{"1001 bytes", "\x82\xfe\x03\xe9", "!1009 message too big"},
	{"1001 bytes in fragments", frame(OpBinary, strings.Repeat("x", 999)) + frame(0, "x") + "\x80\x81", "!1009 message too big"},

	{"bad UTF-8", frame(text, "a\xffb"), "!1007 text is not UTF-8"},
	{"cut in a rune", frame(text, "caf\xc3"), "!1007 text is not UTF-8"},
	{"surrogate half", frame(text, "\xed\xa0\x80"), "!1007 text is not UTF-8"},
	{"overlong", frame(text, "\xc0\xaf"), "!1007 text is not UTF-8"},
	{"beyond Unicode", frame(text, "\xf4\x90\x80\x80"), "!1007 text is not UTF-8"},
	{"bad over fragments", frame(OpText, "\xe2\x82") + frame(bitFIN, "\xff"), "!1007 text is not UTF-8"},
	{"bad in the first fragment", frame(OpText, "a\xff"), "!1007 text is not UTF-8"},

	{"deflated", frame(text|bitRSV1, deflated("hello hello hello")), `1:39:"hello hello hello" EOF`},
	{"deflated and not", frame(text|bitRSV1, deflated("one")) + frame(text, "two") + frame(text|bitRSV1, deflated("three")), `1:39:"one" 1:33:"two" 1:39:"three" EOF`},
	{"deflated in fragments", frame(OpText|bitRSV1, deflated("€€")[:2]) + frame(bitFIN|OpPing, "p") + frame(0, "") + frame(bitFIN, deflated("€€")[2:]), `9:"p" 1:39:"€€" EOF`},
	{"deflated empty", frame(text|bitRSV1, "\x00") + frame(text|bitRSV1, deflated("")), `1:39:"" 1:39:"" EOF`},
	{"deflated nothing", frame(text|bitRSV1, "") + frame(OpText|bitRSV1, "") + frame(bitFIN, ""), `1:39:"" 1:39:"" EOF`},
	{"deflated, fixed block of RFC 7692", frame(text|bitRSV1, "\xf2\x48\xcd\xc9\xc9\x07\x00"), `1:39:"Hello" EOF`},
	{"deflated, stored block of RFC 7692", frame(text|bitRSV1, "\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"), `1:39:"Hello" EOF`},
	{"deflated, final block of RFC 7692", frame(text|bitRSV1, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), `1:39:"Hello" EOF`},
	{"deflated, two blocks of RFC 7692", frame(text|bitRSV1, "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"), `1:39:"Hello" EOF`},
	{"deflated garbage", frame(text|bitRSV1, "\xff\xff\xff\xff"), "!1007 message cannot be inflated"},
	{"deflated and cut", frame(text|bitRSV1, deflated(strings.Repeat("abcdefgh", 100))[:5]), "!1007 message cannot be inflated"},
	{"deflated with a window of before", frame(text|bitRSV1, "\xf2\x00\x11\x00\x00"), "!1007 message cannot be inflated"},
	{"deflated bad UTF-8", frame(text|bitRSV1, deflated("a\xff")), "!1007 text is not UTF-8"},
	{"deflated cut in a rune", frame(text|bitRSV1, deflated("a\xc3")), "!1007 text is not UTF-8"},
	{"bomb", frame(bitFIN|OpBinary|bitRSV1, deflated(strings.Repeat("\x00", 100_000))), "!1009 message too big"},
	{"as much as may be, deflated", frame(text|bitRSV1, deflated(strings.Repeat("x", 1000))), fmt.Sprintf(`1:39:%q EOF`, strings.Repeat("x", 1000))},
	{"one more than may be, deflated", frame(text|bitRSV1, deflated(strings.Repeat("x", 1001))), "!1009 message too big"},

	{"gone in a header", frame(text, "x") + "\x81", `1:33:"x" EOF`},
	{"gone in a mask", "\x81\x85ab", "EOF"},
	{"gone in a payload", frame(text, "hello")[:8], "EOF"},
	{"gone in a ping", frame(bitFIN|OpPing, "hello")[:8], "EOF"},
	{"gone between fragments", frame(OpText|bitRSV1, "hello"), "EOF"},
}

func TestStreams(t *testing.T) {
	for _, c := range streams {
		t.Run(c.name, func(t *testing.T) {
			if got := hear(&pieces{}, c.bytes, &recorder{}); got != c.heard {
				t.Errorf("heard %s\nwant  %s", got, c.heard)
			}
		})
	}
}

// However a stream is cut, and whoever goes on with it after each message, the same is heard.
func TestStreamsInPieces(t *testing.T) {
	for _, c := range streams {
		t.Run(c.name, func(t *testing.T) {
			try := func(what string, list ...string) {
				t.Helper()
				for _, stop := range []bool{false, true} {
					if got := hear(&pieces{list: slices.Clone(list)}, "", &recorder{stop: stop}); got != c.heard {
						t.Fatalf("%s: heard %s\nwant  %s", what, got, c.heard)
					}
					if got := hear(newRawPieces(t, slices.Clone(list)), "", &recorder{stop: stop}); got != c.heard {
						t.Fatalf("%s, raw: heard %s\nwant  %s", what, got, c.heard)
					}
				}
			}
			for i := range len(c.bytes) {
				if i > 40 && i%13 != 0 && i < len(c.bytes)-20 {
					continue // inside of a payload
				}
				try(fmt.Sprintf("cut at %d", i), c.bytes[:i], c.bytes[i:])
			}
			var bytes []string
			for i := range len(c.bytes) {
				bytes = append(bytes, c.bytes[i:i+1])
			}
			try("byte by byte", bytes...)
		})
	}
}

// Unwanted messages are read, and nothing is kept of them.
func TestDiscard(t *testing.T) {
	s := frame(text, "a\xff") + frame(OpBinary, "b") + frame(bitFIN|OpPing, "p") + frame(bitFIN, "c") + frame(text|bitRSV1, "garbage") + closeFrame(1000, "")
	for i := range len(s) {
		if got := hear(newRawPieces(t, []string{s[:i], s[i:]}), "", &recorder{discard: true}); got != `9:"p" close 1000 ""` {
			t.Errorf("cut at %d: heard %s", i, got)
		}
	}
}

func TestUnknownOpcodes(t *testing.T) {
	for _, op := range []byte{3, 4, 5, 6, 7, 11, 12, 13, 14, 15} {
		for _, first := range []byte{op, bitFIN | op} {
			if got := hear(&pieces{}, frame(first, "x"), &recorder{}); got != "!1002 unknown opcode" {
				t.Errorf("%#x: heard %s", first, got)
			}
		}
	}
}

// RFC 6455 section 7.4, and the codes that IANA added: 1012 to 1014.
func TestCloseCodes(t *testing.T) {
	for code := range 1 << 16 {
		want := code >= 1000 && code <= 1014 && (code < 1004 || code > 1006) || code >= 3000 && code <= 4999
		if got := validCode(uint16(code)); got != want {
			t.Errorf("%d: valid %v", code, got)
		}
	}
}

func TestRSV1WithoutNegotiation(t *testing.T) {
	var in Inlet
	var seen atomic.Int64
	in.Init(&pieces{}, []byte(frame(text|bitRSV1, deflated("x"))), defaults, false, &seen)
	r := &recorder{}
	if got := r.listen(&in); got != "!1002 reserved bits are set" {
		t.Errorf("heard %s", got)
	}
}

// Each byte that makes a text bad ends it, whatever its frame would still bring.
func TestBadTextFailsFast(t *testing.T) {
	for _, c := range []struct{ good, bad string }{
		{"", "\xff"},
		{"", "\x80"},
		{"", "\xc0"},
		{"", "\xc1"},
		{"", "\xf5"},
		{"a", "\xff"},
		{"\xc3", "("},
		{"\xe2\x82", "("},
		{"\xe2", "\x28"},
		{"\xed", "\xa0"},
		{"\xe0", "\x9f"},
		{"\xf0", "\x8f"},
		{"\xf4", "\x90"},
		{"\xf0\x9f\x98", "\xc0"},
		{strings.Repeat("€", 100) + "\xe2\x82", "\xe2"},
		{"κόσμε", "\xed\xa0"[1:]},
	} {
		head := "\x01\xfe\x03\xe8\x00\x00\x00\x00" // a fragment of 1000 bytes
		for _, stop := range []int{len(c.good), len(c.good) + 1} {
			if got := hear(&pieces{list: []string{head, (c.good + c.bad)[:stop]}}, "", &recorder{}); (got == "EOF") != (stop == len(c.good)) {
				t.Errorf("%q, %q: after %d bytes: %s", c.good, c.bad, stop, got)
			}
		}
	}
}

// check agrees with utf8.Valid, wherever a text is cut.
func TestCheckIsValid(t *testing.T) {
	for _, s := range []string{"", "a", "ß€\U0001f600", "\xe2\x82\xac\xe2\x82", "aaaaaaaa\xf0\x9f\x98\x80\xf0", "\xf0\x9f\x98\x80\x80", "\xed\x9f\xbf\xee\x80\x80"} {
		for i := range len(s) + 1 {
			var dst []byte
			in := Inlet{dst: &dst, opening: text}
			dst = append(dst, s[:i]...)
			err := in.check()
			if err == nil {
				dst = append(dst, s[i:]...)
				err = in.check()
			}
			if got := err == nil && in.checked == len(s); got != utf8.ValidString(s) {
				t.Errorf("%q cut at %d: %v", s, i, got)
			}
		}
	}
}

func TestUnmask(t *testing.T) {
	src := make([]byte, 200)
	for i := range src {
		src[i] = byte(i * 7)
	}
	key := []byte{1, 2, 3, 4}
	for n := range 100 {
		for cut := range n + 1 {
			dst := make([]byte, n)
			k := unmask(dst[:cut], src[:cut], 0x04030201)
			unmask(dst[cut:], src[cut:n], k)
			for i, b := range dst {
				if b != src[i]^key[i&3] {
					t.Fatalf("%d bytes cut at %d: byte %d is %#x", n, cut, i, b)
				}
			}
		}
	}
}
