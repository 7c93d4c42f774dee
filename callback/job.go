package callback

import (
	"encoding/json"
	"fmt"

	"github.com/fpmbridge/fpmbridge/callback/job"
)

// job appends an instruction about tasks, workers or the server.
func (r *Reply) job(f *frame, ev *Event) error {
	in := Instruction{Kind: Kind(f.typ), Opcode: f.opcode, Data: f.payload}
	switch in.Kind {
	case KindTask, KindPipeMessage:
		in.Job = new(job.Job)
		if err := json.Unmarshal(f.meta, in.Job); err != nil {
			return fmt.Errorf("meta does not say which worker and task: %w", err)
		}
		if err := in.Job.Check(in.Kind == KindTask, maxWorkers); err != nil {
			return err
		}
	case KindFinish:
		if ev.Type != Task {
			return fmt.Errorf("a task's result in the answer to %s", ev.Type)
		}
	case KindServer:
		if f.opcode == ServerStop {
			in.FD = f.fd
		} else if f.opcode < ServerReload || f.opcode > ServerTasks {
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
