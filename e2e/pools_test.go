package e2e_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fpmbridge/fpmbridge/internal/fpm"
)

const poolScript = `<?php
$server = new Swoole\WebSocket\Server('127.0.0.1', 9501);
$server->set(['package_max_length' => '4M']);
$server->on('message', function ($server, $frame) { $server->push($frame->fd, strlen($frame->data) . ' ' . count($server->connections)); });
$server->on('request', function ($request, $response) {
    if ($request->files !== null) {
        $file = $request->files['f'];
        $response->end($file['error'] . ' ' . $file['size'] . ' ' . var_export(is_uploaded_file($file['tmp_name']), true));
        return;
    }
    $response->write(str_repeat('w', 100000));
    $response->end(' ' . count($request->post ?? []));
});
$server->start();
`

// foreignPool starts a php-fpm that is not ours, with lines for its pool and php.ini settings for its master, and returns its address.
func foreignPool(t *testing.T, pool, ini []string) string {
	t.Helper()
	needPHP(t)
	binary, err := fpm.Find()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "pool") // sockets need short paths
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	sock := filepath.Join(dir, "s")
	lines := []string{"[global]", "error_log=" + dir + "/log", "[www]", "listen=" + sock, "pm=static", "pm.max_children=6"}
	args := []string{"-F", "-y", dir + "/conf"}
	if os.Geteuid() == 0 {
		lines, args = append(lines, "user=root", "group=root"), append(args, "-R")
	}
	for _, setting := range ini {
		args = append(args, "-d", setting)
	}
	if err := os.WriteFile(dir+"/conf", []byte(strings.Join(append(lines, pool...), "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// Its children end with it only if it may end them; a master that is killed leaves them behind.
		_ = cmd.Process.Signal(syscall.SIGTERM)
		kill := time.AfterFunc(patience, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
		defer kill.Stop()
		_ = cmd.Wait()
	})
	eventually(t, "php-fpm listens", func() bool { _, err := os.Stat(sock); return err == nil })
	return "unix:" + sock
}

// A php-fpm with settings of all kinds: the script works, or check and serve say at boot what will not.
func TestPoolsOfOthers(t *testing.T) {
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	noise := file("noise.php", "<?php echo \"noise\\n\"; header('X-Noise: 1'); ob_start();")
	for name, c := range map[string]struct {
		pool, ini []string
		note      string // what check and serve say
		refused   string // they end with that
		upload    string // what becomes of 3 MB; default: all of it
	}{
		"output buffers and compression": {pool: []string{"php_admin_value[output_buffering]=4096", "php_admin_flag[zlib.output_compression]=on", "php_admin_flag[implicit_flush]=on"}},
		"short tags, errors on the page": {pool: []string{"php_admin_flag[short_open_tag]=off", "php_admin_flag[display_errors]=on", "php_admin_flag[html_errors]=on", "php_admin_value[error_log]=/nowhere/x"}},
		"files before and behind":        {pool: []string{"php_admin_value[auto_prepend_file]=" + noise, "php_admin_value[auto_append_file]=" + noise}},
		"variables":                      {pool: []string{"php_admin_value[variables_order]=GPC", "php_admin_flag[register_argc_argv]=off", "php_admin_value[default_mimetype]=text/x", "php_admin_value[default_charset]=ISO-8859-1"}},
		"short-lived children":           {pool: []string{"pm=ondemand", "pm.max_requests=2", "request_terminate_timeout=3s"}},
		"one child":                      {pool: []string{"pm.max_children=1"}},
		"preload":                        {ini: []string{"opcache.enable=1", "opcache.preload=" + file("preload.php", "<?php class Preloaded {}"), "opcache.preload_user=root"}},
		"opcache off":                    {ini: []string{"opcache.enable=0"}, note: "opcache is off"},
		"opcache that does not look":     {ini: []string{"opcache.enable=1", "opcache.validate_timestamps=0"}, note: "opcache.validate_timestamps"},
		"small forms":                    {pool: []string{"php_admin_value[post_max_size]=1M"}, note: "post_max_size of PHP-FPM is 1M", upload: "413"},
		"small files":                    {pool: []string{"php_admin_value[post_max_size]=9M", "php_admin_value[upload_max_filesize]=1M"}, note: "upload_max_filesize of PHP-FPM is 1M", upload: "1 0 false"},
		"no files":                       {pool: []string{"php_admin_flag[file_uploads]=off"}, note: "file_uploads", upload: "wwww"},
		"few variables":                  {pool: []string{"php_admin_value[max_input_vars]=10"}, note: "max_input_vars of PHP-FPM is 10"},
		"little memory":                  {pool: []string{"php_admin_value[memory_limit]=12M"}, note: "memory_limit of PHP-FPM is 12M"},
		"functions that hosters forbid":  {pool: []string{"php_admin_value[disable_functions]=exec,system,passthru,shell_exec,proc_open,popen,ini_set,ini_alter,set_time_limit,putenv,getmypid,posix_getppid,fsockopen,error_log"}},
		"no sockets":                     {pool: []string{"php_admin_value[disable_functions]=stream_socket_client"}, refused: "disable_functions of the pool has stream_socket_client()"},
		"no ob_start":                    {pool: []string{"php_admin_value[disable_functions]=ob_start"}, refused: "disable_functions of the pool takes a function away"},
		"another folder":                 {pool: []string{"php_admin_value[open_basedir]=/nowhere"}, refused: "open_basedir of the pool must have the folder of the SDK"},
		"a class that is there":          {pool: []string{"php_admin_value[auto_prepend_file]=" + file("clash.php", `<?php namespace Swoole\WebSocket; class Server {}`)}, refused: "auto_prepend_file"},
	} {
		t.Run(name, func(t *testing.T) {
			script := write(t, "server.php", poolScript)
			pool := append(slices.Clone(c.pool), "php_admin_value[upload_max_filesize]=8M") // the first one counts
			at := foreignPool(t, pool, append([]string{"opcache.enable=1", "post_max_size=8M"}, c.ini...))
			code, out, errs := run(t, nil, "check", script, "--listen", "127.0.0.1:0", "--fpm", at)
			if c.refused != "" {
				if code == 0 || !strings.Contains(errs, c.refused) {
					t.Errorf("check: %d %s%s", code, out, errs)
				}
				return
			}
			if code != 0 || strings.Contains(out, "PHP-FPM") != (c.note != "") || !strings.Contains(out, c.note) {
				t.Errorf("check: %d %s%s", code, out, errs)
			}
			p := serve(t, nil, script, "--fpm", at)
			if !strings.Contains(p.stdout.String(), c.note) {
				t.Error("serve does not say it")
			}
			ws := p.dial("/")
			ws.send("hi")
			ws.want("2 1")
			ws.send(strings.Repeat("x", 1<<20))
			ws.want("1048576 1")
			post := func(contentType string, body io.Reader) string {
				resp, err := http.Post("http://"+p.addr+"/", contentType, body)
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				got, err := io.ReadAll(resp.Body)
				if err != nil {
					t.Fatal(err)
				}
				if resp.StatusCode != http.StatusOK {
					return fmt.Sprint(resp.StatusCode)
				}
				return string(got)
			}
			if got, want := post("application/x-www-form-urlencoded", strings.NewReader("a=1&b=2")), strings.Repeat("w", 100000)+" 2"; got != want {
				t.Errorf("%d bytes, %.80s", len(got), got)
			}
			var b bytes.Buffer
			w := multipart.NewWriter(&b)
			part, _ := w.CreateFormFile("f", "f.bin")
			_, _ = part.Write(make([]byte, 3_000_000))
			_ = w.Close()
			want := c.upload
			if want == "" {
				want = "0 3000000 true"
			}
			if got := post(w.FormDataContentType(), &b); !strings.HasPrefix(got, want) {
				t.Errorf("the upload: %.80s, want %s", got, want)
			}
		})
	}
}
