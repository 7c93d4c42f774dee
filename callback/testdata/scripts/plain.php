<?php

// What php-fpm makes of a plain request, as the tests ask for it with the payload.

$order = file_get_contents('php://input');
if ($_SERVER['BRIDGE_EVENT'] === 'describe') {
    $order = 'describe';
}
$answer = function (array $answer): void {
    header('Content-Type: application/json');
    echo json_encode($answer);
};
switch (strtok($order, ' ')) {
    case 'describe':
        $answer(['describe' => ['events' => ['open', 'message']]]);
        break;
    case 'server':
        $answer(['instructions' => [['do' => 'push', 'data' => json_encode($_SERVER + ['GET' => $_GET, 'COOKIE' => $_COOKIE])]]]);
        break;
    case 'echo':
        $answer(['instructions' => [['do' => 'push', 'opcode' => 2, 'data_base64' => base64_encode($order)]]]);
        break;
    case 'print':
        echo '<b>printed</b>';
        trigger_error('careful', E_USER_WARNING);
        break;
    case 'warn':
        echo $undefined;
        $answer(['instructions' => []]);
        break;
    case 'throw':
        throw new RuntimeException('boom');
    case 'exit':
        exit(3);
    case 'die':
        posix_kill(getmypid(), 9);
        break;
    case 'sleep':
        sleep(30);
        break;
    case 'huge':
        $answer(['instructions' => [['do' => 'push', 'data' => str_repeat('x', 50 << 20)]]]);
        break;
    case 'finish':
        $answer(['instructions' => [['do' => 'close', 'reason' => 'bye']]]);
        fastcgi_finish_request();
        break;
    case 'garbage':
        header('Content-Type: application/json');
        echo random_bytes(1000);
        break;
}
