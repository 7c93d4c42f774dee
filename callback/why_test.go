package callback

import (
	"errors"
	"fmt"
	"testing"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

func TestWhyLeavesTheScriptOut(t *testing.T) {
	const script = "/srv/chat.php"
	for _, c := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("%w: %s: %s", ErrScript, script, fault{Error: "RuntimeException: boom", File: script, Line: 4}), "the script failed: RuntimeException: boom (line 4)"},
		{fmt.Errorf("%w: %s: %s", ErrScript, script, fault{Error: "Error: boom", File: "/srv/lib/room.php", Line: 12}), "the script failed: Error: boom (/srv/lib/room.php:12)"},
		{fmt.Errorf("%w: %s", ErrScript, fault{Error: "boom"}), "the script failed: boom"},
		{fmt.Errorf("%w: %s: byte 30: %w", ErrBadAnswer, script, errors.New(`unknown key "x"`)), `the answer is not valid: byte 30: unknown key "x"`},
		{fmt.Errorf("%w: %s: %w", ErrReset, script, &fcgi.Error{Kind: fcgi.ErrReset, Started: true}), "php-fpm closed the connection before it answered: " + fcgi.ErrReset.Error() + " (may have started)"},
		{fmt.Errorf("%w: %s: status 500", ErrScript, script), "the script failed: status 500"},
		{errors.New("anything else"), "anything else"},
	} {
		if got := Why(c.err, script); got != c.want {
			t.Errorf("%q, not %q", got, c.want)
		}
	}
}
