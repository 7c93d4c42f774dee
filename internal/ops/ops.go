// Package ops is what can be done to connections from anywhere: push, close, rooms and users. It is one set of operations for
// three ways in: instructions in an answer, queries on a socket, and the HTTP API. It knows no encoding and carries nothing out.
//
// [Op] changes something and has a [Result]; [Query] asks and has an [Answer].
package ops

import (
	"fmt"
	"time"
	"unicode/utf8"
)

// Kind is what an operation does. Its values are the opcodes of docs/protocol.md section 12.
type Kind uint8

// The closed set of operations.
const (
	Push     Kind = 1
	Close    Kind = 2
	Join     Kind = 3 // the targets become members of Groups
	Leave    Kind = 4
	Dissolve Kind = 5 // Groups have no members any more; it has no targets
	Bind     Kind = 6 // UID is the user of the targets
	Unbind   Kind = 7
	// SetAttributes gives the targets other attributes, MergeAttributes changes those that they have: see [Merge].
	SetAttributes   Kind = 8
	MergeAttributes Kind = 9
)

// Limits of names and of what travels in control frames.
const (
	MaxName    = 255
	maxReason  = 123
	maxControl = 125
	maxOpcode  = 10
	// MaxWait is how long a push may wait.
	MaxWait = 30 * time.Second
)

// String is the name that JSON and logs use.
func (k Kind) String() string {
	if names := [...]string{"", "push", "close", "join", "leave", "dissolve", "bind", "unbind", "set_attributes", "merge_attributes"}; int(k) < len(names) && k > 0 {
		return names[k]
	}
	return "unknown"
}

// Kinds are all operations.
func Kinds() []Kind {
	return []Kind{Push, Close, Join, Leave, Dissolve, Bind, Unbind, SetAttributes, MergeAttributes}
}

// Set names connections: themselves, those of users, and those in groups. A connection that it names twice is in it once.
type Set struct {
	FDs    []uint64
	UIDs   []string
	Groups []string
}

// Len is how many names it has.
func (s *Set) Len() int { return len(s.FDs) + len(s.UIDs) + len(s.Groups) }

// Op is one operation. Its slices are the caller's; whoever carries it out copies what it keeps.
type Op struct {
	Kind   Kind
	All    bool // every WebSocket; To is empty
	To     Set
	Except Set

	Opcode uint8  // Push: of the frame
	Data   []byte // Push: the message
	// Wait, if it is not 0, is how long a push waits until what it sent has been written: Done is written then, and Late is not.
	// Stop, if it is not nil, ends the waiting when it is closed.
	Wait time.Duration
	Stop <-chan struct{}

	// Code and Reason are Close's. With Bind, a code that is not 0 closes the user's other connections.
	Code   uint16
	Reason string

	Groups []string // Join, Leave, Dissolve
	UID    string   // Bind

	Attributes []byte // SetAttributes, MergeAttributes: a JSON object

	room [2]Outcome
}

// Room returns room for the outcomes of a few targets, so that those of a Result need no memory of their own. It stands in the
// operation.
func (o *Op) Room() []Outcome { return o.room[:0] }

// Reset makes the operation another one of this kind. The room of its lists of targets stays.
func (o *Op) Reset(kind Kind) { *o = Op{Kind: kind, To: Set{FDs: o.To.FDs[:0]}} }

// Error is what is wrong with an operation or a query.
type Error struct {
	Field string // as JSON names it: to which part of the operation it belongs
	What  string
}

func (e *Error) Error() string { return e.Field + ": " + e.What }

func wrong(field, format string, args ...any) error {
	return &Error{field, fmt.Sprintf(format, args...)}
}

