package callback

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"sync"
	"testing"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

// fakeAnswer is what a fake php-fpm does with a request.
type fakeAnswer struct {
	stdout string // header block and body
	stderr string
	app    byte // application status
	status byte // protocol status
	cut    bool // close the connection instead of END_REQUEST
	hang   bool // do nothing more
}

// fakeRequest is what it got.
type fakeRequest struct {
	pairs [][2]string
	stdin []byte
}

func (r *fakeRequest) param(name string) string {
	for _, p := range r.pairs {
		if p[0] == name {
			return p[1]
		}
	}
	return "(not there)"
}

// fakeFPM answers FastCGI on a Unix socket, in ways that php-fpm would need a crash for. It returns a client of it.
func fakeFPM(t testing.TB, handle func(r *fakeRequest) fakeAnswer) *fcgi.Client {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fpm.sock")
	var config net.ListenConfig
	ln, err := config.Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var conns []net.Conn
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			wg.Go(func() { fakeServe(conn, handle) })
		}
	})
	client, err := fcgi.New(fcgi.Options{Network: "unix", Address: path, MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = client.Close()
		_ = ln.Close()
		mu.Lock()
		for _, conn := range conns {
			_ = conn.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return client
}

func fakeServe(conn net.Conn, handle func(r *fakeRequest) fakeAnswer) {
	defer conn.Close()
	for {
		var r fakeRequest
		var params []byte
		for done := false; !done; {
			var h [8]byte
			if _, err := io.ReadFull(conn, h[:]); err != nil {
				return
			}
			content := make([]byte, int(binary.BigEndian.Uint16(h[4:]))+int(h[6]))
			if _, err := io.ReadFull(conn, content); err != nil {
				return
			}
			content = content[:binary.BigEndian.Uint16(h[4:])]
			switch h[1] {
			case 4:
				params = append(params, content...)
			case 5:
				r.stdin = append(r.stdin, content...)
				done = len(content) == 0
			}
		}
		var err error
		if r.pairs, err = decodePairs(params); err != nil {
			return
		}
		if frames := r.param("BRIDGE_FRAME"); len(r.stdin) == 0 && frames != "(not there)" && r.param("CONTENT_TYPE") == "(not there)" {
			if r.stdin, err = base64.StdEncoding.DecodeString(frames); err != nil {
				return
			}
		}
		a := handle(&r)
		if !writeAnswer(conn, a) {
			return
		}
	}
}

func writeAnswer(w io.Writer, a fakeAnswer) bool {
	var b []byte
	for _, stream := range []struct {
		typ  byte
		data string
	}{{7, a.stderr}, {6, a.stdout}} {
		for data := stream.data; len(data) > 0; {
			n := min(len(data), 65535)
			b = append(b, 1, stream.typ, 0, 1, byte(n>>8), byte(n), 0, 0)
			b = append(b, data[:n]...)
			data = data[n:]
		}
	}
	if !a.cut && !a.hang {
		b = append(b, 1, 3, 0, 1, 0, 8, 0, 0, 0, 0, 0, a.app, a.status, 0, 0, 0)
	}
	if _, err := w.Write(b); err != nil {
		return false
	}
	return !a.cut
}

// decodePairs decodes what fcgi.AppendParam and BuildEnv wrote.
func decodePairs(b []byte) (pairs [][2]string, err error) {
	for len(b) > 0 {
		name, n := pairLength(b)
		value, m := pairLength(b[n:])
		if n == 0 || m == 0 || n+m+name+value > len(b) {
			return pairs, errors.New("malformed pairs")
		}
		b = b[n+m:]
		pairs = append(pairs, [2]string{string(b[:name]), string(b[name : name+value])})
		b = b[name+value:]
	}
	return pairs, nil
}

// framesAnswer is the SDK's answer with these frames.
func framesAnswer(frames ...frame) string {
	return "Content-Type: " + mediaFrames + "\r\n\r\n" + string(encodeFrames(frames...))
}

func encodeFrames(frames ...frame) []byte {
	var b []byte
	for _, f := range frames {
		b = f.append(b)
	}
	return b
}

const testHash = "\x01\x23\x45\x67\x89\xab\xcd\xef"

func endFrame(id uint64, code uint32) frame {
	return frame{typ: frameEnd, id: id, code: code, payload: []byte(testHash)}
}

func pushFrame(fd uint64, data string) frame {
	return frame{typ: uint8(KindPush), flags: FlagFIN, opcode: 1, fd: fd, payload: []byte(data)}
}

func logFrame(text string) frame {
	return frame{typ: uint8(KindLog), code: 1, payload: []byte(text)}
}

// newScript makes a script behind client.
func newScript(t testing.TB, client Doer, change func(o *ScriptOptions)) *Script {
	t.Helper()
	o := ScriptOptions{
		Client: client, File: "/srv/chat.php", Entry: "/sdk/entry.php", Encoding: Framed, Local: true,
		Callback: "unix:/run/cb.sock", Token: "s3cret", Listen: "127.0.0.1:9501",
	}
	if change != nil {
		change(&o)
	}
	s, err := NewScript(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// gone is a client of a php-fpm that is not there.
func gone(t testing.TB) *fcgi.Client {
	t.Helper()
	client, err := fcgi.New(fcgi.Options{Network: "unix", Address: filepath.Join(t.TempDir(), "nobody.sock")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}
