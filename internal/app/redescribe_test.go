package app

import (
	"testing"

	"github.com/fpmbridge/fpmbridge/internal/config"
)

// Of many reloads that are asked for at once one waits: for all workers, if one of them was.
func TestOneReloadWaits(t *testing.T) {
	for _, c := range []struct {
		asked []bool // true: for the task workers
		want  bool
	}{
		{[]bool{true, true}, true},
		{[]bool{false, false, false}, false},
		{[]bool{true, false}, false},
		{[]bool{false, true}, false},
		{[]bool{true, true, false, true}, false},
	} {
		p := &plant{routes: []routed{
			{Route: config.Route{Script: "/a.php"}, reload: make(chan bool, 1)},
			{Route: config.Route{Script: "/b.php"}, reload: make(chan bool, 1)},
		}}
		for _, tasks := range c.asked {
			p.reload("/a.php", tasks)
		}
		if got := <-p.routes[0].reload; got != c.want || len(p.routes[0].reload)+len(p.routes[1].reload) > 0 {
			t.Errorf("%v: %v waits, and %d more", c.asked, got, len(p.routes[0].reload))
		}
	}
}
