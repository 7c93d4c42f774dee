package fpm_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fpmbridge/fpmbridge/internal/fpm"
	"github.com/fpmbridge/fpmbridge/internal/fpm/fpmtest"
)

const standIn = `<?php
if (!function_exists('extension_loaded')) {
    function extension_loaded(string $extension): bool
    {
        return $extension === 'swoole';
    }
}
`

func TestStandInsComeInFrontOfTheAdministratorsOwn(t *testing.T) {
	theirs := filepath.Join(t.TempDir(), "their's.php")
	if err := os.WriteFile(theirs, []byte(`<?php $theirs = extension_loaded('swoole') ? 'after' : 'before';`), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "theirs.php") // a setting has no single quotes
	if err := os.Symlink(theirs, link); err != nil {
		t.Fatal(err)
	}
	s := fpmtest.Start(t, fpm.Options{
		MaxChildren: 2, StandIns: []string{"extension_loaded", "exec"}, StandInCode: standIn,
		INI: []string{"disable_functions = system, exec", "memory_limit=77M", "auto_prepend_file = " + link},
	})
	// The second run has it from opcache, where calls with constants are computed before they run.
	for range 2 {
		got := get(t, s, `<?php echo json_encode([extension_loaded('swoole'), \extension_loaded('json'), function_exists('system'), ini_get('memory_limit'),
			ini_get('disable_functions'), $theirs]);`)
		if !strings.HasSuffix(got, `[true,false,false,"77M","system,exec,extension_loaded","after"]`) {
			t.Fatalf("answer %q", got)
		}
	}
}

func TestStandInsOfAnotherUsersWorkers(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	s := fpmtest.Start(t, fpm.Options{MaxChildren: 1, User: "nobody", Listen: fpm.ListenTCP, StandIns: []string{"extension_loaded"}, StandInCode: standIn})
	dir, err := os.MkdirTemp("/tmp", "pub")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // t.TempDir is closed to others
		t.Fatal(err)
	}
	if got := getIn(t, s, dir, `<?php var_dump(extension_loaded('swoole'));`); !strings.HasSuffix(got, "bool(true)\n") {
		t.Fatalf("answer %q", got)
	}
}

func TestStandInsOfABinaryThatIsNone(t *testing.T) {
	_, err := fpm.Start(t.Context(), fpm.Options{Binary: "/bin/false", StandIns: []string{"extension_loaded"}})
	if err == nil || !strings.Contains(err.Error(), "/bin/false -i") {
		t.Fatalf("error %v", err)
	}
}
