package app

import (
	"context"

	"github.com/fpmbridge/fpmbridge/callback"
	"github.com/fpmbridge/fpmbridge/internal/shm"
)

// sharedMemory shows internal/shm, which knows no callback, to callback, which knows no internal/shm.
type sharedMemory struct{ memory *shm.Memory }

func (s sharedMemory) Do(q callback.SharedQuery, dst []byte) (callback.SharedReply, []byte) {
	reply, dst := s.memory.Do(shm.Query(q), dst)
	return callback.SharedReply(reply), dst
}

func (s sharedMemory) Wait(ctx context.Context, q callback.SharedQuery) callback.SharedReply {
	return callback.SharedReply(s.memory.Wait(ctx, shm.Query(q)))
}

func (s sharedMemory) Leave(owner uint64) { s.memory.Leave(owner) }
