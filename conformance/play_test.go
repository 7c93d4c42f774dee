package conformance_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// play is what clients do with a server, and what they and its notes and log must show. README.md has the words.
type play struct {
	title   string
	differs string // why we do something else than Swoole, which this play then tests
	mode    string // request or resident: only there; "" both
	ports   int
	args    []string // of the bridge
	refuses string   // what the server says instead of starting
	steps   []step
}

type step struct {
	line    int
	conn    string // the connection's name, or "" where there is none
	port    int
	verb    string
	kind    string   // text, binary, close, … or an HTTP method
	target  string   // a path, or a header's name
	first   byte     // of a frame
	code    int      // of a close frame, or a status
	headers []string // of a request
	remove  []string // headers that a request has by itself
	text    text
	wait    time.Duration
}

// text is what is sent or expected.
type text struct {
	set   bool
	value string
	match *regexp.Regexp
}

func (t text) ok(got string) bool {
	if t.match != nil {
		return t.match.MatchString(got)
	}
	return got == t.value
}

func (t text) String() string {
	if t.match != nil {
		return "~ " + t.match.String()
	}
	return fmt.Sprintf("%.300q", t.value)
}

// readPlay reads the first comment of a case.
func readPlay(path string) (*play, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	data = bytes.TrimPrefix(data, []byte("#!/usr/bin/env php\n"))
	rest, ok := bytes.CutPrefix(data, []byte("<?php\n/*\n"))
	comment, _, end := bytes.Cut(rest, []byte("\n */\n"))
	if !ok || !end {
		return nil, fmt.Errorf("%s: the play is missing: a comment right behind <?php", path)
	}
	p := &play{ports: 1}
	title := true
	for i, line := range strings.Split(string(comment), "\n") {
		line = strings.TrimPrefix(strings.TrimPrefix(line, " *"), " ")
		switch {
		case line == "":
			title = false
		case title:
			p.title = strings.TrimSpace(p.title + " " + line)
		default:
			if err := p.add(i+3, line); err != nil {
				return nil, fmt.Errorf("%s:%d: %q: %w", path, i+3, line, err)
			}
		}
	}
	if p.title == "" || (p.refuses == "") == (len(p.steps) == 0) {
		return nil, fmt.Errorf("%s: a play has a title, an empty line, and steps", path)
	}
	return p, nil
}

var (
	connWord  = regexp.MustCompile(`^([a-z][a-z0-9]*)([<>]) +(\S.*)$`)
	request   = regexp.MustCompile(`^(?:([a-z][a-z0-9]*)(?::(\d))? +)?([A-Z]+)(?:/([\d.]+))? (\S+)$`)
	opening   = regexp.MustCompile(`^(open|tcp) +([a-z][a-z0-9]*)(?::(\d))?(?: +(\S+))?$`)
	numbering = regexp.MustCompile(`^times (\d+) (.+)$`)
)

func (p *play) add(n int, line string) error {
	if more, ok := strings.CutPrefix(line, "  "); ok {
		return p.more(strings.TrimSpace(more))
	}
	s := step{line: n, port: 1}
	var err error
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "differs:":
		p.differs = rest
		return nil
	case "mode":
		p.mode = rest
		if rest != "request" && rest != "resident" {
			return fmt.Errorf("no mode")
		}
		return nil
	case "ports":
		p.ports, err = strconv.Atoi(rest)
		return err
	case "refuses":
		p.refuses = rest
		return nil
	case "args":
		p.args = append(p.args, strings.Fields(rest)...)
		return nil
	case "status":
		s.verb = word
		s.code, err = strconv.Atoi(rest)
	case "header":
		var value string
		var ok bool
		if s.target, value, ok = strings.Cut(rest, ":"); !ok {
			return fmt.Errorf("header Name: value")
		}
		s.verb = word
		s.text, err = readText(strings.TrimSpace(value))
	case "no":
		what, name, _ := strings.Cut(rest, " ")
		s.verb, s.target = "no "+what, name
		if s.verb != "no header" && s.verb != "no log" || name == "" {
			return fmt.Errorf("no header NAME, no log TEXT")
		}
	case "order", "log":
		s.verb, s.target = word, rest
		if rest == "" {
			return fmt.Errorf("what?")
		}
		if strings.HasPrefix(rest, "~ ") {
			s.text, err = readText(rest)
		}
	case "body", "note":
		s.verb = word
		s.text, err = readText(rest)
	case "wait":
		s.verb = word
		s.wait, err = time.ParseDuration(rest)
	case "stop":
		s.verb = word
		if rest != "" {
			return fmt.Errorf("what is %q?", rest)
		}
	case "drop":
		s.verb, s.conn = word, rest
	default:
		err = s.connection(line)
	}
	p.steps = append(p.steps, s)
	return err
}

