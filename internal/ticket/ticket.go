package ticket

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// The algorithms.
const (
	HS256 = "HS256"
	RS256 = "RS256"
	ES256 = "ES256"
)

// Options configure a Checker. The zero value of a field means what it says there.
type Options struct {
	Algorithms []string // those that are allowed; at least one

	// Where the key is: one of these. Files are read again when they change.
	Secret        []byte
	SecretFile    string // without the line's end
	PublicKeyFile string // PEM
	JWKSFile      string // RFC 7517 section 5

	From     []string // header:NAME, query:NAME, cookie:NAME; the first that is there counts
	Required bool     // who shows none is refused
	Strip    bool     // PHP is not told of it

	UIDClaim    string   // "": none
	GroupsClaim string   // "": none
	Claims      []string // that become attributes
	Issuers     []string // one of them has to be iss; nil: any
	Audiences   []string // one of them has to be in aud; nil: any

	Leeway     time.Duration
	RequireExp bool

	Log *slog.Logger     // of what becomes of files; nil: nobody
	Now func() time.Time // nil: time.Now
}

// Bearer is whose ticket it is. The zero value is somebody without one.
type Bearer struct {
	UID        string // "": none
	Groups     []string
	Attributes []byte    // a JSON object; nil: none
	Expires    time.Time // zero: never
}

// The closed set of refusals, as clients and the log get them.
const (
	Missing   = "missing"
	Ambiguous = "ambiguous" // two tickets, of which others may have checked the other one
	TooLong   = "too_long"
	Malformed = "malformed"
	Algorithm = "algorithm" // not one of ours, or none
	Key       = "key"       // no key of that id and algorithm
	Signature = "signature"
	Expired   = "expired"
	NotYet    = "not_yet_valid"
	NoExpiry  = "no_expiry"
	Issuer    = "issuer"
	Audience  = "audience"
	Claim     = "claim" // the uid, groups or attributes cannot be taken from it
)

const (
	// maxToken bounds a ticket, in bytes: above what cookies may have.
	maxToken  = 8 << 10
	maxGroups = 1000
	// maxExpiry is 2242: what is later never ends.
	maxExpiry = 1 << 33
)

// refusal is an error that is one of the words.
type refusal string

func (r refusal) Error() string { return "ticket: " + string(r) }

// Checker checks tickets. Any goroutine may use it.
type Checker struct {
	o      Options
	parser *jwt.Parser
	keys   *keyring
	from   []source
}

