package e2e_test

import (
	"strings"
	"testing"
	"time"
)

type badCase struct{ name, send, log string }

func TestBadPHP(t *testing.T) {
	badPHP(t, "BRIDGE_FPM_TIMEOUT=3s", []badCase{
		{"dies", "die", "event failed"},
		{"exits", "exit", ""},
		{"fatal error", "fatal", "no_such_function"},
		{"memory", "memory", "Allowed memory"},
		{"prints garbage", "output", "raw garbage"},
		{"sleeps past every timeout", "sleep 300", "did not answer in time"},
		{"loops", "loop", "did not answer in time"},
	})
}

// A busy machine may need seconds for each.
func TestAnswersThatAreTooLarge(t *testing.T) {
	for _, c := range []badCase{
		{"answers 50 MiB", "big", "too large"},
		{"pushes to itself in a loop", "flood 20000", "too large"},
		{"pushes more than PHP's memory holds", "flood 200000", "Allowed memory"},
	} {
		badPHP(t, "BRIDGE_FPM_TIMEOUT=30s", []badCase{c})
	}
}

// badPHP asks for each; after it the connection that asked for it, and another one, still talk.
func badPHP(t *testing.T, timeout string, cases []badCase) {
	t.Helper()
	script := write(t, "server.php", swooleScript)
	p := serve(t, []string{timeout, "BRIDGE_WORKERS=3", "BRIDGE_LIMITS_OUTBOX=4MiB", "BRIDGE_FPM_MAX_ANSWER=8MiB"}, script)
	healthy, victim := p.dial("/"), p.dial("/")
	healthy.talk("hi")
	victim.talk("hi")
	before := p.fds()
	for _, c := range cases {
		t.Run(c.name, func(_ *testing.T) {
			victim.send(c.send)
			healthy.talk("during " + c.name)
			switch c.name {
			case "exits":
				victim.want("before exit")
			case "prints garbage":
				victim.want("ok")
			}
			victim.talk("after " + c.name)
			if c.log != "" {
				p.wantLog(c.log)
			}
		})
	}
	// Within the answer's limit it may push as much to itself as its client reads.
	victim.send("flood 5000")
	for range 5000 {
		if _, got, err := victim.read(); err != nil || len(got) != 1000 {
			t.Fatalf("got %d bytes, %v", len(got), err)
		}
	}
	victim.leave()
	healthy.leave()
	storyOf(t, script).wantClosed()
	p.wantFDs(before)
}

// More scripts hang than there are workers: they are ended, and the rest of the site goes on. Without batches, since events
// that travel behind one that hangs may have started, and are lost with it.
func TestMoreHangingScriptsThanWorkers(t *testing.T) {
	script := write(t, "server.php", swooleScript)
	p := serve(t, []string{"BRIDGE_FPM_TIMEOUT=1s", "BRIDGE_WORKERS=2", "BRIDGE_BATCH=1"}, script)
	healthy := p.dial("/")
	healthy.talk("hi")
	var list []*client
	for range 6 {
		c := p.dial("/")
		c.talk("hi")
		list = append(list, c)
	}
	for i, c := range list {
		c.send([]string{"sleep 600", "loop"}[i%2])
	}
	start := time.Now()
	healthy.talk("still here")
	t.Logf("after %v", time.Since(start))
	for _, c := range list {
		c.talk("after")
		c.leave()
	}
	healthy.leave()
	storyOf(t, script).wantClosed()
}

// The same without the SDK.
func TestBadPlainPHP(t *testing.T) {
	script := write(t, "plain.php", strings.Replace(plainScript, "switch ($command) {", `switch ($command) {
    case 'sleep': sleep(300); break;
    case 'die': posix_kill(getmypid(), 9);
    case 'exit': exit(3);`, 1))
	p := serve(t, []string{"BRIDGE_FPM_TIMEOUT=1s", "BRIDGE_WORKERS=2"}, script)
	healthy, victim := p.dial("/"), p.dial("/")
	healthy.talk("hi")
	for _, command := range []string{"die", "sleep", "exit", "huge", "garbage", "status"} {
		victim.send(command)
		healthy.talk("during " + command)
		victim.talk("after " + command)
	}
	victim.leave()
	healthy.leave()
	storyOf(t, script).wantClosed()
}
