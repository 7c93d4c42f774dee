package arch_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module          = "github.com/fpmbridge/fpmbridge"
	maxFileLines    = 400
	maxPackageLines = 3000
	maxMainLines    = 80
	// The contract with PHP is one package: each event, instruction and query adds to it.
	maxCallbackLines = 4500
	// What is left in bridge are sessions (one state machine, from accept over HTTP and the upgrade to the end), the dispatcher that
	// hands events of their mailboxes to PHP, and the router that carries the answers out. They share
	// locks and wake each other, so a cut through them would export their insides. What stands alone is below bridge/.
	maxBridgeLines = 5000
)

// pkg is what `go list -json` says that we need.
type pkg struct {
	Dir, ImportPath, Name     string
	GoFiles, IgnoredGoFiles   []string
	TestGoFiles, XTestGoFiles []string
	Imports, TestImports      []string
	XTestImports              []string
}

// name is the import path inside the module: "" for main, "internal/fpm".
func (p pkg) name() string { return inside(p.ImportPath) }

func inside(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, module), "/")
}

func ours(path string) bool { return path == module || strings.HasPrefix(path, module+"/") }

// standard tells a package of Go itself: those have no dot in their first part.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json", "./...")
	cmd.Dir = "../.."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, &stderr)
	}
	var list []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}

func TestImportsPointOneWay(t *testing.T) {
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			if why := forbidden(p.name(), imported); why != "" {
				t.Errorf("%s imports %s: %s", p.ImportPath, imported, why)
			}
		}
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			if imported == "github.com/spf13/viper" && p.name() != "internal/config" {
				t.Errorf("a test of %s imports viper", p.ImportPath)
			}
		}
	}
}

// forbidden says why a package may not import another, or nothing.
func forbidden(from, imported string) string {
	to := inside(imported)
	if imported == "github.com/spf13/viper" && from != "internal/config" {
		return "only internal/config reads the configuration"
	}
	switch {
	case from == "fcgi" && !standard(imported) && to != "internal/rawio":
		return "fcgi stands on the standard library and internal/rawio alone"
	case from == "internal/rawio" && !standard(imported):
		return "internal/rawio stands on the standard library alone, as fcgi does on it"
	}
	if !ours(imported) {
		return ""
	}
	switch {
	case to == "internal/memnet" || to == "internal/testlog":
		return to + " is for tests"
	case from == "internal/phpval" && !standard(imported):
		return "internal/phpval stands on the standard library"
	case to == "internal/rawio" && !slices.Contains([]string{"bridge/inlet", "bridge/outbox", "bridge/socket", "fcgi", "internal/rawconn"}, from):
		return "internal/rawio is for bridge/inlet, bridge/outbox, bridge/socket, internal/rawconn and fcgi"
	case from == "internal/rawconn" && to != "internal/rawio":
		return "internal/rawconn may import internal/rawio"
	case from == "bridge/tally" && slices.Contains([]string{"callback", "bridge/gate", "bridge/jobs", "bridge/workers"}, to):
		return "" // whose things it counts
	case strings.HasPrefix(to, "bridge/") && from != "bridge" && (from != "bridge/workers" || to != "bridge/outbox"):
		return "the packages below bridge are its own"
	case from == "internal/ops":
		return "internal/ops is words that others share, and stands on the standard library"
	case from == "callback" && to != "fcgi" && to != "internal/ops" && to != "internal/rawconn" && to != "callback/scan" && to != "callback/job":
		return "callback may import fcgi, internal/ops, internal/rawconn, callback/job and callback/scan"
	case from == "callback/job":
		return "callback/job stands on the standard library"
	case to == "callback/scan" || from == "callback/scan":
		if from == "callback" {
			return ""
		}
		return "callback/scan is callback's own, and stands on the standard library"
	case from == "bridge/hub" && to != "internal/ops":
		return "bridge/hub may import internal/ops"
	case from == "bridge" && !slices.Contains([]string{"callback", "callback/job", "internal/ops", "bridge/edge", "bridge/exchange", "bridge/gate", "bridge/hub", "bridge/inbox", "bridge/inlet", "bridge/jobs", "bridge/journal", "bridge/outbox", "bridge/permit", "bridge/registry", "bridge/socket", "bridge/split", "bridge/streams", "bridge/tally", "bridge/workers"}, to):
		return "bridge may import callback, internal/ops and what is below bridge"
	case from == "bridge/workers" && to != "callback" && to != "callback/job" && to != "bridge/outbox" && to != "internal/proc":
		return "bridge/workers may import callback, callback/job, bridge/outbox and internal/proc"
	case from == "internal/proc":
		return "internal/proc stands on the standard library"
	case (from == "bridge/jobs" || from == "bridge/journal" || from == "bridge/inbox") && to != "callback" && (from != "bridge/jobs" || to != "callback/job"):
		return from + " may import callback"
	case from == "bridge/exchange":
		return "bridge/exchange imports nothing of ours"
	case from == "bridge/inlet" && (!standard(imported) && to != "internal/rawio"):
		return "bridge/inlet may import internal/rawio"
	case from == "bridge/split" && !standard(imported):
		return "bridge/split stands on the standard library alone"
	case from == "bridge/streams" && !standard(imported):
		return "bridge/streams stands on the standard library alone"
	case from == "bridge/permit" && to != "callback" && to != "internal/ops":
		return "bridge/permit may import callback and internal/ops"
	case (from == "bridge/edge" || from == "bridge/gate" || from == "bridge/registry") && !standard(imported):
		return from + " stands on the standard library alone"
	case from == "bridge/socket" && (!standard(imported) && to != "internal/rawio"):
		return "bridge/socket may import internal/rawio"
	case from == "bridge/outbox" && to != "internal/rawio":
		return "bridge/outbox may import internal/rawio"
	case from == "internal/standin" && !standard(imported):
		return "internal/standin reads scripts, and stands on the standard library alone"
	case from == "internal/cliphp":
		return "internal/cliphp starts processes, and stands on the standard library alone"
	case from == "php-sdk":
		return "the SDK's folder carries files and nothing else"
	case strings.HasPrefix(from, "internal/") && from != "internal/app" && slices.Contains([]string{"bridge", "callback", "fcgi"}, to):
		return "only internal/app wires bridge, callback and fcgi"
	}
	return ""
}

