package fpm

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	prependName = "prepend.php"
	// lookTimeout is what a php-fpm may take to say what it is.
	lookTimeout = 10 * time.Second
)

// standIn puts the settings and the file in place that let functions of PHP be replaced. The administrator's own settings of that name
// stay in force: php-fpm disables functions in addition, but php.ini's auto_prepend_file would be forgotten.
func (s *Server) standIn(ctx context.Context) error {
	o := &s.opts
	if len(o.StandIns) == 0 {
		return nil
	}
	theirs, err := ask(ctx, o.Binary)
	if err != nil {
		return err
	}
	if strings.HasPrefix(theirs["PHP Version"], "7.") {
		o.Log.Debug("this PHP cannot replace functions", "version", theirs["PHP Version"], "functions", strings.Join(o.StandIns, ","))
		return nil
	}
	disabled, prepend := theirs["disable_functions"], theirs["auto_prepend_file"]
	var ini []string
	for _, line := range o.INI {
		switch name, value, _ := strings.Cut(line, "="); strings.TrimSpace(name) {
		case "disable_functions":
			disabled += "," + value
		case "auto_prepend_file":
			prepend = strings.TrimSpace(value)
		default:
			ini = append(ini, line)
		}
	}
	code := o.StandInCode
	if prepend != "" && prepend != "none" {
		code += "\nrequire '" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(prepend) + "';\n"
	}
	file := s.folder.join(prependName)
	if err := s.folder.write(file, []byte(code)); err != nil {
		return err
	}
	if o.User != "" || o.Group != "" { // the workers go through our folder, where everything else is ours alone
		if err := s.share(file); err != nil {
			return fmt.Errorf("fpm: private folder: %w", err)
		}
	}
	o.Log.Info("functions of PHP are answered by the SDK", "functions", strings.Join(o.StandIns, ","))
	o.INI = append(ini, "disable_functions="+join(disabled, o.StandIns), "auto_prepend_file="+file)
	return nil
}

// share lets everybody read a file of our folder who knows its name.
func (s *Server) share(file string) error {
	if err := os.Chmod(s.folder.path, 0o711); err != nil { //nolint:gosec // see standIn
		return err
	}
	return os.Chmod(file, 0o644) //nolint:gosec // see standIn
}

// join adds names to a list of php.ini's.
func join(list string, names []string) string {
	all := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
	for _, name := range names {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return strings.Join(all, ",")
}

// ask returns what a php-fpm says of itself, by the names of phpinfo().
func ask(ctx context.Context, binary string) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	out, err := exec.CommandContext(ctx, binary, "-i").Output()
	if err != nil {
		return nil, fmt.Errorf("fpm: %s -i: %w", binary, err)
	}
	said := make(map[string]string)
	for _, m := range regexp.MustCompile(`(?m)^(PHP Version|disable_functions|auto_prepend_file) => (?:.* => )?(.*)$`).FindAllStringSubmatch(string(out), -1) {
		if m[2] = strings.TrimSpace(m[2]); m[2] == "no value" {
			m[2] = ""
		}
		said[m[1]] = m[2]
	}
	return said, nil
}
