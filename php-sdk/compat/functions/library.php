<?php

/**
 * Functions of Swoole's PHP library.
 */

declare(strict_types=1);

use FpmBridge\Compat\Helpers;
use FpmBridge\Unsupported;
use Swoole\ArrayObject;
use Swoole\Coroutine\System;
use Swoole\MultibyteStringObject;
use Swoole\StringObject;
use Swoole\Table;

if (!function_exists('swoole_exec')) {
    /**
     * As exec().
     *
     * @return string|false the last line
     */
    function swoole_exec(string $command, &$output = null, &$returnVar = null)
    {
        $result = System::exec($command);
        if ($result === false) {
            return false;
        }
        $lines = $result['output'] === '' ? [] : explode("\n", rtrim($result['output'], "\n"));
        $output = array_merge((array) $output, array_map('rtrim', $lines));
        $returnVar = $result['code'];
        return $output === [] ? '' : end($output);
    }
}
if (!function_exists('swoole_shell_exec')) {
    /**
     * As shell_exec().
     *
     * @return string|null
     */
    function swoole_shell_exec(string $cmd)
    {
        $result = System::exec($cmd);
        return $result === false || $result['output'] === '' ? null : $result['output'];
    }
}
if (!function_exists('swoole_string')) {
    function swoole_string(string $string = ''): StringObject
    {
        return new StringObject($string);
    }
}
if (!function_exists('swoole_mbstring')) {
    function swoole_mbstring(string $string = ''): MultibyteStringObject
    {
        return new MultibyteStringObject($string);
    }
}
if (!function_exists('_string')) {
    function _string(string $string = ''): StringObject
    {
        return new StringObject($string);
    }
}
if (!function_exists('_array')) {
    function _array(array $array = []): ArrayObject
    {
        return new ArrayObject($array);
    }
}
if (!function_exists('swoole_array')) {
    function swoole_array(array $array = []): ArrayObject
    {
        return new ArrayObject($array);
    }
}
if (!function_exists('swoole_array_list')) {
    function swoole_array_list(...$arrray): ArrayObject
    {
        return new ArrayObject($arrray);
    }
}
if (!function_exists('swoole_array_default_value')) {
    function swoole_array_default_value(array $array, $key, $default_value = null)
    {
        return array_key_exists($key, $array) ? $array[$key] : $default_value;
    }
}
if (!function_exists('swoole_table')) {
    /**
     * A table that is ready.
     *
     * @param string $fields as 'id:i,name:s:64,score:f'
     * @throws RuntimeException for other fields
     */
    function swoole_table(int $size, string $fields): Table
    {
        return Helpers::table($size, $fields);
    }
}
if (!function_exists('swoole_is_in_container')) {
    function swoole_is_in_container(): bool
    {
        $mounts = (string) @file_get_contents('/proc/self/mountinfo');
        return strpos($mounts, 'kubepods') !== false || strpos($mounts, 'docker') !== false;
    }
}
if (!function_exists('swoole_container_cpu_num')) {
    /**
     * How many CPUs the container may use; SWOOLE_CPU_NUM of the environment wins.
     */
    function swoole_container_cpu_num(): int
    {
        return Helpers::containerCpus();
    }
}
if (!function_exists('swoole_library_set_options')) {
    function swoole_library_set_options(array $options): void
    {
        Helpers::$options = $options;
    }
}
if (!function_exists('swoole_library_get_options')) {
    function swoole_library_get_options(): array
    {
        return Helpers::$options;
    }
}
if (!function_exists('swoole_library_set_option')) {
    function swoole_library_set_option(string $key, $value): void
    {
        Helpers::$options[$key] = $value;
    }
}
if (!function_exists('swoole_library_get_option')) {
    function swoole_library_get_option(string $key)
    {
        return Helpers::$options[$key] ?? null;
    }
}
if (!function_exists('swoole_init_default_remote_object_server')) {
    /** @throws Unsupported always */
    function swoole_init_default_remote_object_server(): void
    {
        throw new Unsupported('swoole_init_default_remote_object_server() starts a server process, which PHP-FPM does'
            . ' not have: call the objects directly');
    }
}
