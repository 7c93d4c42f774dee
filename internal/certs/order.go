package certs

import (
	"crypto"
	"crypto/rsa"
	"crypto/tls"
	"slices"
	"strings"
)

// reading is what the files were when they were read.
type reading struct {
	*tls.Config

	order       []uint16 // ciphers of TLS 1.2, the best first; none: the order is crypto/tls's own
	clientOrder bool
	// single has a configuration for each of order, with that cipher alone: crypto/tls chooses among several by an order of its own
	single map[uint16]*tls.Config
}

// ordered makes the order of ciphers count, as OpenSSL has it: that of ssl_ciphers, or the client's.
func (f *Files) ordered(config *tls.Config) *reading {
	r := &reading{Config: config, order: f.Ciphers, clientOrder: f.ClientOrder}
	if len(r.order) == 0 && r.clientOrder {
		for _, s := range tls.CipherSuites() {
			r.order = append(r.order, s.ID)
		}
	}
	if len(r.order) > 1 || r.clientOrder {
		r.single = make(map[uint16]*tls.Config, len(r.order))
		for _, id := range r.order {
			if r.single[id] == nil {
				one := config.Clone()
				one.CipherSuites = []uint16{id}
				r.single[id] = one
			}
		}
	}
	return r
}

// forClient is the configuration for a client that says this.
func (r *reading) forClient(hello *tls.ClientHelloInfo) *tls.Config {
	if r.single == nil || (r.MaxVersion == 0 || r.MaxVersion >= tls.VersionTLS13) && slices.Contains(hello.SupportedVersions, tls.VersionTLS13) {
		return r.Config
	}
	first, second := r.order, hello.CipherSuites
	if r.clientOrder {
		first, second = second, first
	}
	isRSA, ok := r.key(hello)
	if !ok {
		return r.Config
	}
	curves := r.curves(hello)
	for _, id := range first {
		one := r.single[id]
		if one == nil || !slices.Contains(second, id) {
			continue
		}
		name := tls.CipherSuiteName(id)
		if exchange := strings.HasPrefix(name, "TLS_ECDHE_"); exchange && !curves || strings.HasPrefix(name, "TLS_ECDHE_ECDSA_") == isRSA {
			continue
		}
		return one
	}
	return r.Config // there is none, which crypto/tls says
}

// key reports whether the certificate for a client has an RSA key.
func (r *reading) key(hello *tls.ClientHelloInfo) (isRSA, ok bool) {
	var cert *tls.Certificate
	if r.GetCertificate != nil {
		cert, _ = r.GetCertificate(hello)
	}
	if cert == nil && len(r.Certificates) > 0 {
		cert = &r.Certificates[0]
	}
	if cert == nil {
		return false, false
	}
	signer, ok := cert.PrivateKey.(crypto.Signer)
	if !ok {
		return false, false
	}
	_, isRSA = signer.Public().(*rsa.PublicKey)
	return isRSA, true
}

// curves reports whether there is a curve that both have. A client that names none has the common ones.
func (r *reading) curves(hello *tls.ClientHelloInfo) bool {
	ours := r.CurvePreferences
	if len(ours) == 0 {
		ours = []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521}
	}
	return len(hello.SupportedCurves) == 0 || slices.ContainsFunc(ours, func(id tls.CurveID) bool { return slices.Contains(hello.SupportedCurves, id) })
}
