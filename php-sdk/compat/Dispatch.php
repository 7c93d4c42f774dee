<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use FpmBridge\Event;
use FpmBridge\Log;
use FpmBridge\Superglobals;
use FpmBridge\Wire;
use Swoole\Http\Request;
use Swoole\Http\Response;
use Swoole\Server;
use Swoole\Server\Port;
use Throwable;

/**
 * Brings events to callbacks: those that not every server has.
 */
final class Dispatch
{
    /**
     * A request, or a handshake that the script has a say in.
     */
    public static function http(Server $server, Event $event, State $state, Port $port): void
    {
        $settings = $port->setting;
        // The callback alone holds request and response: an answer that is missing is noticed when it returns.
        if ($event->type === Wire::BEFORE_HANDSHAKE) {
            $callback = $port->callback('beforehandshakeresponse');
            if ($callback !== null) {
                $answer = new Answer($state->run, $event->fd, false, true);
                $response = Response::ofEvent($event, $state, $answer);
                try {
                    $callback($server, Request::ofEvent($event, $settings), $response);
                } catch (Throwable $thrown) {
                    $answer->detached = true; // no 101: the bridge refuses the handshake
                    throw $thrown;
                }
            }
            return;
        }
        $callback = $port->callback($event->type === Wire::REQUEST ? 'request' : 'handshake');
        if ($callback === null) {
            return;
        }
        $form = null;
        if (($event->flags & Wire::FORM) !== 0) {
            $form = Superglobals::form();
            if ($form[2] > 0) {
                $text = "php-fpm refused a body of $form[2] bytes: raise post_max_size and upload_max_filesize in its"
                    . ' pool';
                $state->run->log()->add(Log::ERROR, $text);
                $stream = Wire::stream($event->stream());
                $state->reply->respond($event->fd, Wire::RESPONSE_END, $stream << 16 | 413, "\r\n", '');
                return;
            }
        }
        $answer = new Answer($state->run, $event->fd, $event->type === Wire::HANDSHAKE, false, $event->stream());
        if ($state->run->worker !== null && ($most = (int) ($server->setting['worker_max_concurrency'] ?? 0)) > 0) {
            $state->turns = $state->turns ?? new Turns();
            $answer->turn = $state->turns->take($most);
        }
        $callback(Request::ofEvent($event, $settings, $form), Response::ofEvent($event, $state, $answer));
        if ($state->run->worker !== null) {
            $answer->keep();
        }
    }
}