// more is an indented line: a header or a part of the body of the request above.
func (p *play) more(line string) error {
	if len(p.steps) == 0 || !p.steps[len(p.steps)-1].request() {
		return fmt.Errorf("indented lines belong to a request")
	}
	s := &p.steps[len(p.steps)-1]
	if body, ok := strings.CutPrefix(line, "| "); ok {
		t, err := readText(body)
		s.text.set, s.text.value = true, s.text.value+t.value
		return err
	}
	if name, ok := strings.CutPrefix(line, "-"); ok {
		s.remove = append(s.remove, name)
		return nil
	}
	if !strings.Contains(line, ":") {
		return fmt.Errorf("a header is Name: value")
	}
	s.headers = append(s.headers, line)
	return nil
}

func (s *step) request() bool { return s.verb == "open" || s.verb == "request" }

func (s *step) connection(line string) error {
	if m := opening.FindStringSubmatch(line); m != nil {
		s.verb, s.conn, s.target = m[1], m[2], m[4]
		if m[3] != "" {
			s.port, _ = strconv.Atoi(m[3])
		}
		if (s.verb == "open") != (s.target != "") {
			return fmt.Errorf("open NAME PATH, tcp NAME")
		}
		s.kind, s.first = "GET", 1
		return nil
	}
	if m := request.FindStringSubmatch(line); m != nil {
		s.verb, s.conn, s.kind, s.target = "request", m[1], m[3], m[5]
		if m[2] != "" {
			s.port, _ = strconv.Atoi(m[2])
		}
		s.first = 1
		if m[4] == "1.0" {
			s.first = 0
		}
		return nil
	}
	m := connWord.FindStringSubmatch(line)
	if m == nil {
		return fmt.Errorf("unknown word")
	}
	s.conn, s.verb = m[1], m[2]
	kind, rest, has := strings.Cut(m[3], " ")
	s.kind = kind
	var err error
	switch {
	case kind == "text" || kind == "binary" || kind == "ping" || kind == "pong" || kind == "deflate":
		s.text, err = readText(rest)
	case kind == "raw" || (kind == "nothing" || kind == "answer") && s.verb == "<" || kind == "eof":
		s.text, err = readText(rest)
	case kind == "close":
		code, reason, _ := strings.Cut(rest, " ")
		if has {
			s.code, err = strconv.Atoi(code)
		}
		if err == nil {
			s.text, err = readText(reason)
		}
	case kind == "frame" || kind == "unmasked" && s.verb == ">":
		first, payload, _ := strings.Cut(rest, " ")
		n, hexErr := strconv.ParseUint(first, 16, 8)
		if s.first = byte(n); hexErr != nil {
			return hexErr
		}
		s.text, err = readText(payload)
	default:
		return fmt.Errorf("unknown word %q", kind)
	}
	return err
}

// readText reads `plain`, `"quoted\n"`, `times 5 x` and `~ a regular expression`.
func readText(s string) (text, error) {
	t := text{set: s != "", value: s}
	if pattern, ok := strings.CutPrefix(s, "~ "); ok {
		re, err := regexp.Compile(pattern)
		return text{set: true, match: re}, err
	}
	if m := numbering.FindStringSubmatch(s); m != nil {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return t, err
		}
		one, err := readText(m[2])
		t.value = strings.Repeat(one.value, n)
		return t, err
	}
	if strings.HasPrefix(s, `"`) {
		value, err := strconv.Unquote(s)
		t.value = value
		return t, err
	}
	return t, nil
}
