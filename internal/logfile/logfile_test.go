package logfile

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fpmbridge/fpmbridge/internal/testlog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a time that the test moves.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
}

// at gives records the clock's time, as slog has its own.
type at struct {
	slog.Handler
	c *clock
}

func (a at) Handle(ctx context.Context, r slog.Record) error {
	r.Time = a.c.now()
	return a.Handler.Handle(ctx, r) //nolint:wrapcheck // a test's
}

func (a at) WithAttrs(attrs []slog.Attr) slog.Handler { return at{a.Handler.WithAttrs(attrs), a.c} }
func (a at) WithGroup(name string) slog.Handler       { return at{a.Handler.WithGroup(name), a.c} }

type fixture struct {
	*Log
	t      *testing.T
	dir    string
	clock  *clock
	logger *slog.Logger
	stderr testlog.Buffer
}

func newFixture(t *testing.T, change func(o *Options)) *fixture {
	t.Helper()
	f := &fixture{t: t, dir: t.TempDir(), clock: &clock{t: time.Date(2026, time.November, 23, 8, 5, 9, 42_000, time.UTC)}}
	o := Options{
		Stderr: slog.NewTextHandler(&f.stderr, &slog.HandlerOptions{Level: slog.LevelInfo}), PID: 7, Now: f.clock.now,
		OfPHP: func(r *slog.Record) bool { return r.Message == "php" },
	}
	if change != nil {
		change(&o)
	}
	f.Log = New(o)
	f.logger = slog.New(at{f.Handler(), f.clock})
	t.Cleanup(f.Close)
	return f
}

func (f *fixture) path(name string) string { return filepath.Join(f.dir, name) }

func (f *fixture) use(s Settings) {
	f.t.Helper()
	if err := f.Use(s); err != nil {
		f.t.Fatal(err)
	}
}

// want waits until a file has that text.
func (f *fixture) want(name, text string) {
	f.t.Helper()
	var got []byte
	for range 1000 {
		if got, _ = os.ReadFile(f.path(name)); string(got) == text {
			return
		}
		<-time.After(5 * time.Millisecond)
	}
	f.t.Fatalf("%s: got %q, want %q", name, got, text)
}

func TestLines(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.logger.Info("before there is a file")
	f.use(Settings{File: f.path("a.log")})
	f.logger.Info("served", "connections", 3, "text", "a \"b\"\nc")
	f.logger.With("fd", 5).WithGroup("g").Warn("slow", "n", 1)
	f.logger.Error("php", "text", "Fatal error", "msg", "x", "level", "y")
	f.logger.Debug("php")
	want := "[2026-11-23 08:05:09 #7.0]\tINFO\tserved connections=3 text=\"a \\\"b\\\"\\nc\"\n" +
		"[2026-11-23 08:05:09 #7.0]\tWARNING\tslow fd=5 g.n=1\n" +
		"[2026-11-23 08:05:09 *7.0]\tERROR\tphp text=\"Fatal error\" msg=x level=y\n"
	f.want("a.log", want)
	if log := f.stderr.String(); strings.Count(log, "\n") != 4 || !strings.Contains(log, `level=WARN msg=slow fd=5 g.n=1`) {
		t.Errorf("standard error has %q", log)
	}
	f.use(Settings{File: f.path("b.log"), DateFormat: "%d.%m.%y", Microseconds: true})
	f.logger.Info("x")
	f.want("b.log", "[23.11.26<.000042> #7.0]\tINFO\tx\n")
	f.use(Settings{})
	f.logger.Info("to nobody else")
	f.Close()
	f.logger.Info("late")
	f.want("a.log", want)
	if !strings.Contains(f.stderr.String(), "late") {
		t.Error("after Close nothing is logged")
	}
}

