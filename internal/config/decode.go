package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// decode puts a value as YAML, JSON, the environment or a flag gave it into the target. Errors say what is allowed.
func decode(target, value any) error {
	switch t := target.(type) {
	case *string:
		return decodeText(value, func(s string) error { *t = s; return nil })
	case *Secret:
		return decodeText(value, func(s string) error { *t = Secret(s); return nil })
	case *Address:
		return decodeText(value, func(s string) error { *t = Address(s); return nil })
	case **string:
		return decodeText(value, func(s string) error { *t = &s; return nil })
	case *[]string:
		return decodeList(t, value)
	case *int:
		return decodeInt(t, value)
	case *bool:
		return decodeBool(t, value)
	case *time.Duration:
		return decodeDuration(t, value)
	case *Size:
		return decodeText(value, func(s string) (err error) { *t, err = ParseSize(s); return err })
	case *fs.FileMode:
		return decodeMode(t, value)
	case *slog.Level:
		return decodeLevel(t, value)
	case *Mode:
		return decodeOneOf(t, value, ModeRequest, ModeResident)
	case *Launcher:
		return decodeOneOf(t, value, LauncherFPM, LauncherCLI)
	case *LogFormat:
		return decodeOneOf(t, value, LogText, LogJSON)
	case *Protocol:
		return decodeOneOf(t, value, ProtocolAuto, ProtocolPlain, ProtocolFramed)
	case *Reply:
		return decodeOneOf(t, value, ReplyJSON, ReplyText)
	case *Opcode:
		return decodeOneOf(t, value, OpcodeText, OpcodeBinary)
	case *SharedDriver:
		return decodeOneOf(t, value, SharedBridge, SharedAPCu)
	default:
		return fmt.Errorf("no decoder for %T", target)
	}
}

// decodeText also takes whole numbers, since YAML makes those of 1000 or 8080.
func decodeText(value any, set func(string) error) error {
	switch v := value.(type) {
	case string:
		return set(v)
	case int, int64, uint64:
		return set(fmt.Sprint(v))
	default:
		return errors.New("write a text, in quotes if need be")
	}
}

// decodeList takes a list, or one text for a list of one.
func decodeList(target *[]string, value any) error {
	var items []any
	switch v := value.(type) {
	case []string:
		*target = slices.Clone(v)
		return nil
	case []any:
		items = v
	default:
		items = []any{value}
	}
	list := make([]string, len(items))
	for i, item := range items {
		if err := decode(&list[i], item); err != nil {
			return errors.New("write a list of texts, such as [a, b]")
		}
	}
	*target = list
	return nil
}

func decodeInt(target *int, value any) error {
	var err error
	switch v := value.(type) {
	case int:
		*target = v
	case string:
		*target, err = strconv.Atoi(v)
	default:
		err = errors.ErrUnsupported
	}
	if err != nil {
		return errors.New("write a whole number")
	}
	return nil
}

func decodeBool(target, value any) error {
	t, _ := target.(*bool)
	switch value {
	case true, "true":
		*t = true
	case false, "false":
		*t = false
	default:
		return errors.New("allowed are true and false")
	}
	return nil
}

// decodeDuration refuses bare numbers: seconds to the writer, nanoseconds to Go. Zero needs no unit.
func decodeDuration(target *time.Duration, value any) error {
	s := fmt.Sprint(value)
	if _, err := strconv.ParseFloat(s, 64); err == nil && s != "0" {
		return fmt.Errorf("a time needs a unit: write %ss for seconds, %sms for milliseconds", s, s)
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return errors.New("write a number with a unit, such as 500ms, 30s, 5m or 1h")
	}
	*target = d
	return nil
}

// decodeMode insists on quotes, because YAML turns 0660 into 432 and 660 into another mode.
func decodeMode(target *fs.FileMode, value any) error {
	s, _ := value.(string)
	n, err := strconv.ParseUint(s, 8, 32)
	if err != nil || !strings.HasPrefix(s, "0") || n > 0o777 {
		return errors.New(`write the permissions in quotes, octal with a leading zero, such as "0660"`)
	}
	*target = fs.FileMode(n)
	return nil
}

func decodeLevel(target *slog.Level, value any) error {
	levels := map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}
	level, ok := levels[fmt.Sprint(value)]
	if !ok {
		return errors.New("allowed are debug, info, warn and error")
	}
	*target = level
	return nil
}

