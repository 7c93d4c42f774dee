package e2e_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// chromium starts a browser and returns a context for its first tab.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		missing(t, err)
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(900, 760),
		chromedp.NoSandbox, // as root there is none
	)
	for _, name := range []string{"disable-gpu", "disable-quic", "disable-component-update", "disable-extensions"} {
		options = append(options, chromedp.Flag(name, true))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits until the browser is gone
		cancel()
	})
	start(ctx, t)
	return ctx
}

// start opens the tab: its life is that of the first context that is used with it.
func start(tab context.Context, t *testing.T) {
	t.Helper()
	if err := chromedp.Do(tab); err != nil {
		t.Fatal(err)
	}
}

func act(tab context.Context, t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	tab, cancel := context.WithTimeout(tab, patience)
	defer cancel()
	if err := chromedp.Do(tab, actions...); err != nil {
		t.Fatal(err)
	}
}

// wantText waits until an element's text has something in it.
func wantText(tab context.Context, t *testing.T, selector, want string) {
	t.Helper()
	eventually(t, "the page says "+want, func() bool {
		text, err := chromedp.Run(tab, chromedp.Text(selector))
		if err != nil && tab.Err() != nil {
			t.Fatal(err)
		}
		return strings.Contains(text, want) // an error is a page that gives way to the next one
	})
}

// Two tabs of a real browser talk through a PHP script that php-fpm executes. The page comes from another server, and finds
// its WebSocket by ?ws=.
func TestTwoTabsChat(t *testing.T) {
	p := serve(t, nil, example(t, "chat/server.php"))
	pages := httptest.NewServer(http.FileServer(http.Dir(example(t, "chat/public"))))
	defer pages.Close()
	address := func(name string) string {
		return pages.URL + "/?name=" + name + "&ws=" + url.QueryEscape("ws://"+p.addr+"/")
	}
	ann := chromium(t)
	act(ann, t, chromedp.Navigate(address("Ann")))
	wantText(ann, t, "#log", "You are Ann")
	bob, closeBob := chromedp.NewContext(ann)
	defer closeBob()
	start(bob, t)
	act(bob, t, chromedp.Navigate(address("Bob")))
	wantText(bob, t, "#log", "You are Bob")
	wantText(bob, t, "#status", "2 are here")
	wantText(ann, t, "#log", "Bob joined")

	say := func(tab context.Context, text string) {
		t.Helper()
		// Keys, as a person types them. SendKeys and Click wait until the element is visible, which on this page never ends.
		act(tab, t, chromedp.Focus("#text"), chromedp.KeyEvent(text+"\r"))
	}
	say(ann, "Hello Bob, can you <b>read</b> this?")
	wantText(bob, t, "#log", "Hello Bob, can you <b>read</b> this?")
	say(bob, "I can. Ünïcödé too 🙂")
	wantText(ann, t, "#log", "I can. Ünïcödé too 🙂")
	wantText(ann, t, "#log", "Bob")

	if file := os.Getenv("E2E_SCREENSHOT"); file != "" {
		png, err := chromedp.Run(ann, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, png, 0o600); err != nil {
			t.Fatal(err)
		}
	}

	if err := chromedp.Cancel(bob); err != nil {
		t.Fatal(err)
	}
	wantText(ann, t, "#log", "Bob left")
	wantText(ann, t, "#status", "only you are here")
}

// The page that the bridge itself serves needs no ?ws=, and comes back by itself when the bridge was restarted.
func TestChatPageOfTheBridgeReconnects(t *testing.T) {
	script := example(t, "chat/server.php")
	p := serve(t, []string{"BRIDGE_SHUTDOWN_SPREAD=0"}, script)
	tab := chromium(t)
	act(tab, t, chromedp.Navigate("http://"+p.addr+"/?name=Eve"))
	wantText(tab, t, "#log", "You are Eve")
	if code := p.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	wantText(tab, t, "#status", "not connected")
	needPHP(t)
	again := launch(t, nil, "serve", script, "--listen", p.addr)
	again.waitServing()
	wantText(tab, t, "#status", "only you are here")
}

// Two tabs in two rooms hear nothing of each other; in one room they do, and see who is there.
func TestTwoTabsInTwoRooms(t *testing.T) {
	p := serve(t, nil, example(t, "rooms/server.php"))
	ann := chromium(t)
	act(ann, t, chromedp.Navigate("http://"+p.addr+"/?name=Ann&room=kitchen"))
	wantText(ann, t, "#log", "You are Ann, in the kitchen")
	bob, closeBob := chromedp.NewContext(ann)
	defer closeBob()
	start(bob, t)
	act(bob, t, chromedp.Navigate("http://"+p.addr+"/?name=Bob&room=garden"))
	wantText(bob, t, "#log", "You are Bob, in the garden")
	say := func(tab context.Context, text string) {
		t.Helper()
		act(tab, t, chromedp.Focus("#text"), chromedp.KeyEvent(text+"\r"))
	}
	say(ann, "is it warm out there?")
	wantText(ann, t, "#log", "Ann: is it warm out there?")
	say(bob, "nice roses")
	wantText(bob, t, "#log", "Bob: nice roses")
	for tab, not := range map[context.Context]string{ann: "roses", bob: "warm"} {
		text, err := chromedp.Run(tab, chromedp.Text("#log"))
		if err != nil || strings.Contains(text, not) {
			t.Errorf("it reads %q, %v", text, err)
		}
	}
	// Bob goes to the kitchen.
	if _, err := chromedp.Run(bob, chromedp.Evaluate[any]("document.querySelector('#rooms button').click()")); err != nil {
		t.Fatal(err)
	}
	wantText(bob, t, "#log", "You are Bob, in the kitchen")
	wantText(bob, t, "#here", "Ann, Bob")
	wantText(ann, t, "#log", "Bob came")
	wantText(ann, t, "#here", "Ann, Bob")
	say(ann, "hello <b>Bob</b>")
	wantText(bob, t, "#log", "Ann: hello <b>Bob</b>")
	if err := chromedp.Cancel(bob); err != nil {
		t.Fatal(err)
	}
	wantText(ann, t, "#log", "Bob left")
	eventually(t, "Ann is alone", func() bool {
		text, err := chromedp.Run(ann, chromedp.Text("#here"))
		return err == nil && text == "Ann"
	})
}
