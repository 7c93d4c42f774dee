// Package logfile is the way of the bridge's log lines: to standard error, as they always go, and to the log_file that a Swoole script asks
// for, as lines of Swoole's shape.
//
// [Log] is a [slog.Handler] for both. [Settings] are what a script's set() says about the log; [Log.Use] carries them out, also later when a
// deploy has changed them. A file's lines are written behind by one goroutine, out of a bounded queue, so a slow disk holds up nobody.
//
// It does not rename or delete files. Swoole's rotation writes to a file whose name has the date in it; who moves a file away (logrotate) gets
// a new one, at the latest a second later.
package logfile
