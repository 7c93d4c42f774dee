package config

import (
	"encoding"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes.
type Size int64

// Units of Size. As in php.ini, K, M and G are powers of 1024.
const (
	KiB Size = 1 << 10
	MiB Size = 1 << 20
	GiB Size = 1 << 30
)

var errSize = errors.New(`write a whole number of bytes, or one with K, M or G, such as 64K, 64KiB or 2MiB`)

// ParseSize reads "65536", "64K", "64KiB", "2M", "2MiB", "1G", "1GiB".
func ParseSize(s string) (Size, error) {
	digits := strings.TrimRight(s, "BGKMigkm ")
	unit := Size(1)
	switch strings.ToLower(strings.TrimSpace(s[len(digits):])) {
	case "", "b":
	case "k", "kib":
		unit = KiB
	case "m", "mib":
		unit = MiB
	case "g", "gib":
		unit = GiB
	default:
		return 0, errSize
	}
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil || Size(n) > math.MaxInt64/unit {
		return 0, errSize
	}
	return Size(n) * unit, nil
}

// String is the shortest exact form, which ParseSize reads back.
func (s Size) String() string {
	for _, u := range []struct {
		size Size
		name string
	}{{GiB, "GiB"}, {MiB, "MiB"}, {KiB, "KiB"}} {
		if s != 0 && s%u.size == 0 {
			return strconv.FormatInt(int64(s/u.size), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// Secret prints as *** with every verb, in JSON and in slog. Reveal is the only way to what it is.
type Secret string

var (
	_ fmt.Formatter          = Secret("")
	_ slog.LogValuer         = Secret("")
	_ encoding.TextMarshaler = Secret("")
)

// Reveal returns the secret itself.
func (s Secret) Reveal() string { return string(s) }

func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// Format makes %d and %x as silent as %s.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText is for JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue is for slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Address is unix:PATH or tcp:HOST:PORT, or "" for none.
type Address string

// Split returns what net.Dial takes.
func (a Address) Split() (network, address string) {
	network, address, _ = strings.Cut(string(a), ":")
	return network, address
}
