<?php

declare(strict_types=1);

namespace FpmBridge\Tests\Support;

/**
 * GatewayWorker's API and what becomes of it: parity/gatewayworker-api.php, parity/gatewayworker.php. An id is
 * `sendToAll()` or `$secretKey`.
 */
final class GatewayWorkerParity
{
    /**
     * @return array{properties: array<string, mixed>, methods: array<string, array<string, string|null>>}
     */
    public static function api(): array
    {
        return require dirname(__DIR__) . '/parity/gatewayworker-api.php';
    }

    /**
     * @return array<string, array<string, mixed>>
     */
    public static function lists(): array
    {
        return require dirname(__DIR__) . '/parity/gatewayworker.php';
    }

    /**
     * @return list<string>
     */
    public static function ids(): array
    {
        $ids = [];
        foreach (array_keys(self::api()['methods']) as $method) {
            $ids[] = "$method()";
        }
        foreach (array_keys(self::api()['properties']) as $property) {
            $ids[] = "\$$property";
        }
        return $ids;
    }

    /**
     * @return array<string, mixed> list => what it says
     */
    public static function where(string $id): array
    {
        $found = [];
        foreach (self::lists() as $list => $entries) {
            if (isset($entries[$id])) {
                $found[$list] = $entries[$id];
            }
        }
        return $found;
    }

    /**
     * The text of docs/gatewayworker.md.
     */
    public static function document(): string
    {
        $lists = self::lists();
        $rows = [];
        foreach ($lists['differs'] as $id => [$sentence]) {
            $rows[$sentence][] = "`$id`";
        }
        foreach ($lists['throws'] as $id => $sentence) {
            $rows["Throws `FpmBridge\\Unsupported`: $sentence."][] = "`$id`";
        }
        $differs = "| what | |\n|---|---|\n";
        foreach ($rows as $sentence => $ids) {
            $differs .= '| ' . implode(', ', $ids) . " | $sentence |\n";
        }
        $works = '`' . implode('`, `', array_keys($lists['works'])) . '`';
        $text = (string) file_get_contents(dirname(__DIR__) . '/parity/gatewayworker.md');
        return strtr(rtrim($text) . "\n", ['{{differs}}' => rtrim($differs), '{{works}}' => $works]);
    }
}
