package app

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fpmbridge/fpmbridge/internal/config"
)

// uploadINI is PHP's setting of the same name. PHP_ADMIN_VALUE would set it for one request, and for whatever that child of php-fpm serves later.
const uploadINI = "upload_tmp_dir"

// uploadTo takes over where the server wants the files of forms, and says where it does not get them there. In resident mode the SDK puts them there.
func (t *tuning) uploadTo(v any) {
	dir, ok := v.(string)
	if !ok || dir == "" {
		return
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(t.tls.Folder, dir)
	}
	if t.cfg.SDK.Path == "" { // PHP is on our file system
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			t.note("upload_tmp_dir: there is no folder %s", dir)
			return
		}
	}
	operator := slices.ContainsFunc(t.cfg.FPM.INI, func(ini string) bool {
		name, _, _ := strings.Cut(ini, "=")
		return strings.TrimSpace(name) == uploadINI
	})
	switch {
	case t.cfg.Mode == config.ModeResident:
	case t.cfg.FPM.Address != "":
		t.note("upload_tmp_dir: PHP itself keeps the files of forms in request mode: set php_admin_value[upload_tmp_dir] in php-fpm's pool")
	case operator:
		t.note("upload_tmp_dir: fpm.ini says another one, which wins")
	default:
		t.uploads = dir
	}
}

// keepUploads has our own php-fpm put the files of forms into a folder. It has described the scripts, and serves nobody yet.
func (p *plant) keepUploads(ctx context.Context, dir string) {
	if p.own == nil || dir == "" {
		return
	}
	if err := p.own.Restart(ctx, uploadINI+"="+dir); err != nil && ctx.Err() == nil {
		p.log.Warn("the files of forms are not in upload_tmp_dir", "err", err)
	}
}
