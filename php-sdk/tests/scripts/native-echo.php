<?php

(new FpmBridge\App())
    ->onMessage(function (FpmBridge\Event $event, FpmBridge\Reply $reply): void {
        $reply->send($event->data);
    })
    ->run();
