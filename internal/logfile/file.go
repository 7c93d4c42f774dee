package logfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// maxWaiting is what may wait to be written, in bytes. Lines over it are lost to the file, which is said there.
	maxWaiting = 4 << 20
	// checkEvery is how long lines may go to a file that has been moved away.
	checkEvery = time.Second
	// sayEvery is how often standard error hears that the file cannot be written.
	sayEvery = time.Minute
	// closeWait is how long the end waits for a disk.
	closeWait = 2 * time.Second
	fileMode  = 0o644
)

// file writes lines to the file of the settings, behind.
type file struct {
	log *Log
	// lowest is the least level that the file takes, for Enabled.
	lowest atomic.Int64

	mu       sync.Mutex // guards what follows
	settings Settings
	closed   bool
	chunks   []chunk       // what waits, in order
	waiting  int           // bytes of chunks
	missing  int           // lines that were too many, since the last one that was not
	anew     bool          // the file is to be opened again
	second   int64         // what date and name are of
	date     string        // "" = none yet
	name     string        // the file of that second
	wake     chan struct{} // holds one; nil = there is no writer
	done     chan struct{} // closed by the writer at its end

	// Owned by the writer.
	out     *os.File // nil = not open
	outName string
	twice   bool      // out is where standard error goes
	checked time.Time // when outName was looked at
	said    time.Time // when it was said that lines are lost
	torn    bool      // the last line is not whole
}

// chunk is lines that go to one file.
type chunk struct {
	name string
	b    []byte
}

// use is Log.Use.
func (f *file) use(s Settings) error {
	if s.File != "" {
		out, err := open(s.Name(f.log.o.Now()), os.O_CREATE)
		if err != nil {
			return err
		}
		_ = out.Close()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.settings, f.date, f.anew = s, "", true
	level := silent
	if s.File != "" && !f.closed {
		own, php := f.log.threshold(&s)
		level = min(own, php)
		if f.wake == nil {
			f.wake, f.done = make(chan struct{}, 1), make(chan struct{})
			go f.run(f.wake, f.done)
		}
	}
	f.lowest.Store(int64(level))
	f.pokeLocked()
	return nil
}

// reopen is Log.Reopen.
func (f *file) reopen() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.anew = true
	f.pokeLocked()
}

// close is Log.Close.
func (f *file) close() {
	f.mu.Lock()
	f.closed = true
	f.lowest.Store(int64(silent))
	f.pokeLocked()
	done := f.done
	f.mu.Unlock()
	if done == nil {
		return
	}
	select {
	case <-done:
	case <-time.After(closeWait): // a disk that hangs
	}
}