// Check says what is wrong with an operation, as an *Error, or nil. It writes Attributes anew, as the bridge keeps them.
func (o *Op) Check() (err error) {
	if err := o.checkTargets(); err != nil {
		return err
	}
	switch {
	case o.Kind != Push && o.Wait != 0:
		return wrong("wait", "%s does not wait", o.Kind)
	case o.Wait < 0 || o.Wait > MaxWait:
		return wrong("timeout_ms", "%d: want 1 to %d", o.Wait.Milliseconds(), MaxWait.Milliseconds())
	}
	if o.Kind != Push && (o.Opcode != 0 || len(o.Data) > 0) {
		return wrong("data", "%s has none", o.Kind)
	}
	if o.Kind != Close && o.Kind != Bind && (o.Code != 0 || o.Reason != "") {
		return wrong("code", "%s has none", o.Kind)
	}
	if o.Kind != Bind && o.UID != "" {
		return wrong("uid", "%s binds no user", o.Kind)
	}
	if o.Kind != Join && o.Kind != Leave && o.Kind != Dissolve && len(o.Groups) > 0 {
		return wrong("group", "%s joins, leaves and dissolves none", o.Kind)
	}
	attributes := o.Kind == SetAttributes || o.Kind == MergeAttributes
	if !attributes && o.Attributes != nil {
		return wrong("attributes", "%s has none", o.Kind)
	}
	switch o.Kind {
	case SetAttributes, MergeAttributes:
		o.Attributes, err = Attributes(o.Attributes)
		return err
	case Push:
		return o.checkPush()
	case Close:
		return o.checkClose()
	case Join, Leave, Dissolve:
		if len(o.Groups) == 0 {
			return wrong("group", "at least one group is needed")
		}
		return names("group", o.Groups)
	case Bind:
		if o.Code != 0 || o.Reason != "" {
			if err := o.checkClose(); err != nil {
				return err
			}
		}
		return names("uid", []string{o.UID})
	case Unbind:
		return nil
	}
	return wrong("do", "unknown operation %d", o.Kind)
}

func (o *Op) checkTargets() error {
	switch n := o.To.Len(); {
	case o.Kind == Dissolve && (n > 0 || o.All || o.Except.Len() > 0):
		return wrong("fd", "dissolve is about groups and has no targets")
	case o.Kind == Dissolve:
	case o.All && n > 0:
		return wrong("all", "all, and other targets next to it")
	case !o.All && n == 0:
		return wrong("fd", "no target: name fd, uid, group or all")
	}
	for _, s := range []struct {
		field string
		list  []string
	}{{"uid", o.To.UIDs}, {"group", o.To.Groups}, {"except.uid", o.Except.UIDs}, {"except.group", o.Except.Groups}} {
		if err := names(s.field, s.list); err != nil {
			return err
		}
	}
	return nil
}

func names(field string, list []string) error {
	for _, name := range list {
		if name == "" || len(name) > MaxName {
			return wrong(field, "a name of %d bytes: want 1 to %d", len(name), MaxName)
		}
	}
	return nil
}

func (o *Op) checkPush() error {
	switch {
	case o.Opcode > maxOpcode || o.Opcode == 0 || o.Opcode > 2 && o.Opcode < 9:
		return wrong("opcode", "%d: want 1 text, 2 binary, 9 ping or 10 pong", o.Opcode)
	case o.Opcode > 2 && len(o.Data) > maxControl:
		return wrong("data", "a ping or pong of %d bytes, at most %d are allowed", len(o.Data), maxControl)
	case o.Opcode == 1 && !utf8.Valid(o.Data):
		return wrong("data", "a text that is not valid UTF-8")
	}
	return nil
}

func (o *Op) checkClose() error {
	switch c := o.Code; {
	case c == 1000, c == 1001, c == 1003, c >= 1007 && c <= 1014, c >= 3000 && c <= 4999:
	default:
		return wrong("code", "%d: want 1000, 1001, 1003, 1007-1014 or 3000-4999", c)
	}
	switch {
	case len(o.Reason) > maxReason:
		return wrong("reason", "%d bytes, at most %d are allowed", len(o.Reason), maxReason)
	case !utf8.ValidString(o.Reason):
		return wrong("reason", "not valid UTF-8")
	}
	return nil
}
