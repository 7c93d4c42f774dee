package app

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/fpmbridge/fpmbridge/bridge"
	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/config"
	"github.com/fpmbridge/fpmbridge/internal/ticket"
)

// tickets is a ticket checker as the bridge calls it.
type tickets struct{ *ticket.Checker }

// Check implements bridge.Tickets.
func (t tickets) Check(r *http.Request) (told *http.Request, who bridge.Identity, refusal, challenge string) {
	told, bearer, refusal, challenge := t.Checker.Check(r)
	return told, bridge.Identity{UID: bearer.UID, Groups: bearer.Groups, Attributes: bearer.Attributes, Expires: bearer.Expires}, refusal, challenge
}

// authOf says who gets into a route. The route's script has been described.
func (p *plant) authOf(r *routed) error {
	if r.Authorize && r.script.Description().Encoding != callback.Plain {
		return fmt.Errorf("route %s: authorize is for plain scripts, and %s has the SDK: it answers handshakes in its own handshake event", r.Path, r.Script)
	}
	j := r.JWT
	if !j.Enabled() {
		return nil
	}
	checker, err := ticket.New(ticket.Options{
		Algorithms: j.Algorithms, Secret: []byte(j.Secret.Reveal()), SecretFile: j.SecretFile, PublicKeyFile: j.PublicKeyFile, JWKSFile: j.JWKSFile,
		From: j.From, Required: j.Required, Strip: j.Strip, UIDClaim: j.UIDClaim, GroupsClaim: j.GroupsClaim, Claims: j.Claims,
		Issuers: j.Issuer, Audiences: j.Audience, Leeway: j.Leeway, RequireExp: j.RequireExp, Log: p.log,
	})
	if err != nil {
		return fmt.Errorf("route %s: auth.jwt: %w", r.Path, err)
	}
	r.tickets = tickets{checker}
	fromCookie := slices.ContainsFunc(j.From, func(s string) bool { return strings.HasPrefix(s, "cookie:") })
	if fromCookie && slices.Contains(r.Origins, "*") {
		p.log.Warn("browsers send cookies for every page: with origins [\"*\"] any page that a user looks at can connect as them", "route", r.Path)
	}
	return nil
}

// guard completes a route of the bridge with who gets in, and what the bridge answers itself.
func (r *routed) guard(route *bridge.Route) {
	route.Authorize = r.Authorize
	if r.tickets != nil {
		route.Tickets = r.tickets
		if r.JWT.CloseOnExpiry {
			route.ExpiryCode = uint16(r.JWT.CloseCode)
		}
	}
	for i := range r.Heartbeats {
		message, reply, err := r.Heartbeats[i].Bytes()
		if err != nil {
			continue // the configuration was checked
		}
		route.Heartbeats = append(route.Heartbeats, bridge.Heartbeat{
			Message: message, Reply: reply, Swallow: reply == nil, Binary: r.Heartbeats[i].Opcode == config.OpcodeBinary,
		})
	}
}
