package config

import (
	"fmt"
	"slices"
	"strings"
)

// KeyError is one mistake in the configuration.
type KeyError struct {
	Key     string // such as fpm.timeout or routes[1].path
	Origin  string // the file, the environment variable or the flag; "" when it concerns several
	Value   string // as written; *** for secrets, "" when it does not matter
	Problem string // what is wrong and what is allowed
}

func (e *KeyError) Error() string {
	s := "config: " + e.Key
	if e.Origin != "" {
		s += " (" + e.Origin + ")"
	}
	if e.Value != "" {
		s += ": " + e.Value
	}
	return s + ": " + e.Problem
}

// unknown words the error for a key that does not exist, given those that do.
func unknown(key, origin string, known []string) *KeyError {
	e := &KeyError{Key: key, Origin: origin, Problem: "there is no such key"}
	if group := key + "."; slices.ContainsFunc(known, func(k string) bool { return strings.HasPrefix(k, group) }) {
		e.Problem = "this is a group of keys; write them below it, indented"
		return e
	}
	if guess := nearest(key, known); guess != "" {
		e.Problem += fmt.Sprintf("; did you mean %s?", guess)
	}
	return e
}

// nearest finds the key that was probably meant: few letters differ, or the right name stands in the wrong group.
func nearest(key string, known []string) string {
	best, bestDistance := "", len(key)/2+1
	for _, k := range known {
		if d := distance(key, k); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	if bestDistance <= 3 {
		return best
	}
	for _, k := range known {
		if lastPart(k) == lastPart(key) {
			return k
		}
	}
	return ""
}

func lastPart(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

// distance counts the letters to insert, delete or change (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
