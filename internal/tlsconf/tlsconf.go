package tlsconf

import (
	"crypto/tls"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/fpmbridge/fpmbridge/internal/certs"
	"github.com/fpmbridge/fpmbridge/internal/openssl"
	"github.com/fpmbridge/fpmbridge/internal/phpval"
)

// Bits of Swoole's ssl_protocols: SWOOLE_SSL_TLSv1_2 and SWOOLE_SSL_TLSv1_3. Older versions are not spoken.
const (
	TLS12 = 1 << 5
	TLS13 = 1 << 6
)

// Setting is one of Swoole's.
type Setting struct {
	Name string
	Key  string // of the configuration, which wins; "": none
	// Apply takes a value over. What is wrong with it is said without the setting's name.
	Apply func(l *Listener, v any) error
}

// Listener is what the settings of one listener come to.
type Listener struct {
	certs.Files

	Folder string // of the script: relative paths are there
	// Note is told what is not as in Swoole.
	Note func(format string, args ...any)
}

// file is a path of a script's settings.
func (l *Listener) file(v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", errors.New("want a file's path")
	}
	if s != "" && !filepath.IsAbs(s) {
		s = filepath.Join(l.Folder, s)
	}
	return s, nil
}

// Settings are all of them, in the order in which they are taken over.
func Settings() []Setting {
	path := func(to func(l *Listener) *string) func(*Listener, any) error {
		return func(l *Listener, v any) (err error) {
			*to(l), err = l.file(v)
			return err
		}
	}
	flag := func(to func(l *Listener) *bool) func(*Listener, any) error {
		return func(l *Listener, v any) error { *to(l) = phpval.Truth(v); return nil }
	}
	return []Setting{
		{"ssl_cert_file", "tls.cert", path(func(l *Listener) *string { return &l.Pair.Cert })},
		{"ssl_key_file", "tls.key", path(func(l *Listener) *string { return &l.Pair.Key })},
		{"ssl_verify_peer", "", flag(func(l *Listener) *bool { return &l.Verify })},
		{"ssl_client_cert_file", "tls.client_ca", path(func(l *Listener) *string { return &l.ClientCA })},
		{"ssl_cafile", "tls.client_ca", path(func(l *Listener) *string { return &l.CAFile })},
		{"ssl_capath", "tls.client_ca", path(func(l *Listener) *string { return &l.CAFolder })},
		{"ssl_verify_depth", "", func(l *Listener, v any) error {
			n, err := phpval.Number(v)
			l.Depth = max(int(n), 0)
			return err //nolint:wrapcheck // the caller names the setting
		}},
		{"ssl_allow_self_signed", "", flag(func(l *Listener) *bool { return &l.SelfSigned })},
		{"ssl_protocols", "", protocols},
		{"ssl_sni_certs", "", names},
		{"ssl_ecdh_curve", "", func(l *Listener, v any) error {
			s, _ := v.(string)
			var unknown []string
			if l.Curves, unknown = openssl.Curves(s); len(unknown) > 0 {
				l.Note("ssl_ecdh_curve: %s is not known here", strings.Join(unknown, ", "))
			}
			return nil
		}},
		{"ssl_ciphers", "", func(l *Listener, v any) error {
			s, _ := v.(string)
			var unknown []string
			if l.Ciphers, unknown = openssl.Ciphers(s); len(unknown) > 0 {
				l.Note("ssl_ciphers: %s is not spoken here", strings.Join(unknown, ", "))
			}
			if len(l.Ciphers) == 0 && s != "" {
				return fmt.Errorf("no cipher of %q is spoken here: want some such as ECDHE-RSA-AES128-GCM-SHA256, or leave it out", s)
			}
			return nil
		}},
		{"ssl_prefer_server_ciphers", "", func(l *Listener, v any) error {
			l.ClientOrder = v != nil && !phpval.Truth(v)
			return nil
		}},
		{"ssl_dhparam", "", func(l *Listener, v any) (err error) {
			if v == nil {
				return nil
			}
			if l.DHParam, err = l.file(v); l.DHParam != "" {
				l.Note("ssl_dhparam: keys are exchanged over elliptic curves here, its parameters are not used")
			}
			return err
		}},
		// OpenSSL compresses nothing since 1.1.0, whatever this says, and no more do we (CVE-2012-4929).
		{"ssl_compress", "", func(*Listener, any) error { return nil }},
	}
}

func protocols(l *Listener, v any) error {
	f, err := phpval.Number(v)
	if err != nil {
		return err //nolint:wrapcheck // the caller names the setting
	}
	n := int(f)
	switch n & (TLS12 | TLS13) {
	case TLS12:
		l.Max = tls.VersionTLS12
	case TLS13:
		l.Min = tls.VersionTLS13
	case 0:
		if n != 0 {
			return errors.New("want SWOOLE_SSL_TLSv1_2, SWOOLE_SSL_TLSv1_3 or both: older versions are not spoken here")
		}
	}
	if n&^(TLS12|TLS13) != 0 {
		l.Note("ssl_protocols: versions below TLS 1.2 are not spoken here")
	}
	return nil
}

func names(l *Listener, v any) error {
	hosts, ok := v.(map[string]any)
	if !ok {
		return errors.New("want an array of host names, each with ssl_cert_file and ssl_key_file")
	}
	l.Names = make(map[string]certs.Pair)
	for name, files := range hosts {
		m, _ := files.(map[string]any)
		cert, err1 := l.file(m["ssl_cert_file"])
		key, err2 := l.file(m["ssl_key_file"])
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		l.Names[name] = certs.Pair{Cert: cert, Key: key}
	}
	return nil
}
