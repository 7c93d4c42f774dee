package ticket

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const secret = "0123456789abcdef0123456789abcdef"

// now is when all tests happen.
func now() time.Time { return time.Unix(1_800_000_000, 0) }

var keys = sync.OnceValue(func() (k struct {
	rsa, other *rsa.PrivateKey
	ec         *ecdsa.PrivateKey
},
) {
	k.rsa, _ = rsa.GenerateKey(rand.Reader, 2048)
	k.other, _ = rsa.GenerateKey(rand.Reader, 2048)
	k.ec, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return k
})

// sign makes a ticket; header has more of its header.
func sign(t testing.TB, method jwt.SigningMethod, key any, claims jwt.MapClaims, header ...any) string {
	t.Helper()
	token := jwt.NewWithClaims(method, claims)
	for i := 0; i < len(header); i += 2 {
		token.Header[header[i].(string)] = header[i+1]
	}
	s, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func claims(more ...any) jwt.MapClaims {
	c := jwt.MapClaims{"sub": "ann", "exp": now().Unix() + 60}
	for i := 0; i < len(more); i += 2 {
		if c[more[i].(string)] = more[i+1]; more[i+1] == nil {
			delete(c, more[i].(string))
		}
	}
	return c
}

func hs(t testing.TB, more ...any) string {
	t.Helper()
	return sign(t, jwt.SigningMethodHS256, []byte(secret), claims(more...))
}

func options() Options {
	return Options{
		Algorithms: []string{HS256}, Secret: []byte(secret), From: []string{"header:Authorization", "query:token", "cookie:token", "header:X-Ticket"},
		Required: true, UIDClaim: "sub", Leeway: 10 * time.Second, RequireExp: true, Now: now,
	}
}

func checker(t testing.TB, o Options) *Checker {
	t.Helper()
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func request(t testing.TB, uri string, header ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://host"+uri, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.RequestURI = uri
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	return r
}

// bearing is a request with a ticket in the header.
func bearing(t testing.TB, token string) *http.Request {
	t.Helper()
	return request(t, "/", "Authorization: Bearer "+token)
}

func pemFile(t testing.TB, public crypto.PublicKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return file(t, string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})))
}

