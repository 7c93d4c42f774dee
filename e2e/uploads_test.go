package e2e_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const uploadScript = `<?php
@mkdir(__DIR__ . '/uploads');
$server = new Swoole\WebSocket\Server('127.0.0.1', 0);
$server->set(['upload_tmp_dir' => 'uploads', 'worker_num' => 1]);
$server->on('message', function () {});
$server->on('request', function ($request, $response) {
    $file = $request->files['up']['tmp_name'];
    $moved = move_uploaded_file($file, __DIR__ . '/kept.' . $request->files['up']['name']);
    $response->end(json_encode([dirname($file) === __DIR__ . '/uploads', $moved, file_get_contents($request->files['left']['tmp_name'])]));
});
$server->start();
`

// Files of forms are where the script wants them, and gone after the event; in request mode they are PHP's own uploads.
func TestUploadFolder(t *testing.T) {
	for mode, want := range map[string]string{"request": `[true,true,"stays"]`, "resident": `[true,false,"stays"]`} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			script := write(t, "server.php", uploadScript)
			folder := filepath.Dir(script)
			p := serve(t, nil, "--mode", mode, script)
			for range 2 {
				var form bytes.Buffer
				w := multipart.NewWriter(&form)
				for name, text := range map[string]string{"up": "goes", "left": "stays"} {
					part, err := w.CreateFormFile(name, "a.txt")
					if err != nil {
						t.Fatal(err)
					}
					_, _ = io.WriteString(part, text)
				}
				_ = w.Close()
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+p.addr+"/", &form)
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Content-Type", w.FormDataContentType())
				answer, err := (&http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
				if err != nil {
					t.Fatal(err)
				}
				body, _ := io.ReadAll(answer.Body)
				_ = answer.Body.Close()
				if string(body) != want {
					t.Errorf("got %s, want %s", body, want)
				}
				eventually(t, "no upload is left", func() bool {
					left, err := os.ReadDir(filepath.Join(folder, "uploads"))
					return err == nil && len(left) == 0
				})
			}
			if strings.Contains(p.stdout.String(), "upload_tmp_dir") || strings.Contains(p.stderr.String(), "php-fpm died") {
				t.Error("something is said of it")
			}
		})
	}
	script := write(t, "server.php", strings.NewReplacer("@mkdir(__DIR__ . '/uploads');\n", "", "'worker_num' => 1", "'worker_num' => 2").Replace(uploadScript))
	code, out, _ := run(t, nil, "check", script, "--listen", "127.0.0.1:0")
	if code != 0 || !strings.Contains(out, "upload_tmp_dir: there is no folder "+filepath.Dir(script)+"/uploads (") {
		t.Errorf("%d: %s", code, out)
	}
}
