package certs

import (
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
)

// errNoDH is said of a file without parameters.
var errNoDH = errors.New("no PEM block DH PARAMETERS, as `openssl dhparam` writes it")

// checkDH looks whether a file is what ssl_dhparam wants. A server whose file is not does not start, as Swoole's.
func checkDH(file string) error {
	data, err := os.ReadFile(file)
	if err == nil {
		err = parseDH(data)
	}
	if err != nil {
		return fmt.Errorf("ssl_dhparam: %s: %w", file, err)
	}
	return nil
}

// parseDH finds the parameters that OpenSSL would take.
func parseDH(data []byte) error {
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "DH PARAMETERS" && block.Type != "X9.42 DH PARAMETERS" {
			continue
		}
		var dh struct{ P, G *big.Int }
		if _, err := asn1.Unmarshal(block.Bytes, &dh); err != nil {
			return fmt.Errorf("%s: %w", block.Type, err)
		}
		if dh.P.Sign() <= 0 || dh.G.Sign() <= 0 {
			return errNoDH
		}
		return nil
	}
	return errNoDH
}