func file(t testing.TB, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func coded(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func rsaJWK(kid string, k *rsa.PublicKey) string {
	return fmt.Sprintf(`{"kty":"RSA","kid":%q,"n":%q,"e":"AQAB"}`, kid, coded(k.N.Bytes()))
}

func ecJWK(t testing.TB, kid string, k *ecdsa.PublicKey) string {
	t.Helper()
	b, err := k.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`{"kty":"EC","crv":"P-256","kid":%q,"x":%q,"y":%q,"use":"sig","alg":"ES256"}`, kid, coded(b[1:33]), coded(b[33:]))
}

func octJWK(kid, secret string) string {
	return fmt.Sprintf(`{"kty":"oct","kid":%q,"k":%q}`, kid, coded([]byte(secret)))
}

func set(list ...string) string { return `{"keys":[` + strings.Join(list, ",") + `]}` }

func TestWhereTicketsAre(t *testing.T) {
	good, bad := hs(t), hs(t)+"x"
	for name, c := range map[string]struct {
		r    *http.Request
		want string
	}{
		"a header":                     {bearing(t, good), ""},
		"any case of bearer":           {request(t, "/", "Authorization: bEARER  "+good), ""},
		"a query":                      {request(t, "/?a=1&token="+good), ""},
		"a cookie":                     {request(t, "/", "Cookie: a=1; token="+good), ""},
		"another header":               {request(t, "/", "X-Ticket: "+good), ""},
		"another header, with bearer":  {request(t, "/", "X-Ticket: Bearer "+good), ""},
		"the first place counts":       {request(t, "/?token="+bad, "Authorization: Bearer "+good), ""},
		"the first place counts, too":  {request(t, "/?token="+good, "Authorization: Bearer "+bad), Signature},
		"basic is something else":      {request(t, "/?token="+good, "Authorization: Basic YTpi"), ""},
		"none":                         {request(t, "/"), Missing},
		"an empty one is none":         {request(t, "/?token=", "Authorization: Bearer ", "Cookie: token="), Missing},
		"another name":                 {request(t, "/?tokens="+good+"&Token="+good), Missing},
		"two in the query":             {request(t, "/?token="+good+"&token="+good), Ambiguous},
		"two in the query, one hidden": {request(t, "/?token="+good+"&%74oken="+bad), Ambiguous},
		"two cookies":                  {request(t, "/", "Cookie: token="+good+"; token="+bad), Ambiguous},
		"two cookie lines":             {request(t, "/", "Cookie: token="+good, "Cookie: token="+bad), Ambiguous},
		"two headers":                  {request(t, "/", "Authorization: Bearer "+good, "Authorization: Bearer "+bad), Ambiguous},
		"basic and bearer":             {request(t, "/", "Authorization: Basic x", "Authorization: Bearer "+good), Ambiguous},
		"two of another header":        {request(t, "/", "X-Ticket: "+good, "X-Ticket: "+good), Ambiguous},
	} {
		_, who, refused, challenge := checker(t, options()).Check(c.r)
		if refused != c.want || (refused == "") != (who.UID == "ann") || (refused == "") != (challenge == "") {
			t.Errorf("%s: %q %+v %q", name, refused, who, challenge)
		}
		if refused != "" && (!strings.HasPrefix(challenge, "Bearer ") || (refused != Missing) != strings.Contains(challenge, refused)) {
			t.Errorf("%s: %s", name, challenge)
		}
	}
}

func TestThoseWithoutATicketMayBeLetIn(t *testing.T) {
	o := options()
	o.Required = false
	c := checker(t, o)
	if _, who, refused, _ := c.Check(request(t, "/")); refused != "" || !reflect.DeepEqual(who, Bearer{}) {
		t.Errorf("%q %+v", refused, who)
	}
	if _, _, refused, _ := c.Check(bearing(t, "x.y.z")); refused != Malformed {
		t.Errorf("%q: a bad one is not none", refused)
	}
}

func TestTimes(t *testing.T) {
	at := now().Unix()
	for name, c := range map[string]struct{ token, want string }{
		"good":                {hs(t), ""},
		"over":                {hs(t, "exp", at-11), Expired},
		"over, within leeway": {hs(t, "exp", at-9), ""},
		"not yet":             {hs(t, "nbf", at+11), NotYet},
		"not yet, but nearly": {hs(t, "nbf", at+9), ""},
		"no end":              {hs(t, "exp", nil), NoExpiry},
		"a text as time":      {hs(t, "exp", "tomorrow"), Claim},
		"a list as time":      {hs(t, "exp", []int{1}), Claim},
		"a far time":          {hs(t, "exp", 1e12), ""},
		"an endless time":     {hs(t, "exp", 1e300), Expired},
		"a negative time":     {hs(t, "exp", -1e300), Expired},
		"zero":                {hs(t, "exp", 0), Expired},
	} {
		_, who, refused, _ := checker(t, options()).Check(bearing(t, c.token))
		if refused != c.want {
			t.Errorf("%s: %q", name, refused)
		}
		if name == "good" && !who.Expires.Equal(now().Add(70*time.Second)) || name == "a far time" && !who.Expires.IsZero() {
			t.Errorf("%s: %v", name, who.Expires)
		}
	}
	o := options()
	o.RequireExp = false
	if _, who, refused, _ := checker(t, o).Check(bearing(t, hs(t, "exp", nil))); refused != "" || !who.Expires.IsZero() {
		t.Errorf("%q %+v", refused, who)
	}
}

func TestWhoseTicketItIs(t *testing.T) {
	for name, c := range map[string]struct {
		token string
		want  string
		who   Bearer
	}{
		"all": {hs(t, "sub", "7", "roles", []string{"a", "b", "a"}, "name", "Ann", "n", json.Number("12345678901234567890"), "other", 1), "", Bearer{
			UID: "7", Groups: []string{"a", "b"}, Attributes: []byte(`{"n":12345678901234567890,"name":"Ann"}`),
		}},
		"a number":             {hs(t, "sub", 42), "", Bearer{UID: "42"}},
		"one group":            {hs(t, "roles", "a"), "", Bearer{UID: "ann", Groups: []string{"a"}}},
		"a fraction":           {hs(t, "sub", 4.5), Claim, Bearer{}},
		"nobody":               {hs(t, "sub", nil), Claim, Bearer{}},
		"an empty name":        {hs(t, "sub", ""), Claim, Bearer{}},
		"a long name":          {hs(t, "sub", strings.Repeat("x", 256)), Claim, Bearer{}},
		"a list as name":       {hs(t, "sub", []string{"a"}), Claim, Bearer{}},
		"true as name":         {hs(t, "sub", true), Claim, Bearer{}},
		"groups that are none": {hs(t, "roles", []any{"a", true}), Claim, Bearer{}},
		"an object as group":   {hs(t, "roles", map[string]any{"a": 1}), Claim, Bearer{}},
		"large attributes":     {hs(t, "name", strings.Repeat("x", 5000)), Claim, Bearer{}},
		"another issuer":       {hs(t, "iss", "them"), Issuer, Bearer{}},
		"no issuer":            {hs(t, "iss", nil), Issuer, Bearer{}},
		"an issuer in a list":  {hs(t, "iss", []string{"us"}), Issuer, Bearer{}},
		"another audience":     {hs(t, "aud", "x"), Audience, Bearer{}},
		"no audience":          {hs(t, "aud", nil), Audience, Bearer{}},
		"audiences":            {hs(t, "aud", []string{"x", "chat"}), "", Bearer{UID: "ann"}},
	} {
		o := options()
		o.GroupsClaim, o.Claims = "roles", []string{"name", "n", "missing"}
		if strings.Contains(name, "issuer") || strings.Contains(name, "audience") {
			o.Issuers, o.Audiences = []string{"us", "we"}, []string{"chat"}
			if strings.Contains(name, "audience") {
				o.Issuers = nil
			}
		}
		_, who, refused, _ := checker(t, o).Check(bearing(t, c.token))
		who.Expires = time.Time{}
		if refused != c.want || !reflect.DeepEqual(who, c.who) {
			t.Errorf("%s: %q %+v %s", name, refused, who, who.Attributes)
		}
	}
}

// The attacks that JWT libraries have fallen for.
func TestForgedTickets(t *testing.T) {
	k := keys()
	public := pemFile(t, &k.rsa.PublicKey)
	pemText, _ := os.ReadFile(public)
	der, _ := x509.MarshalPKIXPublicKey(&k.rsa.PublicKey)
	byRSA := options()
	byRSA.Secret, byRSA.Algorithms, byRSA.PublicKeyFile = nil, []string{RS256}, public
	bySet := options()
	bySet.Secret, bySet.Algorithms = nil, []string{HS256, RS256, ES256}
	bySet.JWKSFile = file(t, set(rsaJWK("r", &k.rsa.PublicKey), ecJWK(t, "e", &k.ec.PublicKey), octJWK("o", secret)))
	none := func(alg string) string {
		return coded([]byte(`{"alg":"`+alg+`","typ":"JWT"}`)) + "." + coded([]byte(`{"sub":"ann","exp":9999999999}`)) + "."
	}
	rs := func(header ...any) string { return sign(t, jwt.SigningMethodRS256, k.rsa, claims(), header...) }
	parts := strings.Split(hs(t), ".")
	for name, c := range map[string]struct {
		o           Options
		token, want string
	}{
		"good":                         {options(), hs(t), ""},
		"RS256":                        {byRSA, rs(), ""},
		"of a set":                     {bySet, rs("kid", "r"), ""},
		"of a set, ES256":              {bySet, sign(t, jwt.SigningMethodES256, k.ec, claims(), "kid", "e"), ""},
		"of a set, HS256":              {bySet, sign(t, jwt.SigningMethodHS256, []byte(secret), claims(), "kid", "o"), ""},
		"of a set, the one that fits":  {bySet, rs(), ""},
		"a kid where there is one key": {byRSA, rs("kid", "whatever"), ""},
		"none":                         {options(), none("none"), Algorithm},
		"None":                         {options(), none("None"), Algorithm},
		"NONE":                         {options(), none("nOnE"), Algorithm},
		"none for a set":               {bySet, none("none"), Algorithm},
		"none with a signature":        {options(), none("none") + parts[2], Algorithm},
		"an empty algorithm":           {options(), none(""), Algorithm},
		"no signature":                 {options(), parts[0] + "." + parts[1] + ".", Signature},
		"another algorithm":            {options(), sign(t, jwt.SigningMethodHS512, []byte(secret), claims()), Algorithm},
		"PS256":                        {byRSA, sign(t, jwt.SigningMethodPS256, k.rsa, claims()), Algorithm},
		"the public key as secret":     {byRSA, sign(t, jwt.SigningMethodHS256, pemText, claims()), Algorithm},
		"the public key as secret, 2":  {byRSA, sign(t, jwt.SigningMethodHS256, der, claims()), Algorithm},
		"the same for a set":           {bySet, sign(t, jwt.SigningMethodHS256, pemText, claims(), "kid", "r"), Key},
		"the modulus as secret":        {bySet, sign(t, jwt.SigningMethodHS256, k.rsa.N.Bytes(), claims(), "kid", "r"), Key},
		"the same without a kid":       {bySet, sign(t, jwt.SigningMethodHS256, pemText, claims()), Signature},
		"somebody else's key":          {byRSA, sign(t, jwt.SigningMethodRS256, k.other, claims()), Signature},
		"an unknown kid":               {bySet, rs("kid", "x"), Key},
		"a kid of another algorithm":   {bySet, rs("kid", "o"), Key},
		"a kid as path":                {bySet, rs("kid", "../../../../dev/null"), Key},
		"a kid as SQL":                 {bySet, rs("kid", "r' OR '1'='1"), Key},
		"an empty kid":                 {bySet, rs("kid", ""), Key},
		"a kid that is no text":        {bySet, rs("kid", 7), Malformed},
		"a kid that is a list":         {byRSA, rs("kid", []string{"r"}), Malformed},
		"a key of its own":             {byRSA, sign(t, jwt.SigningMethodRS256, k.other, claims(), "jwk", json.RawMessage(rsaJWK("r", &k.other.PublicKey))), Signature},
		"a key elsewhere":              {byRSA, sign(t, jwt.SigningMethodRS256, k.other, claims(), "jku", "http://127.0.0.1:1/"), Signature},
		"crit":                         {byRSA, rs("crit", []string{"exp"}), Algorithm},
		"changed claims":               {options(), parts[0] + "." + coded([]byte(`{"sub":"root","exp":9999999999}`)) + "." + parts[2], Signature},
		"padding":                      {options(), hs(t) + "=", Malformed},
		"two parts":                    {options(), parts[0] + "." + parts[1], Malformed},
		"four parts":                   {options(), hs(t) + ".x", Malformed},
		"many parts":                   {options(), strings.Repeat(".", 8000), Malformed},
		"huge":                         {options(), strings.Repeat("x", 1<<20), TooLong},
		"a large but good one":         {options(), hs(t, "x", strings.Repeat("x", 8000)), TooLong},
		"no JSON":                      {options(), "eHg.eHg.eHg", Malformed},
		"a null header":                {options(), coded([]byte("null")) + "." + parts[1] + "." + parts[2], Algorithm},
		"a list as header":             {options(), coded([]byte("[]")) + "." + parts[1] + "." + parts[2], Malformed},
		"a number as algorithm":        {options(), coded([]byte(`{"alg":256}`)) + "." + parts[1] + "." + parts[2], Algorithm},
		"null as claims":               {options(), raw(t, "null"), NoExpiry},
		"deep JSON":                    {options(), coded([]byte(strings.Repeat("[", 5000))) + "." + parts[1] + "." + parts[2], Malformed},
		"NUL":                          {options(), "\x00.\x00.\x00", Malformed},
	} {
		_, who, refused, _ := checker(t, c.o).Check(&http.Request{URL: request(t, "/").URL, Header: http.Header{"Authorization": {"Bearer " + c.token}}})
		if refused != c.want || (refused == "") != (who.UID == "ann") {
			t.Errorf("%s: %q, want %q, %+v", name, refused, c.want, who)
		}
	}
}

// raw signs claims that no library writes.
func raw(t testing.TB, claims string) string {
	t.Helper()
	text := coded([]byte(`{"alg":"HS256"}`)) + "." + coded([]byte(claims))
	sig, err := jwt.SigningMethodHS256.Sign(text, []byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + coded(sig)
}

func TestStrip(t *testing.T) {
	o := options()
	o.Strip = true
	c := checker(t, o)
	token := hs(t)
	for name, tc := range map[string]struct {
		r                    *http.Request
		uri, cookie, refused string
	}{
		"a query":          {request(t, "/a%20b?x=%41&token="+token+"&y=2&"), "/a%20b?x=%41&y=2&", "", ""},
		"the query":        {request(t, "/a?token="+token), "/a", "", ""},
		"hidden":           {request(t, "/a?x&%74oken="+token), "/a?x", "", ""},
		"a header":         {request(t, "/a?x", "Authorization: Bearer "+token), "/a?x", "", ""},
		"cookies":          {request(t, "/?", "Cookie: a=1; token="+token+"; b=2"), "/", "a=1; b=2", ""},
		"the cookie":       {request(t, "/", "Cookie: token="+token), "/", "", ""},
		"all the places":   {request(t, "/?token="+token, "Authorization: Basic x", "Cookie: token=z;a=1", "X-Ticket: y"), "/", "a=1", ""},
		"a refused ticket": {request(t, "/?token=x"), "/", "", Malformed},
	} {
		before := tc.r.URL.RawQuery
		told, _, refused, _ := c.Check(tc.r)
		if told.RequestURI != tc.uri || told.URL.RawQuery != strings.TrimPrefix(strings.TrimPrefix(tc.uri, told.URL.EscapedPath()), "?") || refused != tc.refused {
			t.Errorf("%s: %q %q %q", name, told.RequestURI, told.URL.RawQuery, refused)
		}
		if strings.TrimSpace(told.Header.Get("Cookie")) != tc.cookie || told.Header.Get("Authorization") != "" || told.Header.Get("X-Ticket") != "" {
			t.Errorf("%s: %v", name, told.Header)
		}
		if tc.r.URL.RawQuery != before {
			t.Errorf("%s: the request itself was changed", name)
		}
	}
	o.Strip = false
	r := request(t, "/?token="+token)
	if told, _, _, _ := checker(t, o).Check(r); told != r {
		t.Error("another request")
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	k := keys()
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	private := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(k.rsa)}))
	rsaPEM := pemFile(t, &k.rsa.PublicKey)
	text, _ := os.ReadFile(rsaPEM)
	with := func(set func(o *Options)) Options {
		o := options()
		o.Secret = nil
		set(&o)
		return o
	}
	jwks := func(text string, algs ...string) Options {
		return with(func(o *Options) { o.JWKSFile, o.Algorithms = file(t, text), algs })
	}
	for want, o := range map[string]Options{
		"no algorithm":       with(func(o *Options) { o.Secret, o.Algorithms = []byte(secret), nil }),
		`algorithm "none"`:   with(func(o *Options) { o.Secret, o.Algorithms = []byte(secret), []string{"none"} }),
		"want one of":        with(func(*Options) {}),
		"of a secret, a":     with(func(o *Options) { o.Secret, o.SecretFile = []byte(secret), rsaPEM }),
		"has 5 bytes":        with(func(o *Options) { o.Secret = []byte("short") }),
		"has 7 bytes":        with(func(o *Options) { o.SecretFile = file(t, "secret!\n") }),
		"HS256 alone":        with(func(o *Options) { o.Secret, o.Algorithms = []byte(secret), []string{HS256, RS256} }),
		"another kind":       with(func(o *Options) { o.SecretFile = rsaPEM }),
		"no such file":       with(func(o *Options) { o.SecretFile = "/nowhere/at/all" }),
		"no PEM":             with(func(o *Options) { o.PublicKeyFile, o.Algorithms = file(t, "x"), []string{RS256} }),
		"RSA PRIVATE KEY":    with(func(o *Options) { o.PublicKeyFile, o.Algorithms = file(t, private), []string{RS256} }),
		"be [RS256]":         with(func(o *Options) { o.PublicKeyFile, o.Algorithms = rsaPEM, []string{HS256} }),
		"has [RS256 ES256]":  with(func(o *Options) { o.PublicKeyFile, o.Algorithms = rsaPEM, []string{RS256, ES256} }),
		"for RS256":          with(func(o *Options) { o.PublicKeyFile, o.Algorithms = rsaPEM, []string{ES256} }),
		"behind the key":     with(func(o *Options) { o.PublicKeyFile, o.Algorithms = file(t, string(text)+string(text)), []string{RS256} }),
		"P-384":              with(func(o *Options) { o.PublicKeyFile, o.Algorithms = pemFile(t, &p384.PublicKey), []string{ES256} }),
		"no JWKS":            jwks("x", RS256),
		"no key for RS256":   jwks(set(octJWK("o", secret)), RS256),
		"no key for HS256":   jwks(set(rsaJWK("r", &k.rsa.PublicKey)), RS256, HS256),
		"key for ES256":      jwks(`{}`, ES256),
		"bytes: want":        jwks(set(octJWK("o", "short")), HS256),
		"another RS256":      jwks(set(rsaJWK("r", &k.rsa.PublicKey), rsaJWK("r", &k.other.PublicKey)), RS256),
		"no point":           jwks(set(`{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ"}`), ES256),
		"bits":               jwks(set(`{"kty":"RSA","n":"AQAB","e":"AQAB"}`), RS256),
		"exponent":           jwks(set(strings.Replace(rsaJWK("r", &k.rsa.PublicKey), "AQAB", "AQ", 1)), RS256),
		"no numbers":         jwks(set(`{"kty":"RSA","n":"!","e":"AQAB"}`), RS256),
		"no base64url":       jwks(set(`{"kty":"oct","k":"!"}`), HS256),
		"at most 100":        jwks(set(strings.Split(strings.Repeat(octJWK("o", secret)+" ", 101), " ")[:101]...), HS256),
		"no key for HS256\n": jwks(set(`{"kty":"oct","use":"enc","k":"`+coded([]byte(secret))+`"}`), HS256),
		"nothing says where": with(func(o *Options) { o.Secret, o.From = []byte(secret), nil }),
		`"token"`:            with(func(o *Options) { o.Secret, o.From = []byte(secret), []string{"token"} }),
		"has no name":        with(func(o *Options) { o.Secret, o.From = []byte(secret), []string{"query:"} }),
	} {
		if _, err := New(o); err == nil || !strings.Contains(err.Error()+"\n", want) {
			t.Errorf("%q: %v", want, err)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("the secret is in: %v", err)
		}
	}
}

