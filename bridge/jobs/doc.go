// Package jobs holds what PHP runs ask of each other, of one script: tasks, their results, and messages between workers.
//
// A [Pool] knows Swoole's task workers as numbers: at most one task of each index is with PHP at a time, and what waits is bounded in
// count and bytes. It hands events to PHP through [Options].Post and never blocks, but in [Pool.Run], which is for a run that waits.
//
// It knows neither connections nor PHP children: who may use how many of those is the dispatcher's matter.
package jobs
