package static

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Rule makes another path of a path that is asked for: Swoole's url_rewrite_rules. The zero value makes none.
type Rule struct {
	prefix string
	match  *regexp.Regexp // nil: prefix counts
	to     string         // takes the place of what matched; a template of regexp with match
}

// Rules reads url_rewrite_rules: pairs of a pattern and what takes its place, in their order, or an object, whose order nobody knows. A pattern is a
// regular expression between tildes, ~^/post/(\d+)$~, or how a path begins. What is wrong with some of them is said of each, and they are left out.
func Rules(value any) (rules []Rule, err error) {
	var pairs []any
	switch v := value.(type) {
	case nil:
	case []any:
		pairs = v
	case map[string]any:
		for _, pattern := range slices.Sorted(maps.Keys(v)) {
			pairs = append(pairs, []any{pattern, v[pattern]})
		}
	default:
		return nil, errors.New("url_rewrite_rules: want an array of patterns, each with a path")
	}
	var problems []error
	for _, p := range pairs {
		pair, _ := p.([]any)
		if len(pair) != 2 {
			problems = append(problems, errors.New("url_rewrite_rules: want an array of patterns, each with a path"))
			continue
		}
		pattern, ok1 := pair[0].(string)
		to, ok2 := pair[1].(string)
		if !ok1 || !ok2 || pattern == "" {
			problems = append(problems, fmt.Errorf("url_rewrite_rules: %v: want a pattern with a path", pair[0]))
			continue
		}
		rule, err := newRule(pattern, to)
		if err != nil {
			problems = append(problems, fmt.Errorf("url_rewrite_rules: %s: %w", pattern, err))
			continue
		}
		rules = append(rules, rule)
	}
	return rules, errors.Join(problems...)
}

func newRule(pattern, to string) (Rule, error) {
	to, _, _ = strings.Cut(to, "?") // files have no query
	expression, ok := strings.CutPrefix(pattern, "~")
	if !ok {
		return Rule{prefix: pattern, to: to}, nil
	}
	match, err := regexp.Compile(strings.TrimSuffix(expression, "~"))
	if err != nil {
		return Rule{}, err //nolint:wrapcheck // the caller names the pattern
	}
	return Rule{match: match, to: template(to)}, nil
}

// template writes $1 as ${1}: for regexp $1.html has a name of six letters.
func template(to string) string {
	var b strings.Builder
	for i := 0; i < len(to); i++ {
		c := to[i]
		if c != '$' {
			b.WriteByte(c)
			continue
		}
		end := i + 1
		for end < len(to) && end < i+3 && to[end] >= '0' && to[end] <= '9' {
			end++
		}
		switch {
		case end > i+1:
			b.WriteString("${" + to[i+1:end] + "}")
			i = end - 1
		case end < len(to) && to[end] == '&':
			b.WriteString("${0}")
			i = end
		case end < len(to) && to[end] == '$':
			b.WriteString("$$")
			i = end
		default:
			b.WriteString("$$")
		}
	}
	return b.String()
}

// rewritten is what the first rule that fits makes of a path.
func (h *handler) rewritten(name string) string {
	for i := range h.rules {
		r := &h.rules[i]
		if r.match != nil {
			if r.match.MatchString(name) {
				return r.match.ReplaceAllString(name, r.to)
			}
		} else if rest, ok := strings.CutPrefix(name, r.prefix); ok {
			return r.to + rest
		}
	}
	return name
}
