package callback

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fpmbridge/fpmbridge/fcgi"
)

// fakePipe is a client that sends requests ahead.
type fakePipe struct {
	doerFunc

	bursts []int
	most   int // outcomes that a burst has; 0: all
}

func (p *fakePipe) Pipelines() bool { return true }

func (p *fakePipe) DoEach(ctx context.Context, reqs []fcgi.Request, to fcgi.Answers) (done int) {
	p.bursts = append(p.bursts, len(reqs))
	for i := range reqs {
		if p.most > 0 && i == p.most {
			return i
		}
		res, err := p.Do(ctx, &reqs[i])
		to.Answer(i, res, err)
	}
	return len(reqs)
}

// Several plain events are as many requests; each result is there while the next request has none.
func TestPlainEventsGoAhead(t *testing.T) {
	n := 0
	var bodies []string
	pipe := &fakePipe{doerFunc: func(_ context.Context, r *fcgi.Request) (*fcgi.Response, error) {
		n++
		bodies = append(bodies, string(r.Body)+fmt.Sprint(strings.Contains(string(r.Extra), fmt.Sprintf("BRIDGE_FD%d", 100+n))))
		if n == 2 {
			return nil, &fcgi.Error{Kind: fcgi.ErrReset, Started: true}
		}
		return fcgi.NewResponse(fmt.Appendf(nil, "Content-Type: application/json\r\n\r\n{\"instructions\":[{\"do\":\"push\",\"fd\":%d,\"data\":\"a\"}]}", n))
	}}
	s := newScript(t, pipe, func(o *ScriptOptions) { o.Encoding = Plain })
	var reply Reply
	defer reply.Release()
	for range 2 { // the second time out of the same buffers
		n, bodies = 0, nil
		var got []string
		s.CallEach(t.Context(), 0, messages(3), &reply, func(first int) {
			got = append(got, fmt.Sprint(first, n, len(reply.Results), sum(&reply.Results[0])))
			if first != 1 && reply.Results[0].Instructions[0].FD != uint64(first+1) {
				t.Errorf("event %d has the instructions %+v", first, reply.Results[0].Instructions)
			}
		})
		if strings.Join(got, "|") != "0 1 1done push(1,a)|1 2 1failed reset|2 3 1done push(3,a)" {
			t.Errorf("got %q", got)
		}
		if strings.Join(bodies, " ") != "hellotrue hellotrue hellotrue" {
			t.Errorf("PHP got %q", bodies)
		}
	}
	if fmt.Sprint(pipe.bursts) != "[3 3]" {
		t.Errorf("bursts of %v", pipe.bursts)
	}
	// Those that DoEach gives back were not run.
	n, pipe.most = 0, 1
	var back string
	s.CallEach(t.Context(), 0, messages(3), &reply, func(first int) { back += fmt.Sprintln(first, len(reply.Results), reply.Results[0].Err) })
	if last := reply.Results[1]; back != fmt.Sprintln(0, 1, nil)+fmt.Sprintln(1, 2, ErrNotRun) || last.Outcome != NotStarted || !errors.Is(last.Err, ErrNotRun) {
		t.Errorf("got %s, %+v", back, reply.Results)
	}
	pipe.bursts = pipe.bursts[:2]
	// One alone, and those of an SDK's script, go as ever.
	calls := 0
	s.CallEach(t.Context(), 0, messages(1), &reply, func(first int) { calls += 1 + first })
	s.opts.Encoding = Framed
	s.CallEach(t.Context(), 0, messages(2), &reply, func(first int) { calls += 1 + first })
	if calls != 2 || len(pipe.bursts) != 2 || len(reply.Results) != 2 || errors.Is(reply.Results[0].Err, ErrNotRun) {
		t.Errorf("%d calls, bursts of %v, %+v", calls, pipe.bursts, reply.Results)
	}
	if s.Pipelines() {
		t.Error("an SDK's script takes batches, not requests ahead")
	}
}