func TestTheRulesThemselves(t *testing.T) {
	for edge, allowed := range map[string]bool{
		"fcgi net": true, "fcgi golang.org/x/sync/semaphore": false, "fcgi " + module + "/callback": false,
		"fcgi " + module + "/internal/rawio": true, "internal/rawio syscall": true, "internal/rawio golang.org/x/sys/unix": false,
		"internal/rawconn " + module + "/internal/rawio": true, "internal/rawconn " + module + "/internal/ops": false, "callback " + module + "/internal/rawconn": true,
		"callback " + module + "/internal/ops": true, "bridge/hub " + module + "/internal/ops": true, "bridge/hub " + module + "/callback": false, "internal/ops " + module + "/callback": false,
		"callback " + module + "/fcgi": true, "callback " + module + "/bridge": false, "callback " + module + "/internal/fpm": false,
		"bridge " + module + "/callback": true, "bridge " + module + "/fcgi": false, "bridge github.com/gorilla/websocket": true,
		"bridge " + module + "/bridge/outbox": true, "bridge " + module + "/internal/rawio": false, "bridge " + module + "/internal/memnet": false, "internal/fpm " + module + "/internal/testlog": false,
		"bridge " + module + "/internal/fpm": false, "bridge/outbox " + module + "/internal/rawio": true, "bridge/outbox " + module + "/callback": false,
		"bridge " + module + "/bridge/split": true, "internal/app " + module + "/bridge/split": false, "callback " + module + "/bridge/split": false, "bridge/split " + module + "/callback": false,
		"bridge " + module + "/bridge/inlet": true, "bridge/inlet " + module + "/internal/rawio": true, "bridge/inlet " + module + "/bridge/outbox": false, "internal/app " + module + "/bridge/inlet": false,
		"bridge " + module + "/bridge/exchange": true, "bridge/exchange " + module + "/callback": false, "internal/app " + module + "/bridge/exchange": false,
		"bridge/outbox " + module + "/bridge": false, "internal/app " + module + "/bridge/outbox": false, "internal/app " + module + "/internal/rawio": false,
		"bridge " + module + "/bridge/registry": true, "bridge/registry " + module + "/callback": false, "internal/app " + module + "/bridge/registry": false,
		"bridge " + module + "/bridge/socket": true, "bridge/socket " + module + "/internal/rawio": true, "bridge/socket " + module + "/callback": false,
		"bridge " + module + "/bridge/jobs": true, "bridge/jobs " + module + "/callback": true, "bridge/jobs " + module + "/bridge/outbox": false,
		"internal/fpm " + module + "/fcgi": false, "internal/app " + module + "/fcgi": true, "internal/cliphp " + module + "/callback": false, "internal/app " + module + "/internal/cliphp": true, "internal/cli " + module + "/internal/config": true,
		"internal/config github.com/spf13/viper": true, "internal/app github.com/spf13/viper": false,
	} {
		from, to, _ := strings.Cut(edge, " ")
		if got := forbidden(from, to) == ""; got != allowed {
			t.Errorf("%s: allowed %v", edge, got)
		}
	}
}

func TestFilesAndPackagesStaySmall(t *testing.T) {
	for _, p := range packages(t) {
		total := 0
		for _, name := range slices.Concat(p.GoFiles, p.IgnoredGoFiles) {
			n := lines(t, filepath.Join(p.Dir, name))
			total += n
			limit := maxFileLines
			if p.name() == "" && name == "main.go" {
				limit = maxMainLines
			}
			if n >= limit {
				t.Errorf("%s/%s has %d lines; files stay under %d", p.name(), name, n, limit)
			}
		}
		limit := maxPackageLines
		switch p.name() {
		case "callback":
			limit = maxCallbackLines
		case "bridge":
			limit = maxBridgeLines
		}
		if total >= limit {
			t.Errorf("%s has %d lines; packages stay under %d", p.ImportPath, total, limit)
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range packages(t) {
		if p.Name == "main" {
			continue
		}
		files := p.GoFiles
		if len(files) == 0 {
			files = slices.Concat(p.TestGoFiles, p.XTestGoFiles) // e2e has nothing but tests
		}
		if !slices.ContainsFunc(files, func(name string) bool { return documented(t, filepath.Join(p.Dir, name)) }) {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

func documented(t *testing.T, file string) bool {
	t.Helper()
	text := read(t, file)
	return strings.Contains(text, "// Package ")
}

func lines(t *testing.T, file string) int {
	t.Helper()
	return strings.Count(read(t, file), "\n")
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(fmt.Errorf("go list named it: %w", err))
	}
	return string(data)
}
