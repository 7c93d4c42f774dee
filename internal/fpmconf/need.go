package fpmconf

import (
	"fmt"
	"io"
)

// Need is how many children of php-fpm can be taken up at once.
type Need struct {
	Workers  int // resident ones, as long as the bridge runs
	Requests int // events, tasks and descriptions
}

// All is how many pm.max_children must be at least.
func (n Need) All() int { return n.Workers + n.Requests }

func (n Need) String() string {
	if n.Workers == 0 {
		return fmt.Sprintf("%d: %d for events, 1 to describe scripts", n.All(), n.Requests-1)
	}
	return fmt.Sprintf("%d: %s, %d for tasks, start events and descriptions", n.All(), Workers(n.Workers), n.Requests)
}

// Workers counts resident workers in words.
func Workers(n int) string {
	if n == 1 {
		return "1 resident worker"
	}
	return fmt.Sprintf("%d resident workers", n)
}

// Notes are what is wrong with a pool for what is asked of it.
func (n Need) Notes(p Pool) (notes []string) {
	if p.MaxChildren > 0 && p.MaxChildren < n.All() {
		notes = append(notes, fmt.Sprintf("pm.max_children of php-fpm's pool %s is %d (%s), set it to %d or more. Needed are %s", p.Name, p.MaxChildren, p.File, n.All(), n))
	}
	if p.TerminateTimeout > 0 && n.Workers > 0 {
		notes = append(notes, fmt.Sprintf("request_terminate_timeout of php-fpm's pool %s is %v (%s): php-fpm counts the whole life of a resident worker and kills it then. Set it to 0",
			p.Name, p.TerminateTimeout, p.File))
	}
	return notes
}

// Write writes rows of a table: what is needed, what there is, and what is wrong with it. own: php-fpm is started with what it takes; err is that
// of Find.
func (n Need) Write(w io.Writer, own bool, p Pool, err error) {
	fmt.Fprintf(w, "children\t%s\n", n)
	switch {
	case own:
		fmt.Fprintf(w, "  there are\tas many: php-fpm is our own\n")
	case err != nil:
		fmt.Fprintf(w, "  there are\tunknown: its configuration cannot be seen from here. pm.max_children of its pool must be %d or more\n", n.All())
	default:
		fmt.Fprintf(w, "  there are\t%d (pm.max_children of pool %s in %s)\n", p.MaxChildren, p.Name, p.File)
		for _, note := range n.Notes(p) {
			fmt.Fprintf(w, "  warning\t%s\n", note)
		}
	}
}
