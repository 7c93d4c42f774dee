package streams

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/memnet"
)

// in is a Conn of which nothing is known but what the client sends.
type in struct {
	net.Conn

	r io.Reader
}

func (c in) Read(p []byte) (int, error)     { return c.r.Read(p) }
func (in) Close() error                     { return nil }
func (in) SetWriteDeadline(time.Time) error { return nil }
func (in) Write(p []byte) (int, error)      { return len(p), nil }
func quiet() Options                        { return Options{First: time.Hour, Over: func(uint32) {}, Idle: func() {}} }

func read(b []byte, step int) ([]byte, error) {
	return readOf(New(in{r: bytes.NewReader(b)}, quiet()), step)
}

func readOf(c *Conn, step int) (all []byte, err error) {
	defer c.Finish()
	p := make([]byte, step)
	for {
		n, err := c.Read(p)
		if all = append(all, p[:n]...); err != nil {
			return all, err
		}
	}
}

func frames(list ...[]byte) []byte { return slices.Concat(list...) }

func headers(id uint32, flags byte, block string) []byte {
	return frameOf(frameHeaders, flags, id, []byte(block))
}

func TestWhatIsNoHTTP2PassesAsItIs(t *testing.T) {
	for _, text := range []string{"", "G", "GET / HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\rx and more", "PRI * HTTP/2.0\r\n", strings.Repeat("x", 10_000)} {
		for _, step := range []int{1, 7, 4096} {
			c := New(in{r: strings.NewReader(text)}, quiet())
			if got, err := readOf(c, step); string(got) != text || !errors.Is(err, io.EOF) || c.HTTP2() {
				t.Errorf("%q became %q, %v", text, got, err)
			}
		}
	}
}

func TestRequestsGetTheirNumber(t *testing.T) {
	long := strings.Repeat("x", 20_000)
	sent := frames([]byte(preface), frameOf(4, 0, 0, nil),
		headers(1, flagEndHeaders|flagEndStream, "one"),
		headers(3, 0, "th"), frameOf(frameContinuation, 0, 3, nil), frameOf(frameContinuation, flagEndHeaders, 3, []byte("ree")),
		frameOf(frameData, 0, 3, []byte(long)),
		headers(3, flagEndHeaders|flagEndStream, "a trailer"),
		headers(1, flagEndHeaders, "again"), headers(2, flagEndHeaders, "even"),
		headers(5, flagEndHeaders, ""), headers(7, flagEndHeaders|flagPadded, "\x01padded"), headers(9, flagEndHeaders, strings.Repeat("x", maxFrame)),
	)
	want := frames([]byte(preface), frameOf(4, 0, 0, nil),
		headers(1, flagEndHeaders|flagEndStream, "one"+string(appendLabel(nil, 1))),
		headers(3, 0, "th"), frameOf(frameContinuation, 0, 3, nil), frameOf(frameContinuation, flagEndHeaders, 3, appendLabel([]byte("ree"), 3)),
		frameOf(frameData, 0, 3, []byte(long)),
		headers(3, flagEndHeaders|flagEndStream, "a trailer"),
		headers(1, flagEndHeaders, "again"), headers(2, flagEndHeaders, "even"),
		headers(5, flagEndHeaders, string(appendLabel(nil, 5))),
		headers(7, flagPadded, "\x01padded"), frameOf(frameContinuation, flagEndHeaders, 7, appendLabel(nil, 7)),
		headers(9, 0, strings.Repeat("x", maxFrame)), frameOf(frameContinuation, flagEndHeaders, 9, appendLabel(nil, 9)),
	)
	for _, step := range []int{1, 9, 100, 1 << 16} {
		if got, err := read(sent, step); !bytes.Equal(got, want) || !errors.Is(err, io.EOF) {
			t.Errorf("step %d: %q, %v", step, got, err)
		}
	}
}

func TestStreamsWithoutAnEnd(t *testing.T) {
	sent := []byte(preface)
	for id := uint32(1); id < 4*mostKnown; id += 2 {
		sent = append(sent, headers(id, flagEndHeaders, "x")...)
	}
	if _, err := read(sent, 1<<16); !errors.Is(err, errFlood) {
		t.Errorf("%v", err)
	}
}

