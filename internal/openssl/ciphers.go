package openssl

import (
	"crypto/tls"
	"slices"
	"strings"
)

// suite is one of crypto/tls for TLS 1.2, as openssl-ciphers(1) knows it.
type suite struct {
	id   uint16
	name string
	tags []string // strings of cipher lists that stand for it
	weak bool     // crypto/tls has it, and advises against it: only its own name asks for it
}

func suites() []suite {
	tags := func(list string) []string { return strings.Fields(list) }
	return []suite{
		{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "ECDHE-ECDSA-AES128-GCM-SHA256", tags("ECDHE EECDH kECDHE kEECDH ECDSA aECDSA AES AES128 AESGCM SHA256 HIGH"), false},
		{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "ECDHE-RSA-AES128-GCM-SHA256", tags("ECDHE EECDH kECDHE kEECDH aRSA AES AES128 AESGCM SHA256 HIGH"), false},
		{tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "ECDHE-ECDSA-AES256-GCM-SHA384", tags("ECDHE EECDH kECDHE kEECDH ECDSA aECDSA AES AES256 AESGCM SHA384 HIGH"), false},
		{tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "ECDHE-RSA-AES256-GCM-SHA384", tags("ECDHE EECDH kECDHE kEECDH aRSA AES AES256 AESGCM SHA384 HIGH"), false},
		{tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, "ECDHE-ECDSA-CHACHA20-POLY1305", tags("ECDHE EECDH kECDHE kEECDH ECDSA aECDSA CHACHA20 SHA256 HIGH"), false},
		{tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, "ECDHE-RSA-CHACHA20-POLY1305", tags("ECDHE EECDH kECDHE kEECDH aRSA CHACHA20 SHA256 HIGH"), false},
		{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, "ECDHE-ECDSA-AES128-SHA", tags("ECDHE EECDH kECDHE kEECDH ECDSA aECDSA AES AES128 SHA SHA1 HIGH"), false},
		{tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, "ECDHE-RSA-AES128-SHA", tags("ECDHE EECDH kECDHE kEECDH aRSA AES AES128 SHA SHA1 HIGH"), false},
		{tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, "ECDHE-ECDSA-AES256-SHA", tags("ECDHE EECDH kECDHE kEECDH ECDSA aECDSA AES AES256 SHA SHA1 HIGH"), false},
		{tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, "ECDHE-RSA-AES256-SHA", tags("ECDHE EECDH kECDHE kEECDH aRSA AES AES256 SHA SHA1 HIGH"), false},
		{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, "ECDHE-ECDSA-AES128-SHA256", nil, true},
		{tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, "ECDHE-RSA-AES128-SHA256", nil, true},
		{tls.TLS_RSA_WITH_AES_128_GCM_SHA256, "AES128-GCM-SHA256", nil, true},
		{tls.TLS_RSA_WITH_AES_256_GCM_SHA384, "AES256-GCM-SHA384", nil, true},
		{tls.TLS_RSA_WITH_AES_128_CBC_SHA256, "AES128-SHA256", nil, true},
		{tls.TLS_RSA_WITH_AES_128_CBC_SHA, "AES128-SHA", nil, true},
		{tls.TLS_RSA_WITH_AES_256_CBC_SHA, "AES256-SHA", nil, true},
	}
}

// match reports whether a string of a cipher list, such as ECDHE+AESGCM, stands for the suite.
func (s *suite) match(word string) bool {
	if word == s.name {
		return true
	}
	for part := range strings.SplitSeq(word, "+") {
		if part != "ALL" && part != "DEFAULT" && part != "COMPLEMENTOFDEFAULT" && !slices.Contains(s.tags, part) || s.weak {
			return false
		}
	}
	return word != "COMPLEMENTOFDEFAULT"
}

// Ciphers returns the suites of TLS 1.2 that a cipher list asks for, in its order, and the words of it that stand for nothing that crypto/tls has. Words
// that take suites away (!aNULL, -SHA) are never among those.
func Ciphers(list string) (ids []uint16, unknown []string) {
	all := suites()
	banned := make(map[uint16]bool)
	for _, word := range strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune(":, \t\r\n", r) }) {
		sign := byte(0)
		if strings.IndexByte("!-+", word[0]) >= 0 {
			sign, word = word[0], word[1:]
		}
		if word == "" || word[0] == '@' { // @STRENGTH and the like: the order is crypto/tls's own
			continue
		}
		found := false
		for i := range all {
			if !all[i].match(word) {
				continue
			}
			found = true
			at := slices.Index(ids, all[i].id)
			switch {
			case sign == '!':
				banned[all[i].id] = true
				fallthrough
			case sign == '-':
				if at >= 0 {
					ids = slices.Delete(ids, at, at+1)
				}
			case sign == '+':
				if at >= 0 { // to the end
					ids = append(slices.Delete(ids, at, at+1), all[i].id)
				}
			case at < 0 && !banned[all[i].id]:
				ids = append(ids, all[i].id)
			}
		}
		if !found && sign == 0 {
			unknown = append(unknown, word)
		}
	}
	return ids, unknown
}

// Curves returns the curves of a list of names, as ssl_ecdh_curve has it, and the names that crypto/tls does not have. "auto" is its own choice.
func Curves(list string) (ids []tls.CurveID, unknown []string) {
	known := map[string]tls.CurveID{
		"x25519": tls.X25519, "prime256v1": tls.CurveP256, "secp256r1": tls.CurveP256, "p-256": tls.CurveP256, "secp384r1": tls.CurveP384, "p-384": tls.CurveP384,
		"secp521r1": tls.CurveP521, "p-521": tls.CurveP521, "x25519mlkem768": tls.X25519MLKEM768,
	}
	for name := range strings.SplitSeq(list, ":") {
		name = strings.TrimSpace(name)
		id, ok := known[strings.ToLower(name)]
		switch {
		case ok:
			ids = append(ids, id)
		case name != "" && !strings.EqualFold(name, "auto"):
			unknown = append(unknown, name)
		}
	}
	return ids, unknown
}
