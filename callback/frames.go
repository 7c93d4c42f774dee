package callback

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
)

// What frames from PHP may hold; docs/protocol.md section 4.
const (
	maxReason     = 123 // a close frame's 125 bytes without the code
	maxControl    = 125
	maxOpcode     = 10
	opcodeControl = 8 // the first opcode of control frames
	maxCloseCode  = 65535
	maxLogLevel   = 3
	endDone       = 0
	endFailed     = 1
	endExit       = 2
	endNotStarted = 3
	hashLen       = 8
	endOutdated   = 1 // flag
	closeFlags    = CloseBare | CloseReset | CloseNoWait
	pushFlags     = FlagFIN | FlagCompress
)

// decodeFrames decodes a framed answer: for each event its instructions and its end. It fills Results as far as events
// have an end, and returns how many have one; err says what was wrong with the next one, with its byte offset, and that
// event has its log lines. Nothing is copied: instructions point into body.
func (r *Reply) decodeFrames(body []byte, events []*Event, script string) (int, error) {
	pos := 0
	for n, ev := range events {
		start := len(r.instrs)
		for ended := false; !ended; {
			at := pos
			f, size, err := parseFrame(body[at:], maxFrame)
			if err == nil {
				if ended = f.typ == frameEnd; ended {
					err = r.end(n, start, ev, &f, script)
				} else {
					err = r.instruction(&f, ev)
				}
			}
			if err != nil {
				r.Results[n].Instructions = r.logsFrom(start)
				return n, fmt.Errorf("byte %d, event %d: %w", at, ev.ID, err)
			}
			pos += size
		}
	}
	if pos < len(body) {
		// Destructors and shutdown functions can print after the SDK is done. All ends are there, so it is only odd.
		r.printed(body[pos:])
	}
	return len(events), nil
}

// end sets the result of the n-th event, whose instructions begin at start.
func (r *Reply) end(n, start int, ev *Event, f *frame, script string) error {
	switch {
	case f.id != ev.ID:
		return fmt.Errorf("end of event %d", f.id)
	case len(f.payload) != hashLen:
		return fmt.Errorf("end with %d bytes instead of a hash", len(f.payload))
	case f.flags&^endOutdated != 0:
		return fmt.Errorf("end with flags %#x", f.flags)
	}
	result := &r.Results[n]
	switch f.code {
	case endDone, endExit:
		result.Instructions = r.instrs[start:len(r.instrs):len(r.instrs)]
	case endFailed:
		fault, err := parseFault(f.meta)
		if err != nil {
			return err
		}
		result.Outcome, result.Err = Failed, fmt.Errorf("%w: %s: %s", ErrScript, script, fault)
		result.Instructions = r.logsFrom(start)
	case endNotStarted:
		if n == 0 {
			// Accepted, it could be sent again for ever.
			return errors.New("end says not started, but no event before it ended the script")
		}
		if all := len(r.instrs); len(r.logsFrom(start)) != all-start {
			return errors.New("end says not started, after instructions")
		}
		result.Outcome, result.Err = NotStarted, ErrNotRun
		result.Instructions = r.instrs[start:len(r.instrs):len(r.instrs)]
	default:
		return fmt.Errorf("end with code %d", f.code)
	}
	r.hash, r.outdated = binary.BigEndian.Uint64(f.payload), f.flags&endOutdated != 0
	return nil
}

// instruction appends one frame that is not an end.
func (r *Reply) instruction(f *frame, ev *Event) error {
	switch f.typ {
	case uint8(KindPush):
		return r.push(f)
	case uint8(KindClose):
		return r.close(f)
	case uint8(KindLog):
		return r.log(f)
	case uint8(KindResponse):
		in, err := responseOf(f)
		if err == nil {
			r.instrs = append(r.instrs, in)
		}
		return err
	case uint8(KindSend):
		return r.send(f)
	case uint8(KindConnection):
		return r.connection(f)
	case uint8(KindOp):
		if ev.Type != Describe {
			return r.operation(f)
		}
	case frameDescription:
		if ev.Type == Describe {
			r.description, r.shared = f.meta, f.payload
			return nil
		}
	default:
		return r.job(f, ev)
	}
	return fmt.Errorf("frame of type %d is not allowed here", f.typ)
}