func decodeOneOf[T ~string](target *T, value any, allowed ...T) error {
	s := T(fmt.Sprint(value))
	if !slices.Contains(allowed, s) {
		return fmt.Errorf("allowed are %v", strings.Trim(fmt.Sprint(allowed), "[]"))
	}
	*target = s
	return nil
}

// decodeRoutes decodes the list of routes, key by key, and reports every mistake.
func decodeRoutes(target *[]Route, value any, origin string) []error {
	items, ok := value.([]any)
	if !ok {
		return []error{&KeyError{
			Key: "routes", Origin: origin, Value: show(value),
			Problem: "write a list of routes, such as [{path: /chat, script: chat.php}]",
		}}
	}
	var errs []error
	routes := make([]Route, len(items))
	for i, item := range items {
		key := fmt.Sprintf("routes[%d]", i)
		entry, ok := item.(map[string]any)
		if !ok {
			errs = append(errs, &KeyError{Key: key, Origin: origin, Value: show(item), Problem: "write keys, such as {path: /chat}"})
			continue
		}
		routes[i] = Route{Protocol: ProtocolAuto, Reply: ReplyJSON}
		errs = append(errs, decodeRoute(&routes[i], entry, key, origin)...)
	}
	*target = routes
	return errs
}

func decodeRoute(r *Route, entry map[string]any, key, origin string) []error {
	return decodeEntry(r.fields(), entry, key, origin)
}

// decodeAPIKeys decodes the list of API keys. Nothing of it is quoted: they are secret.
func decodeAPIKeys(target *[]APIKey, value any, origin string) []error {
	items, ok := value.([]any)
	if !ok {
		return []error{&KeyError{Key: "api.keys", Origin: origin, Problem: "write a list of keys, such as [{name: shop, key_file: /etc/fpmbridge/shop.key, scopes: [push]}]"}}
	}
	if len(items) == 0 {
		*target = nil
		return nil
	}
	var errs []error
	keys := make([]APIKey, len(items))
	for i, item := range items {
		key := fmt.Sprintf("api.keys[%d]", i)
		entry, ok := item.(map[string]any)
		if !ok {
			errs = append(errs, &KeyError{Key: key, Origin: origin, Problem: "write name, key or key_file, and scopes"})
			continue
		}
		keys[i] = APIKey{Scopes: []string{"read", "push", "admin"}}
		errs = append(errs, decodeEntry(keys[i].fields(), entry, key, origin)...)
	}
	*target = keys
	return errs
}

// nested is a value with keys of its own.
type nested interface {
	// decodeAt decodes the value of key, and returns all that is wrong with it.
	decodeAt(value any, key, origin string) []error
}

func decodeEntry(fields []field, entry map[string]any, key, origin string) []error {
	var errs []error
	var known []string
	for _, f := range fields {
		known = append(known, f.key)
		value := entry[f.key]
		if value == nil {
			continue
		}
		if n, ok := f.target.(nested); ok {
			errs = append(errs, n.decodeAt(value, key+"."+f.key, origin)...)
			continue
		}
		if err := decode(f.target, value); err != nil {
			shown := show(value)
			if _, ok := f.target.(*Secret); ok {
				shown = Secret(shown).String()
			}
			errs = append(errs, &KeyError{Key: key + "." + f.key, Origin: origin, Value: shown, Problem: err.Error()})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(entry)) {
		if !slices.Contains(known, name) {
			e := unknown(name, origin, known)
			e.Key = key + "." + name
			errs = append(errs, e)
		}
	}
	return errs
}

// fromEnv turns the text of a variable for a list into one: JSON if it starts with a bracket, else split at commas.
func fromEnv(target any, text string) any {
	switch target.(type) {
	case *[]string, *[]Route, *[]APIKey:
	default:
		return text
	}
	if strings.HasPrefix(strings.TrimSpace(text), "[") {
		var list []any
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			return text
		}
		return list
	}
	var list []any
	for part := range strings.SplitSeq(text, ",") {
		list = append(list, strings.TrimSpace(part))
	}
	return list
}

// show quotes a value for an error, shortened.
func show(value any) string {
	const most = 80
	s := fmt.Sprint(value)
	if text, ok := value.(string); ok {
		s = strconv.Quote(text)
	}
	if len(s) > most {
		s = s[:most] + "…"
	}
	return s
}
