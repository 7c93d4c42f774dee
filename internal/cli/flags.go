package cli

import (
	"errors"
	"maps"
	"os"

	"github.com/spf13/cobra"

	"github.com/fpmbridge/fpmbridge/internal/config"
)

const defaultFile = "bridge.yaml"

// flags of serve and check.
type flags struct {
	config string
	byHand string
}

// keysByFlag names the configuration key of each flag.
func keysByFlag() map[string]string {
	return map[string]string{
		"listen": "listen", "mode": "mode", "launcher": "launcher", "workers": "workers", "fpm": "fpm.address", "log-level": "log.level",
		"sdk-path": "sdk.path",
	}
}

func (f *flags) register(cmd *cobra.Command) {
	s := cmd.Flags()
	s.SortFlags = false
	s.StringVar(&f.config, "config", "", "configuration `FILE`")
	s.StringArray("listen", nil, "listen on `HOST:PORT`; may be given several times (default what the script asks for)")
	s.String("mode", "", "request or resident (default request)")
	s.String("launcher", "", "whose PHP processes run the script: fpm, or cli for php on the command line, with --mode resident (default fpm)")
	s.Int("workers", 0, "PHP requests at once; 0 = automatic")
	s.String("fpm", "", "a running php-fpm, as unix:PATH or tcp:HOST:PORT (default start one)")
	s.String("log-level", "", "debug, info, warn or error (default info)")
	s.StringVar(&f.byHand, "by-hand", "", "`SCRIPT` as it was typed after php: what the script prints is printed, and our own log has warnings only")
	_ = s.MarkHidden("by-hand") // it is there
	s.String("sdk-path", "", "the SDK's `FOLDER` as PHP sees it, if PHP runs on another file system")
}

// load turns arguments into a checked configuration with something to serve. more are settings that count as flags.
func (f *flags) load(cmd *cobra.Command, args []string, env Env, more map[string]any) (*config.Config, error) {
	src := config.Source{File: f.file(), Getenv: env.Getenv, Flags: make(map[string]any)}
	for flag, key := range keysByFlag() {
		if !cmd.Flags().Changed(flag) {
			continue
		}
		// The types are those of register; the configuration takes texts for everything but lists.
		if list, err := cmd.Flags().GetStringArray(flag); err == nil {
			src.Flags[key] = list
		} else {
			src.Flags[key] = cmd.Flags().Lookup(flag).Value.String()
		}
	}
	if at := cmd.ArgsLenAtDash(); at >= 0 {
		src.Flags["args"] = args[at:]
		args = args[:at]
	}
	if f.byHand != "" {
		src.Flags["mode"], src.Flags["launcher"], src.Flags["fpm.address"] = "resident", "cli", ""
	}
	if len(args) == 1 {
		// A script on the command line means "just this one", whatever routes the file has.
		src.Flags["script"], src.Flags["routes"] = args[0], []any{}
	}
	maps.Copy(src.Flags, more)
	c, err := config.Load(src)
	if err != nil {
		return nil, err
	}
	c.ByHand = f.byHand
	if len(c.RouteList()) == 0 {
		return nil, &usageError{errors.New("there is no script to serve: name one (fpmbridge " + cmd.Name() +
			" server.php), or write script or routes into " + defaultFile)}
	}
	return c, nil
}

// file is the configuration file to read: the one that was named, or the folder's bridge.yaml if there is one.
func (f *flags) file() string {
	if f.config != "" {
		return f.config
	}
	if _, err := os.Stat(defaultFile); err != nil {
		return ""
	}
	return defaultFile
}