// pokeLocked wakes the writer, if there is one.
func (f *file) pokeLocked() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// add queues a line, if the file takes it. text formats its attributes.
func (f *file) add(ctx context.Context, text slog.Handler, r *slog.Record, php bool) {
	if int64(r.Level) < f.lowest.Load() {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &f.settings
	least, ofPHP := f.log.threshold(s)
	if php {
		least = ofPHP
	}
	if s.File == "" || f.closed || r.Level < least {
		return
	}
	if f.waiting > maxWaiting {
		f.missing++
		return
	}
	if second := r.Time.Unix(); second != f.second || f.date == "" {
		format := s.DateFormat
		if format == "" {
			format = defaultDate
		}
		f.second, f.date, f.name = second, strftime(format, r.Time), s.Name(r.Time)
	}
	if n := len(f.chunks); n == 0 || f.chunks[n-1].name != f.name {
		f.chunks = append(f.chunks, chunk{name: f.name})
	}
	c := &f.chunks[len(f.chunks)-1]
	before := len(c.b)
	if f.missing > 0 {
		lost := slog.NewRecord(r.Time, slog.LevelWarn, "the disk was too slow for lines that are missing here", 0)
		c.b = fmt.Appendf(appendHead(c.b, f.date, s, f.log.o.PID, &lost, false), " lines=%d\n", f.missing)
		f.missing = 0
	}
	c.b = appendHead(c.b, f.date, s, f.log.o.PID, r, php)
	rest := *r
	rest.Time, rest.Message = time.Time{}, ""
	_ = text.Handle(ctx, rest) // calls Write
	f.waiting += len(c.b) - before
	f.pokeLocked()
}

// Write takes a line without its time and message from slog's handler, which add calls with mu locked.
func (f *file) Write(line []byte) (int, error) {
	_, attrs, _ := bytes.Cut(line, []byte(`msg=""`))
	c := &f.chunks[len(f.chunks)-1]
	c.b = append(c.b, attrs...)
	return len(line), nil
}

// run is the writer.
func (f *file) run(wake <-chan struct{}, done chan<- struct{}) {
	defer close(done)
	for {
		<-wake
		f.mu.Lock()
		chunks, anew, closed, s := f.chunks, f.anew, f.closed, f.settings
		f.chunks, f.waiting, f.anew = nil, 0, false
		f.mu.Unlock()
		if anew {
			f.shut()
			f.checked = time.Time{}
		}
		if anew && s.File != "" && !closed {
			f.open(s.Name(f.log.o.Now()))
		}
		for _, c := range chunks {
			f.write(c)
		}
		if closed {
			f.shut()
			return
		}
	}
}

func (f *file) shut() {
	if f.out != nil {
		_ = f.out.Close()
		f.out = nil
	}
}

// open makes name the open file, unless it is that already. It looks at most once a second for one that was moved away, or could not be opened.
func (f *file) open(name string) {
	now := f.log.o.Now()
	if f.outName == name && now.Sub(f.checked).Abs() < checkEvery {
		return
	}
	if f.out != nil && f.outName == name && isAt(f.out, name) {
		f.checked = now
		return
	}
	f.shut()
	f.checked, f.outName = now, name
	out, err := open(name, os.O_CREATE)
	if err != nil {
		f.fail(err)
		return
	}
	f.out, f.torn = out, false
	info, err := out.Stat()
	f.twice = err == nil && f.log.isOut(info)
}

// write writes a chunk, with one system call as a rule.
func (f *file) write(c chunk) {
	f.open(c.name)
	if f.out == nil || f.twice {
		return
	}
	if f.torn {
		c.b = append([]byte{'\n'}, c.b...)
	}
	n, err := f.out.Write(c.b)
	if n > 0 {
		f.torn = c.b[n-1] != '\n'
	}
	if err != nil {
		f.fail(err)
	}
}

// fail says that lines are lost to the file, not too often.
func (f *file) fail(err error) {
	if now := f.log.o.Now(); f.said.IsZero() || now.Sub(f.said) >= sayEvery {
		f.said = now
		f.log.complain(slog.LevelError, "the log file cannot be written, lines are missing in it", slog.String("file", f.outName), slog.Any("err", err))
	}
}

// isAt reports whether an open file still has that name.
func isAt(f *os.File, name string) bool {
	at, err := os.Stat(name)
	if err != nil {
		return false
	}
	info, err := f.Stat()
	return err == nil && os.SameFile(at, info)
}

var (
	errNoFile  = errors.New("it is neither a file nor a terminal nor a pipe")
	errForeign = errors.New("it is a link of another user, who could make it point anywhere")
)

// open opens a file to append to it. A link has to be root's or our own: in a folder that PHP can write, it would have us append to files that
// PHP cannot. A pipe that nobody reads is an error.
func open(name string, create int) (*os.File, error) {
	flags := os.O_WRONLY | os.O_APPEND | syscall.O_NONBLOCK | create
	info, err := os.Lstat(name)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err //nolint:wrapcheck // it names the file
	case err == nil && info.Mode()&fs.ModeSymlink != 0:
		if st, ok := info.Sys().(*syscall.Stat_t); !ok || st.Uid != 0 && int(st.Uid) != os.Geteuid() {
			return nil, fmt.Errorf("%s: %w", name, errForeign)
		}
	default:
		flags |= syscall.O_NOFOLLOW
	}
	f, err := os.OpenFile(name, flags, fileMode)
	if err != nil {
		return nil, err //nolint:wrapcheck // it names the file
	}
	info, err = f.Stat()
	if err == nil && !slices.Contains([]fs.FileMode{0, fs.ModeDevice | fs.ModeCharDevice, fs.ModeNamedPipe}, info.Mode().Type()) {
		err = fmt.Errorf("%s: %w", name, errNoFile)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// Check says why the file could not be written now, and leaves everything as it is.
func (s *Settings) Check(at time.Time) error {
	if s.File == "" {
		return nil
	}
	name := s.Name(at)
	f, err := open(name, 0)
	if err == nil {
		return f.Close() //nolint:wrapcheck // nothing was written
	}
	if _, lost := os.Lstat(name); !errors.Is(lost, fs.ErrNotExist) {
		return err
	}
	if f, err = os.CreateTemp(filepath.Dir(name), ".log.*"); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
