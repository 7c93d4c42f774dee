package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/viper"
)

// Source is where Load looks. Each may be missing.
type Source struct {
	File   string                   // "" = none
	Getenv func(name string) string // nil = none; an empty variable counts as not set
	Flags  map[string]any           // key -> value, for flags that were given
}

// Load reads all sources, checks everything, and returns every mistake at once, each a *KeyError.
//
// Relative scripts are relative to the folder of the file that names them, or to the working folder for flags and
// environment; what Load returns is absolute. Scripts must be readable, unless sdk.path says that PHP sees another file
// system than we do.
func Load(src Source) (*Config, error) {
	v := viper.New()
	v.SetConfigType("yaml")
	if src.File != "" {
		data, err := os.ReadFile(src.File)
		if err != nil {
			return nil, fmt.Errorf("config: %w", err)
		}
		if err := v.ReadConfig(bytes.NewReader(data)); err != nil {
			return nil, fmt.Errorf("config: %s: %w", src.File, err)
		}
	}
	c := Defaults()
	origins := src.overlay(v, c)
	c.Log.Asked = origins["log.level"] != ""
	errs := c.decodeAll(v, origins, src.File)
	if len(errs) > 0 {
		return nil, errors.Join(errs...) // checks would complain about defaults that nobody wrote
	}
	if errs := append(c.resolveScripts(origins, src.File), c.check(origins, src.File)...); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return c, nil
}

// overlay puts environment and flags over the file, and returns where those keys come from.
func (src Source) overlay(v *viper.Viper, c *Config) map[string]string {
	origins := make(map[string]string)
	for _, f := range c.fields() {
		if flag, ok := src.Flags[f.key]; ok {
			v.Set(f.key, flag)
			origins[f.key] = "flag"
			continue
		}
		if src.Getenv == nil {
			continue
		}
		if text := src.Getenv(EnvName(f.key)); text != "" {
			v.Set(f.key, fromEnv(f.target, text))
			origins[f.key] = EnvName(f.key)
		}
	}
	return origins
}

func (c *Config) decodeAll(v *viper.Viper, origins map[string]string, file string) []error {
	var errs []error
	var known []string
	for _, f := range c.fields() {
		known = append(known, f.key)
		value := v.Get(f.key)
		if value == nil {
			continue // not set, or an empty value in the file: the default
		}
		origin := originOf(f.key, origins, file)
		if routes, ok := f.target.(*[]Route); ok {
			errs = append(errs, decodeRoutes(routes, value, origin)...)
			continue
		}
		if keys, ok := f.target.(*[]APIKey); ok {
			errs = append(errs, decodeAPIKeys(keys, value, origin)...)
			continue
		}
		if err := decode(f.target, value); err != nil {
			shown := show(value)
			if _, ok := f.target.(*Secret); ok {
				shown = Secret(shown).String()
			}
			errs = append(errs, &KeyError{Key: f.key, Origin: origin, Value: shown, Problem: err.Error()})
		}
	}
	keys := v.AllKeys()
	slices.Sort(keys)
	for _, key := range keys {
		if !slices.ContainsFunc(known, func(k string) bool { return key == k || strings.HasPrefix(key, k+".") }) {
			errs = append(errs, unknown(key, file, known))
		}
	}
	return errs
}

func originOf(key string, origins map[string]string, file string) string {
	if origin, ok := origins[key]; ok {
		return origin
	}
	return file
}

// resolveScripts makes scripts absolute and opens them.
func (c *Config) resolveScripts(origins map[string]string, file string) []error {
	var errs []error
	resolve := func(key, from string, script *string) {
		if *script == "" {
			return
		}
		if err := resolveScript(script, from == file && file != "", file, c.SDK.Path != ""); err != nil {
			errs = append(errs, &KeyError{Key: key, Origin: from, Value: show(*script), Problem: err.Error()})
		}
	}
	resolve("script", originOf("script", origins, file), &c.Script)
	for i := range c.Routes {
		resolve(fmt.Sprintf("routes[%d].script", i), originOf("routes", origins, file), &c.Routes[i].Script)
	}
	return errs
}

func resolveScript(script *string, fromFile bool, file string, foreign bool) error {
	if foreign {
		if !filepath.IsAbs(*script) {
			return errors.New("with sdk.path set, PHP sees another file system: write the absolute path that PHP knows")
		}
		return nil
	}
	path := *script
	if fromFile && !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(file), path)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("PHP must be able to read it: %w", err)
	}
	defer func() { _ = f.Close() }() // only opened to see that it can be
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", path)
	}
	*script = path
	return nil
}
