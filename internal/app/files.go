package app

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fpmbridge/fpmbridge/bridge"
	"github.com/fpmbridge/fpmbridge/internal/outfile"
	"github.com/fpmbridge/fpmbridge/internal/phpval"
)

// statsEvery is how often stats_file is written, without a stats_timer_interval.
const statsEvery = time.Second

// writeFiles writes the pid_file and the stats_file that the master script wants, until ctx ends. Relative names are the script's.
func (p *plant) writeFiles(ctx context.Context, b *bridge.Bridge) {
	d, folder := p.master()
	if d == nil {
		return
	}
	file := func(setting string) string {
		name := phpval.Settings(d.Settings).Text(setting)
		if name != "" && !filepath.IsAbs(name) {
			name = filepath.Join(folder, name)
		}
		return name
	}
	remove := func() {}
	if path := file("pid_file"); path != "" {
		r, err := outfile.PID(path, os.Getpid())
		if err != nil {
			p.log.Warn("the script's pid_file cannot be written", "err", err)
		} else {
			remove = r
		}
	}
	defer remove()
	path := file("stats_file")
	if path == "" {
		<-ctx.Done()
		return
	}
	every := time.Duration(max(phpval.Settings(d.Settings).Int(0, "stats_timer_interval"), 0)) * time.Millisecond
	if every == 0 {
		every = statsEvery
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for failed := false; ; {
		err := outfile.Stats(path, p.statsLines(b))
		if err != nil && !failed {
			p.log.Warn("the script's stats_file cannot be written", "err", err)
		}
		failed = err != nil
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// statsKeys are those of Swoole's stats(), in its order.
const statsKeys = "start_time connection_num abort_count accept_count close_count worker_num task_worker_num user_worker_num idle_worker_num dispatch_count request_count " +
	"response_count total_recv_bytes total_send_bytes pipe_packet_msg_id concurrency session_round min_fd max_fd worker_request_count worker_response_count " +
	"worker_dispatch_count worker_concurrency task_queue_num task_queue_bytes task_idle_worker_num tasking_num task_count coroutine_num coroutine_peek_num"

// statsLines are Swoole's stats() of the master script, as its worker 0 has them. Of that worker the bridge knows what it got and what it has in hand, each
// of which is a coroutine; a PHP run of request mode has nothing that would last.
func (p *plant) statsLines(b *bridge.Bridge) (lines []outfile.Line) {
	d, _ := p.master()
	name := ""
	for _, r := range p.routes {
		if r.script.Description() == d {
			name = r.Script
		}
	}
	stats := b.ServerStats(name)
	encoded, _ := json.Marshal(stats) // numbers only
	values := map[string]int64{"worker_num": int64(d.Workers), "task_worker_num": int64(d.TaskWorkers), "user_worker_num": int64(d.Processes)}
	_ = json.Unmarshal(encoded, &values)
	for _, w := range b.Stats().Residents {
		if w.Script == name && w.Worker == 0 {
			got, has := int64(w.Served), int64(w.Events)
			values["worker_request_count"], values["worker_dispatch_count"], values["worker_response_count"] = got, got, got-has
			values["worker_concurrency"], values["coroutine_num"], values["coroutine_peek_num"] = has, has, has
		}
	}
	queued := phpval.Settings(d.Settings).Int(1, "task_ipc_mode") > 1
	for key := range strings.FieldsSeq(statsKeys) {
		if strings.HasPrefix(key, "task") && key != "task_worker_num" && d.TaskWorkers == 0 || strings.HasPrefix(key, "task_queue") && !queued {
			continue
		}
		lines = append(lines, outfile.Line{Key: key, Value: values[key]})
	}
	return lines
}