// New checks the options, and reads the keys.
func New(o Options) (*Checker, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	var problems []error
	if len(o.Algorithms) == 0 {
		problems = append(problems, errors.New("ticket: no algorithm is allowed"))
	}
	for _, a := range o.Algorithms {
		if a != HS256 && a != RS256 && a != ES256 {
			problems = append(problems, fmt.Errorf("ticket: algorithm %q: allowed are HS256, RS256 and ES256", a))
		}
	}
	c := &Checker{o: o}
	var err error
	if c.from, err = sources(o.From); err != nil {
		problems = append(problems, err)
	}
	if c.keys, err = newKeyring(&o); err != nil {
		problems = append(problems, err)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	options := []jwt.ParserOption{
		jwt.WithValidMethods(o.Algorithms), jwt.WithStrictDecoding(), jwt.WithJSONNumber(), jwt.WithLeeway(o.Leeway), jwt.WithTimeFunc(o.Now),
	}
	if o.RequireExp {
		options = append(options, jwt.WithExpirationRequired())
	}
	c.parser = jwt.NewParser(options...)
	return c, nil
}

// Check looks for the ticket of a request. refused is "" if the client may come in, and otherwise one of the words; challenge is the value
// of WWW-Authenticate then. told is what PHP may know of the request.
func (c *Checker) Check(r *http.Request) (told *http.Request, who Bearer, refused, challenge string) {
	told = r
	if c.o.Strip {
		told = c.strip(r)
	}
	token, err := c.find(r)
	switch {
	case err != nil:
	case token != "":
		who, err = c.verify(token)
	case c.o.Required:
		err = refusal(Missing)
	}
	if err == nil {
		return told, who, "", ""
	}
	refused = Malformed
	if why, ok := errors.AsType[refusal](err); ok {
		refused = string(why)
	}
	challenge = `Bearer realm="fpmbridge"`
	switch refused {
	case Missing:
	case Ambiguous:
		challenge += `, error="invalid_request", error_description="` + refused + `"`
	default:
		challenge += `, error="invalid_token", error_description="` + refused + `"`
	}
	return told, Bearer{}, refused, challenge
}

// verify checks a ticket. Its error is a refusal.
func (c *Checker) verify(token string) (Bearer, error) {
	if len(token) > maxToken {
		return Bearer{}, refusal(TooLong)
	}
	claims := jwt.MapClaims{}
	t, err := c.parser.ParseWithClaims(token, claims, c.keys.find)
	if err != nil {
		return Bearer{}, c.why(t, err)
	}
	return c.bearer(claims)
}

// why words an error of the parser.
func (c *Checker) why(t *jwt.Token, err error) error {
	if own, ok := errors.AsType[refusal](err); ok {
		return own
	}
	switch {
	case t != nil && t.Method != nil && !slices.Contains(c.o.Algorithms, t.Method.Alg()):
		return refusal(Algorithm)
	case errors.Is(err, jwt.ErrTokenMalformed):
		return refusal(Malformed)
	case errors.Is(err, jwt.ErrTokenUnverifiable):
		return refusal(Algorithm)
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return refusal(Signature)
	case errors.Is(err, jwt.ErrTokenExpired):
		return refusal(Expired)
	case errors.Is(err, jwt.ErrTokenNotValidYet):
		return refusal(NotYet)
	case errors.Is(err, jwt.ErrTokenRequiredClaimMissing):
		return refusal(NoExpiry)
	case errors.Is(err, jwt.ErrTokenInvalidClaims):
		return refusal(Claim)
	}
	return refusal(Malformed)
}

// bearer takes out of verified claims what is wanted.
func (c *Checker) bearer(claims jwt.MapClaims) (who Bearer, err error) {
	if len(c.o.Issuers) > 0 {
		if iss, err := claims.GetIssuer(); err != nil || !slices.Contains(c.o.Issuers, iss) {
			return who, refusal(Issuer)
		}
	}
	if len(c.o.Audiences) > 0 {
		aud, err := claims.GetAudience()
		if err != nil || !slices.ContainsFunc(aud, func(a string) bool { return slices.Contains(c.o.Audiences, a) }) {
			return who, refusal(Audience)
		}
	}
	switch exp, err := claims.GetExpirationTime(); {
	case err != nil:
		return who, refusal(Claim)
	case exp != nil && exp.Unix() < maxExpiry:
		who.Expires = exp.Add(c.o.Leeway)
	}
	if c.o.UIDClaim != "" {
		if who.UID, err = name(claims[c.o.UIDClaim]); err != nil {
			return Bearer{}, err
		}
	}
	if c.o.GroupsClaim != "" {
		if who.Groups, err = names(claims[c.o.GroupsClaim]); err != nil {
			return Bearer{}, err
		}
	}
	if who.Attributes, err = c.attributes(claims); err != nil {
		return Bearer{}, err
	}
	return who, nil
}

// name reads a uid or a group: a text, or a whole number.
func name(v any) (string, error) {
	s, ok := v.(string)
	if n, number := v.(json.Number); number {
		s, ok = string(n), !strings.ContainsAny(string(n), ".eE")
	}
	if !ok || s == "" || len(s) > ops.MaxName {
		return "", refusal(Claim)
	}
	return s, nil
}

// names reads groups: a list, or one. There need not be any.
func names(v any) (list []string, err error) {
	all, ok := v.([]any)
	switch {
	case v == nil:
		return nil, nil
	case !ok:
		all = []any{v}
	case len(all) > maxGroups:
		return nil, refusal(Claim)
	}
	for _, item := range all {
		group, err := name(item)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(list, group) {
			list = append(list, group)
		}
	}
	return list, nil
}

func (c *Checker) attributes(claims jwt.MapClaims) ([]byte, error) {
	some := make(map[string]any)
	for _, claim := range c.o.Claims {
		if v, ok := claims[claim]; ok {
			some[claim] = v
		}
	}
	if len(some) == 0 {
		return nil, nil
	}
	raw, err := json.Marshal(some)
	if err == nil {
		raw, err = ops.Attributes(raw)
	}
	if err != nil {
		return nil, refusal(Claim)
	}
	return raw, nil
}
