<?php

// The smallest plain script: what the SDK is compared with.
header('Content-Type: application/json');
if ($_SERVER['BRIDGE_EVENT'] === 'message') {
    echo json_encode(['instructions' => [['do' => 'push', 'data' => file_get_contents('php://input')]]]);
}
