package bridge

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

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
	anyOrigin    bool
	subprotocols []string
	files        http.Handler
	jobs         *jobs.Pool // set by newPools
	speech       Speech     // with its defaults
	master       bool
	resident     *Resident     // nil: request mode
	pool         *workers.Pool // of resident
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
		rt.anyOrigin = slices.Contains(rt.origins, "*")
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

// allows reports whether a browser page of that origin may connect. Other clients send no Origin and are allowed: the
// check protects users from foreign pages (RFC 6455 section 10.2), it does not authenticate.
func (r *route) allows(req *http.Request) bool {
	origin := req.Header.Get("Origin")
	if r.anyOrigin || origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	return slices.ContainsFunc(r.origins, func(pattern string) bool {
		host := pattern
		if scheme, rest, ok := strings.Cut(pattern, "://"); ok {
			if !strings.EqualFold(scheme, u.Scheme) {
				return false
			}
			host = rest
		}
		if base, ok := strings.CutPrefix(host, "*."); ok {
			return len(u.Host) > len(base)+1 && strings.EqualFold(u.Host[len(u.Host)-len(base)-1:], "."+base)
		}
		return strings.EqualFold(host, u.Host)
	})
}
