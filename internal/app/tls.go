package app

import (
	"bytes"
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
	// more of those whose clients are good
	caFile, caFolder string
	depth            int  // intermediate certificates of a client's; 0: any number
	selfSigned       bool // they need no authority
	min, max         uint16
	curves           []tls.CurveID
	ciphers          []uint16 // of TLS 1.2; none: Go's choice
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
	case files.verify && files.clientCA == "" && files.caFile == "" && files.caFolder == "" && !files.selfSigned:
		return nil, errors.New("ssl_verify_peer without ssl_client_cert_file, ssl_cafile or ssl_capath: whose clients' certificates are good?")
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
	list := []string{c.files.pair.cert, c.files.pair.key, c.files.clientCA, c.files.caFile, c.files.caFolder}
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
		MinVersion: max(f.min, tls.VersionTLS12), MaxVersion: f.max, CurvePreferences: f.curves, CipherSuites: f.ciphers, NextProtos: []string{"http/1.1"},
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
	return config, f.clients(config)
}

// clients says whose clients' certificates are good.
func (f *tlsFiles) clients(config *tls.Config) error {
	if f.clientCA == "" && f.caFile == "" && f.caFolder == "" && !f.verify {
		return nil
	}
	config.ClientCAs = x509.NewCertPool()
	add := func(file string) error {
		pem, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("the clients' certificates: %w", err)
		}
		if !config.ClientCAs.AppendCertsFromPEM(pem) {
			return fmt.Errorf("the clients' certificates: %s has none", file)
		}
		return nil
	}
	for _, file := range []string{f.clientCA, f.caFile} {
		if file == "" {
			continue
		}
		if err := add(file); err != nil {
			return err
		}
	}
	if f.caFolder != "" {
		entries, err := os.ReadDir(f.caFolder)
		if err != nil {
			return fmt.Errorf("the clients' certificates: %w", err)
		}
		for _, e := range entries { // what else is there does not matter
			_ = add(filepath.Join(f.caFolder, e.Name()))
		}
	}
	switch {
	case !f.verify:
	case f.selfSigned, f.depth > 0:
		config.ClientAuth = tls.RequireAnyClientCert
		authorities := config.ClientCAs
		config.VerifyConnection = func(state tls.ConnectionState) error { return f.verifyClient(authorities, state.PeerCertificates) }
		if f.selfSigned {
			config.ClientCAs = nil // clients are told these names, and keep other certificates to themselves
		}
	default:
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return nil
}

// verifyClient checks a client's certificates, with Swoole's two ways to be stricter and laxer.
func (f *tlsFiles) verifyClient(authorities *x509.CertPool, certs []*x509.Certificate) error {
	if len(certs) == 0 {
		return errors.New("no certificate")
	}
	client := certs[0]
	if f.selfSigned && len(certs) == 1 && bytes.Equal(client.RawIssuer, client.RawSubject) && client.CheckSignature(client.SignatureAlgorithm, client.RawTBSCertificate, client.Signature) == nil {
		return nil
	}
	between := x509.NewCertPool()
	for _, c := range certs[1:] {
		between.AddCert(c)
	}
	chains, err := client.Verify(x509.VerifyOptions{Roots: authorities, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil {
		return err //nolint:wrapcheck // crypto/tls says it
	}
	if f.depth > 0 && !slices.ContainsFunc(chains, func(chain []*x509.Certificate) bool { return len(chain)-2 <= f.depth }) {
		return fmt.Errorf("more than %d intermediate certificates (ssl_verify_depth)", f.depth)
	}
	return nil
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
