package app

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
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

// statsLines are Swoole's stats() of the master script, but for those numbers that are a PHP run's own.
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
	values := make(map[string]int64)
	_ = json.Unmarshal(encoded, &values)
	for field := range reflect.TypeOf(stats).Fields() {
		key := field.Tag.Get("json")
		if d.TaskWorkers == 0 && strings.HasPrefix(key, "task") {
			continue
		}
		lines = append(lines, outfile.Line{Key: key, Value: values[key]})
		if key == "close_count" {
			lines = append(lines, outfile.Line{Key: "worker_num", Value: int64(d.Workers)}, outfile.Line{Key: "task_worker_num", Value: int64(d.TaskWorkers)})
		}
	}
	return lines
}
