package api

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"unicode/utf8"

	"github.com/fpmbridge/fpmbridge/internal/ops"
)

// list makes the handler of a list: ?after=…&limit=….
func list(ask ops.Ask) func(s *server, w http.ResponseWriter, r *http.Request, scope ops.Scope) error {
	return func(s *server, w http.ResponseWriter, r *http.Request, _ ops.Scope) error {
		q := ops.Query{Ask: ask, Name: r.PathValue("name"), Limit: defaultPage}
		names := ask == ops.AskGroups || ask == ops.AskUIDs || ask == ops.AskGroupUIDs
		if err := parameters(r, &q, names); err != nil {
			return err
		}
		var wrong *ops.Error
		if err := q.Check(); errors.As(err, &wrong) {
			return bad(wrong.Field, "%s", wrong.What)
		}
		a := s.Gateway.Ask(&q)
		m := map[string]any{"total": a.Total}
		if names {
			lines := make([]map[string]any, len(a.Lines))
			for i, l := range a.Lines {
				lines[i] = map[string]any{"name": jsonName(l.Name), "connections": l.Count}
			}
			m["names"] = lines
			if a.More {
				m["next"] = jsonName(a.Lines[len(a.Lines)-1].Name)
			}
		} else {
			if a.FDs == nil {
				a.FDs = []uint64{}
			}
			m["fds"] = a.FDs
			if a.More {
				m["next"] = a.FDs[len(a.FDs)-1]
			}
		}
		reply(w, m)
		return nil
	}
}

// members lists connections with their users and groups: ?after=…&limit=….
func (s *server) members(w http.ResponseWriter, r *http.Request, _ ops.Scope) error {
	q := ops.Query{Ask: ops.AskMembers, Name: r.PathValue("name"), Limit: defaultPage, Attributes: true}
	if err := parameters(r, &q, false); err != nil {
		return err
	}
	var wrong *ops.Error
	if err := q.Check(); errors.As(err, &wrong) {
		return bad(wrong.Field, "%s", wrong.What)
	}
	a := s.Gateway.Ask(&q)
	list := make([]map[string]any, len(a.Members))
	for i, m := range a.Members {
		if m.Attributes == nil {
			m.Attributes = []byte("{}")
		}
		list[i] = map[string]any{"fd": m.FD, "uid": jsonUID(m.UID), "groups": jsonNames(m.Groups), "attributes": json.RawMessage(m.Attributes)}
	}
	answer := map[string]any{"total": a.Total, "members": list}
	if a.More {
		answer["next"] = a.Members[len(a.Members)-1].FD
	}
	reply(w, answer)
	return nil
}

func parameters(r *http.Request, q *ops.Query, names bool) error {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return bad("query", "%v", err)
	}
	for key, v := range values {
		switch {
		case len(v) != 1:
			return bad(key, "it stands there twice")
		case key == "limit":
			n, err := strconv.Atoi(v[0])
			if err != nil {
				return bad("limit", "want an integer from 0 to %d", ops.MaxPage)
			}
			q.Limit = n
		case key == "after" && names:
			q.AfterName = v[0]
		case key == "after":
			n, err := strconv.ParseUint(v[0], 10, 63)
			if err != nil {
				return bad("after", "want an fd")
			}
			q.After = n
		default:
			return bad(key, "unknown parameter")
		}
	}
	return nil
}

// about asks about the connection of the path.
func (s *server) about(r *http.Request, ask ops.Ask) (ops.Answer, error) {
	fd, err := strconv.ParseUint(r.PathValue("fd"), 10, 63)
	if err != nil {
		return ops.Answer{}, bad("fd", "want an integer")
	}
	a := s.Gateway.Ask(&ops.Query{Ask: ask, FD: fd})
	if !a.Found {
		return a, &fieldError{http.StatusNotFound, "fd", "no such connection"}
	}
	return a, nil
}

func (s *server) attributes(w http.ResponseWriter, r *http.Request, _ ops.Scope) error {
	a, err := s.about(r, ops.AskAttributes)
	if err == nil {
		reply(w, map[string]any{"attributes": json.RawMessage(a.Info)})
	}
	return err
}

func (s *server) connection(w http.ResponseWriter, r *http.Request, _ ops.Scope) error {
	a, err := s.about(r, ops.AskConnection)
	if err != nil {
		return err
	}
	reply(w, map[string]any{"connection": json.RawMessage(a.Info), "groups": jsonNames(a.Groups), "uid": jsonUID(a.UID)})
	return nil
}

// jsonUID is a user as JSON has it: null for none.
func jsonUID(uid string) any {
	if uid == "" {
		return nil
	}
	return jsonName(uid)
}

func jsonNames(names []string) []any {
	list := make([]any, len(names))
	for i, name := range names {
		list[i] = jsonName(name)
	}
	return list
}

// jsonName is a name as JSON has it: see name.
func jsonName(s string) any {
	if utf8.ValidString(s) {
		return s
	}
	return map[string]string{"base64": base64.StdEncoding.EncodeToString([]byte(s))}
}
