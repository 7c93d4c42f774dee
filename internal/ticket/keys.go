package ticket

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	minSecret = 32   // bytes; RFC 7518 section 3.2
	minRSA    = 2048 // bits; section 3.3
	maxRSA    = 8192 // a larger one would make each handshake slow
	lookEvery = time.Second
	maxFile   = 1 << 20
)

// key is good for one algorithm.
type key struct {
	id    string // "": none
	alg   string
	value any
}

// keyring has the keys, and reads their file again when it changes.
type keyring struct {
	log  *slog.Logger
	file string // "": they never change
	read func(text []byte) ([]key, error)
	set  bool // of a key set, where a ticket's kid chooses; otherwise there is one key, whatever the kid

	keys atomic.Pointer[[]key]

	mu    sync.Mutex
	looks time.Time
	seen  time.Time // the file's change
	size  int64
	lost  bool // the file is not there
}

func newKeyring(o *Options) (*keyring, error) {
	k := &keyring{log: o.Log}
	given := 0
	if len(o.Secret) > 0 {
		given++
		keys, err := secretKey(o.Secret, o.Algorithms)
		if err != nil {
			return nil, fmt.Errorf("ticket: secret: %w", err)
		}
		k.keys.Store(&keys)
	}
	for _, f := range []struct {
		name string
		set  bool
		read func(text []byte, algorithms []string) ([]key, error)
	}{
		{o.SecretFile, false, func(text []byte, algorithms []string) ([]key, error) {
			return secretKey(bytes.TrimRight(text, "\r\n"), algorithms)
		}},
		{o.PublicKeyFile, false, publicKey},
		{o.JWKSFile, true, keySet},
	} {
		if f.name != "" {
			given++
			k.file, k.set = f.name, f.set
			k.read = func(text []byte) ([]key, error) { return f.read(text, o.Algorithms) }
		}
	}
	if given != 1 {
		return nil, errors.New("ticket: want one of a secret, a secret's file, a public key's file and a key set's file")
	}
	if k.file != "" {
		if err := k.load(); err != nil {
			return nil, fmt.Errorf("ticket: %s: %w", k.file, err)
		}
	}
	return k, nil
}

// load reads the file, and leaves the keys as they are if it is wrong.
func (k *keyring) load() error {
	info, err := os.Stat(k.file)
	if err != nil {
		return err //nolint:wrapcheck // it names the file
	}
	if info.Size() > maxFile {
		return fmt.Errorf("it has %d bytes, at most %d are allowed", info.Size(), maxFile)
	}
	text, err := os.ReadFile(k.file)
	if err != nil {
		return err //nolint:wrapcheck // it names the file
	}
	keys, err := k.read(text)
	if err != nil {
		return err
	}
	k.keys.Store(&keys)
	k.seen, k.size = info.ModTime(), info.Size()
	return nil
}

// look reads the file again if it has changed. One goroutine looks, the others go on with the keys that are there.
func (k *keyring) look() {
	if k.file == "" || !k.mu.TryLock() {
		return
	}
	defer k.mu.Unlock()
	now := time.Now()
	if now.Sub(k.looks) < lookEvery {
		return
	}
	k.looks = now
	info, err := os.Stat(k.file)
	switch {
	case err != nil && k.lost, err == nil && info.ModTime().Equal(k.seen) && info.Size() == k.size:
		return // what is wrong with it was said
	case err == nil:
		k.seen, k.size = info.ModTime(), info.Size()
	}
	k.lost = err != nil
	if err := k.load(); err != nil {
		k.log.Error("ticket: the key file cannot be used, the old keys stay", "file", k.file, "err", err)
		return
	}
	k.log.Info("ticket: key file read again", "file", k.file)
}

// find is the parser's jwt.Keyfunc. Of a ticket's header it uses alg, which is one of ours by now, and kid, which is compared and
// nothing else: a jku, x5u or jwk is not looked at.
func (k *keyring) find(t *jwt.Token) (any, error) {
	if _, critical := t.Header["crit"]; critical { // RFC 7515 section 4.1.11: whoever does not know it has to refuse
		return nil, refusal(Algorithm)
	}
	id, has := "", false
	if v, ok := t.Header["kid"]; ok {
		if id, has = v.(string); !has {
			return nil, refusal(Malformed)
		}
	}
	k.look()
	alg := t.Method.Alg()
	var found *key
	keys := *k.keys.Load()
	for i := range keys {
		one := &keys[i]
		switch {
		case one.alg != alg, k.set && has && one.id != id:
		case found != nil:
			return nil, refusal(Key) // without a kid it is not clear which
		default:
			found = one
		}
	}
	if found == nil {
		return nil, refusal(Key)
	}
	return found.value, nil
}

func secretKey(secret []byte, algorithms []string) ([]key, error) {
	switch {
	case slices.ContainsFunc(algorithms, func(a string) bool { return a != HS256 }):
		return nil, errors.New("a secret is for HS256 alone")
	case len(secret) < minSecret:
		return nil, fmt.Errorf("it has %d bytes, and could be guessed: write at least %d, such as those of `openssl rand -hex 32`", len(secret), minSecret)
	case bytes.Contains(secret, []byte("-----BEGIN")):
		return nil, errors.New("this is a key file of another kind: a secret that others have is none")
	}
	return []key{{alg: HS256, value: bytes.Clone(secret)}}, nil
}

// publicKey reads PEM: a key, or a certificate.
func publicKey(text []byte, algorithms []string) ([]key, error) {
	block, rest := pem.Decode(text)
	switch {
	case block == nil:
		return nil, errors.New("this is no PEM file")
	case len(bytes.TrimSpace(rest)) > 0:
		return nil, errors.New("something stands behind the key: several keys go into a JWKS file")
	}
	var value any
	var err error
	switch block.Type {
	case "PUBLIC KEY":
		value, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		value, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		var cert *x509.Certificate
		if cert, err = x509.ParseCertificate(block.Bytes); err == nil {
			value = cert.PublicKey
		}
	default:
		return nil, fmt.Errorf("want a PUBLIC KEY or CERTIFICATE, and not a %.40q", block.Type)
	}
	if err != nil {
		return nil, err //nolint:wrapcheck // it says what is wrong
	}
	one, err := public(value)
	if err != nil {
		return nil, err
	}
	if len(algorithms) != 1 || algorithms[0] != one.alg {
		return nil, fmt.Errorf("this key is for %s, and algorithms has %v: the list has to be [%s]", one.alg, algorithms, one.alg)
	}
	return []key{one}, nil
}

// public says which algorithm a public key is for.
func public(value any) (key, error) {
	switch v := value.(type) {
	case *rsa.PublicKey:
		if n := v.N.BitLen(); n < minRSA || n > maxRSA {
			return key{}, fmt.Errorf("an RSA key of %d bits: want %d to %d", n, minRSA, maxRSA)
		}
		if v.E < 3 || v.E%2 == 0 {
			return key{}, errors.New("an RSA key whose exponent is none")
		}
		return key{alg: RS256, value: v}, nil
	case *ecdsa.PublicKey:
		if v.Curve != elliptic.P256() {
			return key{}, fmt.Errorf("a key on the curve %s: ES256 wants P-256", v.Curve.Params().Name)
		}
		return key{alg: ES256, value: v}, nil
	}
	return key{}, fmt.Errorf("a key of the kind %T: want RSA, or EC on P-256", value)
}
