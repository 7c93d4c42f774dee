package bridge

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge/edge"
	"github.com/fpmbridge/fpmbridge/bridge/jobs"
	"github.com/fpmbridge/fpmbridge/bridge/workers"
	"github.com/fpmbridge/fpmbridge/callback"
)

// route is a Route as admit uses it.
type route struct {
	path         string // without a slash at the end; "" is the root
	script       Script
	name         string
	origins      []string
	subprotocols []string
	files        http.Handler
	jobs         *jobs.Pool // set by newPools
	speech       Speech     // with its defaults
	master       bool
	authorize    bool
	tickets      Tickets       // nil: nobody needs one
	expiryCode   uint16        // closes who came with one, when it is over; 0: nothing does
	beats        *edge.Beats   // nil: none
	resident     *Resident     // nil: request mode
	pool         *workers.Pool // of resident
	took         atomic.Int64  // about how long PHP takes for an event; ns. 0: not known
	slow         atomic.Int64  // when a call into PHP was last seen to take longer than slowCall; unix ns
}

// Requests that are sent ahead wait for those before them, whatever becomes free meanwhile. That pays for scripts that are quick: PHP has its next request at once, and
// eight cost one write.
const (
	maxAhead = 8
	aheadFor = 5 * time.Millisecond // about the longest wait
	// One event that takes long holds up those behind it, and a mean does not show it when the others are quick. So after one, and while one runs, nothing is sent ahead.
	slowCall  = 250 * time.Millisecond
	afterSlow = 10 * time.Second
)

// timed takes into account how long a call took.
func (r *route) timed(call time.Duration, events int) {
	if call > slowCall {
		r.slow.Store(time.Now().UnixNano())
	}
	now := max(int64(call)/int64(events), 1)
	if old := r.took.Load(); old > 0 {
		now = old + (now-old)/8
	}
	r.took.Store(now) // of two that come at once one counts
}

// ahead is how many plain events may go to one PHP child at once.
func (r *route) ahead() int {
	took := r.took.Load()
	if took == 0 || !r.script.Pipelines() || time.Now().UnixNano()-r.slow.Load() < int64(afterSlow) {
		return 1
	}
	return int(min(max(int64(aheadFor)/took, 1), maxAhead))
}

// speech is how to speak with a client on a route.
func (s *session) speech(rt *route) *Speech {
	if rt.master && s.on.Speech != nil {
		return s.on.Speech
	}
	return &rt.speech
}

func (r *route) wants(t callback.EventType) bool { return r.script.Description().Wants(t) }

// newRoutes sorts the routes by length of path: the first that matches is the longest.
func newRoutes(o *Options) []*route {
	routes := make([]*route, 0, len(o.Routes))
	for _, r := range o.Routes {
		rt := &route{
			path: cleanPath(r.Path), script: r.Script, name: r.Name,
			origins: r.Origins, subprotocols: r.Subprotocols, files: r.Files, speech: r.Speech, master: r.Master, resident: r.Resident,
			authorize: r.Authorize, tickets: r.Tickets, expiryCode: r.ExpiryCode,
		}
		if rt.name == "" {
			rt.name = r.Path
		}
		if rt.origins == nil {
			rt.origins = o.Origins
		}
		if rt.subprotocols == nil {
			rt.subprotocols = o.Subprotocols
		}
		rt.speech.HTTP.SetDefaults()
		rt.beats, _ = edge.New(r.Heartbeats) // checked
		routes = append(routes, rt)
	}
	slices.SortStableFunc(routes, func(a, b *route) int { return len(b.path) - len(a.path) })
	return routes
}

func cleanPath(p string) string { return strings.TrimRight(p, "/") }

// match returns the route with the longest prefix of path that ends at a slash or at path's end, or nil.
func match(routes []*route, path string) *route {
	for _, r := range routes {
		if rest, ok := strings.CutPrefix(path, r.path); ok && (rest == "" || rest[0] == '/') {
			return r
		}
	}
	return nil
}
