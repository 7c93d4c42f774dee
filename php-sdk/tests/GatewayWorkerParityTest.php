<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Tests\Support\GatewayWorkerParity;
use FpmBridge\Unsupported;
use GatewayWorker\Lib\Gateway;
use PHPUnit\Framework\TestCase;
use ReflectionClass;
use ReflectionMethod;

/**
 * Each public static method and property of GatewayWorker's Gateway is in exactly one list of parity/gatewayworker.php,
 * and is what the list says.
 */
final class GatewayWorkerParityTest extends TestCase
{
    /**
     * @return array<string, array{string}>
     */
    public static function ids(): array
    {
        $ids = GatewayWorkerParity::ids();
        return array_combine($ids, array_map(static fn(string $id): array => [$id], $ids));
    }

    /**
     * @dataProvider ids
     */
    public function testEachPartIsInOneListAndIsWhatItSays(string $id): void
    {
        $where = GatewayWorkerParity::where($id);
        self::assertCount(1, $where, "$id is in " . implode(' and ', array_keys($where)));
        [$list, $says] = [key($where), current($where)];
        $api = GatewayWorkerParity::api();
        if ($id[0] === '$') {
            $defaults = (new ReflectionClass(Gateway::class))->getStaticProperties();
            self::assertSame($api['properties'][substr($id, 1)], $defaults[substr($id, 1)], 'default');
        } else {
            $name = substr($id, 0, -2);
            $this->assertSignature($api['methods'][$name], new ReflectionMethod(Gateway::class, $name));
        }
        if ($list === 'throws') {
            $this->expectException(Unsupported::class);
            $this->expectExceptionMessage($says);
            $method = substr($id, 0, -2);
            Gateway::$method(null);
        }
        if ($list === 'differs') {
            self::assertStringEndsWith('.', $says[0], 'the difference, a sentence');
            $says = $says[1];
        }
        if (strncmp($says, 'e2e ', 4) === 0) {
            $texts = array_map('file_get_contents', glob(dirname(__DIR__, 2) . '/e2e/*_test.go') ?: []);
            self::assertStringContainsString('func ' . substr($says, 4) . '(', implode($texts), 'e2e test');
            return;
        }
        [$class, $method] = explode('::', $says);
        self::assertTrue(method_exists(__NAMESPACE__ . "\\$class", $method), "$says is a test");
    }

    public function testNoEntryStandsForNothing(): void
    {
        $entries = array_merge(...array_map('array_keys', array_values(GatewayWorkerParity::lists())));
        self::assertSame([], array_values(array_diff($entries, GatewayWorkerParity::ids())));
    }

    /**
     * What is ours beside GatewayWorker's has to be known, too.
     */
    public function testThereIsNothingElse(): void
    {
        $ours = [];
        foreach ((new ReflectionClass(Gateway::class))->getMethods(ReflectionMethod::IS_PUBLIC) as $method) {
            self::assertTrue($method->isStatic());
            $ours[] = $method->getName();
        }
        $more = array_values(array_diff($ours, array_keys(GatewayWorkerParity::api()['methods'])));
        sort($more);
        self::assertSame(['destroyClient', 'destroyCurrentClient'], $more);
    }

    public function testGatewayClientIsTheSame(): void
    {
        self::assertTrue(class_exists('GatewayClient\Gateway'));
        self::assertSame(Gateway::class, (new ReflectionClass('GatewayClient\Gateway'))->getName());
    }

    public function testTheDocumentIsUpToDate(): void
    {
        $file = dirname(__DIR__, 2) . '/docs/gatewayworker.md';
        self::assertStringEqualsFile($file, GatewayWorkerParity::document(), 'run `make docs`');
    }

    /**
     * @param array<string, string|null> $expected
     */
    private function assertSignature(array $expected, ReflectionMethod $method): void
    {
        self::assertTrue($method->isPublic() && $method->isStatic());
        $actual = [];
        foreach ($method->getParameters() as $parameter) {
            $default = $parameter->isOptional() ? var_export($parameter->getDefaultValue(), true) : null;
            $actual[$parameter->getName()] = $default;
        }
        self::assertSame($expected, $actual);
    }
}
