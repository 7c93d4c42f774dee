<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * A script that somebody started with `php -d auto_prepend_file=…/entry-cli.php server.php`. It runs as any other on
 * the command line; when it calls start(), this process becomes a bridge that serves it (`launcher: cli`), with the
 * same process id, terminal and arguments. A script that never calls start() just runs to its end.
 */
final class ByHand extends Environment
{
    /** The program, if FPMBRIDGE_BIN does not say. */
    private const PROGRAM = 'fpmbridge';
    private const BINARY = 'FPMBRIDGE_BIN';

    /** Where the bridge reads that we have gone, if it is not in our place. */
    private const PARENT = 'FPMBRIDGE_PARENT';
    private const PARENT_DESCRIPTOR = 3;

    /**
     * Called by entry-cli.php.
     */
    public static function begin(): bool
    {
        if (Environment::hasExtension()) {
            self::refuse('the swoole extension is loaded in this php, and its classes cannot be replaced: leave'
                . ' entry-cli.php out, or disable the extension (phpdismod -s cli swoole openswoole)');
        }
        $environment = new self();
        $environment->script = (string) realpath(get_included_files()[0]);
        $run = Runtime::host($environment, null);
        if ($run !== null) {
            $run->log()->print = true;
        }
        return true;
    }

    public function resident(): bool
    {
        return true;
    }

    /**
     * Becomes the bridge.
     */
    public function takeOver(): void
    {
        $program = self::find();
        if ($program === '') {
            self::refuse('start() needs the program ' . self::PROGRAM . ', which is not in PATH and not in '
                . dirname(__DIR__, 2) . '/bin: install it, or name it in the environment variable ' . self::BINARY);
        }
        $arguments = Superglobals::arguments();
        $typed = array_shift($arguments);
        if ($this->script === '' || $typed === null) {
            self::refuse('only a script that is a file can be served');
        }
        [$folder, $settings] = self::options();
        putenv('BRIDGE_PHP_BINARY=' . PHP_BINARY);
        putenv('BRIDGE_PHP_INI=' . Wire::json($settings));
        if ($folder !== '') {
            putenv("PHPRC=$folder");
        }
        $command = array_merge(['serve', $this->script, '--by-hand', $typed, '--'], $arguments);
        while (ob_get_level() > 0 && @ob_end_flush()) {
            continue;
        }
        flush();
        if (function_exists('pcntl_exec')) {
            // What is blocked or ignored here would stay so there.
            pcntl_sigprocmask(SIG_SETMASK, []);
            foreach ([SIGINT, SIGTERM, SIGUSR1, SIGHUP, SIGPIPE] as $signal) {
                pcntl_signal($signal, SIG_DFL);
            }
            pcntl_exec($program, $command);
            self::refuse("$program cannot be started: " . pcntl_strerror(pcntl_get_last_error()));
        }
        exit(self::beside($program, $command));
    }

    /**
     * Without the pcntl extension: the bridge is a child, which ends in order when we do.
     *
     * @param list<string> $command
     * @return int its exit code
     */
    private static function beside(string $program, array $command): int
    {
        putenv(self::PARENT . '=' . self::PARENT_DESCRIPTOR);
        // The others are passed on as they are.
        $child = proc_open(array_merge([$program], $command), [self::PARENT_DESCRIPTOR => ['pipe', 'r']], $pipes);
        if ($child === false) {
            self::refuse("$program cannot be started");
        }
        // proc_close() would close the pipe first.
        while (($status = proc_get_status($child))['running']) {
            usleep(20000);
        }
        return $status['signaled'] ? 128 + $status['termsig'] : $status['exitcode'];
    }

    private static function find(): string
    {
        $given = (string) getenv(self::BINARY);
        if ($given !== '') {
            if (!is_executable($given) || is_dir($given)) {
                self::refuse(self::BINARY . ": $given is no program");
            }
            return $given;
        }
        $folders = array_merge([dirname(__DIR__, 2) . '/bin'], explode(PATH_SEPARATOR, (string) getenv('PATH')));
        foreach ($folders as $folder) {
            $program = "$folder/" . self::PROGRAM;
            if ($folder !== '' && is_executable($program) && !is_dir($program)) {
                return $program;
            }
        }
        return '';
    }

    /**
     * What php was called with: the folder or file of -c, and the settings of -d but those that brought us here. Known
     * where the system shows the command line.
     *
     * @return array{string, list<string>}
     */
    private static function options(): array
    {
        $words = explode("\0", (string) @file_get_contents('/proc/self/cmdline'));
        $folder = '';
        $settings = [];
        for ($i = 1; isset($words[$i]) && strncmp($words[$i], '-', 1) === 0 && $words[$i] !== '--'; $i++) {
            $word = $words[$i];
            $value = strlen($word) > 2 ? substr($word, 2) : (string) ($words[$i + 1] ?? '');
            if (strlen($word) === 2 && strpos('cdzf', $word[1]) !== false || strncmp($word, '--', 2) === 0) {
                $value = (string) ($words[++$i] ?? '');
            }
            if (strncmp($word, '-c', 2) === 0 || $word === '--php-ini') {
                $folder = is_dir($value) ? $value : dirname($value);
            } elseif (strncmp($word, '-d', 2) === 0 || $word === '--define') {
                $settings[] = strpos($value, '=') === false ? "$value=1" : $value;
            }
        }
        $settings = preg_grep('/^\s*auto_(pre|ap)pend_file\s*=/', $settings, PREG_GREP_INVERT);
        return [$folder, array_values($settings)];
    }

    /**
     * @return never
     */
    private static function refuse(string $why): void
    {
        fwrite(STDERR, "fpmbridge: $why\n");
        exit(1);
    }
}
