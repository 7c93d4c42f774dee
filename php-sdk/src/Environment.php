<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * What the bridge's FastCGI request says outside of its frames. getenv() reads a variable from the request itself, so
 * that PHP need not build $_SERVER (Superglobals).
 */
class Environment
{
    /** The user's script, an absolute path. */
    public string $script = '';

    /** What the SDK said when it described the script, `key` of docs/protocol.md section 6; '' if nothing. */
    public string $key = '';

    /** The first listener, `host:port`; null: not read yet. */
    public ?string $listen = null;

    /** The slot that carries the request, 0 … workers-1; null: not read yet. */
    public ?int $worker = null;

    /** Why the bridge's request cannot be served; '' if it can. */
    public string $refusal = '';

    /** What the script prints goes where it goes without us, once it serves. */
    public bool $direct = false;

    /**
     * Null when the request does not come from the bridge.
     */
    public static function read(): ?self
    {
        $environment = new self();
        $environment->key = $key = (string) getenv('BRIDGE_KEY');
        $environment->script = (string) getenv('BRIDGE_SCRIPT');
        if ($key !== '') {
            return $environment; // a bridge that has our description: what was checked for that, holds
        }
        $protocol = getenv('BRIDGE_PROTOCOL');
        if ($protocol === false || getenv('BRIDGE_ENCODING') !== 'framed') {
            return null;
        }
        if ($protocol !== '1') {
            $environment->refusal = "the bridge speaks protocol $protocol, this SDK speaks 1";
        } elseif (self::hasExtension()) {
            $environment->refusal = 'the swoole extension is loaded in this php-fpm, and its classes cannot be'
                . ' replaced: disable it for php-fpm (phpdismod -s fpm swoole openswoole) and restart php-fpm';
        }
        return $environment;
    }

    /**
     * Whether the extension is loaded whose place the SDK takes. extension_loaded() may be a stand-in
     * (compat/standins), which means the SDK.
     */
    public static function hasExtension(): bool
    {
        return preg_grep('/^(open)?swoole$/i', get_loaded_extensions()) !== [];
    }

    /**
     * The bridge's callback socket: `unix:/path` or `tcp:host:port`; '' if there is none.
     */
    public function callback(): string
    {
        return (string) getenv('BRIDGE_CALLBACK');
    }

    /**
     * The frames of a small request, or the event of one whose body php-fpm took apart; '' if the body has them.
     */
    public function frame(): string
    {
        return (string) base64_decode((string) getenv('BRIDGE_FRAME'));
    }

    public function token(): string
    {
        return (string) getenv('BRIDGE_TOKEN');
    }

    /**
     * Where tables and atomics live: '' in the bridge, 'apcu' in APCu.
     */
    public function shared(): string
    {
        return (string) getenv('BRIDGE_SHARED');
    }

    /**
     * The addresses of the bridge's listeners, in order, with a space between them.
     */
    public function listen(): string
    {
        return $this->listen ?? $this->listen = (string) getenv('BRIDGE_LISTEN');
    }

    /**
     * The port of a listener; 0: it is not known yet, or there is none.
     */
    public function port(int $listener): int
    {
        $address = explode(' ', $this->listen())[$listener] ?? '';
        return (int) substr((string) strrchr($address, ':'), 1);
    }

    public function worker(): int
    {
        return $this->worker ?? $this->worker = (int) getenv('BRIDGE_WORKER');
    }

    /** How many PHP requests the bridge runs at once; 1 if it does not say. */
    public function workers(): int
    {
        return max(1, (int) getenv('BRIDGE_WORKERS'));
    }

    /**
     * Connection events go to workers that stay: this request may be one (ticket()), or a task, a start event, ...
     */
    public function resident(): bool
    {
        return getenv('BRIDGE_MODE') === 'resident';
    }

    /**
     * How many workers stay; 0: as many as the script says.
     */
    public function staying(): int
    {
        return (int) getenv('BRIDGE_RESIDENT');
    }

    /**
     * How many bytes a resident worker's script may have before it makes room for the next one; 0: any number.
     */
    public function memoryLimit(): int
    {
        return (int) getenv('BRIDGE_MEMORY');
    }

    /**
     * What the bridge knows a resident worker by; 0: the request does not stay.
     */
    public function ticket(): int
    {
        return (int) getenv('BRIDGE_TICKET');
    }

    /**
     * Whose place the process has beside the workers: a task worker's id, or -1 for the server's own process. Null: it
     * is a worker, or a request.
     */
    public function place(): ?int
    {
        return null;
    }

    /**
     * start() was called: somebody else may serve from here on. Then it does not return.
     */
    public function takeOver(): void
    {
    }

    /**
     * Takes an answer that is not for php-fpm.
     *
     * @param string $frames the whole answer
     * @return bool whether it did
     */
    public function answer(string $frames): bool
    {
        return false;
    }

    /**
     * What the script is to find behind its own name in $argv.
     *
     * @return list<string>
     */
    public function arguments(): array
    {
        $all = (string) getenv('BRIDGE_ARGV');
        return $all === '' ? [] : explode("\0", (string) base64_decode($all));
    }

    /** The bridge's process id; 0 if it does not say. */
    public function bridge(): int
    {
        return (int) getenv('BRIDGE_PID');
    }

    /**
     * Nothing of it is the script's: print_r() of a server would be megabytes otherwise, with secrets.
     */
    public function __debugInfo(): array
    {
        return [];
    }
}
