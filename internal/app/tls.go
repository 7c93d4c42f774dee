package app

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Bits of Swoole's ssl_protocols (SW_SSL_TLSv1_2 and so on). Older versions are not spoken.
const (
	sslTLS12 = 1 << 3
	sslTLS13 = 1 << 4
)

// lookEvery is how often the files are looked at, when a client comes.
const lookEvery = time.Second

// pair is a certificate with its key, by their files.
type pair struct{ cert, key string }

// tlsFiles is what a listener's TLS is made of.
type tlsFiles struct {
	on       bool // the socket type has SWOOLE_SSL, or the configuration says so
	pair     pair
	names    map[string]pair // SNI
	verify   bool
	clientCA string
	min, max uint16
	curves   []tls.CurveID
}

// certificates are a listener's, as they were read last. They are read again when a file has changed, and stay if that fails.
type certificates struct {
	files *tlsFiles
	log   *slog.Logger

	mu     sync.Mutex
	looked time.Time
	stamp  string
	config *tls.Config
}

// tlsConfig reads the files. What is wrong with them is an error now; later it is a line in the log.
func tlsConfig(files *tlsFiles, log *slog.Logger) (*tls.Config, error) {
	switch {
	case files.pair.cert == "" && len(files.names) == 0:
		return nil, errors.New("TLS without a certificate: set ssl_cert_file and ssl_key_file in the script, or tls.cert and tls.key")
	case files.verify && files.clientCA == "":
		return nil, errors.New("ssl_verify_peer without ssl_client_cert_file: whose clients' certificates are good?")
	}
	c := &certificates{files: files, log: log}
	stamp := c.stat()
	config, err := c.read()
	if err != nil {
		return nil, err
	}
	c.config, c.stamp, c.looked = config, stamp, time.Now()
	return &tls.Config{
		MinVersion:         config.MinVersion,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return c.current(), nil },
	}, nil
}

// current returns the configuration for a client that comes now.
func (c *certificates) current() *tls.Config {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) < lookEvery {
		return c.config
	}
	c.looked = time.Now()
	stamp := c.stat()
	if stamp == c.stamp {
		return c.config
	}
	config, err := c.read()
	if err != nil {
		c.log.Error("the changed TLS certificate cannot be used, the old one stays", "cert", c.files.pair.cert, "err", err)
		c.stamp = stamp // once for each change
		return c.config
	}
	c.log.Info("TLS certificate read again", "cert", c.files.pair.cert)
	c.config, c.stamp = config, stamp
	return config
}

// stat is a text that changes when a file does.
func (c *certificates) stat() string {
	var b strings.Builder
	list := []string{c.files.pair.cert, c.files.pair.key, c.files.clientCA}
	for _, name := range slices.Sorted(maps.Keys(c.files.names)) {
		list = append(list, c.files.names[name].cert, c.files.names[name].key)
	}
	for _, file := range list {
		if info, err := os.Stat(file); err == nil {
			fmt.Fprintf(&b, "%d %d ", info.Size(), info.ModTime().UnixNano())
		} else {
			b.WriteString("- ")
		}
	}
	return b.String()
}

// read makes a configuration of the files as they are.
func (c *certificates) read() (*tls.Config, error) {
	f := c.files
	config := &tls.Config{
		MinVersion: max(f.min, tls.VersionTLS12), MaxVersion: f.max, CurvePreferences: f.curves, NextProtos: []string{"http/1.1"},
	}
	if f.pair.cert != "" {
		cert, err := f.pair.load()
		if err != nil {
			return nil, err
		}
		config.Certificates = append(config.Certificates, cert)
	}
	byName := make(map[string]*tls.Certificate)
	for name, p := range f.names {
		cert, err := p.load()
		if err != nil {
			return nil, fmt.Errorf("ssl_sni_certs %s: %w", name, err)
		}
		byName[strings.ToLower(name)] = &cert
	}
	if len(byName) > 0 {
		config.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return pick(byName, strings.ToLower(hello.ServerName)), nil // nil: the first of Certificates
		}
	}
	if f.clientCA != "" {
		pem, err := os.ReadFile(f.clientCA)
		if err != nil {
			return nil, fmt.Errorf("the clients' certificates: %w", err)
		}
		config.ClientCAs = x509.NewCertPool()
		if !config.ClientCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("the clients' certificates: %s has none", f.clientCA)
		}
		if f.verify {
			config.ClientAuth = tls.RequireAndVerifyClientCert
		}
	}
	return config, nil
}

// pick returns the certificate of a name, also by *.example.com.
func pick(byName map[string]*tls.Certificate, name string) *tls.Certificate {
	if c := byName[name]; c != nil {
		return c
	}
	if _, parent, ok := strings.Cut(name, "."); ok {
		return byName["*."+parent]
	}
	return nil
}

func (p pair) load() (tls.Certificate, error) {
	if p.key == "" {
		return tls.Certificate{}, fmt.Errorf("TLS: %s has no key: set ssl_key_file", p.cert)
	}
	c, err := tls.LoadX509KeyPair(p.cert, p.key)
	if err != nil {
		return c, fmt.Errorf("TLS: %s with the key %s: %w", p.cert, p.key, err)
	}
	return c, nil
}

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

// tlsSettings are those that the bridge carries out; see settings.
func tlsSettings() []setting {
	path := func(to func(t *tuning) *string) func(*tuning, any) error {
		return func(t *tuning, v any) (err error) {
			*to(t), err = t.file(v)
			return err
		}
	}
	return []setting{
		{"ssl_cert_file", "tls.cert", path(func(t *tuning) *string { return &t.tls.pair.cert })},
		{"ssl_key_file", "tls.key", path(func(t *tuning) *string { return &t.tls.pair.key })},
		{"ssl_verify_peer", "", asFlag(func(t *tuning, on bool) { t.tls.verify = on })},
		{"ssl_client_cert_file", "tls.client_ca", path(func(t *tuning) *string { return &t.tls.clientCA })},
		{"ssl_protocols", "", asInteger(func(t *tuning, n int) {
			switch n & (sslTLS12 | sslTLS13) {
			case sslTLS12:
				t.tls.max = tls.VersionTLS12
			case sslTLS13:
				t.tls.min = tls.VersionTLS13
			}
		})},
		{"ssl_sni_certs", "", func(t *tuning, v any) error {
			names, ok := v.(map[string]any)
			if !ok {
				return errors.New("want an array of host names, each with ssl_cert_file and ssl_key_file")
			}
			t.tls.names = make(map[string]pair)
			for name, files := range names {
				m, _ := files.(map[string]any)
				cert, err1 := t.file(m["ssl_cert_file"])
				key, err2 := t.file(m["ssl_key_file"])
				if err := errors.Join(err1, err2); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
				t.tls.names[name] = pair{cert, key}
			}
			return nil
		}},
		{"ssl_ecdh_curve", "", func(t *tuning, v any) error {
			known := map[string]tls.CurveID{"x25519": tls.X25519, "prime256v1": tls.CurveP256, "p-256": tls.CurveP256, "secp384r1": tls.CurveP384, "p-384": tls.CurveP384, "secp521r1": tls.CurveP521, "p-521": tls.CurveP521}
			s, _ := v.(string)
			for name := range strings.SplitSeq(strings.ToLower(s), ":") {
				if id, ok := known[strings.TrimSpace(name)]; ok {
					t.tls.curves = append(t.tls.curves, id)
				}
			}
			return nil // auto, and what Go does not have: its own choice
		}},
	}
}
