<?php
/*
 * stats() has these keys, all int.
 *
 * open a /
 * a> text go
 * a< text [[],true]
 */
require __DIR__ . '/conform.php';
$server = server();
answers($server, function ($server) {
    $stats = $server->stats();
    $keys = explode(' ', 'start_time connection_num abort_count accept_count close_count worker_num task_worker_num user_worker_num idle_worker_num dispatch_count request_count response_count total_recv_bytes total_send_bytes pipe_packet_msg_id concurrency session_round min_fd max_fd worker_request_count worker_response_count worker_dispatch_count worker_concurrency coroutine_num coroutine_peek_num');
    return [array_values(array_diff($keys, array_keys($stats))), array_filter($stats, 'is_int') === $stats];
});
$server->start();
