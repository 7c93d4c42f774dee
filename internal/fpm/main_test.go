package fpm_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fpmbridge/fpmbridge/internal/fpm"
)

// helperEnv turns this test binary into a bridge that a test can kill.
const helperEnv = "FPMBRIDGE_TEST_HELPER"

func TestMain(m *testing.M) {
	if os.Getenv(helperEnv) != "" {
		os.Exit(helper())
	}
	goleak.VerifyTestMain(m)
}

// helper starts a php-fpm, says where, and waits to be killed.
func helper() int {
	s, err := fpm.Start(context.Background(), fpm.Options{MaxChildren: 2})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(s.PID(), s.Dir())
	select {}
}

// group lists the living processes of a process group. Zombies do not count: only their parent can end those.
func group(t *testing.T, pgid int) []int {
	t.Helper()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("needs /proc")
	}
	names, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			continue // it ended meanwhile
		}
		// pid (comm) state ppid pgrp; comm may hold anything.
		f := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
		if f[0] != "Z" && f[0] != "X" && f[2] == strconv.Itoa(pgid) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			pids = append(pids, pid)
		}
	}
	return pids
}

// eventually polls processes of the kernel, which cannot tell us when they change.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not in time: %s", what)
		}
	}
}

func readHelper(t *testing.T, out io.Reader) (pid int, dir string) {
	t.Helper()
	if _, err := fmt.Fscanln(out, &pid, &dir); err != nil {
		t.Fatal(err)
	}
	return pid, dir
}
