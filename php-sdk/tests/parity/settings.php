<?php

/**
 * Settings of Swoole's set(): names => [who honours them, note]. Who is `bridge`, `SDK`, `both`, `pending`,
 * `bridge.yaml` (there is a setting of our own for it) or `none`: it means nothing behind a bridge and is accepted.
 */

declare(strict_types=1);

return [
    'worker_num' => ['SDK',
        'shows in `$server->setting`; how many PHP runs there are at once is `workers` in bridge.yaml'],
    'enable_static_handler document_root http_index_files http_autoindex static_handler_locations' => ['bridge',
        'files beside the WebSocket'],
    'url_rewrite_rules' => ['bridge',
        'where the files of some paths are; regular expressions are those of RE2: no look-around, no back references'],
    'task_worker_num' => ['both',
        'how many tasks run at once, as far as there are slots (`workers` in bridge.yaml): one is left to events'],
    'task_enable_coroutine task_use_object task_object event_object' => ['SDK', ''],
    'task_max_request task_max_request_grace' => ['SDK',
        'of task workers that stay (`--launcher cli`); elsewhere each task is a PHP run of its own'],
    'task_ipc_mode task_tmpdir message_queue_key' => ['none', 'tasks travel through the bridge'],
    'max_request max_request_grace max_wait_time reload_async' => ['SDK',
        'of resident workers; in request mode each event is a PHP run of its own, and PHP-FPM has pm.max_requests'],
    'reactor_num single_thread thread_num bootstrap init_arguments' => ['none', 'the bridge needs no threads of PHP'],
    'open_cpu_affinity cpu_affinity_ignore' => ['none', 'set it for the process of the bridge'],
    'dispatch_mode' => ['both',
        'which worker gets an event, in resident mode: docs/resident-mode.md.'
        . ' Events of one connection are handled in order whatever it says'],
    'dispatch_func' => ['none',
        'the bridge does not run PHP to choose a worker: a connection\'s number does; said at boot'],
    'enable_unsafe_event' => ['both',
        'without it connect, close and buffer events do not come with `dispatch_mode` 1, 3, 5, 7, 9 and 10'
        . ' in `SWOOLE_PROCESS`, as in Swoole; said at boot'],
    'discard_timeout_request' => ['bridge', 'what a client said before it left is dropped, in those modes'],
    'max_conn max_connection' => ['bridge', '`limits.connections` wins'],
    'max_concurrency' => ['bridge',
        'HTTP requests under way: one more gets 503, and so does a handshake; `limits.requests` wins'],
    'worker_max_concurrency' => ['SDK',
        'HTTP requests under way in a resident worker: more wait. A PHP run of request mode has one event at a time'],
    'heartbeat_check_interval heartbeat_idle_time max_idle_time' => ['bridge',
        'beside `ping.interval` and `ping.timeout`'],
    'package_max_length' => ['bridge', 'of each port; `limits.message` wins'],
    'socket_buffer_size' => ['bridge', 'of each port; `limits.outbox` wins. A client over it is closed'],
    'buffer_high_watermark buffer_low_watermark' => ['bridge', 'onBufferFull and onBufferEmpty'],
    'output_buffer_size buffer_output_size' => ['SDK', 'the most of one `send()`'],
    'max_queued_bytes' => ['bridge', '`limits.inbox` wins'],
    'input_buffer_size buffer_input_size' => ['none', 'what a client says waits in TCP: `max_queued_bytes`'],
    'send_yield send_timeout' => ['none',
        '`push()` and `send()` never wait: what a client does not read is kept, up to `socket_buffer_size`'],
    'enable_delay_receive' => ['bridge', ''],
    'backlog tcp_user_timeout tcp_keepidle tcp_keepinterval tcp_keepcount open_tcp_keepalive open_tcp_nodelay'
        . ' tcp_fastopen tcp_defer_accept enable_reuse_port kernel_socket_recv_buffer_size'
        . ' kernel_socket_send_buffer_size' => ['bridge', 'of each port'],
    'open_websocket_close_frame open_websocket_ping_frame open_websocket_pong_frame' => ['bridge', ''],
    'websocket_subprotocol' => ['bridge', 'in each 101; `subprotocols` of bridge.yaml, which are negotiated, win'],
    'websocket_compression' => ['bridge', 'permessage-deflate, as `compression` of bridge.yaml'],
    'open_http_protocol open_websocket_protocol' => ['both', 'what a port speaks'],
    'open_http2_protocol' => ['bridge', 'of each port; `http2` of bridge.yaml, for all, wins. No WebSockets over it'],
    'http_parse_cookie http_parse_post http_parse_files' => ['bridge', 'the arrays of a request'],
    'upload_max_filesize' => ['bridge', 'forms with files may be larger than `package_max_length`'],
    'upload_tmp_dir' => ['both', 'in resident mode, and with a php-fpm of the bridge\'s own; said at boot where a given'
        . ' php-fpm keeps uploads itself: its pool has the setting, too'],
    'http_compression http_compression_level compression_level http_gzip_level http_compression_min_length'
        . ' compression_min_length http_compression_types compression_types'
        => ['bridge', 'br before gzip before deflate, as the client takes them'],
    'ssl_cert_file ssl_key_file ssl_protocols ssl_ciphers ssl_ecdh_curve ssl_sni_certs ssl_verify_peer'
        . ' ssl_client_cert_file ssl_cafile ssl_capath ssl_verify_depth ssl_allow_self_signed' => [
        'bridge', 'TLS 1.2 and 1.3; `tls.cert` and `tls.key` win'],
    'ssl_prefer_server_ciphers' => ['bridge', 'ciphers of TLS 1.2 in the order of `ssl_ciphers`, or in the client\'s'],
    'ssl_dhparam' => ['bridge',
        'must be a file of DH parameters; keys are exchanged over elliptic curves, so they are not used; said at boot'],
    'ssl_compress' => ['bridge', 'nothing is compressed, as with OpenSSL since 1.1.0, whatever is set'],
    'enable_coroutine' => ['SDK', 'off: callbacks are no coroutines'],
    'max_coroutine max_coro_num' => ['SDK', '`Coroutine::set()` wins'],
    'hook_flags' => ['none',
        'PHP\'s own functions (`sleep()`, PDO, streams) block a worker without the extension; `Co::sleep()` does not'],
    'c_stack_size enable_preemptive_scheduler enable_deadlock_check' => ['none', 'coroutines are fibers of PHP'],
    'start_session_id' => ['bridge', ''],
    'pid_file' =>
        ['bridge', 'the process id of the bridge, taken away at the end; a file that is something else stays'],
    'daemonize user group chroot' => ['none',
        'said at boot: a service manager and the pool of PHP-FPM do that'],
    'log_file log_rotation log_date_format log_date_with_microseconds' => ['bridge',
        'lines of the same shape, beside standard error, together with what PHP prints and warns of'],
    'log_level' => ['both', '`log.level` wins. What PHP prints and warns of is logged in any case'],
    'trace_flags debug_mode display_errors' => ['none', 'the bridge has its own log'],
    'open_eof_check open_eof_split package_eof open_length_check package_length_type package_length_offset'
        . ' package_body_offset open_mqtt_protocol open_redis_protocol' => ['bridge', 'packets of a TCP port'],
    'package_length_func' => ['none', 'refused, which is said at boot: the bridge cuts packets without PHP'],
    'stats_file stats_timer_interval' => ['bridge',
        'all of `stats()`; what is a worker\'s own is worker 0\'s, if it stays'],
    'admin_server' => ['none', 'the bridge has an API and metrics of its own: docs/push.md'],
];
