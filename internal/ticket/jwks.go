package ticket

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// maxKeys bounds a key set.
const maxKeys = 100

// jwk is a key of RFC 7517 section 4 and RFC 7518 section 6, as far as we know its kind.
type jwk struct {
	Kty string   `json:"kty"`
	Use string   `json:"use"`
	Ops []string `json:"key_ops"`
	Alg string   `json:"alg"`
	Kid string   `json:"kid"`
	N   string   `json:"n"`
	E   string   `json:"e"`
	Crv string   `json:"crv"`
	X   string   `json:"x"`
	Y   string   `json:"y"`
	K   string   `json:"k"`
}

// keySet reads a JWKS file. Keys that are for something else are left out; at least one has to be left, and of each algorithm one.
func keySet(text []byte, algorithms []string) ([]key, error) {
	var set struct {
		Keys []jwk `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("this is no JWKS file: %w", err)
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("%d keys, at most %d are allowed", len(set.Keys), maxKeys)
	}
	var keys []key
	for i := range set.Keys {
		j := &set.Keys[i]
		alg := j.algorithm()
		if !slices.Contains(algorithms, alg) || j.Alg != "" && j.Alg != alg || j.Use != "" && j.Use != "sig" || j.Ops != nil && !slices.Contains(j.Ops, "verify") {
			continue
		}
		one, err := j.key(alg)
		if err != nil {
			return nil, fmt.Errorf("key %d (kid %.40q): %w", i, j.Kid, err)
		}
		if slices.ContainsFunc(keys, func(k key) bool { return k.id == one.id && k.alg == one.alg }) {
			return nil, fmt.Errorf("key %d: there is another %s key with the kid %.40q", i, alg, j.Kid)
		}
		keys = append(keys, one)
	}
	for _, a := range algorithms {
		if !slices.ContainsFunc(keys, func(k key) bool { return k.alg == a }) {
			return nil, fmt.Errorf("no key for %s", a)
		}
	}
	return keys, nil
}

// algorithm is what a key of its kind is for; "": nothing here.
func (j *jwk) algorithm() string {
	switch {
	case j.Kty == "RSA":
		return RS256
	case j.Kty == "EC" && j.Crv == "P-256":
		return ES256
	case j.Kty == "oct":
		return HS256
	}
	return ""
}

func (j *jwk) key(alg string) (one key, err error) {
	switch alg {
	case HS256:
		secret, err := base64.RawURLEncoding.DecodeString(j.K)
		if err != nil {
			return one, errors.New("k is no base64url")
		}
		if len(secret) < minSecret {
			return one, fmt.Errorf("a secret of %d bytes: want at least %d", len(secret), minSecret)
		}
		return key{j.Kid, alg, secret}, nil
	case RS256:
		n, e := number(j.N), number(j.E)
		if n == nil || e == nil || !e.IsInt64() || e.Int64() > 1<<31-1 {
			return one, errors.New("n and e are no numbers in base64url")
		}
		one, err = public(&rsa.PublicKey{N: n, E: int(e.Int64())})
	default:
		x, y := number(j.X), number(j.Y)
		if x == nil || y == nil || x.BitLen() > 256 || y.BitLen() > 256 {
			return one, errors.New("x and y are no coordinates in base64url")
		}
		point := append([]byte{4}, append(x.FillBytes(make([]byte, 32)), y.FillBytes(make([]byte, 32))...)...)
		p, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
		if err != nil {
			return one, errors.New("x and y are no point of P-256")
		}
		one, err = public(p)
		if err != nil {
			return one, err
		}
	}
	one.id = j.Kid
	return one, err
}

// number reads an unsigned big-endian integer in base64url; nil: it is none.
func number(s string) *big.Int {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) == 0 {
		return nil
	}
	return new(big.Int).SetBytes(b)
}
