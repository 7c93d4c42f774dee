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

// members makes the handler of a list of connections with their users, groups and attributes, and with details=1 all else that is known
// of them: ?after=…&limit=…&details=1. ask: AskMembers, or AskUID for those of a user.
func members(ask ops.Ask) func(s *server, w http.ResponseWriter, r *http.Request, scope ops.Scope) error {
	return func(s *server, w http.ResponseWriter, r *http.Request, _ ops.Scope) error {
		q := ops.Query{Ask: ask, Name: r.PathValue("name"), Limit: defaultPage, Attributes: ask == ops.AskMembers}
		details, err := withDetails(r)
		if err == nil {
			err = parameters(r, &q, false)
		}
		if err != nil {
			return err
		}
		var wrong *ops.Error
		if err := q.Check(); errors.As(err, &wrong) {
			return bad(wrong.Field, "%s", wrong.What)
		}
		a := s.Gateway.Ask(&q)
		for _, fd := range a.FDs {
			a.Members = append(a.Members, ops.Member{FD: fd, UID: q.Name, Attributes: s.Gateway.Ask(&ops.Query{Ask: ops.AskAttributes, FD: fd}).Info})
		}
		answer := map[string]any{"total": a.Total}
		if a.More {
			answer["next"] = a.Members[len(a.Members)-1].FD
		}
		list := make([]map[string]any, 0, len(a.Members))
		for _, m := range a.Members {
			line := map[string]any{"fd": m.FD}
			if details || ask == ops.AskUID {
				c := s.Gateway.Ask(&ops.Query{Ask: ops.AskConnection, FD: m.FD})
				if !c.Found {
					continue // it has gone meanwhile
				}
				m.UID, m.Groups = c.UID, c.Groups
				if details {
					line["connection"] = json.RawMessage(c.Info)
				}
			}
			if m.Attributes == nil {
				m.Attributes = []byte("{}")
			}
			line["uid"], line["groups"], line["attributes"] = jsonUID(m.UID), jsonNames(m.Groups), json.RawMessage(m.Attributes)
			list = append(list, line)
		}
		answer["members"] = list
		reply(w, answer)
		return nil
	}
}

// withDetails takes the parameter details off a request.
func withDetails(r *http.Request) (bool, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || !values.Has("details") {
		return false, nil //nolint:nilerr // parameters says what is wrong
	}
	if v := values["details"]; len(v) != 1 || v[0] != "1" {
		return false, bad("details", "want 1, or leave it out")
	}
	values.Del("details")
	r.URL.RawQuery = values.Encode()
	return true, nil
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
