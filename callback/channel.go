package callback

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"net"
	"strconv"
	"time"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

// Frames that only resident workers know; docs/protocol.md section 11.
const (
	frameAck         = 75  // the worker's last word: which event it started last
	frameBegun       = 76  // which event the worker has begun last: its callback waits, or (0) there was none
	frameAlive       = 143 // the answer to ControlAsk
	frameWorkerHello = 170 // turns a connection of the callback socket into a worker's channel
)

// lastOrderly is the code of a last word that is no accident.
const lastOrderly = 1

// Residents takes the connections of resident workers over. ServeWorker is called by the connection's own goroutine, blocks until the
// worker has gone and closes nothing; an error is a stranger's or a broken worker's fault.
type Residents interface {
	ServeWorker(ctx context.Context, hello WorkerHello, ch *Channel) error
}

// WorkerHello is what a resident worker says of itself.
type WorkerHello struct {
	Ticket uint64 // what the bridge gave to the run that it started
	PID    int
}

// Boot starts a resident worker: a FastCGI request that stays. It returns when the worker has ended; nil: of its own accord, by
// exit or the end of the script. The script's options have to say Resident, and client must leave the request all the time that it wants. What it printed outside of its channel is in reply.
func (s *Script) Boot(ctx context.Context, client Doer, worker int, ticket uint64, reply *Reply) error {
	reply.reset(1)
	extra := appendIntPair(reply.extra, "CONTENT_LENGTH", 0)
	extra = s.appendWorker(extra, worker)
	reply.extra = appendShortPair(extra, "BRIDGE_TICKET", strconv.FormatUint(ticket, 10))
	reply.request = fcgi.Request{Params: s.framed, Extra: reply.extra}
	res, err := client.Do(ctx, &reply.request)
	reply.take(res)
	switch {
	case err != nil:
		_, reason := s.transportFailure(err)
		return reason
	case res.Status < 200 || res.Status > 299:
		reply.printed(res.Body)
		return fmt.Errorf("%w: %s: status %d", ErrScript, s.opts.File, res.Status)
	}
	reply.printed(res.Body)
	return nil
}

// AppendEventHead appends an event's frame, as a worker's channel carries it, but for its payload, which has to follow it: a large one need not be copied.
func AppendEventHead(dst []byte, ev *Event, now time.Time) []byte {
	start := len(dst)
	bare := *ev
	bare.Payload = nil
	dst = appendEvent(dst, &bare, now)
	binary.BigEndian.PutUint32(dst[start:], binary.BigEndian.Uint32(dst[start:])+uint32(len(ev.Payload)))
	return dst
}

// Control is what the bridge asks of a worker.
type Control uint8

// The closed set of controls.
const (
	ControlStop Control = 1 // end when what came before it is done
	ControlAsk  Control = 2 // say that you are there
)

// frameControl carries them.
const frameControl = 21

// AppendControl appends a control frame.
func AppendControl(dst []byte, c Control) []byte {
	f := frame{typ: frameControl, code: uint32(c)}
	return f.append(dst)
}

// ItemKind says what a worker said.
type ItemKind uint8

// The closed set of items.
const (
	ItemInstruction ItemKind = iota
	ItemEnd                  // the event with ID is over; Err: it failed
	ItemLast                 // the worker is about to end, and no event after ID was started
	ItemBegun                // the worker has begun the event with ID and those before it; 0: it has called workerStart, and takes events
	ItemAlive                // the worker came to a ControlAsk; Memory
)

// Item is one frame of a worker.
type Item struct {
	Kind        ItemKind
	ID          uint64
	Exited      bool  // ItemEnd: the script called exit
	Orderly     bool  // ItemLast: the worker was told to end, or had enough
	Memory      int64 // ItemAlive: what its script has, in bytes
	Err         error // ItemEnd: it failed, and why
	Instruction Instruction
}

// Channel is the bridge's end of a resident worker's connection: it decodes what the worker says. One goroutine reads.
type Channel struct {
	Conn  net.Conn
	Items []Item                             // of the last Read
	Tap   func(typ uint8, frame []byte) bool // sees each frame first, and may take it; the bytes are the channel's. nil: nobody does

	in    []byte
	start int
	reply Reply // its instructions' buffers
}

// NewChannel takes over a connection of which early was read already.
func NewChannel(conn net.Conn, early []byte) *Channel {
	return &Channel{Conn: conn, in: append(make([]byte, 0, channelBuffer), early...)}
}

// channelBuffer holds a burst of a busy worker.
const channelBuffer = 64 << 10

// Read waits until the worker has said something, and puts all of its whole frames into Items, which point into the channel's
// buffer until the next Read. io.EOF and net errors mean that the worker has gone, other errors that it speaks nonsense.
func (c *Channel) Read() error {
	c.Items = c.Items[:0]
	c.reply.instrs, c.reply.fds = kept(c.reply.instrs, keptItems), kept(c.reply.fds, keptItems)
	for {
		need, err := c.decode()
		if err != nil || len(c.Items) > 0 {
			return err
		}
		if c.start > 0 {
			c.in = c.in[:copy(c.in, c.in[c.start:])]
			c.start = 0
		}
		if need > cap(c.in) {
			c.in = append(make([]byte, 0, need), c.in...)
		}
		n, err := c.Conn.Read(c.in[len(c.in):cap(c.in)])
		c.in = c.in[:len(c.in)+n]
		if n == 0 && err != nil {
			return err //nolint:wrapcheck // the caller asks whether it is EOF
		}
	}
}

// decode takes whole frames off the buffer; need is the size of the one that is cut, if it is known.
func (c *Channel) decode() (need int, err error) {
	for {
		f, n, err := parseFrame(c.in[c.start:], maxFrame)
		if errors.Is(err, errFrameCut) {
			return n, nil
		}
		if err == nil && (c.Tap == nil || !c.Tap(f.typ, c.in[c.start:c.start+n])) {
			err = c.item(&f)
		}
		if err != nil {
			return 0, fmt.Errorf("%w: worker's frame of type %d: %w", ErrMalformed, f.typ, err)
		}
		c.start += n
	}
}

func (c *Channel) item(f *frame) error {
	switch f.typ {
	case frameEnd:
		it := Item{Kind: ItemEnd, ID: f.id}
		switch f.code {
		case endDone:
		case endExit:
			it.Exited = true
		case endFailed:
			fault, err := parseFault(f.meta)
			if err != nil {
				return err
			}
			it.Err = fmt.Errorf("%w: %s", ErrScript, fault)
		default:
			return fmt.Errorf("end with code %d", f.code)
		}
		c.Items = append(c.Items, it)
		return nil
	case frameAck:
		c.Items = append(c.Items, Item{Kind: ItemLast, ID: f.id, Orderly: f.code == lastOrderly})
		return nil
	case frameBegun:
		c.Items = append(c.Items, Item{Kind: ItemBegun, ID: f.id})
		return nil
	case frameAlive:
		c.Items = append(c.Items, Item{Kind: ItemAlive, Memory: int64(min(f.fd, math.MaxInt64))})
		return nil
	}
	if err := c.reply.instruction(f, &Event{}); err != nil {
		return err
	}
	c.Items = append(c.Items, Item{Kind: ItemInstruction, Instruction: c.reply.instrs[len(c.reply.instrs)-1]})
	return nil
}
