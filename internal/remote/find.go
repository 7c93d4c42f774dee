package remote

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"time"
)

// Why Find found nothing, or too much.
var (
	errNone = errors.New("no bridge")
	errMany = errors.New("more than one bridge")
)

// deepFolder is from when on serve takes /tmp: a Unix socket's path is at most 103 bytes long on some systems.
const deepFolder = 60

// Find looks for bridges that were not told where to listen: their sockets stand in private folders of a temp folder. It returns the
// address if there is one alone.
func Find(ctx context.Context, temp string) (string, error) {
	dialer := net.Dialer{Timeout: time.Second}
	var alive []string
	var looked []string
	folders := []string{temp}
	if len(temp) > deepFolder {
		folders = append(folders, "/tmp")
	}
	for _, folder := range folders {
		for _, name := range []string{"fpmbridge-*", "fpmb-*"} {
			pattern := filepath.Join(folder, name, "api.sock")
			looked = append(looked, pattern)
			paths, _ := filepath.Glob(pattern) // what cannot be read is somebody else's
			for _, path := range paths {
				conn, err := dialer.DialContext(ctx, "unix", path)
				if err != nil {
					continue
				}
				_ = conn.Close()
				alive = append(alive, "unix:"+path)
			}
		}
	}
	switch len(alive) {
	case 1:
		return alive[0], nil
	case 0:
		return "", fmt.Errorf(`%w runs here, as far as this user can see; looked at %s
Start one with "fpmbridge serve". If one runs: the line "push" of what it said at its start has its address, which goes to --api or, as api.listen, into bridge.yaml`, errNone, strings.Join(looked, ", "))
	}
	return "", fmt.Errorf("%w runs here; say which one:\n  --api %s", errMany, strings.Join(alive, "\n  --api "))
}
