package fpmconf_test

import (
	"errors"
	"os"
	"testing"
	"testing/fstest"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/fpm"
	"github.com/fpmbridge/fpmbridge/internal/fpm/fpmtest"
	"github.com/fpmbridge/fpmbridge/internal/fpmconf"
)

func TestFind(t *testing.T) {
	root := fstest.MapFS{
		"proc/1/cmdline":                {Data: []byte("/sbin/init")},
		"proc/77/cmdline":               {Data: []byte("php-fpm: pool www")},
		"proc/70/cmdline":               {Data: []byte("php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)\x00\x00")},
		"etc/php/8.2/fpm/php-fpm.conf":  {Data: []byte("[global]\npid = /run/x\ninclude=/etc/php/8.2/fpm/pool.d/*.conf\n")},
		"etc/php/8.2/fpm/pool.d/a.conf": {Data: []byte("; a comment\n[www]\nlisten = /run/php/$pool.sock\npm.max_children = 5 ; few\n")},
		"etc/php/8.2/fpm/pool.d/b.conf": {Data: []byte("[api]\nrequest_terminate_timeout = 2m\nlisten = 127.0.0.1:9000\npm.max_children=\"20\"\n[all]\nlisten=9001\npm.max_children=7")},
	}
	for address, want := range map[string]fpmconf.Pool{
		"unix:/run/php/www.sock": {Name: "www", File: "/etc/php/8.2/fpm/pool.d/a.conf", MaxChildren: 5},
		"tcp:localhost:9000":     {Name: "api", File: "/etc/php/8.2/fpm/pool.d/b.conf", MaxChildren: 20, TerminateTimeout: 2 * time.Minute},
		"tcp:10.0.0.7:9001":      {Name: "all", File: "/etc/php/8.2/fpm/pool.d/b.conf", MaxChildren: 7},
	} {
		if got, err := fpmconf.Find(root, address); err != nil || got != want {
			t.Errorf("%s: %+v, %v", address, got, err)
		}
	}
	for _, address := range []string{"unix:/run/php/other.sock", "tcp:10.0.0.7:9000", "tcp:127.0.0.1:9002"} {
		if _, err := fpmconf.Find(root, address); !errors.Is(err, fpmconf.ErrUnknown) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// A file that includes itself ends.
func TestFindInACircle(t *testing.T) {
	root := fstest.MapFS{
		"proc/70/cmdline": {Data: []byte("php-fpm: master process (/a.conf)")},
		"a.conf":          {Data: []byte("include=/a.conf\n[www]\nlisten=/x\n")},
	}
	if got, err := fpmconf.Find(root, "unix:/x"); err != nil || got.Name != "www" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestFindARealOne(t *testing.T) {
	srv := fpmtest.Start(t, fpm.Options{MaxChildren: 3, RequestTerminateTimeout: 90 * time.Second})
	got, err := fpmconf.Find(os.DirFS("/"), srv.Address())
	if err != nil || got.MaxChildren != 3 || got.TerminateTimeout != 90*time.Second {
		t.Errorf("%+v, %v", got, err)
	}
}
