package fpm

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFindPrefersThePlainNameThenTheNewest(t *testing.T) {
	for _, c := range []struct{ want, have string }{
		{"php-fpm", "php-fpm php-fpm8.4"},
		{"php-fpm8.10", "php-fpm8.2 php-fpm8.10 php-fpm7.4 php-fpm-config php-fpm8.2.bak"},
		{"php-fpm84", "php-fpm83 php-fpm84"},
	} {
		dir := t.TempDir()
		for name := range strings.FieldsSeq(c.have) {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		got, err := findIn([]string{"/nonexistent", dir})
		if err != nil || filepath.Base(got) != c.want {
			t.Errorf("of %q: %q, %v; want %q", c.have, got, err, c.want)
		}
	}
}

func TestNoPHPFPMSaysWhatToInstall(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "php-fpm"), nil, 0o644); err != nil { // not executable
		t.Fatal(err)
	}
	_, err := findIn([]string{dir})
	var missing *NotFoundError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "apt-get install php-fpm") {
		t.Fatalf("error %v", err)
	}
}
