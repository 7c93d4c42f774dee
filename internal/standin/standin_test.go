package standin_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	phpsdk "github.com/fpmbridge/fpmbridge/php-sdk"

	"github.com/fpmbridge/fpmbridge/internal/standin"
)

func TestWanted(t *testing.T) {
	const all = "extension_loaded phpversion php_sapi_name"
	for name, c := range map[string]struct {
		files []string // "name: text"; the first one is the script
		ini   []string
		want  string
	}{
		"a guard":                        {files: []string{`a.php: if (!extension_loaded('swoole')) die;`}, want: "extension_loaded"},
		"of OpenSwoole, in any case":     {files: []string{`a.php: if (!\Extension_Loaded ( "openSwoole" )) die;`}, want: "extension_loaded"},
		"in a loop":                      {files: []string{`a.php: foreach (['pcntl', 'swoole'] as $e) extension_loaded($e) or die;`}, want: "extension_loaded"},
		"its version":                    {files: []string{`a.php: version_compare(phpversion('swoole'), '4', '<') and die;`}, want: "phpversion"},
		"the SAPI":                       {files: []string{`a.php: if ('cli' != php_sapi_name()) die; new Swoole\Server('');`}, want: "php_sapi_name"},
		"all":                            {files: []string{`a.php: php_sapi_name() === "cli" && extension_loaded('swoole') && phpversion('swoole')`}, want: all},
		"nothing":                        {files: []string{`a.php: new Swoole\WebSocket\Server('0.0.0.0', 9501);`}},
		"another extension":              {files: []string{`a.php: extension_loaded('redis') or die; use Swoole\Server;`}},
		"PHP's version":                  {files: []string{`a.php: echo phpversion(), 'swoole';`}},
		"the SAPI, not about Swoole":     {files: []string{`a.php: if (php_sapi_name() === 'cli') echo "\n";`}},
		"in a file below":                {files: []string{`a.php: require 'src/b.php';`, `src/b.php: extension_loaded('swoole') or die;`}, want: "extension_loaded"},
		"in one that is not loaded":      {files: []string{`a.php: echo 1;`, `b.php: extension_loaded('swoole') or die;`}},
		"in libraries":                   {files: []string{`a.php: require 'vendor/autoload.php';`, `vendor/b.php: extension_loaded('swoole') or die;`, `.git/c.php: extension_loaded('swoole')`}},
		"asked for":                      {files: []string{`a.php: echo 1;`}, ini: []string{"disable_functions = exec, extension_loaded,phpversion"}, want: "extension_loaded"},
		"another setting":                {files: []string{`a.php: echo 1;`}, ini: []string{"disable_classes=extension_loaded", "x"}},
		"a script that is not there":     {files: []string{`b.php: extension_loaded('swoole')`}},
		"a file that is too large":       {files: []string{"a.php: extension_loaded('swoole')" + strings.Repeat(" ", 5<<20)}},
		"a script without its extension": {files: []string{`a: extension_loaded('swoole') or die;`}, want: "extension_loaded"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, f := range c.files {
				file, text, _ := strings.Cut(f, ": ")
				path := filepath.Join(dir, file)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte("<?php "+text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			script := "a.php"
			if strings.HasPrefix(c.files[0], "a: ") {
				script = "a"
			}
			if got := standin.Wanted([]string{filepath.Join(dir, script)}, c.ini); strings.Join(got, " ") != c.want {
				t.Errorf("%v, want %q", got, c.want)
			}
		})
	}
}

// What is no file, or has no end, is not read.
func TestWantedDoesNotWait(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "a.php")
	if err := os.WriteFile(script, []byte("<?php include 'b.php'; // swoole"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.php"), 0o600); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"zero.php": "/dev/zero", "loop.php": "loop.php", "up": dir} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if got := standin.Wanted([]string{script, dir}, nil); len(got) != 0 {
		t.Error(got)
	}
}

func TestCode(t *testing.T) {
	code, err := standin.Code(phpsdk.Files, []string{"extension_loaded", "phpversion", "php_sapi_name"})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(code, "<?php") != 1 || strings.Contains(code, "?>") {
		t.Errorf("not one PHP file:\n%s", code)
	}
	for _, name := range []string{"extension_loaded", "phpversion", "php_sapi_name"} {
		if !strings.Contains(code, "function "+name+"(") {
			t.Errorf("no %s in:\n%s", name, code)
		}
	}
	if _, err := standin.Code(phpsdk.Files, []string{"exec"}); err == nil {
		t.Error("code for a function that has none")
	}
	if !slices.Equal(standin.Wanted(nil, nil), nil) {
		t.Error("wanted for no script")
	}
}
