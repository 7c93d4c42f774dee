package cliphp

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// PHP is a php binary for the command line.
type PHP struct {
	Path    string // absolute
	Version string // 8.2.36
	PCNTL   bool   // has the extension

	disabled string // disable_functions of php.ini, without spaces
}

// minVersion is the SDK's floor, as PHP_VERSION_ID.
const minVersion = 70400

// lookTimeout is what a php may take to say its version.
const lookTimeout = 10 * time.Second

var (
	errNoPHP    = errors.New("there is no php in PATH: install PHP's command line (php-cli), or name the binary in php.binary")
	errNotCLI   = errors.New("it is no PHP for the command line")
	errTooOld   = errors.New("the SDK needs PHP 7.4 or newer")
	errHasTheir = errors.New("the swoole extension is loaded in it, and its classes cannot be replaced: disable it for the command line (phpdismod -s cli swoole openswoole)")
)

// Find asks a php binary what it is: the one that is named, or the first of PATH. It must be able to serve.
func Find(ctx context.Context, binary string) (*PHP, error) {
	path, err := exec.LookPath(binary)
	if binary == "" {
		if path, err = exec.LookPath("php"); err != nil {
			return nil, fmt.Errorf("cliphp: %w", errNoPHP)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cliphp: php.binary: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "-d", //nolint:gosec // the binary is the operator's choice
		"auto_prepend_file=", "-d", "auto_append_file=", "-d", "display_errors=0", "-r",
		`echo "\n", implode(" ", [PHP_SAPI, PHP_VERSION, PHP_VERSION_ID, +extension_loaded("pcntl"), extension_loaded("swoole") + extension_loaded("openswoole"), "-" . str_replace(" ", "", ini_get("disable_functions"))]);`)
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("cliphp: %s cannot be run: %w", path, err)
	}
	p, err := parse(string(out))
	if err != nil {
		return nil, fmt.Errorf("cliphp: %s: %w", path, err)
	}
	p.Path = path
	return p, nil
}

// parse reads the last line of what Find's question gave; warnings of php.ini may stand before it.
func parse(out string) (*PHP, error) {
	words := strings.Fields(out[strings.LastIndexByte(out, '\n')+1:])
	if len(words) != 6 || words[0] != "cli" {
		return nil, errNotCLI
	}
	id, err := strconv.Atoi(words[2])
	switch {
	case err != nil:
		return nil, errNotCLI
	case id < minVersion:
		return nil, fmt.Errorf("PHP %s: %w", words[1], errTooOld)
	case words[4] != "0":
		return nil, errHasTheir
	}
	return &PHP{Version: words[1], PCNTL: words[3] == "1", disabled: words[5][1:]}, nil
}

// Disable is php.ini's disable_functions with more names, for [Options]; empty: there are none, or this PHP, below 8, would not let a script
// define functions in their place. What the command line answers as the extension's scripts expect is left alone: php_sapi_name.
func (p *PHP) Disable(names []string) string {
	names = slices.DeleteFunc(names, func(name string) bool { return name == "php_sapi_name" })
	if len(names) == 0 || strings.HasPrefix(p.Version, "7.") {
		return ""
	}
	return strings.TrimLeft(p.disabled+","+strings.Join(names, ","), ",")
}
