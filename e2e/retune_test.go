package e2e_test

import (
	"strings"
	"testing"
)

// A deploy that changes a limit: connections from then on have it, others keep theirs, and what needs a restart is said.
func TestSettingsOfADeploy(t *testing.T) {
	before := strings.Replace(swooleScript, "$server->on('open'", "$server->set(['package_max_length' => 70000, 'open_tcp_nodelay' => true]);\n$server->on('open'", 1)
	if before == swooleScript {
		t.Fatal("the script has no place for settings")
	}
	script := write(t, "server.php", before)
	p := serve(t, nil, script)
	long := strings.Repeat("x", 200_000)
	old := p.dial("/")
	old.talk("before")
	late := p.dial("/")
	late.send("echo " + long)
	late.wantClose(1009)
	overwrite(t, script, strings.NewReplacer("70000", "'1M'", "'open_tcp_nodelay' => true", "'open_tcp_nodelay' => false").Replace(before))
	eventually(t, "the new limit holds", func() bool {
		old.send("echo poke") // an event shows that the script changed
		old.want("poke")
		return strings.Contains(p.stderr.String(), "holds for connections from now on")
	})
	p.wantLog("open_tcp_nodelay")
	fresh := p.dial("/")
	fresh.ws.SetReadLimit(1 << 20)
	fresh.talk(long)
	old.send("echo " + long)
	old.wantClose(1009)
}
