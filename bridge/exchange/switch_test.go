package exchange

import (
	"net/http"
	"testing"
)

func TestUpgrades(t *testing.T) {
	for _, c := range []struct {
		connection, upgrade []string
		want                bool
	}{
		{[]string{"Upgrade"}, []string{"websocket"}, true},
		{[]string{"keep-alive, uPGRADE"}, []string{"h2c,\tWebSocket "}, true},
		{[]string{"keep-alive", "upgrade"}, []string{"h2c", "websocket"}, true},
		// RFC 9110 section 5.6.1.2: empty elements are not looked at.
		{[]string{" ,, upgrade,"}, []string{",websocket"}, true},
		{[]string{"upgrade"}, nil, false},
		{nil, []string{"websocket"}, false},
		{[]string{"upgrades"}, []string{"websocket"}, false},
		{[]string{"up grade"}, []string{"websocket"}, false},
		{[]string{"upgrade"}, []string{"websocket/13"}, false},
		{[]string{"upgrade"}, []string{"web\u017focKet"}, false},
		{[]string{"upgrade"}, []string{"webSoc\u212aet"}, false},
	} {
		if got := Upgrades(http.Header{"Connection": c.connection, "Upgrade": c.upgrade}); got != c.want {
			t.Errorf("Connection %q, Upgrade %q: %v", c.connection, c.upgrade, got)
		}
	}
}
