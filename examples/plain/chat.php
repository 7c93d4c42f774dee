<?php

// A chat line for two: no SDK, one FastCGI request per event. fpmbridge serve examples/plain/chat.php

$fd = (int) ($_SERVER['BRIDGE_FD'] ?? 0);
$instructions = [];
switch ($_SERVER['BRIDGE_EVENT'] ?? '') {
    case 'open':
        $instructions[] = ['do' => 'push', 'data' => "You are number $fd. Write `7 hello` to greet number 7."];
        break;
    case 'message':
        [$to, $text] = explode(' ', file_get_contents('php://input'), 2) + [1 => ''];
        $instructions[] = ['do' => 'push', 'fd' => max(0, (int) $to), 'data' => "$fd says: $text"];
}
header('Content-Type: application/json');
echo json_encode(['instructions' => $instructions]);