func (r *Reply) push(f *frame) error {
	list, err := r.targets(f, uint64(f.code)*fdLen)
	switch {
	case err != nil:
		return err
	case f.opcode > maxOpcode:
		return fmt.Errorf("push with opcode %d", f.opcode)
	case f.flags&^pushFlags != 0:
		return fmt.Errorf("push with flags %#x", f.flags)
	case f.opcode >= opcodeControl && len(f.payload) > maxControl:
		return fmt.Errorf("push with opcode %d and %d bytes, at most %d are allowed", f.opcode, len(f.payload), maxControl)
	}
	r.instrs = append(r.instrs, Instruction{
		Kind: KindPush, Opcode: f.opcode, Flags: f.flags, FD: f.fd, FDs: list, Data: f.payload,
	})
	return nil
}

func (r *Reply) close(f *frame) error {
	list, err := r.targets(f, uint64(len(f.meta)))
	switch {
	case err != nil:
		return err
	case f.flags&^closeFlags != 0:
		return fmt.Errorf("close with flags %#x", f.flags)
	case f.flags&CloseBare == 0 && (f.code == 0 || f.code > maxCloseCode):
		return fmt.Errorf("close with code %d", f.code)
	case len(f.payload) > maxReason:
		return fmt.Errorf("close with a reason of %d bytes, at most %d are allowed", len(f.payload), maxReason)
	}
	code := f.code
	if f.flags&CloseBare != 0 {
		code = 0
	}
	r.instrs = append(r.instrs, Instruction{
		Kind: KindClose, Flags: f.flags, Code: uint16(code), FD: f.fd, FDs: list, Data: f.payload,
	})
	return nil
}

// targets decodes the fds in meta, which must have want bytes, or returns nil if it is empty.
func (r *Reply) targets(f *frame, want uint64) ([]uint64, error) {
	n := len(f.meta)
	switch {
	case uint64(n) != want || n%fdLen != 0:
		return nil, fmt.Errorf("list of fds with %d bytes of meta", n)
	case n == 0:
		return nil, nil
	case f.fd != 0:
		return nil, fmt.Errorf("list of fds and fd %d", f.fd)
	}
	start := len(r.fds)
	for i := 0; i < n; i += fdLen {
		r.fds = append(r.fds, binary.BigEndian.Uint64(f.meta[i:]))
	}
	return r.fds[start:len(r.fds):len(r.fds)], nil
}

func (r *Reply) log(f *frame) error {
	if f.code > maxLogLevel {
		return fmt.Errorf("log with level %d", f.code)
	}
	in := Instruction{Kind: KindLog, Opcode: f.opcode, Code: uint16(f.code), FD: f.fd, Data: f.payload}
	if len(f.meta) > 0 {
		fault, err := parseFault(f.meta)
		if err != nil {
			return err
		}
		in.File, in.Line = fault.File, fault.Line
	}
	r.instrs = append(r.instrs, in)
	return nil
}

// fault is the meta of a failed end and of a log line, and what a description has when it failed.
type fault struct {
	Error string `json:"error"`
	File  string `json:"file"`
	Line  int    `json:"line"`
}

func parseFault(meta []byte) (f fault, err error) {
	if len(meta) > 0 {
		if err = json.Unmarshal(meta, &f); err != nil {
			err = fmt.Errorf("meta is not valid: %w", err)
		}
	}
	return f, err
}

func (f fault) String() string {
	s := f.Error
	if s == "" {
		s = "no reason given"
	}
	if f.File != "" {
		at := f.File
		if f.Line > 0 {
			at = fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		s = fmt.Sprintf("%s (%s)", s, at)
	}
	return s
}
