package ops

// Scope is what a caller may do.
type Scope struct {
	Read  bool // ask
	Push  bool // push, join, leave, bind, unbind, attributes
	Admin bool // close, dissolve, and bind with a code, which closes
}

// All is everything.
func All() Scope { return Scope{Read: true, Push: true, Admin: true} }

// Allows reports whether an operation is in the scope.
func (s Scope) Allows(op *Op) bool {
	if op.Kind == Close || op.Kind == Dissolve || op.Kind == Bind && op.Code != 0 {
		return s.Admin
	}
	return s.Push
}
