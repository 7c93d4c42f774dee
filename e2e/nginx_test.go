package e2e_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/fpmbridge/fpmbridge/internal/fpm"
	"github.com/fpmbridge/fpmbridge/internal/fpm/fpmtest"
	"github.com/fpmbridge/fpmbridge/internal/testlog"
)

// nginx serves a site, an example's nginx.conf in which some things stand for others, and returns its address.
func nginx(t *testing.T, site string, replace map[string]string) string {
	t.Helper()
	path, err := exec.LookPath("nginx")
	if err != nil {
		missing(t, err)
	}
	text, err := os.ReadFile(site)
	if err != nil {
		t.Fatal(err)
	}
	conf := string(text)
	l, err := net.Listen("tcp", "127.0.0.1:0") // its port is free in a moment
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	replace["listen 8080;"] = "listen " + addr + ";"
	replace["include fastcgi_params;"] = "include /etc/nginx/fastcgi_params;"
	for old, now := range replace {
		if strings.Count(conf, old) != 1 {
			t.Fatalf("%s: %q stands there %d times", site, old, strings.Count(conf, old))
		}
		conf = strings.ReplaceAll(conf, old, now)
	}
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // its workers are another user
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	temp := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temp += fmt.Sprintf("%s_temp_path %s/%s;\n", kind, dir, kind)
	}
	user := ""
	if os.Getuid() == 0 {
		user = "user root;\n"
	}
	main := filepath.Join(dir, "nginx.conf")
	whole := user + "daemon off; worker_processes 1; pid " + dir + "/pid; error_log stderr warn;\nevents {}\nhttp {\naccess_log off; types { text/html html; }\n" + temp + conf + "}\n"
	if err := os.WriteFile(main, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-p", dir, "-c", main)
	var log testlog.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // a fast shutdown, of its worker too
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("nginx:\n%s", log.String())
		}
	})
	eventually(t, "nginx serves", func() bool {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	return addr
}

// A form that a browser posts through nginx to an ordinary PHP-FPM shows up in the pages that two others have open, whose WebSockets
// go through the same nginx.
func TestFormPushesIntoOpenPages(t *testing.T) {
	p := serve(t, nil, example(t, "push-from-web/server.php"))
	web := fpmtest.Start(t, fpm.Options{MaxChildren: 2})
	site := nginx(t, example(t, "push-from-web/nginx.conf"), map[string]string{
		"root /srv/push-from-web/web;": "root " + example(t, "push-from-web/web") + ";",
		"127.0.0.1:9501":               p.addr,
		"unix:/run/php/php-fpm.sock":   strings.TrimPrefix(web.Address(), "tcp:"),
		"unix:/run/fpmbridge/api.sock": p.api(),
	})
	ann := chromium(t)
	act(ann, t, chromedp.Navigate("http://"+site+"/?user=ann"))
	wantText(ann, t, "#status", "connected")
	wantText(ann, t, "#log", "ready")
	bob, closeBob := chromedp.NewContext(ann)
	defer closeBob()
	start(bob, t)
	act(bob, t, chromedp.Navigate("http://"+site+"/?user=bob"))
	wantText(bob, t, "#log", "ready")
	form, closeForm := chromedp.NewContext(ann)
	defer closeForm()
	start(form, t)
	send := func(user, text string) {
		t.Helper()
		act(form, t, chromedp.Navigate("http://"+site+"/send.php"), chromedp.Focus("[name=user]"), chromedp.KeyEvent(user),
			chromedp.Focus("[name=text]"), chromedp.KeyEvent(text+"\r"))
	}
	send("ann", "only for Ann")
	wantText(form, t, "p", "queued for 1 page(s)")
	wantText(ann, t, "#log", "only for Ann")
	send("", "Ünïcödé <b>for</b> all 🙂")
	wantText(form, t, "p", "queued for 2 page(s)")
	wantText(ann, t, "#log", "Ünïcödé <b>for</b> all 🙂")
	wantText(bob, t, "#log", "Ünïcödé <b>for</b> all 🙂")
	text, err := chromedp.Run(bob, chromedp.Text("#log"))
	if err != nil || strings.Contains(text, "only for Ann") {
		t.Errorf("Bob reads %q, %v", text, err)
	}
	send("carl", "nobody")
	wantText(form, t, "p", "queued for 0 page(s)")
}
