package workers

import (
	"encoding/binary"
	"net/netip"
)

// AddressKey is what Swoole takes of a client's address: its last 32 bits as they stand in memory (on the machines that it runs on).
func AddressKey(address string) uint64 {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return 0
	}
	b := a.As16()
	return uint64(binary.LittleEndian.Uint32(b[12:]))
}
