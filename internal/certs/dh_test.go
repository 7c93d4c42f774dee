package certs

import (
	"encoding/pem"
	"log/slog"
	"strings"
	"testing"
)

// parameters of 512 bits, as `openssl dhparam 512` writes them: the bits are not our matter.
const goodDH = `-----BEGIN DH PARAMETERS-----
MEYCQQDmxwh6kpGwQGaJUmxxEBFugicjuE5wI4mGMQnLv7hTk4haC3+TSBMeh3Ax
U2eeY0Y11Yf80pU4tuQdC5E3En5HAgEC
-----END DH PARAMETERS-----
`

// A file for ssl_dhparam that is none stops the start, as it stops Swoole's.
func TestDHParameters(t *testing.T) {
	f := &folder{t: t, dir: t.TempDir()}
	pair := f.pair("a", sign(t, "a", nil, false))
	block := func(kind string, der ...byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	for what, c := range map[string]struct{ text, want string }{
		"good":               {goodDH, ""},
		"behind another":     {block("CERTIFICATE", 1) + goodDH, ""},
		"with more in it":    {block("X9.42 DH PARAMETERS", 0x30, 9, 2, 1, 23, 2, 1, 5, 2, 1, 11), ""},
		"a certificate":      {block("CERTIFICATE", 1), "no PEM block DH PARAMETERS"},
		"empty":              {"", "no PEM block DH PARAMETERS"},
		"no sequence":        {block("DH PARAMETERS", 2, 1, 23), "structure"},
		"one number":         {block("DH PARAMETERS", 0x30, 3, 2, 1, 23), "DH PARAMETERS"},
		"cut":                {block("DH PARAMETERS", 0x30, 6, 2, 1, 23), "DH PARAMETERS"},
		"a negative modulus": {block("DH PARAMETERS", 0x30, 6, 2, 1, 0x80, 2, 1, 5), "no PEM block"},
	} {
		_, err := New(&Files{Pair: pair, DHParam: f.write("dh.pem", c.text)}, slog.New(slog.DiscardHandler))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "ssl_dhparam: ")) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := New(&Files{Pair: pair, DHParam: "/nowhere/dh.pem"}, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "/nowhere/dh.pem") {
		t.Error(err)
	}
}

func FuzzDH(f *testing.F) {
	f.Add([]byte(goodDH))
	f.Add([]byte("-----BEGIN DH PARAMETERS-----\nMAYCARcCAQU=\n-----END DH PARAMETERS-----\n"))
	f.Fuzz(func(_ *testing.T, data []byte) { _ = parseDH(data) })
}
