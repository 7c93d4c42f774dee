<?php

declare(strict_types=1);

namespace FpmBridge;

/**
 * What the bridge's FastCGI request says outside of its frames. Superglobals and php://input are read here only.
 */
final class Environment
{
    /** The user's script, an absolute path. */
    public string $script = '';

    /** The bridge's callback socket: `unix:/path` or `tcp:host:port`; '' if there is none. */
    public string $callback = '';
    public string $token = '';

    /** The first listener, `host:port`. */
    public string $listen = '';

    /** The slot that carries the request, 0 … workers-1. */
    public int $worker = 0;

    /** The body: frames. */
    public string $input = '';

    /** Why the bridge's request cannot be served; '' if it can. */
    public string $refusal = '';

    /**
     * Null when the request does not come from the bridge.
     */
    public static function read(): ?self
    {
        if (($_SERVER['BRIDGE_ENCODING'] ?? '') !== 'framed' || !isset($_SERVER['BRIDGE_PROTOCOL'])) {
            return null;
        }
        $environment = new self();
        $environment->script = $_SERVER['BRIDGE_SCRIPT'] ?? '';
        $environment->callback = $_SERVER['BRIDGE_CALLBACK'] ?? '';
        $environment->token = $_SERVER['BRIDGE_TOKEN'] ?? '';
        $environment->listen = $_SERVER['BRIDGE_LISTEN'] ?? '';
        $environment->worker = (int) ($_SERVER['BRIDGE_WORKER'] ?? 0);
        $environment->input = (string) file_get_contents('php://input');
        if ($_SERVER['BRIDGE_PROTOCOL'] !== '1') {
            $environment->refusal = "the bridge speaks protocol {$_SERVER['BRIDGE_PROTOCOL']}, this SDK speaks 1";
        } elseif (extension_loaded('swoole') || extension_loaded('openswoole')) {
            $environment->refusal = 'the swoole extension is loaded in this php-fpm, and its classes cannot be'
                . ' replaced: disable it for php-fpm (phpdismod -s fpm swoole openswoole) and restart php-fpm';
        }
        return $environment;
    }

    /**
     * Makes the rest of the request see what `php server.php` in the script's own folder would, and hides the bridge's
     * variables. getenv() of a single name still finds them: PHP reads it from the FastCGI request itself.
     */
    public function disguise(): void
    {
        // By name: a loop over all variables costs 3 us.
        unset(
            $_SERVER['BRIDGE_PROTOCOL'],
            $_SERVER['BRIDGE_ENCODING'],
            $_SERVER['BRIDGE_SCRIPT'],
            $_SERVER['BRIDGE_CALLBACK'],
            $_SERVER['BRIDGE_TOKEN'],
            $_SERVER['BRIDGE_LISTEN'],
            $_SERVER['BRIDGE_WORKER'],
            $_ENV['BRIDGE_CALLBACK'],
            $_ENV['BRIDGE_TOKEN']
        );
        $name = basename($this->script);
        $_SERVER['SCRIPT_FILENAME'] = $_SERVER['PATH_TRANSLATED'] = $this->script;
        $_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = $name;
        $_SERVER['argv'] = $GLOBALS['argv'] = [$name];
        $_SERVER['argc'] = $GLOBALS['argc'] = 1;
        chdir(dirname($this->script));
    }

    /**
     * Shows the script a describe event in the plain encoding (docs/protocol.md section 3), in case it is a plain one.
     */
    public function describePlain(): void
    {
        $_SERVER['BRIDGE_PROTOCOL'] = '1';
        $_SERVER['BRIDGE_ENCODING'] = 'plain';
        $_SERVER['BRIDGE_EVENT'] = 'describe';
        $_SERVER['BRIDGE_EVENT_ID'] = '0';
        $_SERVER['BRIDGE_ATTEMPT'] = '1';
        $_SERVER['BRIDGE_FD'] = '0';
    }
}
