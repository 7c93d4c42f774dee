package callback

import "strings"

// Why words a failure for a log line that has the script in a column of its own: of a place in that script it says the line.
func Why(err error, script string) string {
	text := strings.TrimPrefix(err.Error(), "callback: ")
	text = strings.ReplaceAll(text, ": "+script+": ", ": ")
	return strings.ReplaceAll(text, "("+script+":", "(line ")
}
