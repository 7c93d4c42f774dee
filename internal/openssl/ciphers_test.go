package openssl

import (
	"crypto/tls"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCiphers(t *testing.T) {
	name := func(ids []uint16) (names []string) {
		for _, id := range ids {
			for _, s := range suites() {
				if s.id == id {
					names = append(names, s.name)
				}
			}
		}
		return names
	}
	for list, want := range map[string]struct{ names, unknown []string }{
		"": {},
		"ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256": {[]string{"ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256"}, nil},
		"EECDH+AESGCM:EDH+AESGCM:!aNULL:@STRENGTH": {
			[]string{"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"}, []string{"EDH+AESGCM"},
		},
		"aRSA+CHACHA20, AES128-SHA !SHA1":          {[]string{"ECDHE-RSA-CHACHA20-POLY1305", "AES128-SHA"}, nil},
		"!CHACHA20:CHACHA20:RC4:ECDHE+AES256:-SHA": {[]string{"ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"}, []string{"RC4"}},
		"AES128+AESGCM:+ECDSA":                     {[]string{"ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"}, nil},
	} {
		ids, unknown := Ciphers(list)
		if got := name(ids); !cmp.Equal(got, want.names) || !cmp.Equal(unknown, want.unknown) {
			t.Errorf("%q: %v, unknown %v", list, got, unknown)
		}
	}
	if ids, unknown := Ciphers("HIGH:!aNULL:!MD5"); len(ids) != 10 || unknown != nil {
		t.Errorf("HIGH: %d, %v", len(ids), unknown)
	}
}

// The table is crypto/tls's: what it calls insecure is weak here, and nothing of TLS 1.2 that is secure is missing.
func TestSuitesAreThoseOfCryptoTLS(t *testing.T) {
	for _, c := range tls.CipherSuites() {
		if !slices.Contains(c.SupportedVersions, uint16(tls.VersionTLS12)) {
			continue
		}
		if !slices.ContainsFunc(suites(), func(s suite) bool { return s.id == c.ID && !s.weak }) {
			t.Errorf("%s is missing", c.Name)
		}
	}
	for _, c := range tls.InsecureCipherSuites() {
		if slices.ContainsFunc(suites(), func(s suite) bool { return s.id == c.ID && !s.weak }) {
			t.Errorf("%s is weak", c.Name)
		}
	}
}

func TestCurves(t *testing.T) {
	ids, unknown := Curves("auto:prime256v1: X25519 :brainpoolP256r1")
	if !cmp.Equal(ids, []tls.CurveID{tls.CurveP256, tls.X25519}) || !cmp.Equal(unknown, []string{"brainpoolP256r1"}) {
		t.Errorf("%v, unknown %v", ids, unknown)
	}
}

func FuzzCiphers(f *testing.F) {
	f.Add("EECDH+AESGCM:!aNULL:-SHA:+ECDSA:@STRENGTH")
	f.Fuzz(func(t *testing.T, list string) {
		ids, _ := Ciphers(list)
		for i, id := range ids {
			if slices.Contains(ids[:i], id) {
				t.Errorf("%q: %d twice", list, id)
			}
		}
		Curves(list)
	})
}
