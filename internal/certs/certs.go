package certs

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

// Pair is a certificate with its key, by their files.
type Pair struct{ Cert, Key string }

// Files is what a listener's TLS is made of.
type Files struct {
	Pair   Pair
	Names  map[string]Pair // SNI
	Verify bool            // clients must show a good certificate: one of those authorities
	// files, and a folder of them
	ClientCA, CAFile, CAFolder string
	Depth                      int  // intermediate certificates of a client's; 0: any number
	SelfSigned                 bool // those that signed themselves are good, too
	Min, Max                   uint16
	Curves                     []tls.CurveID
	Ciphers                    []uint16 // of TLS 1.2, the best first; none: Go's choice
	ClientOrder                bool     // clients say which of them is the best
	DHParam                    string   // a file that must be one of Diffie-Hellman parameters; keys are exchanged over curves
	HTTP2                      bool     // clients may agree on it
}

// certificates are a listener's, as they were read last. They are read again when a file has changed, and stay if that fails.
type certificates struct {
	files *Files
	log   *slog.Logger

	mu     sync.Mutex
	looked time.Time
	stamp  string
	config *reading
}

// New reads the files. What is wrong with them is an error now; later it is a line in the log.
func New(files *Files, log *slog.Logger) (*tls.Config, error) {
	switch {
	case files.Pair.Cert == "" && len(files.Names) == 0:
		return nil, errors.New("TLS without a certificate: set ssl_cert_file and ssl_key_file in the script, or tls.cert and tls.key")
	case files.Verify && files.ClientCA == "" && files.CAFile == "" && files.CAFolder == "" && !files.SelfSigned:
		return nil, errors.New("ssl_verify_peer without ssl_client_cert_file, ssl_cafile or ssl_capath: whose clients' certificates are good?")
	}
	if files.DHParam != "" {
		if err := checkDH(files.DHParam); err != nil {
			return nil, err
		}
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
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) { return c.current().forClient(hello), nil },
	}, nil
}

// current returns the configuration for a client that comes now.
func (c *certificates) current() *reading {
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
		c.log.Error("the changed TLS certificate cannot be used, the old one stays", "cert", c.files.Pair.Cert, "err", err)
		c.stamp = stamp // once for each change
		return c.config
	}
	c.log.Info("TLS certificate read again", "cert", c.files.Pair.Cert)
	c.config, c.stamp = config, stamp
	return config
}

// stat is a text that changes when a file does.
func (c *certificates) stat() string {
	var b strings.Builder
	list := []string{c.files.Pair.Cert, c.files.Pair.Key, c.files.ClientCA, c.files.CAFile, c.files.CAFolder}
	for _, name := range slices.Sorted(maps.Keys(c.files.Names)) {
		list = append(list, c.files.Names[name].Cert, c.files.Names[name].Key)
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

// read makes configurations of the files as they are.
func (c *certificates) read() (*reading, error) {
	f := c.files
	config := &tls.Config{
		MinVersion: max(f.Min, tls.VersionTLS12), MaxVersion: f.Max, CurvePreferences: f.Curves, CipherSuites: f.Ciphers, NextProtos: []string{"http/1.1"},
	}
	if f.HTTP2 {
		config.NextProtos = []string{"h2", "http/1.1"}
	}
	if f.Pair.Cert != "" {
		cert, err := f.Pair.load()
		if err != nil {
			return nil, err
		}
		config.Certificates = append(config.Certificates, cert)
	}
	byName := make(map[string]*tls.Certificate)
	for name, p := range f.Names {
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
	if err := f.clients(config); err != nil {
		return nil, err
	}
	return f.ordered(config), nil
}

// clients says whose clients' certificates are good.
func (f *Files) clients(config *tls.Config) error {
	if f.ClientCA == "" && f.CAFile == "" && f.CAFolder == "" && !f.Verify {
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
	for _, file := range []string{f.ClientCA, f.CAFile} {
		if file == "" {
			continue
		}
		if err := add(file); err != nil {
			return err
		}
	}
	if f.CAFolder != "" {
		entries, err := os.ReadDir(f.CAFolder)
		if err != nil {
			return fmt.Errorf("the clients' certificates: %w", err)
		}
		for _, e := range entries { // what else is there does not matter
			_ = add(filepath.Join(f.CAFolder, e.Name()))
		}
	}
	switch {
	case !f.Verify:
	case f.SelfSigned, f.Depth > 0:
		config.ClientAuth = tls.RequireAnyClientCert
		authorities := config.ClientCAs
		config.VerifyConnection = func(state tls.ConnectionState) error { return f.verifyClient(authorities, state.PeerCertificates) }
		if f.SelfSigned {
			config.ClientCAs = nil // clients are told these names, and keep other certificates to themselves
		}
	default:
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return nil
}

// verifyClient checks a client's certificates, with Swoole's two ways to be stricter and laxer.
func (f *Files) verifyClient(authorities *x509.CertPool, certs []*x509.Certificate) error {
	if len(certs) == 0 {
		return errors.New("no certificate")
	}
	client := certs[0]
	if f.SelfSigned && len(certs) == 1 && bytes.Equal(client.RawIssuer, client.RawSubject) && client.CheckSignature(client.SignatureAlgorithm, client.RawTBSCertificate, client.Signature) == nil {
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
	if f.Depth > 0 && !slices.ContainsFunc(chains, func(chain []*x509.Certificate) bool { return len(chain)-2 <= f.Depth }) {
		return fmt.Errorf("more than %d intermediate certificates (ssl_verify_depth)", f.Depth)
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

func (p Pair) load() (tls.Certificate, error) {
	if p.Key == "" {
		return tls.Certificate{}, fmt.Errorf("TLS: %s has no key: set ssl_key_file", p.Cert)
	}
	c, err := tls.LoadX509KeyPair(p.Cert, p.Key)
	if err != nil {
		return c, fmt.Errorf("TLS: %s with the key %s: %w", p.Cert, p.Key, err)
	}
	return c, nil
}