// Who logs waits for nobody, and what was logged before Close is in the file.
func TestCloseWritesWhatIsLeft(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	f.use(Settings{File: f.path("a.log")})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 200 {
				f.logger.Info("line", "by", i, "n", j)
				if j%50 == 0 {
					f.Reopen()
				}
			}
		})
	}
	wg.Wait()
	f.Close()
	b, err := os.ReadFile(f.path("a.log"))
	if err != nil || strings.Count(string(b), "\n") != 1600 {
		t.Errorf("%d lines, %v", strings.Count(string(b), "\n"), err)
	}
	for line := range strings.Lines(string(b)) {
		if !strings.HasPrefix(line, "[2026-11-23 08:05:09 #7.0]\tINFO\tline by=") {
			t.Fatalf("a torn line: %q", line)
		}
	}
}

// What each level of Swoole leaves of a debug, info, warn and error line, and of an info line of PHP: in the file and on standard error.
func TestLevels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		level        any
		file, stderr string
	}{
		{nil, "iwep", "iwep"},
		{0.0, "iwep", "iwep"},
		{1.0, "iwep", "iwep"},
		{"2", "iwep", "iwep"},
		{3.0, "wep", "wep"},
		{4.0, "wep", "wep"},
		{5.0, "ep", "ep"},
		{6.0, "p", "ep"},
		{99.0, "p", "ep"},
		{-1.0, "iwep", "iwep"},
	} {
		for _, fixed := range []bool{false, true} {
			f := newFixture(t, func(o *Options) {
				if o.Fixed = fixed; fixed {
					o.Level = slog.LevelWarn
				}
			})
			s := Settings{File: f.path("a.log")}
			if c.level != nil {
				if err := setLevel(&s, "", c.level); err != nil {
					t.Fatal(err)
				}
			}
			f.use(s)
			f.Quieten(&s)
			for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
				f.logger.Log(t.Context(), level, strings.ToLower(level.String()[:1])) //nolint:sloglint // one letter each
			}
			f.logger.Info("php")
			f.Close()
			b, _ := os.ReadFile(f.path("a.log"))
			file, stderr := "", ""
			for _, m := range regexp.MustCompile(`\t([a-z])`).FindAllStringSubmatch(string(b), -1) {
				file += m[1]
			}
			for _, m := range regexp.MustCompile(`msg=([a-z])`).FindAllStringSubmatch(f.stderr.String(), -1) {
				stderr += m[1]
			}
			wantFile, wantStderr := c.file, c.stderr
			if fixed {
				wantFile, wantStderr = "we", "we"
			}
			if file != wantFile || stderr != wantStderr {
				t.Errorf("level %v, fixed %v: %q and %q, want %q and %q", c.level, fixed, file, stderr, wantFile, wantStderr)
			}
		}
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	for rotation, suffixes := range map[Rotation][2]string{
		Monthly: {"202612", "202701"}, Daily: {"20261231", "20270101"}, Hourly: {"2026123123", "2027010100"}, EveryMinute: {"202612312359", "202701010000"},
	} {
		f := newFixture(t, nil)
		f.clock.set(time.Date(2026, time.December, 31, 23, 59, 59, 0, time.UTC))
		f.use(Settings{File: f.path("a.log"), Rotation: rotation})
		f.want("a.log."+suffixes[0], "") // at once
		f.logger.Info("old")
		f.clock.set(f.clock.now().Add(time.Second))
		f.logger.Info("new")
		f.want("a.log."+suffixes[0], "[2026-12-31 23:59:59 #7.0]\tINFO\told\n")
		f.want("a.log."+suffixes[1], "[2027-01-01 00:00:00 #7.0]\tINFO\tnew\n")
		if _, err := os.Stat(f.path("a.log")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("rotation %d: %v", rotation, err)
		}
	}
}

