<?php
/*
 * All functions of 6.2.1 are there.
 *
 * open a /
 * a> text go
 * a< text []
 */
require __DIR__ . '/conform.php';
$server = server();
$server->on('message', function ($server, $frame) {
    $names = 'version cpu_num last_error errno strerror clear_error error_log error_log_ex ignore_error set_process_name get_local_ip'
        . ' get_local_mac hashcode mime_type_add mime_type_set mime_type_delete mime_type_get mime_type_exists mime_type_list'
        . ' get_mime_type async_set async_dns_lookup_coro clear_dns_cache coroutine_create coroutine_defer coroutine_socketpair'
        . ' client_select select event_add event_del event_set event_isset event_write event_wait event_defer event_cycle'
        . ' event_dispatch event_exit event_rshutdown timer_tick timer_after timer_clear timer_clear_all timer_exists timer_info'
        . ' timer_stats timer_list substr_unserialize substr_json_decode get_objects get_vm_status name_resolver_add'
        . ' name_resolver_remove name_resolver_lookup tracer_leak_detect tracer_prof_begin tracer_prof_end exec shell_exec string'
        . ' mbstring array array_list table library_set_option library_get_option library_set_options library_get_options'
        . ' is_in_container container_cpu_num';
    $functions = array_merge(['go', 'defer', '_string', '_array'], array_map(function ($name) {
        return "swoole_$name";
    }, explode(' ', $names)));
    $server->push($frame->fd, json_encode(array_values(array_filter($functions, function ($name) {
        return !function_exists($name);
    }))));
});
$server->start();
