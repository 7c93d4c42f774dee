package fcgi

// The parts of the FastCGI 1.0 specification that a client of the responder role needs.
const (
	protocolVersion = 1

	typeBeginRequest = 1
	typeEndRequest   = 3
	typeParams       = 4
	typeStdin        = 5
	typeStdout       = 6
	typeStderr       = 7

	roleResponder = 1
	flagKeepConn  = 1

	statusComplete       = 0
	statusCantMultiplex  = 1
	statusOverloaded     = 2
	statusUnknownRole    = 3
	headerLen            = 8
	endRequestLen        = 8
	maxRecord            = 65535
	bodyRecord           = 65528 // the largest record that needs no padding to stay aligned to 8 bytes
	requestID            = 1     // a connection carries one request at a time, so it always has the same id
	beginRequestTotalLen = headerLen + 8
)

// recordHeader is the decoded form of the 8 bytes that stand before every record.
type recordHeader struct {
	version uint8
	kind    uint8
	id      uint16
	length  int
	padding int
}

// parseHeader decodes the first headerLen bytes of b.
func parseHeader(b []byte) recordHeader {
	_ = b[headerLen-1]
	return recordHeader{
		version: b[0],
		kind:    b[1],
		id:      uint16(b[2])<<8 | uint16(b[3]),
		length:  int(b[4])<<8 | int(b[5]),
		padding: int(b[6]),
	}
}

// appendHeader appends the header of a record of our request; length is at most maxRecord.
func appendHeader(dst []byte, kind uint8, length int) []byte {
	return append(dst, protocolVersion, kind, 0, requestID, byte(length>>8), byte(length), 0, 0)
}

// appendBegin appends the BEGIN_REQUEST record.
func appendBegin(dst []byte, keep bool) []byte {
	dst = appendHeader(dst, typeBeginRequest, beginRequestTotalLen-headerLen)
	var flags byte
	if keep {
		flags = flagKeepConn
	}
	return append(dst, 0, roleResponder, flags, 0, 0, 0, 0, 0)
}