// logrotate moves the file: at the latest a second later lines go to a new one, with Reopen at once.
func TestMovedFile(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	line := func(text string) string { return "[#7.0]\tINFO\t" + text + "\n" }
	f.use(Settings{File: f.path("a.log"), DateFormat: "x"})
	want := func(name, text string) {
		t.Helper()
		f.want(name, strings.ReplaceAll(text, "[#", "[x #"))
	}
	f.logger.Info("one")
	want("a.log", line("one"))
	move := func(to string) {
		if err := os.Rename(f.path("a.log"), f.path(to)); err != nil {
			t.Fatal(err)
		}
	}
	move("a.1")
	f.clock.set(f.clock.now().Add(checkEvery - 1))
	f.logger.Info("two")
	want("a.1", line("one")+line("two"))
	f.clock.set(f.clock.now().Add(1))
	f.logger.Info("three")
	want("a.log", line("three"))
	move("a.2")
	f.Reopen()
	want("a.log", "")
	f.logger.Info("four")
	want("a.log", line("four"))
	want("a.2", line("three"))
	if err := os.Truncate(f.path("a.log"), 0); err != nil { // copytruncate
		t.Fatal(err)
	}
	f.logger.Info("five")
	want("a.log", line("five"))
	if log := f.stderr.String(); strings.Contains(log, "cannot") {
		t.Error(log)
	}
}

// A full disk is said on standard error, once a minute, and stops nothing.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip(err)
	}
	f := newFixture(t, nil)
	f.use(Settings{File: "/dev/full"})
	said := func(n int) {
		t.Helper()
		for range 1000 {
			if strings.Count(f.stderr.String(), "no space left on device") == n {
				return
			}
			<-time.After(5 * time.Millisecond)
		}
		t.Fatalf("want it %d times: %s", n, f.stderr.String())
	}
	f.logger.Info("one")
	said(1)
	f.logger.Info("two")
	f.use(Settings{File: "/dev/full"})
	f.clock.set(f.clock.now().Add(sayEvery))
	f.logger.Info("three")
	said(2)
	f.use(Settings{File: f.path("a.log")})
	f.logger.Info("four")
	f.want("a.log", "[2026-11-23 08:06:09 #7.0]\tINFO\tfour\n")
}

