package fcgi_test

import (
	"bytes"
	"io"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yookoala/gofast"

	"github.com/fpmbridge/fpmbridge/fcgi"
	"github.com/fpmbridge/fpmbridge/internal/fpm"
)

// seen is what a request gave.
type seen struct {
	Status       int
	Type, Custom string
	Body, Stderr string
}

// gofast is an independent client: the same requests to the same php-fpm must give the same.
func TestSameAsGofast(t *testing.T) {
	s := startSite(t, fpm.Options{MaxChildren: 2, INI: []string{"display_errors=0", "log_errors=1"}})
	s.script("echo.php", `
		header('Content-Type: text/plain;charset=UTF-8'); header('X-Custom: ' . $_SERVER['CUSTOM']);
		http_response_code((int) $_SERVER['STATUS']);
		error_log('a note');
		ksort($_SERVER); foreach ($_SERVER as $k => $v) if (str_starts_with($k, 'T_')) echo $k, '=', md5($v), "\n";
		echo file_get_contents('php://input');`)
	ours := s.client(fcgi.Options{MaxConns: 1})
	factory := gofast.SimpleClientFactory(gofast.SimpleConnFactory(s.network, s.address))
	for _, tc := range []struct {
		name   string
		script string
		status int
		length int // of the body
		value  int // length of one variable
	}{
		{"small", "echo.php", 200, 0, 1},
		{"long values", "echo.php", 201, 10, 127},
		{"longer values", "echo.php", 404, 1000, 128},
		{"very long values", "echo.php", 500, 16 << 10, 60000},
		{"a body of many records", "echo.php", 200, 1 << 20, 20},
		{"no script", "nowhere.php", 404, 0, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			content := bytes.Repeat([]byte("0123456789"), tc.length/10+1)[:tc.length]
			params := []string{
				"SCRIPT_FILENAME", s.dir + "/" + tc.script, "REQUEST_METHOD", "POST", "CONTENT_LENGTH", strconv.Itoa(tc.length),
				"CONTENT_TYPE", "application/octet-stream", "STATUS", strconv.Itoa(tc.status), "CUSTOM", "a: b",
				"T_EMPTY", "", "T_VALUE", string(bytes.Repeat([]byte("v"), tc.value)), "T_UTF8", "žluťoučký kůň",
			}

			res, err := ours.Do(background, &fcgi.Request{Params: encode(t, params...), Body: content})
			if err != nil {
				t.Fatal(err)
			}
			defer res.Release()
			got := seen{res.Status, string(res.Header("Content-Type")), string(res.Header("X-Custom")), string(res.Body), string(res.Stderr)}

			theirs, err := factory()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = theirs.Close() }()
			r := gofast.NewRequest(nil)
			for i := 0; i < len(params); i += 2 {
				r.Params[params[i]] = params[i+1]
			}
			r.Stdin = io.NopCloser(bytes.NewReader(content))
			pipe, err := theirs.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			rec, stderr := httptest.NewRecorder(), new(bytes.Buffer)
			if err := pipe.WriteTo(rec, stderr); err != nil {
				t.Fatal(err)
			}
			want := seen{rec.Code, rec.Header().Get("Content-Type"), rec.Header().Get("X-Custom"), rec.Body.String(), stderr.String()}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if got.Status != tc.status {
				t.Errorf("got status %d", got.Status)
			}
		})
	}
}
