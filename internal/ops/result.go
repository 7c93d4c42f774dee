package ops

// Outcome is what became of an operation for one target.
type Outcome uint8

// The outcomes. Of a target with several connections the first of them counts that any of them had.
const (
	Done    Outcome = iota // a push: queued, or with Op.Wait written. Everything else: done, also if it was so before
	Late                   // queued, but not written in the time that the caller waits
	Slow                   // the client does not read: the push was refused and the connection is closed
	Full                   // the attributes would get too large: they stay as they are
	Gone                   // the connection is over or closing
	Unknown                // no such connection, nobody is this user, nobody is in this group; no WebSocket yet
)

// Outcomes is how many there are.
const Outcomes = 6

// String is the name that JSON and logs use; Done is "queued" for a push.
func (o Outcome) String() string {
	if names := [Outcomes]string{"done", "late", "slow", "full", "gone", "unknown"}; int(o) < len(names) {
		return names[o]
	}
	return "invalid"
}

// Result is what became of an operation.
type Result struct {
	// Count counts connections by outcome, and in Unknown names without one.
	Count [Outcomes]int
	// Each has the outcome of each name in To: its fds, its uids, its groups. It may stand in the operation.
	Each []Outcome
}

// Rest is what is still to be done of an operation: to write what is in the queues. Flush is called once.
type Rest interface{ Flush() }

// Ask is what a query is about. Its values are the opcodes of docs/protocol.md section 12.
type Ask uint8

// The closed set of questions.
const (
	AskUID         Ask = 1 // a user's connections
	AskGroup       Ask = 2 // a group's connections
	AskConnections Ask = 3 // all WebSockets
	AskGroups      Ask = 4 // all groups, with how many connections are in each
	AskUIDs        Ask = 5 // all users, with how many connections each has
	AskGroupUIDs   Ask = 6 // the users in a group, with how many connections each has there
	AskConnection  Ask = 7 // one connection: what is known of it, its user and its groups
	AskStats       Ask = 8 // numbers
	AskAttributes  Ask = 9 // a connection's attributes
	// AskMembers is connections with their users and groups: all WebSockets, or with a Name those in a group.
	AskMembers Ask = 10
)

// MaxPage is how many lines an answer has at most.
const MaxPage = 1 << 16

// Query asks something.
type Query struct {
	Ask       Ask
	Name      string // of the uid or group
	FD        uint64 // AskConnection, AskAttributes
	After     uint64 // lists of connections: start after this one, whether it is there or not
	AfterName string // lists of names: as After
	Limit     int    // lines of the answer; 0: only how many there are
	// Attributes: AskMembers, with the attributes of each connection.
	Attributes bool
}

// Check says what is wrong with a query, as an *Error, or nil.
func (q *Query) Check() error {
	switch q.Ask {
	case AskUID, AskGroup, AskGroupUIDs:
		if err := names("name", []string{q.Name}); err != nil {
			return err
		}
	case AskMembers:
		if len(q.Name) > MaxName {
			return wrong("name", "a name of %d bytes, at most %d are allowed", len(q.Name), MaxName)
		}
	case AskConnections, AskGroups, AskUIDs, AskConnection, AskStats, AskAttributes:
		if q.Name != "" {
			return wrong("name", "this question has none")
		}
	default:
		return wrong("ask", "unknown question %d", q.Ask)
	}
	switch {
	case q.Limit < 0 || q.Limit > MaxPage:
		return wrong("limit", "%d: want 0 to %d", q.Limit, MaxPage)
	case len(q.AfterName) > MaxName:
		return wrong("after", "a name of %d bytes, at most %d are allowed", len(q.AfterName), MaxName)
	}
	return nil
}

// Line is a name and how many connections it has.
type Line struct {
	Name  string
	Count int
}

// Member is a connection with its user and its groups.
type Member struct {
	FD     uint64
	UID    string   // "" none
	Groups []string // ascending

	Attributes []byte // a JSON object; nil: none, or not asked for
}

// Answer answers a query.
type Answer struct {
	Found bool
	Total int      // of the whole list
	FDs   []uint64 // ascending
	Lines []Line   // ascending by name
	More  bool     // the list goes on after the last of them

	Members []Member // of AskMembers: ascending by fd

	// of AskConnection, and of AskStats and AskAttributes Info alone
	UID    string // "" none
	Groups []string
	Info   []byte // a JSON object
}
