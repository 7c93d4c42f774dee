package callback

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeShared answers with what it was asked. Operation 9 waits until somebody sends operation 10.
type fakeShared struct {
	mu      sync.Mutex
	seen    []string
	waiting chan struct{}
	wake    chan struct{}
	left    chan uint64
}

func newFakeShared() *fakeShared {
	return &fakeShared{waiting: make(chan struct{}, 10), wake: make(chan struct{}, 10), left: make(chan uint64, 10)}
}

func (s *fakeShared) Do(q SharedQuery, dst []byte) (SharedReply, []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, fmt.Sprintf("%d.%d key %d code %d %q", q.Kind, q.Op, q.Key, q.Code, q.Payload))
	switch q.Op {
	case 9:
		return SharedReply{Wait: true}, dst
	case 10:
		s.wake <- struct{}{}
	case 11:
		return SharedReply{Code: 507, Value: 2, Error: `no "room"`}, dst
	}
	return SharedReply{Value: q.Key + 1}, append(dst, q.Payload...)
}

func (s *fakeShared) Wait(ctx context.Context, _ SharedQuery) SharedReply {
	s.waiting <- struct{}{}
	select {
	case <-s.wake:
		return SharedReply{Value: 77}
	case <-ctx.Done():
		return SharedReply{Code: 408}
	}
}

func (s *fakeShared) Leave(owner uint64) { s.left <- owner }

func sharedQuery(typ, op uint8, id, key uint64, payload string) frame {
	return frame{typ: typ, opcode: op, id: id, fd: key, payload: []byte(payload)}
}

func TestSharedMemoryQueries(t *testing.T) {
	fake := newFakeShared()
	_, dial := unixServer(t, func(o *ServerOptions) { o.Shared = fake })
	conn := dial()
	flagged := sharedQuery(frameLock, 1, 5, 1, "")
	flagged.flags = 1
	send(t, conn, helloFrame(), sharedQuery(frameTable, 1, 2, 40, "row"), query(frameCount, 3, 0, 0), sharedQuery(frameAtomic, 11, 4, 1, ""), flagged)
	expect(t, conn, "id=2 code=0 fd=41  726f77", "id=3 code=0 fd=3", `id=4 code=507 fd=2 {"error":"no \"room\""}`, "id=5 code=400")
	// A table's query may be as large as any frame; others may not.
	large := strings.Repeat("x", 3*maxQuery)
	send(t, conn, sharedQuery(frameTable, 1, 6, 1, large))
	if _, err := conn.Write(encodeFrames(sharedQuery(frameAtomic, 1, 7, 1, large))[:frameHeaderLen]); err != nil {
		t.Fatal(err)
	}
	expect(t, conn, "id=6 code=0", "id=7 code=400")
	if owner := <-fake.left; owner != 1 {
		t.Errorf("owner %d left", owner)
	}
}

func TestWithoutSharedMemory(t *testing.T) {
	_, dial := unixServer(t, nil)
	conn := dial()
	send(t, conn, helloFrame(), sharedQuery(frameLock, 1, 2, 1, ""))
	expect(t, conn, "id=2 code=501")
}

// One that waits holds up nobody, gets what it sent ahead answered, and is let go when it dies.
func TestWaitingOnSharedMemory(t *testing.T) {
	fake := newFakeShared()
	_, dial := unixServer(t, func(o *ServerOptions) { o.Shared = fake })
	a, b := dial(), dial()
	send(t, a, helloFrame(), query(frameCount, 1, 0, 0), sharedQuery(frameLock, 9, 2, 1, ""))
	<-fake.waiting
	expect(t, a, "id=1 code=0 fd=3") // did not have to wait for id 2
	send(t, a, query(frameCount, 3, 0, 0))
	send(t, b, helloFrame(), query(frameCount, 4, 0, 0), sharedQuery(frameLock, 10, 5, 1, ""))
	expect(t, b, "id=4 code=0 fd=3", "id=5 code=0")
	expect(t, a, "id=2 code=0 fd=77", "id=3 code=0 fd=3")
	send(t, a, query(frameCount, 6, 0, 0))
	expect(t, a, "id=6 code=0 fd=3")

	send(t, a, sharedQuery(frameLock, 9, 7, 1, ""))
	<-fake.waiting
	_ = a.Close()
	select {
	case <-fake.left:
	case <-time.After(10 * time.Second):
		t.Error("a dead peer waits on")
	}
}

// A wait that ends is not taken for a peer that left, which would give its locks to others.
func TestWaitsThatEndLeaveThePeerConnected(t *testing.T) {
	fake := newFakeShared()
	_, dial := unixServer(t, func(o *ServerOptions) { o.Shared = fake })
	conn := dial()
	send(t, conn, helloFrame())
	for id := uint64(1); id <= 2000; id++ {
		fake.wake <- struct{}{}
		send(t, conn, sharedQuery(frameLock, 9, id, 1, ""))
		select {
		case <-fake.waiting:
		case owner := <-fake.left:
			t.Fatalf("before query %d owner %d was taken for gone", id, owner)
		}
		expect(t, conn, fmt.Sprintf("id=%d code=0 fd=77", id))
	}
}

func TestDescribeDefinesWhatIsShared(t *testing.T) {
	meta := fixtures[descriptionFixture](t, "descriptions.json")[0].Meta
	table := sharedQuery(frameTable, 0, 0, 5, "definition")
	atomic := sharedQuery(frameAtomic, 0, 0, 6, "\x00\xff")
	for _, test := range []struct {
		name    string
		payload []byte
		want    []string
		err     string
	}{
		{"nothing", nil, nil, ""},
		{"two", encodeFrames(table, atomic), []string{`140.0 key 5 code 0 "definition"`, `141.0 key 6 code 0 "\x00\xff"`}, ""},
		{"an operation", encodeFrames(sharedQuery(frameTable, 1, 0, 5, "")), nil, "not a list of definitions"},
		{"another type", encodeFrames(query(frameCount, 0, 0, 0)), nil, "not a list of definitions"},
		{"cut", encodeFrames(table)[:40], nil, "breaks off"},
	} {
		description := describeFrame(meta)
		description.payload = test.payload
		client := fakeFPM(t, func(*fakeRequest) fakeAnswer {
			return fakeAnswer{stdout: framesAnswer(description, endFrame(0, 0))}
		})
		fake := newFakeShared()
		s := newScript(t, client, func(o *ScriptOptions) { o.Encoding, o.Shared, o.SharedDriver = Auto, fake, "apcu" })
		_, err := s.Describe(t.Context())
		if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
			t.Errorf("%s: %v", test.name, err)
		}
		if !slices.Equal(fake.seen, test.want) {
			t.Errorf("%s: %q", test.name, fake.seen)
		}
	}
}

// FuzzDefineShared: a description's payload never does harm.
func FuzzDefineShared(f *testing.F) {
	f.Add(encodeFrames(sharedQuery(frameTable, 0, 0, 5, "definition"), sharedQuery(frameLock, 0, 0, 6, "")))
	f.Add(binary.BigEndian.AppendUint32(nil, 1<<31))
	f.Fuzz(func(_ *testing.T, b []byte) {
		s := &Script{opts: ScriptOptions{Shared: newFakeShared()}}
		_ = s.defineShared(b)
	})
}
