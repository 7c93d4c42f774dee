package callback

import "github.com/fpmbridge/fpmbridge/fcgi"

const (
	// maxOutput is how much of what a script printed is kept for the log.
	maxOutput = 4 << 10
	// Buffers above these sizes are not kept for the next Call, so that one large message or one list of all fds does
	// not stay in memory for good.
	keptBytes = 64 << 10
	keptItems = 4 << 10
)

// Reply is what came back from one Call. It is made to be used again; the zero value is ready. One goroutine owns it,
// and all its slices are valid until its next Call or Release.
type Reply struct {
	Results       []Result // one per event, in order
	Stderr        []byte   // what the script or php-fpm wrote to stderr, as far as it was kept
	StderrDropped int      // bytes of stderr that were not kept
	Output        []byte   // the start of a body that is no answer, for the log
	OutputDropped int      // bytes of it that are not in Output

	// owned by Call: buffers that are used again
	request fcgi.Request
	extra   []byte
	body    []byte
	instrs  []Instruction
	fds     []uint64
	ahead   *ahead

	// what the decoders found, for Describe
	response    *fcgi.Response
	status      int
	description []byte
	shared      []byte // the description's payload
	hash        uint64
	outdated    bool // the SDK wants to be described again, for a new key
}

// Release gives the answer's bytes back. The Reply may be used again.
func (r *Reply) Release() { r.reset(0) }

// reset makes the Reply empty, with room for n results.
func (r *Reply) reset(n int) {
	r.response.Release()
	clear(r.Results)
	clear(r.instrs)
	if cap(r.Results) < n {
		r.Results = make([]Result, n)
	}
	r.extra, r.body = kept(r.extra, keptBytes), kept(r.body, keptBytes)
	r.instrs, r.fds = kept(r.instrs, keptItems), kept(r.fds, keptItems)
	*r = Reply{Results: r.Results[:n], extra: r.extra, body: r.body, instrs: r.instrs, fds: r.fds, ahead: r.ahead}
}

// kept empties a buffer, or drops it if it became too large.
func kept[T any](s []T, limit int) []T {
	if cap(s) > limit {
		return nil
	}
	return s[:0]
}

// take makes the answer's bytes part of the Reply. It may be nil.
func (r *Reply) take(res *fcgi.Response) {
	r.response = res
	if res != nil {
		r.status, r.Stderr, r.StderrDropped = res.Status, res.Stderr, res.StderrDropped
	}
}

// printed keeps the start of a body that is no answer.
func (r *Reply) printed(body []byte) {
	n := min(len(body), maxOutput)
	r.Output, r.OutputDropped = body[:n:n], len(body)-n
}

// fail sets the result of all events from the n-th on.
func (r *Reply) fail(n int, outcome Outcome, err error) { r.failRange(n, len(r.Results), outcome, err) }

// failRange sets the result of the events from the n-th to before the end-th.
func (r *Reply) failRange(n, end int, outcome Outcome, err error) {
	for i := n; i < end; i++ {
		r.Results[i] = Result{Outcome: outcome, Err: err}
	}
}

// logsFrom takes all instructions from the start-th on but the log lines back: those survive a failed event.
func (r *Reply) logsFrom(start int) []Instruction {
	end := start
	for _, in := range r.instrs[start:] {
		if in.Kind == KindLog {
			r.instrs[end] = in
			end++
		}
	}
	r.instrs = r.instrs[:end]
	return r.instrs[start:end:end]
}