// begun is a connection whose client speaks HTTP/2.
type begun struct {
	*Conn

	client net.Conn
	over   []uint32
	idle   bool
	mu     sync.Mutex
}

func begin(t *testing.T) *begun {
	t.Helper()
	client, server := memnet.Pipe(1 << 20)
	b := &begun{client: client}
	b.Conn = New(server, Options{
		First: time.Hour,
		Over: func(id uint32) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.over = append(b.over, id)
		},
		Idle: func() { b.idle = true },
	})
	t.Cleanup(func() {
		_ = client.Close()
		_ = b.Close()
		if b.Finish(); b.table.active == 0 && !b.idle {
			t.Error("nobody is told that all have left")
		}
	})
	b.comes([]byte(preface))
	return b
}

// comes has the client send, and net/http read.
func (b *begun) comes(list ...[]byte) {
	all := frames(list...)
	_, _ = b.client.Write(all)
	_ = b.SetReadDeadline(time.Now().Add(time.Millisecond))
	p := make([]byte, 1<<16)
	for {
		if _, err := b.Read(p); err != nil {
			return
		}
	}
}

// takes begins the handler of a stream.
func (b *begun) takes(ctx context.Context, id uint32) *Stream {
	r := &http.Request{ProtoMajor: 2, Header: http.Header{label: {"77", strconv.Itoa(int(id))}}}
	s, r, ok := b.Enter(r.WithContext(ctx))
	if !ok {
		return nil
	}
	if Of(r) != s || len(r.Header) > 0 {
		panic("not its stream, or the label is left")
	}
	return s
}

func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := begin(t)
		ctx := t.Context()
		b.comes(
			headers(1, flagEndHeaders, ""), headers(3, flagEndHeaders|flagEndStream, ""), headers(5, flagEndHeaders|flagEndStream, ""),
			headers(7, flagEndHeaders|flagEndStream, ""), frameOf(frameData, flagEndStream, 1, nil),
		)
		var mu sync.Mutex
		var order []uint32
		var wg sync.WaitGroup
		for _, id := range []uint32{1, 7, 5} { // 3 has no handler yet
			s := b.takes(ctx, id)
			wg.Go(func() {
				defer s.Leave(ctx)
				if !s.Turn(ctx, true) {
					t.Error("no turn")
				}
				mu.Lock()
				order = append(order, s.ID)
				mu.Unlock()
				s.Pass()
				s.Unload(0)
			})
			synctest.Wait()
		}
		if len(order) > 0 {
			t.Errorf("%v did not wait for 3", order)
		}
		b.comes(frameOf(frameReset, 0, 3, []byte{0, 0, 0, 8}))
		wg.Wait()
		if !slices.Equal(order, []uint32{5, 7, 1}) {
			t.Errorf("%v", order)
		}
		if b.takes(ctx, 3) != nil || b.takes(ctx, 5) != nil || b.takes(ctx, 99) != nil {
			t.Error("a stream that nobody wants, that has a handler, or that there is not")
		}
		// They are forgotten when their responses have left.
		_, _ = b.Write(frames(headers(5, flagEndHeaders, ""), frameOf(frameData, flagEndStream, 5, nil), frameOf(frameReset, 0, 7, []byte{0, 0, 0, 8})))
		if !slices.Equal(b.over, []uint32{5, 7}) || len(b.table.streams) != 1 {
			t.Errorf("%v, %v", b.over, b.table.streams)
		}
	})
}

func TestFewLargeBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := begin(t)
		ctx, cancel := context.WithCancel(t.Context())
		var list []*Stream
		for id := uint32(1); id <= 2*mostLarge+3; id += 2 {
			b.comes(headers(id, flagEndHeaders|flagEndStream, ""))
			s := b.takes(ctx, id)
			if list = append(list, s); s.Room(ctx, Window-1) != nil || s.large {
				t.Error("a small one has to wait")
			}
		}
		for _, s := range list[:mostLarge] {
			if s.Room(ctx, Window) != nil || s.Room(ctx, Window+1) != nil {
				t.Error("no room")
			}
		}
		late, given := list[mostLarge], make(chan error, 2)
		go func() { given <- late.Room(ctx, Window) }()
		go func() { given <- list[mostLarge+1].Room(ctx, Window) }()
		synctest.Wait()
		if len(given) > 0 || late.lined {
			t.Error("more than there may be, or others wait for it")
		}
		for _, s := range list[:mostLarge] {
			if !s.Turn(ctx, true) {
				t.Error("no turn")
			}
			s.Pass()
		}
		list[0].Unload(0)
		if err := <-given; err != nil {
			t.Error(err)
		}
		cancel()
		if err := <-given; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		for i, s := range list {
			if s.Leave(ctx); i < mostLarge {
				s.Unload(0)
			}
		}
		if len(b.large) != 0 || b.table.events != 0 || len(b.table.line) != 0 || len(b.table.streams) != 0 {
			t.Errorf("%d large bodies, %d events, %d in line, %d streams are left", len(b.large), b.table.events, len(b.table.line), len(b.table.streams))
		}
	})
}

// Frames of our own stand between those of net/http, whatever pieces these leave in.
func TestFramesOfOurOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, cut := range []int{3, 9, 12, 21, 30} {
			b := begin(t)
			b.comes(headers(1, flagEndHeaders, ""))
			all := frames(headers(1, 0, "abc"), frameOf(frameContinuation, flagEndHeaders, 1, []byte("def")), frameOf(frameData, 0, 1, []byte("body")))
			_, _ = b.Write(all[:cut])
			b.Ping([]byte("12345678"))
			b.GoAway(7, []byte(strings.Repeat("x", 2*MaxDebug)))
			b.GoAway(8, nil)
			synctest.Wait()
			_, _ = b.Write(all[cut:])
			synctest.Wait()
			own := frames(frameOf(framePing, 0, 0, []byte("12345678")),
				frameOf(frameGoAway, 0, 0, []byte("\x00\x00\x00\x01\x00\x00\x00\x07"+strings.Repeat("x", MaxDebug))))
			want := frames(all, own)
			got := make([]byte, len(want))
			if _, err := io.ReadFull(b.client, got); err != nil || !bytes.Equal(got, want) {
				t.Errorf("cut at %d: %q, %v", cut, got, err)
			}
			// The stream was the last one.
			_, _ = b.Write(frameOf(frameReset, 0, 1, []byte{0, 0, 0, 0}))
			synctest.Wait()
			if rest, err := io.ReadAll(b.client); err != nil || len(rest) != 13 {
				t.Errorf("%q, %v", rest, err)
			}
		}
	})
}

func TestNoRequestComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := begin(t)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if got, _ := io.ReadAll(b.client); !bytes.Equal(got, b.goAway(0, nil)) {
			t.Errorf("%q", got)
		}
	})
}

func TestKeys(t *testing.T) {
	for id, want := range map[uint32]uint16{1: 1, 3: 2, 131067: 65534, 131069: 65535, 131071: 1, maxStreamID: 32768 % slots} {
		if got := KeyOf(id); id != maxStreamID && got != want || got == 0 {
			t.Errorf("%d: %d, want %d", id, got, want)
		}
	}
	if (*Stream)(nil).Key() != 0 || !(*Stream)(nil).Turn(t.Context(), false) {
		t.Error("a request of HTTP/1")
	}
}

