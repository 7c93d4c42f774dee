package config

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// JWT is about signed tickets: who has one comes in without PHP being asked.
type JWT struct {
	Algorithms []string // HS256, RS256, ES256; empty = there are no tickets

	// One of these has the key or keys. Files are read again when they change.
	Secret        Secret
	SecretFile    string
	PublicKeyFile string // PEM
	JWKSFile      string

	From     []string // where a ticket may be, the first that is there counts: header:NAME, query:NAME, cookie:NAME
	Required bool     // false = who has none comes in, too
	Strip    bool     // PHP does not see it

	UIDClaim    string   // "" = nobody's uid is set
	GroupsClaim string   // "" = none
	Claims      []string // that become attributes
	Issuer      []string // one of them; empty = any
	Audience    []string // one of them; empty = any, also none

	Leeway        time.Duration // between clocks
	RequireExp    bool
	CloseOnExpiry bool
	CloseCode     int
}

func defaultJWT() JWT {
	return JWT{
		From: []string{"header:Authorization", "query:token"}, Required: true, UIDClaim: "sub",
		Leeway: 10 * time.Second, Strip: true, RequireExp: true, CloseCode: 4401,
	}
}

// Enabled reports whether there are tickets.
func (j *JWT) Enabled() bool { return j != nil && len(j.Algorithms) > 0 }

// fields are the keys below auth.jwt.
func (j *JWT) fields() []field {
	return []field{
		{"algorithms", &j.Algorithms},
		{"secret", &j.Secret},
		{"secret_file", &j.SecretFile},
		{"public_key_file", &j.PublicKeyFile},
		{"jwks_file", &j.JWKSFile},
		{"from", &j.From},
		{"required", &j.Required},
		{"strip", &j.Strip},
		{"uid_claim", &j.UIDClaim},
		{"groups_claim", &j.GroupsClaim},
		{"claims", &j.Claims},
		{"issuer", &j.Issuer},
		{"audience", &j.Audience},
		{"leeway", &j.Leeway},
		{"require_exp", &j.RequireExp},
		{"close_on_expiry", &j.CloseOnExpiry},
		{"close_code", &j.CloseCode},
	}
}

// routeAuth is a route's auth key.
type routeAuth struct{ jwt **JWT }

func (a routeAuth) decodeAt(value any, key, origin string) []error {
	entry, ok := value.(map[string]any)
	if !ok {
		return []error{&KeyError{Key: key, Origin: origin, Problem: "write {jwt: {algorithms: [HS256], …}}, or {jwt: false} for none"}}
	}
	return decodeEntry([]field{{"jwt", routeJWT(a)}}, entry, key, origin)
}

// routeJWT is false, or what takes the place of auth.jwt.
type routeJWT struct{ jwt **JWT }

func (a routeJWT) decodeAt(value any, key, origin string) []error {
	j := defaultJWT()
	*a.jwt = &j
	entry, ok := value.(map[string]any)
	switch {
	case value == false || value == "false":
		return nil
	case !ok:
		return []error{&KeyError{Key: key, Origin: origin, Problem: "write false, or the keys of auth.jwt"}}
	case len(entry) == 0 || entry["algorithms"] == nil:
		return []error{&KeyError{Key: key + ".algorithms", Origin: origin, Problem: "write which are allowed: HS256, RS256, ES256"}}
	}
	return decodeEntry(j.fields(), entry, key, origin)
}

// Heartbeat is a message that we answer, or swallow, without PHP. Of message and of reply one form is there at most.
type Heartbeat struct {
	Message, MessageBase64 *string
	Opcode                 Opcode
	Reply, ReplyBase64     *string // neither = the message is swallowed
}

// Opcode is what kind of message it is.
type Opcode string

// The opcodes.
const (
	OpcodeText   Opcode = "text"
	OpcodeBinary Opcode = "binary"
)

func (h *Heartbeat) fields() []field {
	return []field{
		{"message", &h.Message},
		{"message_base64", &h.MessageBase64},
		{"opcode", &h.Opcode},
		{"reply", &h.Reply},
		{"reply_base64", &h.ReplyBase64},
	}
}

// Bytes returns the message, and the reply: nil if it is swallowed.
func (h *Heartbeat) Bytes() (message, reply []byte, err error) {
	if (h.Message == nil) == (h.MessageBase64 == nil) {
		return nil, nil, errors.New("write either message or message_base64")
	}
	if h.Reply != nil && h.ReplyBase64 != nil {
		return nil, nil, errors.New("write reply or reply_base64, or neither")
	}
	if message, err = bytesOf(h.Message, h.MessageBase64); err != nil {
		return nil, nil, err
	}
	if reply, err = bytesOf(h.Reply, h.ReplyBase64); err != nil {
		return nil, nil, err
	}
	switch {
	case len(message) > maxHeartbeat || len(reply) > maxHeartbeat:
		return nil, nil, fmt.Errorf("a message and a reply have at most %d bytes", maxHeartbeat)
	case h.Opcode == OpcodeText && (!utf8.Valid(message) || !utf8.Valid(reply)):
		return nil, nil, errors.New("a text is valid UTF-8; write opcode: binary for other bytes")
	}
	return message, reply, nil
}

const (
	maxHeartbeat  = 1024
	maxHeartbeats = 64
)

func bytesOf(text, coded *string) ([]byte, error) {
	switch {
	case text != nil:
		return []byte(*text), nil
	case coded != nil:
		b, err := base64.StdEncoding.Strict().DecodeString(*coded)
		if err != nil {
			return nil, errors.New("this is not base64")
		}
		return append([]byte{}, b...), nil
	}
	return nil, nil
}

