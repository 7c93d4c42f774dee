// Package phpval reads the settings of a Swoole script, which come as JSON, as PHP and the extension read them.
//
// [Truth] is one value as a condition, [Number] one as a number, [Settings] reads values by name. What is wrong with a value is said by
// Number alone: for Settings it counts as not given.
package phpval

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Truth is PHP's zval_is_true: nothing, false, 0, "", "0" and an empty list are false.
func Truth(value any) bool {
	switch v := value.(type) {
	case nil:
		return false
	case bool:
		return v
	case float64:
		return v != 0
	case string:
		return v != "" && v != "0"
	case []any:
		return len(v) > 0
	}
	return true
}

// Number is an integer-like value as PHP's zval_get_long and zval_get_double take it, between the least int32 and the greatest uint32.
func Number(value any) (float64, error) {
	switch v := value.(type) {
	case nil:
		return 0, nil
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	case float64:
		return clamp(v), nil
	case string:
		f, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		if err != nil || math.IsNaN(f) {
			return 0, fmt.Errorf("%q is no number", v)
		}
		return clamp(f), nil
	}
	return 0, errors.New("want a number")
}

func clamp(f float64) float64 { return max(math.MinInt32, min(f, math.MaxUint32)) }

// Texts are the strings of a list; what else is in it is left out.
func Texts(list any) (all []string) {
	items, _ := list.([]any)
	for _, item := range items {
		if s, ok := item.(string); ok {
			all = append(all, s)
		}
	}
	return all
}

// Settings are a script's, or those of one of its ports.
type Settings map[string]any

// Flag reads a setting as a condition. One that is null is not given, as for the extension.
func (s Settings) Flag(name string, def bool) bool {
	if s[name] == nil {
		return def
	}
	return Truth(s[name])
}

// Int reads the first of the settings that is there: a number, or a size such as 2M.
func (s Settings) Int(def int64, names ...string) int64 {
	for _, name := range names {
		switch v := s[name].(type) {
		case float64:
			return int64(v)
		case string:
			if n, ok := size(v); ok {
				return n
			}
		}
	}
	return def
}

// size reads what Swoole reads as a size: digits, and K, M or G.
func size(s string) (int64, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	s = strings.TrimSuffix(s, "B")
	shift := 0
	for i, unit := range []string{"K", "M", "G"} {
		if rest, ok := strings.CutSuffix(s, unit); ok {
			s, shift = rest, 10*(i+1)
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > 1<<62>>shift {
		return 0, false
	}
	return n << shift, true
}

// Texts are the strings of several lists.
func (s Settings) Texts(names ...string) (all []string) {
	for _, name := range names {
		all = append(all, Texts(s[name])...)
	}
	return all
}

// Text is a setting's string; empty for what is none.
func (s Settings) Text(name string) string {
	text, _ := s[name].(string)
	return text
}
