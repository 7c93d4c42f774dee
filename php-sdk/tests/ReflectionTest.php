<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use PHPUnit\Framework\TestCase;
use ReflectionClass;

final class ReflectionTest extends TestCase
{
    /**
     * @return array<string, array{string}>
     */
    public static function sources(): array
    {
        $files = [];
        foreach (['src', 'compat'] as $folder) {
            $root = dirname(__DIR__) . "/$folder";
            foreach (new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator($root)) as $file) {
                if ($file->getExtension() === 'php') {
                    $files[$folder . substr($file->getPathname(), strlen($root))] = [$file->getPathname()];
                }
            }
        }
        return $files;
    }

    /**
     * @dataProvider sources
     */
    public function testSourcesAreStrict(string $file): void
    {
        $text = (string) file_get_contents($file);
        if (preg_match('!/compat/((Open)?Swoole|GatewayWorker)/!', $file) === 0) {
            self::assertStringContainsString("\ndeclare(strict_types=1);\n", $text);
        } else {
            // Callbacks get their arguments with weak typing, as from the extension.
            self::assertStringNotContainsString('strict_types=1', $text);
        }
    }

    /**
     * @dataProvider sources
     */
    public function testSuperglobalsInputAndSocketsAreReadInOnePlace(string $file): void
    {
        $text = (string) file_get_contents($file);
        $places = [
            '/\$_(SERVER|GET|POST|COOKIE|ENV|FILES|REQUEST)\b|\$GLOBALS\b/' => 'src/Superglobals.php',
            '/stream_socket_client|fsockopen|fread|stream_get_contents/' => 'src/CallbackSocket.php',
        ];
        $other = preg_match('!src/Channel\.php$|/src/Client/|compat/PidFiles\.php$!', $file) === 1;
        if ($other) {
            array_pop($places); // the channel of a resident worker; the client is for PHP outside of events; no socket
        }
        self::assertSame(substr($file, -15) === 'src/Runtime.php', strpos($text, "'php://input'") !== false);
        if (strpos($file, '/compat/standins/') === false) { // which run in plain scripts, too, without the SDK
            self::assertSame(substr($file, -19) === 'src/Environment.php', strpos($text, "getenv('BRIDGE_") !== false);
        }
        foreach ($places as $pattern => $place) {
            $code = preg_replace('!/\*.*?\*/|//[^\n]*!s', '', $text);
            $found = preg_match($pattern, self::withoutStrings($code)) === 1;
            self::assertSame(substr($file, -strlen($place)) === $place, $found, "$place only: $pattern");
        }
    }

    /**
     * @dataProvider sources
     */
    public function testClassesOfTheCoreAreFinalAndTyped(string $file): void
    {
        $name = substr($file, strlen(dirname(__DIR__)) + 1, -4);
        if (strncmp($name, 'src/', 4) !== 0) {
            self::assertStringStartsWith('compat/', $name);
            return;
        }
        $class = new ReflectionClass('FpmBridge\\' . strtr(substr($name, 4), '/', '\\'));
        $parent = $class->getName() === 'FpmBridge\Environment'; // CommandLine's
        self::assertTrue($class->isFinal() || $class->isInterface() || $class->isTrait() || $parent, 'is final');
        foreach ($class->getMethods() as $method) {
            if ($method->getDeclaringClass()->getName() !== $class->getName() || $method->isConstructor()) {
                continue;
            }
            self::assertTrue($method->hasReturnType(), $method->getName() . ' has a return type');
            foreach ($method->getParameters() as $parameter) {
                // PHP 7.4 has no unions: they stand in the comment.
                $union = '/@param \S+\|[^\n]* \$' . $parameter->getName() . '\b/';
                $typed = $parameter->hasType() || preg_match($union, (string) $method->getDocComment()) === 1;
                self::assertTrue($typed, "{$method->getName()}(\${$parameter->getName()}) is typed");
            }
        }
        foreach ($class->getProperties() as $property) {
            if ($property->getDeclaringClass()->getName() === $class->getName()) {
                $typed = $property->hasType() || strpos((string) $property->getDocComment(), '@var resource') !== false;
                self::assertTrue($typed, "\${$property->getName()} is typed");
            }
        }
    }

    /**
     * @dataProvider sources
     */
    public function testPropertiesOfTheDropInAreUntyped(string $file): void
    {
        $name = substr($file, strlen(dirname(__DIR__)) + 1, -4);
        if (strncmp($name, 'compat/Swoole/', 14) !== 0) {
            self::assertFileExists($file);
            return;
        }
        $class = new ReflectionClass(strtr(substr($name, 7), '/', '\\'));
        // Those two are final in the extension.
        $final = in_array($class->getName(), ['Swoole\Server\Task', 'Swoole\Coroutine\Scheduler'], true);
        self::assertSame($final, $class->isFinal());
        foreach ($class->getProperties(\ReflectionProperty::IS_PUBLIC) as $property) {
            if ($property->getDeclaringClass()->getName() === $class->getName()) {
                self::assertFalse($property->hasType(), $property->getName());
            }
        }
    }

    private static function withoutStrings(string $code): string
    {
        // The word php://input stays, other strings go: error texts may name what they are about.
        return (string) preg_replace("/'(?!php:\/\/input)[^']*'/", "''", $code);
    }
}
