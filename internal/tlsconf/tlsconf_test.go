package tlsconf

import (
	"crypto/tls"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fpmbridge/fpmbridge/internal/certs"
)

// read takes settings over, and returns what they come to, what is to be known of them and what is wrong with them.
func read(settings map[string]any) (files certs.Files, notes, problems []string) {
	l := &Listener{Folder: "/srv", Note: func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }}
	for _, s := range Settings() {
		if v, ok := settings[s.Name]; ok {
			if err := s.Apply(l, v); err != nil {
				problems = append(problems, s.Name+": "+err.Error())
			}
		}
	}
	return l.Files, notes, problems
}

func TestWhatSettingsComeTo(t *testing.T) {
	for name, c := range map[string]struct {
		value any
		want  certs.Files
		note  string
	}{
		"ssl_cert_file":             {"a.crt", certs.Files{Pair: certs.Pair{Cert: "/srv/a.crt"}}, ""},
		"ssl_key_file":              {"/x/a.key", certs.Files{Pair: certs.Pair{Key: "/x/a.key"}}, ""},
		"ssl_verify_peer":           {1.0, certs.Files{Verify: true}, ""},
		"ssl_client_cert_file":      {"ca.crt", certs.Files{ClientCA: "/srv/ca.crt"}, ""},
		"ssl_cafile":                {"ca.pem", certs.Files{CAFile: "/srv/ca.pem"}, ""},
		"ssl_capath":                {"", certs.Files{}, ""},
		"ssl_verify_depth":          {"2", certs.Files{Depth: 2}, ""},
		"ssl_allow_self_signed":     {"1", certs.Files{SelfSigned: true}, ""},
		"ssl_protocols":             {float64(TLS12 | 8), certs.Files{Max: tls.VersionTLS12}, "versions below TLS 1.2"},
		"ssl_ecdh_curve":            {"P-384:brainpool", certs.Files{Curves: []tls.CurveID{tls.CurveP384}}, "brainpool is not known"},
		"ssl_ciphers":               {"ECDHE-RSA-AES128-GCM-SHA256:RC4", certs.Files{Ciphers: []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}}, "RC4 is not spoken"},
		"ssl_prefer_server_ciphers": {false, certs.Files{ClientOrder: true}, ""},
		"ssl_dhparam":               {"dh.pem", certs.Files{DHParam: "/srv/dh.pem"}, "elliptic curves"},
		"ssl_compress":              {true, certs.Files{}, ""},
		"ssl_sni_certs": {
			map[string]any{"b": map[string]any{"ssl_cert_file": "b.crt", "ssl_key_file": "/b.key"}},
			certs.Files{Names: map[string]certs.Pair{"b": {Cert: "/srv/b.crt", Key: "/b.key"}}},
			"",
		},
	} {
		files, notes, problems := read(map[string]any{name: c.value})
		if !cmp.Equal(files, c.want) || problems != nil {
			t.Errorf("%s: %+v, %v", name, files, problems)
		}
		if len(notes) > 1 || len(notes) == 1 != (c.note != "") || c.note != "" && !strings.Contains(notes[0], c.note) {
			t.Errorf("%s: the notes are %q", name, notes)
		}
	}
	for _, nothing := range []map[string]any{
		{"ssl_prefer_server_ciphers": true}, {"ssl_prefer_server_ciphers": nil}, {"ssl_dhparam": ""}, {"ssl_dhparam": nil}, {"ssl_ciphers": ""}, {"ssl_protocols": 0.0},
	} {
		if files, notes, problems := read(nothing); !cmp.Equal(files, certs.Files{}) || notes != nil || problems != nil {
			t.Errorf("%v: %+v, %q, %v", nothing, files, notes, problems)
		}
	}
}

func TestWhatCannotBe(t *testing.T) {
	for name, value := range map[string]any{
		"ssl_cert_file": 1.0, "ssl_dhparam": true, "ssl_protocols": 8.0, "ssl_verify_depth": "deep", "ssl_ciphers": "RC4", "ssl_sni_certs": []any{"b"},
	} {
		if _, _, problems := read(map[string]any{name: value}); len(problems) != 1 {
			t.Errorf("%s: %q", name, problems)
		}
	}
	if _, _, problems := read(map[string]any{"ssl_sni_certs": map[string]any{"b": map[string]any{"ssl_cert_file": "b.crt"}}}); len(problems) != 1 || !strings.Contains(problems[0], "b: want a file's path") {
		t.Errorf("%q", problems)
	}
}
