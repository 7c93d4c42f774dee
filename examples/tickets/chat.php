<?php

// Who gets here has a ticket: the bridge has checked it, and its claims come with each event.

$name = json_decode($_SERVER['BRIDGE_ATTRIBUTES'] ?? '{}', true)['name'] ?? 'somebody';

switch ($_SERVER['BRIDGE_EVENT']) {
    case 'open':
        $do = [
            ['do' => 'join', 'group' => 'chat'],
            ['do' => 'push', 'group' => 'chat', 'data' => "$name has come"],
        ];
        break;
    case 'message':
        $do = [['do' => 'push', 'group' => 'chat', 'data' => "$name: " . file_get_contents('php://input')]];
        break;
    case 'close':
        $do = [['do' => 'push', 'group' => 'chat', 'data' => "$name has left"]];
        break;
    default:
        exit;
}
header('Content-Type: application/json');
echo json_encode(['instructions' => $do]);