// A new file is in force within a second; a broken one, or none, leaves the old one.
func TestKeyFilesAreReadAgain(t *testing.T) {
	var log bytes.Buffer
	o := options()
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	o.Secret, o.SecretFile = nil, file(t, secret+"\n")
	c := checker(t, o)
	second := strings.Repeat("z", 32)
	newer := sign(t, jwt.SigningMethodHS256, []byte(second), claims())
	step := func(change func(), old, next string) {
		t.Helper()
		change()
		c.keys.looks = time.Time{} // a second later
		if _, _, got, _ := c.Check(bearing(t, hs(t))); got != old {
			t.Errorf("the old one: %q", got)
		}
		if _, _, got, _ := c.Check(bearing(t, newer)); got != next {
			t.Errorf("the new one: %q", got)
		}
	}
	write := func(text string) func() {
		return func() {
			if err := os.WriteFile(o.SecretFile, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	step(func() {}, "", Signature)
	step(write("short"), "", Signature)
	step(func() {}, "", Signature)
	step(func() { _ = os.Remove(o.SecretFile) }, "", Signature)
	step(func() {}, "", Signature)
	step(write(second), Signature, "")
	step(write(secret+"\r\n"), "", Signature)
	if n := strings.Count(log.String(), "level=ERROR"); n != 2 || strings.Contains(log.String(), secret) || strings.Contains(log.String(), second) {
		t.Errorf("%d errors:\n%s", n, &log)
	}
}

func TestManyAtOnceWhileKeysChange(t *testing.T) {
	k := keys()
	o := options()
	o.Secret, o.Algorithms = nil, []string{RS256}
	o.JWKSFile = file(t, set(rsaJWK("r", &k.rsa.PublicKey)))
	c := checker(t, o)
	good := sign(t, jwt.SigningMethodRS256, k.rsa, claims(), "kid", "r")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 200 {
				if _, _, refused, _ := c.Check(bearing(t, good)); refused != "" {
					t.Errorf("%q", refused)
					return
				}
				if _, _, refused, _ := c.Check(bearing(t, fmt.Sprint(good, i))); refused == "" {
					t.Error("let in")
				}
			}
		})
	}
	for i := range 20 {
		next := o.JWKSFile + ".new"
		if err := os.WriteFile(next, []byte(set(rsaJWK("r", &k.rsa.PublicKey), rsaJWK(fmt.Sprint(i), &k.other.PublicKey))), 0o600); err != nil {
			t.Error(err)
		}
		if err := os.Rename(next, o.JWKSFile); err != nil {
			t.Error(err)
		}
		c.keys.mu.Lock()
		c.keys.looks = time.Time{}
		c.keys.mu.Unlock()
	}
	wg.Wait()
}