// The folder goes away and comes back.
func TestFolderGoesAway(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	folder := f.path("logs")
	for _, make := range []bool{true, false, true} {
		if make {
			if err := os.Mkdir(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			if f.stderr.String() == "" {
				f.use(Settings{File: f.path("logs/a.log"), DateFormat: "x"})
			}
			f.clock.set(f.clock.now().Add(checkEvery))
			f.logger.Info("here")
			f.want("logs/a.log", "[x #7.0]\tINFO\there\n")
			continue
		}
		if err := os.RemoveAll(folder); err != nil {
			t.Fatal(err)
		}
		f.clock.set(f.clock.now().Add(checkEvery))
		f.logger.Info("lost")
		for range 1000 {
			if strings.Contains(f.stderr.String(), "no such file") {
				break
			}
			<-time.After(5 * time.Millisecond)
		}
	}
	if n := strings.Count(f.stderr.String(), "lines are missing in it"); n != 1 {
		t.Errorf("said %d times", n)
	}
}

// Nobody reads a pipe: lines over the limit are lost, and counted, and who logs does not wait.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	if err := syscall.Mkfifo(f.path("pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Use(Settings{File: f.path("pipe")}); !errors.Is(err, syscall.ENXIO) {
		t.Fatalf("nobody reads, and: %v", err)
	}
	reader, err := os.OpenFile(f.path("pipe"), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	f.use(Settings{File: f.path("pipe")})
	long := strings.Repeat("x", 64<<10)
	const lines = 300 // 19 MB
	for range lines {
		f.logger.Info("long", "text", long)
	}
	got, lost := 0, -1
	in := bufio.NewScanner(reader)
	in.Buffer(nil, 1<<20)
	for lost < 0 && in.Scan() {
		if strings.Contains(in.Text(), "long text=") {
			got++
		} else if _, err := fmt.Sscanf(in.Text(), "[2026-11-23 08:05:09 #7.0]\tWARNING\tthe disk was too slow for lines that are missing here lines=%d", &lost); err != nil {
			t.Fatal(in.Text())
		}
		f.logger.Info("end")
	}
	if got+lost < lines {
		t.Errorf("%d lines came, %d are said to be lost, of %d", got, lost, lines)
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(os.Symlink(p("target"), p("link")), os.Symlink(p("none/x"), p("nowhere")), os.WriteFile(p("file"), []byte("old\n"), 0o600), os.WriteFile(p("target"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		p("new"): "", p("file"): "", p("link"): "", "/dev/null": "", dir: "is a directory", p("nowhere"): "no such file", p("none/x"): "no such file", p("file/x"): "not a directory",
		p("nul\x00"): "invalid argument",
	} {
		before, _ := os.ReadDir(dir)
		s := Settings{File: name}
		checked := s.Check(time.Now())
		if after, _ := os.ReadDir(dir); len(after) != len(before) {
			t.Errorf("%s: Check left something", name)
		}
		f, err := open(name, os.O_CREATE)
		if err == nil {
			_ = f.Close()
		}
		for _, err := range []error{checked, err} {
			if bad == "" && err != nil || bad != "" && (err == nil || !strings.Contains(err.Error(), bad)) {
				t.Errorf("%s: got %v, want %q", name, err, bad)
			}
		}
	}
	if info, err := os.Stat(p("new")); err != nil || info.Mode().Perm()&^0o644 != 0 {
		t.Error(info, err)
	}
	if b, _ := os.ReadFile(p("file")); string(b) != "old\n" {
		t.Errorf("%q", b)
	}
	if os.Geteuid() != 0 {
		return
	}
	const nobody = 65534
	if err := os.Lchown(p("link"), nobody, nobody); err != nil {
		t.Fatal(err)
	}
	if _, err := open(p("link"), os.O_CREATE); !errors.Is(err, errForeign) {
		t.Error(err)
	}
}

// A log_file that is standard error's gets each line once.
func TestSameFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "all.log")
	out, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	l := New(Options{Stderr: slog.NewTextHandler(out, nil), Out: out})
	if err := l.Use(Settings{File: name}); err != nil {
		t.Fatal(err)
	}
	slog.New(l.Handler()).Info("once")
	l.Close()
	if b, _ := os.ReadFile(name); strings.Count(string(b), "once") != 1 {
		t.Errorf("%q", b)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	all := make(map[string]Setting)
	for _, s := range All() {
		all[s.Name] = s
	}
	for _, c := range []struct {
		name  string
		value any
		want  Settings
		bad   string
	}{
		{"log_file", "a.log", Settings{File: "/srv/a.log"}, ""},
		{"log_file", "/x/a.log", Settings{File: "/x/a.log"}, ""},
		{"log_file", "", Settings{}, ""},
		{"log_file", nil, Settings{}, ""},
		{"log_file", false, Settings{}, ""},
		{"log_file", 5.0, Settings{}, "no text"},
		{"log_level", "much", Settings{}, "INFO is used"},
		{"log_level", 4.0, Settings{Level: 5}, ""},
		{"log_level", []any{}, Settings{}, "INFO is used"},
		{"log_rotation", 1.0, Settings{Rotation: Monthly}, ""},
		{"log_rotation", "4", Settings{Rotation: EveryMinute}, ""},
		{"log_rotation", 9.0, Settings{Rotation: Daily}, "no rotation 9"},
		{"log_rotation", "daily", Settings{}, "not rotated"},
		{"log_rotation", nil, Settings{}, ""},
		{"log_date_format", "%Y", Settings{DateFormat: "%Y"}, ""},
		{"log_date_format", "", Settings{}, "0 bytes"},
		{"log_date_format", strings.Repeat("x", 128), Settings{}, "128 bytes"},
		{"log_date_format", "%Y %Q", Settings{DateFormat: "%Y %Q"}, "%Q is no conversion"},
		{"log_date_format", 7.0, Settings{}, "no text"},
		{"log_date_with_microseconds", true, Settings{Microseconds: true}, ""},
		{"log_date_with_microseconds", "0", Settings{}, ""},
	} {
		var got Settings
		err := all[c.name].Apply(&got, "/srv", c.value)
		if got != c.want || (c.bad == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.bad) {
			t.Errorf("%s = %v: %+v, %v", c.name, c.value, got, err)
		}
	}
	if s := (&Settings{File: "/dev/stdout", Rotation: Daily}); s.Name(time.Now()) != s.File {
		t.Error(s.Name(time.Now()))
	}
	if s := (&Settings{Level: 6}); s.LevelName() != "ERROR" || (&Settings{}).LevelName() != "INFO" {
		t.Error(s.LevelName())
	}
}

// The system's own date(1) is the judge.
func TestStrftime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at     time.Time
		format string
		want   string
	}{
		{time.Date(2026, 1, 2, 0, 5, 9, 0, time.UTC), "%a %A %b %B %h", "Fri Friday Jan January Jan"},
		{time.Date(2026, 1, 2, 0, 5, 9, 0, time.UTC), "%c|%D|%F|%r|%R|%T|%x|%X", "Fri Jan  2 00:05:09 2026|01/02/26|2026-01-02|12:05:09 AM|00:05|00:05:09|01/02/26|00:05:09"},
		{time.Date(2026, 1, 2, 13, 5, 9, 0, time.UTC), "%C %y %Y %G %g %V %j %U %W %u %w", "20 26 2026 2026 26 01 002 00 00 5 5"},
		{time.Date(2027, 1, 3, 13, 5, 9, 0, time.UTC), "%G %g %V %j %U %W %u %w", "2026 26 53 003 01 00 7 0"},
		{time.Date(2026, 12, 28, 13, 5, 9, 0, time.UTC), "%V %U %W %u", "53 52 52 1"},
		{time.Date(2026, 1, 2, 13, 5, 9, 0, time.UTC), "%d %e %H %I %k %l %m %M %S %p %P %s", "02  2 13 01 13  1 01 05 09 PM pm 1767359109"},
		{time.Date(2026, 1, 2, 3, 5, 9, 0, time.FixedZone("CET", 3600)), "%z %Z %k", "+0100 CET  3"},
		{time.Date(2026, 1, 2, 13, 5, 9, 0, time.UTC), "%n%t%%", "\n\t%"},
		{time.Date(2026, 1, 2, 13, 5, 9, 0, time.UTC), "%-d %_d %0e %^b %Ey %Od %-j", "2  2 02 JAN 26 02 2"},
		{time.Date(2026, 1, 2, 13, 5, 9, 0, time.UTC), "%Q %5Y % %", "%Q %5Y % %"},
		{time.Date(2026, 1, 2, 13, 5, 9, 0, time.UTC), "%_", "%_"},
	} {
		if got := strftime(c.format, c.at); got != c.want {
			t.Errorf("%s: got %q, want %q", c.format, got, c.want)
		}
	}
	if bad := unknown("%Y %Q %!"); bad != "%Q" || unknown("%F %-d %Ey %%") != "" {
		t.Error(bad)
	}
}

func FuzzSettings(f *testing.F) {
	for _, format := range []string{"%F %T", "%", "%_", "%EE", "%5Y", "%-%", "\xff%\xff"} {
		f.Add(format, 3.5)
	}
	f.Fuzz(func(t *testing.T, text string, n float64) {
		for _, setting := range All() {
			for _, v := range []any{text, n, nil, true, []any{text}} {
				var s Settings
				_ = setting.Apply(&s, "/srv", v)
				if s.LevelName() == "" || !slices.Contains([]Rotation{Single, Monthly, Daily, Hourly, EveryMinute}, s.Rotation) || s.DateFormat != "" && len(strftime(s.DateFormat, time.Now())) > 2*maxDate {
					t.Errorf("%s = %v: %+v", setting.Name, v, s)
				}
			}
		}
	})
}
