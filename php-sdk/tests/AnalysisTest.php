<?php

declare(strict_types=1);

namespace FpmBridge\Tests;

use FpmBridge\Analysis\Finding;
use FpmBridge\Analysis\RequestMode;
use FpmBridge\Tests\Support\Corpus;
use PHPUnit\Framework\TestCase;

/**
 * What request mode cannot carry is found, and nothing else.
 */
final class AnalysisTest extends TestCase
{
    /**
     * @return array<string, array{string}>
     */
    public static function scripts(): array
    {
        return Corpus::all();
    }

    /**
     * @dataProvider scripts
     */
    public function testFindsWhatIsMarked(string $body): void
    {
        [$expected, $found] = Corpus::check($body);
        self::assertSame($expected, $found);
    }

    public function testParseErrorsAreSkippedAndNamed(): void
    {
        $broken = $this->file("<?php\nthis is { no PHP\n");
        $callback = static function (): void {
            static $n = 0;
            $n++;
            echo $n;
        };
        $report = RequestMode::of([['message', $callback]], null, [], [$broken, __FILE__]);
        self::assertCount(1, $report->findings);
        self::assertSame(
            ["$broken: a parse error; nobody looked for memory that it keeps between events"],
            $report->warnings
        );
    }

    public function testLargeCodeIsLeftOutAndThatIsSaid(): void
    {
        $large = $this->file('<?php $a = [' . str_repeat("'x' => 1,\n", 400000) . '];');
        $report = RequestMode::of([], null, [], [$large]);
        self::assertSame([], $report->findings);
        self::assertStringContainsString('1 files were left out', $report->warnings[0]);
    }

    public function testTheDescription(): void
    {
        $finding = new Finding(Finding::MEMORY, '/a.php', 3, '$x, a global variable');
        self::assertSame(
            ['kind' => 'memory', 'file' => '/a.php', 'line' => 3, 'what' => '$x, a global variable', 'places' => 1],
            $finding->described()
        );
        $n = 0;
        $description = RequestMode::into(['warnings' => ['a']], [['message' => static function () use (&$n): void {
            echo $n++;
        }]], null);
        self::assertSame('a', $description['warnings'][0]);
        if (isset($description['warnings'][1])) { // the machine is too busy to look at all files of the tests in time
            self::assertStringContainsString('left out', $description['warnings'][1]);
            return;
        }
        self::assertContains('$n, captured by reference', array_column($description['findings'], 'what'));
    }

    /**
     * Two thousand lines, each of which is walked, in less than 100 ms: 40 ms where it was written, and the machine
     * may be busy.
     */
    public function testTwoThousandLinesTakeMilliseconds(): void
    {
        $code = "<?php\nclass D01Large\n{\n    public \$state = [];\n"
            . "    public function onMessage(\$server, \$frame)\n    {\n";
        for ($i = 0; $i < 150; $i++) {
            $code .= "        \$this->do$i(\$server, \$frame);\n";
        }
        $code .= "    }\n";
        for ($i = 0; $i < 150; $i++) {
            $code .= "    public function do$i(\$server, \$frame)\n    {\n"
                . "        \$data = json_decode(\$frame->data, true);\n"
                . "        if (!isset(\$data['type']) || \$data['type'] !== 'do$i') {\n            return;\n        }\n"
                . "        foreach (\$data['list'] ?? [] as \$key => \$item) {\n"
                . "            \$this->state['s$i'][\$frame->fd][] = [\$key => (string) \$item];\n        }\n"
                . "        \$server->push(\$frame->fd, json_encode(\$this->state['s$i']));\n    }\n";
        }
        $file = $this->file($code . "}\n");
        require $file;
        $best = INF;
        foreach ([1, 2, 3] as $try) {
            $start = microtime(true);
            $report = RequestMode::of([['message', [new \D01Large(), 'onMessage']]], null, [], [$file]);
            $best = min($best, microtime(true) - $start);
        }
        self::assertCount(1, $report->findings);
        self::assertSame([], $report->warnings);
        self::assertLessThan(0.4, $best);
        fwrite(STDERR, sprintf("analysis of %d lines: %.1f ms\n", substr_count($code, "\n"), $best * 1000));
    }

    private function file(string $code): string
    {
        $file = tempnam(sys_get_temp_dir(), 'fpmbridge');
        file_put_contents($file, $code);
        register_shutdown_function(static function () use ($file): void {
            @unlink($file);
        });
        return $file;
    }
}
