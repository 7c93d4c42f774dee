package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// Key is one key and what its bearer may do.
type Key struct {
	Name  string // for the log
	Key   string // "" = read from File
	File  string // its first line is the key; read again when it changes
	Scope ops.Scope
}

// Why a caller is refused.
var (
	ErrWrongKey     = errors.New("wrong or missing key")
	ErrTooManyWrong = errors.New("too many wrong keys from this address, try again in a minute")
)

const (
	minKey = 16
	// maxWrong keys a minute from one address, and then none is looked at for a while.
	maxWrong   = 20
	wrongSpan  = time.Minute
	maxAddress = 10000 // remembered; with more of them, old ones are forgotten
	lookEvery  = time.Second
	// lookAgain is how soon a wrong key makes us look again
	lookAgain = 20 * time.Millisecond
)

// Keys holds the keys. Any goroutine may use it.
type Keys struct {
	log   *slog.Logger
	open  bool // nobody needs a key on a Unix socket
	wrong atomic.Uint64
	// generation grows when keys change, next is when their files are looked at again: unix nanoseconds
	generation atomic.Uint64
	next       atomic.Int64

	mu    sync.Mutex
	keys  []loaded
	tries map[string]*tries
	looks time.Time // when files were looked at last
}

type loaded struct {
	Key

	sum  [sha256.Size]byte
	seen time.Time // the file's change
	size int64
	bad  bool // the file could not be read
}

type tries struct {
	since time.Time
	n     int
}

// NewKeys reads the keys. Without any, everybody who gets to a Unix socket may do everything, and nobody elsewhere anything.
func NewKeys(list []Key, log *slog.Logger) (*Keys, error) {
	k := &Keys{log: log, open: len(list) == 0, tries: make(map[string]*tries)}
	for _, key := range list {
		l := loaded{Key: key}
		if err := l.load(); err != nil {
			return nil, fmt.Errorf("api: key %q: %w", key.Name, err)
		}
		k.keys = append(k.keys, l)
	}
	return k, nil
}

func (l *loaded) load() error {
	text := l.Key.Key
	if l.File != "" {
		info, err := os.Stat(l.File)
		if err != nil {
			return err //nolint:wrapcheck // it names the file
		}
		b, err := os.ReadFile(l.File)
		if err != nil {
			return err //nolint:wrapcheck // it names the file
		}
		text, _, _ = strings.Cut(string(b), "\n")
		l.seen, l.size = info.ModTime(), info.Size()
	}
	text = strings.TrimSpace(text)
	if len(text) < minKey {
		return fmt.Errorf("it has %d characters: write at least %d, such as those of `openssl rand -hex 32`", len(text), minKey)
	}
	l.sum = sha256.Sum256([]byte(text))
	return nil
}

// Wrong returns how many wrong keys there were.
func (k *Keys) Wrong() uint64 { return k.wrong.Load() }

// Generation is another number when keys have changed: who was authorized before has to be again. It is cheap.
func (k *Keys) Generation() uint64 {
	if now := time.Now(); now.UnixNano() >= k.next.Load() {
		k.mu.Lock()
		k.lookLocked(now)
		k.mu.Unlock()
	}
	return k.generation.Load()
}

// Authorize says what the bearer of a key may do, or ErrWrongKey or ErrTooManyWrong.
func (k *Keys) Authorize(from net.Addr, key []byte) (ops.Scope, error) {
	local := from == nil || from.Network() == "unix"
	if k.open && local {
		return ops.All(), nil
	}
	sum := sha256.Sum256(key)
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Now()
	address := ""
	if !local { // whoever gets to our Unix socket cannot lock out the others there
		address = hostOf(from)
		if t := k.tries[address]; t != nil && t.n >= maxWrong && now.Sub(t.since) < wrongSpan {
			return ops.Scope{}, ErrTooManyWrong
		}
	}
	looked := now.UnixNano() >= k.next.Load()
	if looked {
		k.lookLocked(now)
	}
	scope, found := k.findLocked(sum)
	if !found && !looked && now.Sub(k.looks) >= lookAgain {
		// A new key is good from the moment on at which it stands in its file.
		k.lookLocked(now)
		scope, found = k.findLocked(sum)
	}
	if found {
		return scope, nil
	}
	k.wrong.Add(1)
	k.log.Warn("api: wrong key", "from", address, "wrong_keys", k.wrong.Load())
	if !local {
		k.noteLocked(address, now)
	}
	return ops.Scope{}, ErrWrongKey
}

func (k *Keys) findLocked(sum [sha256.Size]byte) (scope ops.Scope, found bool) {
	for i := range k.keys { // all of them, so that the time tells nothing
		same := subtle.ConstantTimeCompare(sum[:], k.keys[i].sum[:])
		if same == 1 && !k.keys[i].bad {
			scope, found = k.keys[i].Scope, true
		}
	}
	return scope, found
}

func (k *Keys) noteLocked(address string, now time.Time) {
	if len(k.tries) >= maxAddress {
		for a, t := range k.tries {
			if now.Sub(t.since) >= wrongSpan {
				delete(k.tries, a)
			}
		}
		if len(k.tries) >= maxAddress {
			clear(k.tries)
		}
	}
	t := k.tries[address]
	if t == nil || now.Sub(t.since) >= wrongSpan {
		t = &tries{since: now}
		k.tries[address] = t
	}
	t.n++
}

// lookLocked reads key files again that have changed.
func (k *Keys) lookLocked(now time.Time) {
	k.looks = now
	k.next.Store(now.Add(lookEvery).UnixNano())
	for i := range k.keys {
		l := &k.keys[i]
		if l.File == "" {
			continue
		}
		info, err := os.Stat(l.File)
		if err == nil && info.ModTime().Equal(l.seen) && info.Size() == l.size && !l.bad {
			continue
		}
		next := *l
		if err = next.load(); err != nil {
			if !l.bad {
				k.log.Error("api: a key is off until its file is right", "key", l.Name, "err", err)
				k.generation.Add(1)
			}
			l.bad = true
			continue
		}
		next.bad = false
		*l = next
		k.generation.Add(1)
		k.log.Info("api: key read again", "key", l.Name)
	}
}

func hostOf(a net.Addr) string {
	host, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	return host
}