// Nothing that is not signed comes in, and nothing panics.
func FuzzCheck(f *testing.F) {
	f.Add(hs(f), "token="+hs(f), "token="+hs(f))
	f.Add("a.b.c", "%74oken=x;token", "token=\"x\"; token")
	f.Add(coded([]byte(`{"alg":"none"}`))+".e30.", "", "")
	o := options()
	o.Strip, o.GroupsClaim, o.Claims = true, "g", []string{"a"}
	o.Secret = []byte(strings.Repeat("y", 32)) // not the one of the seeds
	c := checker(f, o)
	f.Fuzz(func(t *testing.T, token, query, cookie string) {
		r := request(t, "/")
		r.URL.RawQuery, r.RequestURI = query, "/?"+query
		r.Header["Authorization"], r.Header["Cookie"] = []string{"Bearer " + token}, []string{cookie}
		told, who, refused, challenge := c.Check(r)
		if refused == "" || !reflect.DeepEqual(who, Bearer{}) || challenge == "" {
			t.Errorf("let in: %+v", who)
		}
		if told.URL.Query().Has("token") || told.Header.Get("Authorization") != "" || len(told.CookiesNamed("token")) > 0 {
			t.Errorf("PHP would see it: %q %v", told.RequestURI, told.Header)
		}
	})
}

