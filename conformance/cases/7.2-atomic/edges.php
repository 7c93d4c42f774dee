<?php
/*
 * Edges of Atomic: what does not fit wraps, wait() and wakeup() with other values, defaults.
 *
 * open a /
 * a> text wrap
 * a< text [0,4294967291,0,4294967295,4294967295,3,1,true,4294967295]
 * a> text wait
 * a< text [[true,0,true],[false,5,true],[false,0,true],[false,0,true]]
 * a> text wakeup
 * a< text [true,1,true,1,true,0,true,5,true]
 * a> text long
 * a< text [5,6,11,10,8,-9223372036854775808,9223372036854775807,true,false,7,false,false]
 * a> text kinds
 * a< text [null,null,"Swoole\\Atomic","TypeError"]
 */
require __DIR__ . '/conform.php';
$server = server();
/** What wait() gives, what is left, and whether it waited for no longer than it should. */
function waited(Swoole\Atomic $atomic, int $value, float $timeout): array
{
    $atomic->set($value);
    $start = microtime(true);
    $result = $atomic->wait($timeout);
    return [$result, $atomic->get(), microtime(true) - $start < 10];
}
answers($server, function ($server, $frame) {
    $atomic = new Swoole\Atomic();
    switch ($frame->data) {
        case 'wrap':
            $all = [$atomic->get()];
            $atomic->set(-5);
            $all[] = $atomic->get();
            $atomic->set(4294967295);
            $all = array_merge($all, [$atomic->add(1), $atomic->sub(1), (new Swoole\Atomic(-1))->get()]);
            $atomic->set(4294967296 + 3);
            $all[] = $atomic->get();
            $atomic->set(1);
            return array_merge($all, [$atomic->add(4294967296), $atomic->cmpset(1, -1), $atomic->get()]);
        case 'wait':
            return [waited($atomic, 1, 15), waited($atomic, 5, 15), waited($atomic, 0, 0.2), waited($atomic, 0, 0)];
        case 'wakeup':
            $all = [$atomic->wakeup(), $atomic->get(), $atomic->wakeup(5), $atomic->get(), $atomic->wait(), $atomic->get()];
            $atomic->set(5);
            return array_merge($all, [$atomic->wakeup(), $atomic->get(), !method_exists('Swoole\Atomic\Long', 'wait')]);
        case 'long':
            $long = new Swoole\Atomic\Long(5);
            $all = [$long->get(), $long->add(), $long->add(5), $long->sub(), $long->sub(2)];
            $long->set(PHP_INT_MAX);
            $all = array_merge($all, [$long->add(1), $long->sub(1)]);
            $long->set(-3);
            $all = array_merge($all, [$long->cmpset(-3, 7), $long->cmpset(-3, 8), $long->get()]);
            return array_merge($all, [method_exists($long, 'wait'), method_exists($long, 'wakeup')]);
        default:
            try {
                new Swoole\Atomic('abc');
            } catch (TypeError $e) {
                return [$atomic->set(1), (new Swoole\Atomic\Long())->set(1), get_class($atomic), get_class($e)];
            }
    }
});
$server->start();
