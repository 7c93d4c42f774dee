package cliphp

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// maxLine is what one line of the log takes; a longer one comes in pieces.
const maxLine = 16 << 10

// lines writes what is printed to the log until its end. An empty line is none.
func (l *Launcher) lines(r io.Reader, level slog.Level, attrs []slog.Attr) {
	br := bufio.NewReaderSize(r, maxLine)
	for {
		line, err := br.ReadSlice('\n')
		text := string(line)
		for n := len(text); n > 0 && (text[n-1] == '\n' || text[n-1] == '\r'); n-- {
			text = text[:n-1]
		}
		if text != "" {
			l.opts.Log.LogAttrs(context.Background(), level, "php", append([]slog.Attr{slog.String("text", text)}, attrs...)...)
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
	}
}

// closeOnExec keeps descriptors that we inherited from the processes that we start, or closes them now. Those that Go opens are kept from
// them anyway.
func closeOnExec(now bool) {
	names, err := filepath.Glob("/proc/self/fd/*")
	if err != nil || len(names) == 0 {
		names, _ = filepath.Glob("/dev/fd/*") // the pattern is right
	}
	for _, name := range names {
		fd, err := strconv.Atoi(filepath.Base(name))
		if err != nil || fd <= int(os.Stderr.Fd()) {
			continue
		}
		flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFD, 0)
		switch {
		case errno != 0 || flags&syscall.FD_CLOEXEC != 0: // it has gone, or it is ours
		case now:
			_ = syscall.Close(fd)
		default:
			syscall.CloseOnExec(fd)
		}
	}
}
