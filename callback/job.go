package callback

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// Job says which task, or which message between workers, and who is concerned: in the meta of instructions and events that
// belong to no connection. Worker ids count from 0; task workers follow the others.
type Job struct {
	ID       uint64  `json:"task,omitempty"`
	Source   int     `json:"source"` // the worker that asked for it; -1 for none
	Worker   int     `json:"worker"` // KindTask: index of the task worker, -1 for any. Otherwise the worker concerned
	Callback string  `json:"callback,omitempty"`
	Time     float64 `json:"time,omitempty"` // when it was queued, unix seconds
}

// JSON is the meta of an event.
func (j *Job) JSON() []byte {
	b, err := json.Marshal(j)
	if err != nil { // a time that is no number
		return []byte("{}")
	}
	return b
}

// ParseJob reads the meta of an event that JSON wrote.
func ParseJob(meta []byte) Job {
	var j Job
	_ = json.Unmarshal(meta, &j) // it is our own
	return j
}

// DeadWorker is the meta of a WorkerError event: a run that died.
type DeadWorker struct {
	Worker   int `json:"worker"`
	PID      int `json:"pid"` // 0: unknown
	ExitCode int `json:"exit_code"`
	Signal   int `json:"signal"`
}

// From takes how the process ended from an error that knows it.
func (d *DeadWorker) From(err error) {
	var end interface{ ExitStatus() (code, signal int) }
	if errors.As(err, &end) {
		d.ExitCode, d.Signal = end.ExitStatus()
	}
}

// JSON is the meta of an event.
func (d *DeadWorker) JSON() []byte {
	b, err := json.Marshal(d)
	if err != nil { // plain numbers
		return []byte("{}")
	}
	return b
}

// maxCallback bounds the name of a task's finish callback.
const maxCallback = 1 << 10

var errJobMeta = errors.New("meta does not say which worker and task")

// job appends an instruction about tasks, workers or the server.
func (r *Reply) job(f *frame, ev *Event) error {
	in := Instruction{Kind: Kind(f.typ), Opcode: f.opcode, Data: f.payload}
	switch in.Kind {
	case KindTask, KindPipeMessage:
		in.Job = new(Job)
		if err := json.Unmarshal(f.meta, in.Job); err != nil {
			return fmt.Errorf("%w: %w", errJobMeta, err)
		}
		if err := in.Job.check(in.Kind); err != nil {
			return err
		}
	case KindFinish:
		if ev.Type != Task {
			return fmt.Errorf("a task's result in the answer to %s", ev.Type)
		}
	case KindServer:
		if f.opcode == ServerStop {
			in.FD = f.fd
		} else if f.opcode != ServerReload && f.opcode != ServerShutdown {
			return fmt.Errorf("server instruction with opcode %d", f.opcode)
		}
	default:
		return fmt.Errorf("frame of type %d is not allowed here", f.typ)
	}
	if ev.Type == Describe {
		return fmt.Errorf("frame of type %d is not allowed here", f.typ)
	}
	r.instrs = append(r.instrs, in)
	return nil
}

func (j *Job) check(kind Kind) error {
	lowest := 0
	if kind == KindTask {
		lowest = -1
	}
	switch {
	case j.Source < -1 || j.Source > 2*maxWorkers || j.Worker < lowest || j.Worker > 2*maxWorkers:
		return fmt.Errorf("%w: worker %d, asked by %d", errJobMeta, j.Worker, j.Source)
	case j.ID > math.MaxInt64:
		return fmt.Errorf("%w: task %d", errJobMeta, j.ID)
	case len(j.Callback) > maxCallback:
		return fmt.Errorf("%w: a callback's name of %d bytes", errJobMeta, len(j.Callback))
	}
	return nil
}
