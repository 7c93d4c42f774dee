<?php

/**
 * The test that shows what a setting does from set(), for each that is honoured or named at boot: names => test, as in
 * works.php, or `go FOLDER TestName` for a test of a Go package. The test's file names the setting.
 */

declare(strict_types=1);

return [
    'worker_num' => 'conformance 5-settings/worker-num',
    'enable_static_handler document_root' => 'conformance 5-settings/static-handler',
    'http_index_files' => 'conformance 5-settings/static-index',
    'http_autoindex' => 'conformance 5-settings/static-autoindex',
    'static_handler_locations' => 'conformance 5-settings/static-locations',
    'url_rewrite_rules' => 'conformance 5-settings/static-rewrite',
    'task_worker_num' => 'conformance 1.3-tasks/task-and-finish',
    'task_enable_coroutine' => 'conformance 5-settings/task-enable-coroutine',
    'task_use_object' => 'conformance 1.3-tasks/task-object',
    'task_object' => 'TasksTest::testTasksAsObjects',
    'event_object' => 'conformance 1.2-connection/event-object',
    'dispatch_mode' => 'e2e TestDispatchToTheIdle',
    'enable_unsafe_event' => 'e2e TestDispatchUnsafeEvents',
    'discard_timeout_request' => 'conformance 5-settings/discard-timeout-request',
    'max_conn' => 'conformance 5-settings/max-conn',
    'max_connection' => 'conformance 5-settings/max-connection',
    'heartbeat_check_interval heartbeat_idle_time' => 'conformance 6.5-end/heartbeat',
    'max_idle_time' => 'conformance 5-settings/max-idle-time',
    'package_max_length' => 'conformance 5-settings/sizes',
    'socket_buffer_size' => 'conformance 5-settings/socket-buffer-size',
    'buffer_high_watermark buffer_low_watermark' => 'e2e TestWatermarks',
    'output_buffer_size' => 'PortTest::testWhatSendRefuses',
    'buffer_output_size' => 'conformance 5-settings/output-buffer-size',
    'max_queued_bytes' => 'conformance 5-settings/max-queued-bytes',
    'enable_delay_receive' => 'conformance 5-settings/delayed-receive',
    'tcp_user_timeout tcp_keepidle tcp_keepinterval tcp_keepcount open_tcp_keepalive open_tcp_nodelay tcp_fastopen'
        . ' tcp_defer_accept enable_reuse_port kernel_socket_recv_buffer_size kernel_socket_send_buffer_size'
        => 'go internal/sockopt TestOptions',
    'backlog' => 'go internal/sockopt TestBacklog',
    'open_websocket_close_frame' => 'conformance 6.4-frames/close-option',
    'open_websocket_ping_frame' => 'conformance 6.4-frames/ping-option',
    'open_websocket_pong_frame' => 'conformance 6.4-frames/pong-option',
    'websocket_subprotocol' => 'conformance 6.1-upgrade/subprotocol',
    'websocket_compression' => 'conformance 6.3-deflate/negotiated',
    'open_http_protocol' => 'conformance scripts/second-listener',
    'open_websocket_protocol' => 'conformance 5-settings/http-only-port',
    'http_parse_cookie' => 'conformance 5-settings/no-cookies',
    'http_parse_post' => 'conformance 5-settings/no-post',
    'http_parse_files' => 'conformance 5-settings/parse-files',
    'max_request max_request_grace' => 'conformance 1.1-life/max-request-grace',
    'max_wait_time' => 'conformance 1.1-life/max-wait-time',
    'reload_async' => 'conformance 1.1-life/reload-async-off',
    'task_max_request task_max_request_grace' => 'e2e TestCommandLineTaskMaxRequest',
    'upload_max_filesize' => 'e2e TestHTTP',
    'http_compression' => 'conformance 3.3-response/no-gzip',
    'http_compression_min_length' => 'conformance 5-settings/compression-min-length',
    'http_compression_types' => 'conformance 5-settings/compression-types',
    'http_compression_level compression_level http_gzip_level compression_min_length compression_types'
        => 'go internal/app TestEverySettingOfSpeech',
    'ssl_protocols ssl_ciphers ssl_ecdh_curve ssl_sni_certs ssl_cafile ssl_capath ssl_verify_depth'
        . ' ssl_allow_self_signed' => 'e2e TestTLSSettings',
    'ssl_cert_file ssl_key_file ssl_verify_peer ssl_client_cert_file' => 'e2e TestTLS',
    'ssl_dhparam' => 'go internal/certs TestDHParameters',
    'ssl_prefer_server_ciphers ssl_compress' => 'go internal/tlsconf TestWhatSettingsComeTo',
    'enable_coroutine' => 'CoroutineTest::testWithEnableCoroutineOffTheCallbackIsNone',
    'max_coroutine' => 'conformance 5-settings/max-coroutine',
    'max_coro_num' => 'CoroutineTest::testMostCoroutinesOfAServer',
    'start_session_id' => 'conformance 5-settings/start-session-id',
    'pid_file stats_file stats_timer_interval' => 'e2e TestFilesAndSignalsOfAServer',
    'open_eof_check open_eof_split package_eof open_length_check package_length_type package_length_offset'
        . ' package_body_offset' => 'e2e TestSeveralPorts',
    'open_mqtt_protocol' => 'conformance 2.6-ports/mqtt',
    'open_redis_protocol' => 'conformance 2.6-ports/redis',
    'package_length_func' => 'go internal/app TestSettingsThatAreRefused',
    'daemonize' => 'conformance 5-settings/daemonize',
    'dispatch_func' => 'e2e TestDispatchByConnection',
    'log_file log_level log_rotation log_date_format log_date_with_microseconds' => 'e2e TestLogSettings',
    'upload_tmp_dir' => 'e2e TestUploadFolder',
    'user group chroot' => 'conformance 5-settings/said',
    'max_concurrency' => 'conformance 5-settings/max-concurrency',
    'worker_max_concurrency' => 'conformance 5-settings/worker-max-concurrency',
    'open_http2_protocol' => 'e2e TestHTTP2',
];