// Claims of any shape, well signed.
func FuzzClaims(f *testing.F) {
	f.Add(`{"sub":"ann","exp":9999999999,"g":["a",1],"a":{"b":[1.50]},"iss":"us","aud":["x"]}`)
	f.Add(`{"sub":1e400,"exp":1e400}`)
	o := options()
	o.GroupsClaim, o.Claims = "g", []string{"a"}
	c := checker(f, o)
	f.Fuzz(func(t *testing.T, claims string) {
		_, who, refused, _ := c.Check(bearing(t, raw(t, claims)))
		if refused != "" {
			return
		}
		if who.UID == "" || len(who.UID) > 255 || who.Attributes != nil && !json.Valid(who.Attributes) {
			t.Errorf("%+v", who)
		}
		for _, g := range who.Groups {
			if g == "" || len(g) > 255 {
				t.Errorf("group %q", g)
			}
		}
	})
}

// What a key set's file may hold, and what comes of it.
func FuzzKeySet(f *testing.F) {
	modulus := new(big.Int).SetBytes(bytes.Repeat([]byte{0xc5}, 256)) // making a key would take longer than the rest
	p256, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	f.Add([]byte(set(rsaJWK("r", &rsa.PublicKey{N: modulus}), ecJWK(f, "e", &p256.PublicKey), octJWK("o", secret))))
	f.Add([]byte(`{"keys":[{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, alg := range []string{HS256, RS256, ES256} {
			keys, err := keySet(text, []string{alg})
			for _, one := range keys {
				if err != nil || one.alg != alg {
					t.Errorf("%v %v", one, err)
				}
			}
		}
	})
}