// heartbeatList is a route's heartbeats.
type heartbeatList struct{ target *[]Heartbeat }

func (l heartbeatList) decodeAt(value any, key, origin string) []error {
	items, ok := value.([]any)
	if !ok {
		return []error{&KeyError{Key: key, Origin: origin, Value: show(value), Problem: "write a list, such as [{message: ping, reply: pong}]"}}
	}
	if len(items) == 0 {
		return nil
	}
	var errs []error
	list := make([]Heartbeat, len(items))
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", key, i)
		entry, ok := item.(map[string]any)
		if !ok {
			errs = append(errs, &KeyError{Key: at, Origin: origin, Value: show(item), Problem: "write keys, such as {message: ping, reply: pong}"})
			continue
		}
		list[i].Opcode = OpcodeText
		errs = append(errs, decodeEntry(list[i].fields(), entry, at, origin)...)
	}
	*l.target = list
	return errs
}

func (c *Config) checkAuth(k *checker) {
	k.jwt("auth.jwt", &c.JWT)
	for i := range c.Routes {
		r, key := &c.Routes[i], fmt.Sprintf("routes[%d]", i)
		if r.JWT.Enabled() {
			k.jwt(key+".auth.jwt", r.JWT)
		}
		if r.Authorize && r.Protocol == ProtocolFramed {
			k.fail(key+".authorize", r.Authorize, "this is for plain scripts: one with the SDK answers handshakes in its own events")
		}
		k.heartbeats(key+".heartbeats", r.Heartbeats)
	}
}

func (k *checker) heartbeats(key string, list []Heartbeat) {
	if len(list) > maxHeartbeats {
		k.fail(key, len(list), "at most %d are allowed", maxHeartbeats)
	}
	seen := make(map[string]int)
	for i := range list {
		at := fmt.Sprintf("%s[%d]", key, i)
		message, _, err := list[i].Bytes()
		if err != nil {
			k.fail(at, "", "%v", err)
			continue
		}
		what := string(list[i].Opcode) + " " + string(message)
		if first, twice := seen[what]; twice {
			k.fail(at, string(message), "%s[%d] has this message already", key, first)
		}
		seen[what] = i
	}
}

// jwt checks what can be seen without the keys themselves.
func (k *checker) jwt(key string, j *JWT) {
	sources := 0
	for _, s := range []string{j.Secret.Reveal(), j.SecretFile, j.PublicKeyFile, j.JWKSFile} {
		if s != "" {
			sources++
		}
	}
	if !j.Enabled() {
		if sources > 0 {
			k.fail(key+".algorithms", "", "there is a key, but no algorithm: write which are allowed, of HS256, RS256 and ES256")
		}
		return
	}
	for i, a := range j.Algorithms {
		switch {
		case a != "HS256" && a != "RS256" && a != "ES256":
			k.fail(fmt.Sprintf("%s.algorithms[%d]", key, i), a, "allowed are HS256, RS256 and ES256")
		case a == "HS256" && j.PublicKeyFile != "":
			k.fail(fmt.Sprintf("%s.algorithms[%d]", key, i), a, "a public key is no secret: whoever has it could sign")
		case a != "HS256" && (j.Secret != "" || j.SecretFile != ""):
			k.fail(fmt.Sprintf("%s.algorithms[%d]", key, i), a, "it has a public key: write public_key_file or jwks_file instead of a secret")
		}
	}
	if sources != 1 {
		k.fail(key, "", "write one of secret, secret_file, public_key_file and jwks_file")
	}
	const least = 32 // RFC 7518 section 3.2
	if n := len(j.Secret); n > 0 && n < least {
		k.fail(key+".secret", j.Secret.String(), "it has %d bytes, and could be guessed: write at least %d, such as those of `openssl rand -hex 32`", n, least)
	}
	k.jwtSources(key+".from", j.From)
	if j.Leeway < 0 || j.Leeway > 5*time.Minute {
		k.fail(key+".leeway", j.Leeway, "allowed is 0 to 5m")
	}
	if j.CloseCode != 1008 && (j.CloseCode < 3000 || j.CloseCode > 4999) {
		k.fail(key+".close_code", j.CloseCode, "allowed are 1008 and 3000 to 4999")
	}
	for i, name := range j.Claims {
		if name == "" || slices.Contains(j.Claims[:i], name) {
			k.fail(fmt.Sprintf("%s.claims[%d]", key, i), name, "write each claim's name once")
		}
	}
}

func (k *checker) jwtSources(key string, from []string) {
	if len(from) == 0 {
		k.fail(key, "", "write where a ticket may be: header:NAME, query:NAME, cookie:NAME")
	}
	token := regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	for i, source := range from {
		at := fmt.Sprintf("%s[%d]", key, i)
		kind, name, _ := strings.Cut(source, ":")
		switch {
		case kind != "header" && kind != "query" && kind != "cookie" || name == "":
			k.fail(at, source, "write header:NAME, query:NAME or cookie:NAME")
		case kind != "query" && !token.MatchString(name):
			k.fail(at, source, "this is no name of a %s", kind)
		case kind == "header" && reservedHeader(name):
			k.fail(at, source, "this header has another meaning")
		case slices.Contains(from[:i], source):
			k.fail(at, source, "it stands there twice")
		}
	}
}

// reservedHeader reports whether a handshake's header is not a place for a ticket.
func reservedHeader(name string) bool {
	name = strings.ToLower(name)
	return slices.Contains([]string{"host", "origin", "connection", "upgrade", "cookie", "content-length", "transfer-encoding"}, name) || strings.HasPrefix(name, "sec-websocket-")
}
