<?php
/*
 * Locks of each kind: who shares, who waits for how long, and errCode.
 *
 * open a /
 * a> text 3
 * a< text [true,0,false,16,false,16,true,0]
 * a> text 5
 * a< text [true,0,false,16,false,16,true,0]
 * a> text shared
 * a< text [true,true,false,16,true,true,true,false,16,true]
 * a> text old
 * a< text [true,true,false,true,true,true,false,true]
 * a> text timeout
 * a< text [false,110,true,false,110,true]
 * a> text types
 * a< text ["0 Swoole\\Exception","1","2 Swoole\\Exception","3","4 Swoole\\Exception","5","6 Swoole\\Exception","3"]
 */
require __DIR__ . '/conform.php';
$server = server();
/** A call that has to fail after its time. */
function late(Swoole\Lock $lock, callable $call): array
{
    $start = microtime(true);
    $result = $call();
    return [$result, $lock->errCode, microtime(true) - $start >= 0.09];
}
answers($server, function ($server, $frame) {
    $rw = new Swoole\Lock(SWOOLE_RWLOCK);
    switch ($frame->data) {
        case 'shared':
            $all = [$rw->lock(LOCK_SH), $rw->lock(LOCK_SH | LOCK_NB), $rw->lock(LOCK_EX | LOCK_NB), $rw->errCode];
            $all = array_merge($all, [$rw->unlock(), $rw->unlock(), $rw->lock(LOCK_EX | LOCK_NB), $rw->lock(LOCK_SH | LOCK_NB)]);
            return array_merge($all, [$rw->errCode, $rw->unlock()]);
        case 'old':
            $all = [$rw->lock_read(), $rw->trylock_read(), $rw->trylock(), $rw->unlock(), $rw->unlock(), $rw->trylock()];
            return array_merge($all, [$rw->trylock_read(), $rw->unlock()]);
        case 'timeout':
            $lock = new Swoole\Lock();
            $lock->lock();
            $new = late($lock, function () use ($lock) {
                return $lock->lock(LOCK_EX, 0.1);
            });
            return array_merge($new, late($lock, function () use ($lock) {
                return $lock->lockwait(0.1);
            }));
        case 'types':
            return array_map(function ($type) {
                try {
                    $type === null ? new Swoole\Lock() : new Swoole\Lock($type);
                    return (string) ($type ?? SWOOLE_MUTEX);
                } catch (Throwable $e) {
                    return $type . ' ' . get_class($e);
                }
            }, [0, 1, 2, 3, 4, 5, 6, null]);
        default:
            $lock = new Swoole\Lock((int) $frame->data);
            $all = [$lock->lock(), $lock->errCode, $lock->lock(LOCK_EX | LOCK_NB), $lock->errCode];
            return array_merge($all, [$lock->trylock(), $lock->errCode, $lock->unlock(), $lock->errCode]);
    }
});
$server->start();