// Whatever comes, the reader gets it, with labels between.
func FuzzFrames(f *testing.F) {
	f.Add(frames(headers(1, 5, "x"), headers(3, 0, "y"), frameOf(9, 4, 3, nil), frameOf(0, 1, 3, []byte("z"))), byte(3))
	f.Add([]byte{0, 0, 9, 1, 4, 0, 0, 0, 1}, byte(0))
	f.Add(frames(headers(1, 0xd, "\x02padded"), headers(3, 0xd, "\x02x"), headers(5, 0x2d, "\x01prior")), byte(8))
	f.Fuzz(func(t *testing.T, b []byte, step byte) {
		got, err := read(append([]byte(preface), b...), int(step)+1)
		if errors.Is(err, errFlood) {
			return
		}
		if !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		got = got[len(preface):]
		var last uint32
		var fresh uint32
		for at := 0; at+headLength <= len(b); {
			var h head
			copy(h[:], b[at:])
			whole := min(headLength+h.length(), len(b)-at)
			part := bytes.Clone(b[at : at+whole])
			complete := whole == headLength+h.length()
			if h.overPadded(part[min(headLength, whole):min(headLength+1, whole)]) {
				clear(h[5:])
				copy(part, h[:])
			}
			if h.kind() == frameHeaders {
				if fresh = 0; h.stream() > last && h.stream()&1 == 1 {
					last, fresh = h.stream(), h.stream()
				}
			}
			labelled := h.has(flagEndHeaders) && fresh != 0 && fresh == h.stream()
			if labelled {
				tail := h.addLabel()
				copy(part, h[:])
				if fresh = 0; complete {
					part = append(part, tail...)
				}
			}
			if !bytes.HasPrefix(got, part) {
				t.Fatalf("at %d: %q, want %q", at, got, part)
			}
			got = got[len(part):]
			at += whole
		}
		if len(got) > 0 {
			t.Fatalf("%q is too much", got)
		}
		// What leaves is followed whatever it is.
		var o output
		for i := range b {
			o.note(b[i : i+1])
		}
		var whole output
		whole.note(b)
		if fmt.Sprint(o.got, o.left, o.between()) != fmt.Sprint(whole.got, whole.left, whole.between()) {
			t.Fatal("pieces and the whole differ")
		}
	})
}

// Where PHP takes one event at a time, few wait behind it: the others can still be cancelled.
func TestTurnsOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := begin(t)
		ctx := t.Context()
		var list []*Stream
		turns := make(chan uint32, 10)
		for id := uint32(1); id < 9; id += 2 {
			b.comes(headers(id, flagEndHeaders|flagEndStream, ""))
			s := b.takes(ctx, id)
			list = append(list, s)
			go func() {
				if s.Turn(ctx, false) {
					turns <- s.ID
					s.Pass()
				}
			}()
		}
		for i, want := range []int{2, 3, 4} {
			if synctest.Wait(); len(turns) != want {
				t.Errorf("%d turns, want %d", len(turns), want)
			}
			list[i].Unload(0)
		}
		for i := range list {
			if got := <-turns; got != uint32(2*i+1) {
				t.Errorf("turn %d is of %d", i, got)
			}
		}
		list[3].Unload(0)
		for _, s := range list {
			s.Leave(ctx)
		}
		if b.table.events != 0 {
			t.Errorf("%d events are left", b.table.events)
		}
	})
}

// A client that does not read gets no more answers made.
func TestResponsesThatNobodyReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := begin(t)
		ctx := t.Context()
		b.comes(headers(1, flagEndHeaders|flagEndStream, ""), headers(3, flagEndHeaders|flagEndStream, ""), headers(5, flagEndHeaders|flagEndStream, ""))
		one, three, five := b.takes(ctx, 1), b.takes(ctx, 3), b.takes(ctx, 5)
		for _, s := range []*Stream{one, three} {
			if !s.Turn(ctx, true) {
				t.Error("no turn")
			}
			s.Pass()
			s.Unload(mostBehind/2 + 1)
		}
		turned := false
		done := make(chan struct{})
		go func() {
			defer close(done)
			turned = five.Turn(ctx, true)
			five.Pass()
			five.Unload(1)
		}()
		synctest.Wait()
		if turned {
			t.Error("its turn has come")
		}
		one.Leave(ctx)
		<-done
		three.Leave(ctx)
		five.Leave(ctx)
		if !turned || b.table.behind != 0 {
			t.Errorf("%v, %d bytes are behind", turned, b.table.behind)
		}
	})
}
