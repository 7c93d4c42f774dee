<?php
/*
 * Static state: a registry class with static arrays and a singleton, mixed with bind and uid.
 *
 * mode resident
 * open a /?uid=7
 * open b /?uid=8
 * a> text 8 hi
 * b< text 7: hi
 * b> text 9 hi
 * b< text 9 is offline
 * drop a
 * wait 50ms
 * b> text 7 hello
 * b< text 7 is offline
 */
class Registry {
    private static array $byUid = [];
    private static array $byFd = [];
    public static function add(int $fd, string $uid): void { self::$byUid[$uid] = $fd; self::$byFd[$fd] = $uid; }
    public static function remove(int $fd): void { unset(self::$byUid[self::$byFd[$fd] ?? ''], self::$byFd[$fd]); }
    public static function fd(string $uid): ?int { return self::$byUid[$uid] ?? null; }
    public static function uid(int $fd): ?string { return self::$byFd[$fd] ?? null; }
}
class Chat {
    static function open($s, $r) { Registry::add($r->fd, $r->get['uid']); $s->bind($r->fd, (int) $r->get['uid']); }
    static function message($s, $f) {
        [$to, $text] = explode(' ', $f->data, 2);
        $fd = Registry::fd($to);
        $fd ? $s->push($fd, Registry::uid($f->fd) . ": $text") : $s->push($f->fd, "$to is offline");
    }
    static function close($s, $fd) { Registry::remove($fd); }
}
$s = new Swoole\WebSocket\Server('0.0.0.0', 9501);
foreach (['open', 'message', 'close'] as $e) $s->on($e, "Chat::$e");
$s->start();
