package app

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

// Bits of Swoole's ssl_protocols (SWOOLE_SSL_TLSv1_2 and so on). Older versions are not spoken.
const (
	sslTLS12 = 1 << 5
	sslTLS13 = 1 << 6
)

// file is a path of a script's settings: relative ones are the script's.
func (t *tuning) file(v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", errors.New("want a file's path")
	}
	if s != "" && !filepath.IsAbs(s) {
		s = filepath.Join(t.folder, s)
	}
	return s, nil
}

// tlsFiles is what a listener's TLS is made of.
type tlsFiles struct {
	certs.Files

	on bool // the socket type has SWOOLE_SSL, or the configuration says so
}

// tlsSettings are those that the bridge carries out; see settings.
func tlsSettings() []setting {
	path := func(to func(t *tuning) *string) func(*tuning, any) error {
		return func(t *tuning, v any) (err error) {
			*to(t), err = t.file(v)
			return err
		}
	}
	return []setting{
		{"ssl_cert_file", "tls.cert", path(func(t *tuning) *string { return &t.tls.Pair.Cert })},
		{"ssl_key_file", "tls.key", path(func(t *tuning) *string { return &t.tls.Pair.Key })},
		{"ssl_verify_peer", "", asFlag(func(t *tuning, on bool) { t.tls.Verify = on })},
		{"ssl_client_cert_file", "tls.client_ca", path(func(t *tuning) *string { return &t.tls.ClientCA })},
		{"ssl_cafile", "tls.client_ca", path(func(t *tuning) *string { return &t.tls.CAFile })},
		{"ssl_capath", "tls.client_ca", path(func(t *tuning) *string { return &t.tls.CAFolder })},
		{"ssl_verify_depth", "", asInteger(func(t *tuning, n int) { t.tls.Depth = max(n, 0) })},
		{"ssl_allow_self_signed", "", asFlag(func(t *tuning, on bool) { t.tls.SelfSigned = on })},
		{"ssl_protocols", "", func(t *tuning, v any) error {
			f, err := asNumber(v)
			if err != nil {
				return err
			}
			n := int(f)
			switch n & (sslTLS12 | sslTLS13) {
			case sslTLS12:
				t.tls.Max = tls.VersionTLS12
			case sslTLS13:
				t.tls.Min = tls.VersionTLS13
			case 0:
				if n != 0 {
					return errors.New("want SWOOLE_SSL_TLSv1_2, SWOOLE_SSL_TLSv1_3 or both: older versions are not spoken here")
				}
			}
			if n&^(sslTLS12|sslTLS13) != 0 {
				t.note("ssl_protocols: versions below TLS 1.2 are not spoken here")
			}
			return nil
		}},
		{"ssl_sni_certs", "", func(t *tuning, v any) error {
			names, ok := v.(map[string]any)
			if !ok {
				return errors.New("want an array of host names, each with ssl_cert_file and ssl_key_file")
			}
			t.tls.Names = make(map[string]certs.Pair)
			for name, files := range names {
				m, _ := files.(map[string]any)
				cert, err1 := t.file(m["ssl_cert_file"])
				key, err2 := t.file(m["ssl_key_file"])
				if err := errors.Join(err1, err2); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
				t.tls.Names[name] = certs.Pair{Cert: cert, Key: key}
			}
			return nil
		}},
		{"ssl_ecdh_curve", "", func(t *tuning, v any) error {
			s, _ := v.(string)
			var unknown []string
			if t.tls.Curves, unknown = openssl.Curves(s); len(unknown) > 0 {
				t.note("ssl_ecdh_curve: %s is not known here", strings.Join(unknown, ", "))
			}
			return nil
		}},
		{"ssl_ciphers", "", func(t *tuning, v any) error {
			s, _ := v.(string)
			var unknown []string
			if t.tls.Ciphers, unknown = openssl.Ciphers(s); len(unknown) > 0 {
				t.note("ssl_ciphers: %s is not spoken here", strings.Join(unknown, ", "))
			}
			if len(t.tls.Ciphers) == 0 && s != "" {
				return fmt.Errorf("no cipher of %q is spoken here: want some such as ECDHE-RSA-AES128-GCM-SHA256, or leave it out", s)
			}
			return nil
		}},
		{"ssl_prefer_server_ciphers", "", func(t *tuning, v any) error {
			if !phpval.Truth(v) {
				t.note("ssl_prefer_server_ciphers: the order of ciphers is always the bridge's")
			}
			return nil
		}},
		{"ssl_dhparam", "", func(t *tuning, v any) error {
			if v != nil && v != "" {
				t.note("ssl_dhparam: keys are exchanged over elliptic curves only, it is not used")
			}
			return nil
		}},
		{"ssl_compress", "", func(t *tuning, v any) error {
			if phpval.Truth(v) {
				t.note("ssl_compress: TLS is not compressed here (CVE-2012-4929)")
			}
			return nil
		}},
	}
}
