package bridge

// Who gets a slot, when both events and tasks wait for one.
//
// A PHP run that waits for its task (taskwait) keeps its slot, so a task must find one even when all others wait; and tasks, which
// may take long, must not make messages wait for them. So with task workers about, of two slots and more one at least is left to
// each: events take the last free slot only while a task runs, and tasks only while an event does. A task never waits for
// another one, so that both go on. One slot alone is shared in turns; there nobody may wait for a task (jobs.Pool).

// readyQueue is mailboxes whose head waits for PHP. Guarded by the dispatcher's mu.
type readyQueue struct {
	head, tail *mailbox
	n          int
}

func (d *dispatcher) queueOf(m *mailbox) *readyQueue {
	if m.task {
		return &d.tasks
	}
	return &d.events
}

func (q *readyQueue) pushBack(m *mailbox) {
	m.nextReady = nil
	if q.tail == nil {
		q.head = m
	} else {
		q.tail.nextReady = m
	}
	q.tail = m
	q.n++
}

// pushFront is for events that PHP did not start: they keep their place.
func (q *readyQueue) pushFront(m *mailbox) {
	m.nextReady = q.head
	q.head = m
	if q.tail == nil {
		q.tail = m
	}
	q.n++
}

// unlink takes m, which stands behind before (nil: at the head), out of the queue.
func (q *readyQueue) unlink(before, m *mailbox) {
	if before == nil {
		q.head = m.nextReady
	} else {
		before.nextReady = m.nextReady
	}
	if q.tail == m {
		q.tail = before
	}
	m.nextReady = nil
	q.n--
}

// mayEventLocked reports whether there is a slot for an event.
func (d *dispatcher) mayEventLocked() bool {
	if d.reserve && d.tasking == 0 && len(d.slots) > 1 {
		return len(d.free) > 1
	}
	return len(d.free) > 0
}

// mayTaskLocked reports whether there is a slot for a task.
func (d *dispatcher) mayTaskLocked() bool {
	if len(d.slots) > 1 && len(d.slots)-len(d.free) == d.tasking {
		return len(d.free) > 1
	}
	return len(d.free) > 0
}

// runnableLocked returns the queue whose turn it is, or nil.
func (d *dispatcher) runnableLocked() *readyQueue {
	event := d.events.head != nil && d.mayEventLocked()
	task := d.tasks.head != nil && d.mayTaskLocked()
	switch {
	case event && (!task || len(d.slots) > 1 || d.tasked):
		return &d.events
	case task:
		return &d.tasks
	}
	return nil
}

// freeLocked gives a slot back.
func (d *dispatcher) freeLocked(sl *slot) {
	if sl.task {
		sl.task = false
		d.tasking--
	}
	sl.route = nil
	d.free = append(d.free, sl)
}

// reserveForTasks says whether some script has task workers.
func (d *dispatcher) reserveForTasks(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.reserve != on {
		d.reserve = on
		d.wake.Broadcast()
	}
}
