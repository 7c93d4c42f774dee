// Package job says which task, message between workers or dead worker an event or instruction is about: the JSON in its meta
// (docs/protocol.md). Standard library only.
package job

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
	Worker   int     `json:"worker"` // of a task: index of the task worker, -1 for any. Otherwise the worker concerned
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

// Parse reads the meta of an event that JSON wrote.
func Parse(meta []byte) Job {
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

// MaxCallback bounds the name of a task's finish callback.
const MaxCallback = 1 << 10

var errMeta = errors.New("meta does not say which worker and task")

// Check refuses numbers that no bridge gives; maxWorkers is the most workers there are.
func (j *Job) Check(task bool, maxWorkers int) error {
	lowest := 0
	if task {
		lowest = -1
	}
	switch {
	case j.Source < -1 || j.Source > 2*maxWorkers || j.Worker < lowest || j.Worker > 2*maxWorkers:
		return fmt.Errorf("%w: worker %d, asked by %d", errMeta, j.Worker, j.Source)
	case j.ID > math.MaxInt64:
		return fmt.Errorf("%w: task %d", errMeta, j.ID)
	case len(j.Callback) > MaxCallback:
		return fmt.Errorf("%w: a callback's name of %d bytes", errMeta, len(j.Callback))
	}
	return nil
}
