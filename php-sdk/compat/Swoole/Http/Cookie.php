<?php

namespace Swoole\Http;

use FpmBridge\Compat\Loader;

/**
 * A cookie for Response::cookie() and rawcookie() (Swoole 6): what it is made of, and its line.
 */
class Cookie
{
    private const NOT_IN_NAMES = "=,; \t\r\n\013\014";

    /** Where PHP's own cookies refuse ' ' and ',', too: Swoole 5 took them, and they do no harm. */
    private const NOT_IN_VALUES = ";\t\r\n\013\014";

    private const WORDS = '",", ";", " ", "\\t", "\\r", "\\n", "\\013", or "\\014"';

    /** 9999-12-31 23:59:59 */
    private const LAST_EXPIRY = 253402300799;

    private $fields;

    /**
     * @param bool $encode the value is url-encoded; a response has its own mind about it
     */
    public function __construct(bool $encode = true)
    {
        $this->fields = self::blank($encode);
    }

    public function withName(string $name): self
    {
        return $this->with('name', $name);
    }

    /**
     * @param string $value '': the cookie is deleted
     */
    public function withValue(string $value = ''): self
    {
        return $this->with('value', $value);
    }

    /**
     * @param int $expires unix time; 0 and less: with the browser's session
     */
    public function withExpires(int $expires = 0): self
    {
        return $this->with('expires', $expires);
    }

    public function withPath(string $path = '/'): self
    {
        return $this->with('path', $path);
    }

    public function withDomain(string $domain = ''): self
    {
        return $this->with('domain', $domain);
    }

    public function withSecure(bool $secure = false): self
    {
        return $this->with('secure', $secure);
    }

    public function withHttpOnly(bool $httpOnly = false): self
    {
        return $this->with('httpOnly', $httpOnly);
    }

    public function withSameSite(string $sameSite = ''): self
    {
        return $this->with('sameSite', $sameSite);
    }

    public function withPriority(string $priority = ''): self
    {
        return $this->with('priority', $priority);
    }

    public function withPartitioned(bool $partitioned = false): self
    {
        return $this->with('partitioned', $partitioned);
    }

    /**
     * What stands behind `Set-Cookie: `.
     *
     * @return string|false false, with a warning, for characters that would end a part of it, and for an expiry behind
     *     the year 9999; the cookie is blank then
     */
    public function toString()
    {
        $line = $this->line(__METHOD__);
        if ($line === false) {
            $this->reset();
        }
        return $line;
    }

    /**
     * @return array<string, mixed> name, value, path, domain, sameSite, priority, encode, expires, secure, httpOnly,
     *     partitioned
     */
    public function toArray(): array
    {
        return $this->fields;
    }

    /**
     * Makes it blank.
     */
    public function reset(): void
    {
        $this->fields = self::blank(true);
    }

    /**
     * @internal
     * @param string $method who warns
     * @return string|false
     */
    final public function line(string $method)
    {
        $is = $this->fields;
        if ($is['name'] === '') {
            return Loader::warn($method, 'The name cannot be empty');
        }
        if (strpbrk($is['name'], self::NOT_IN_NAMES) !== false) {
            return Loader::warn($method, 'The name cannot contain "=", ' . self::WORDS);
        }
        if ($is['value'] === '') {
            $line = "$is[name]=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; Max-Age=0";
        } else {
            if (!$is['encode'] && strpbrk($is['value'], self::NOT_IN_VALUES) !== false) {
                return Loader::warn($method, 'The value cannot contain ' . self::WORDS);
            }
            $line = "$is[name]=" . ($is['encode'] ? urlencode($is['value']) : $is['value']);
            if ($is['expires'] > self::LAST_EXPIRY) {
                return Loader::warn($method, 'The expires cannot have a year greater than 9999');
            }
            if ($is['expires'] > 0) {
                $line .= '; expires=' . gmdate('D, d-M-Y H:i:s', $is['expires']) . ' GMT';
                $line .= '; Max-Age=' . max(0, $is['expires'] - time());
            }
        }
        foreach (['path', 'domain'] as $part) {
            if (strpbrk($is[$part], self::NOT_IN_VALUES . ', ') !== false) {
                return Loader::warn($method, "The $part option cannot contain " . self::WORDS);
            }
            $line .= $is[$part] === '' ? '' : "; $part=$is[$part]";
        }
        foreach (['sameSite', 'priority'] as $part) {
            if (strpbrk($is[$part], self::NOT_IN_VALUES) !== false) {
                return Loader::warn($method, "The $part option cannot contain " . self::WORDS);
            }
        }
        return $line . ($is['secure'] ? '; secure' : '') . ($is['httpOnly'] ? '; HttpOnly' : '')
            . ($is['sameSite'] === '' ? '' : "; SameSite=$is[sameSite]")
            . ($is['priority'] === '' ? '' : "; Priority=$is[priority]")
            . ($is['partitioned'] ? '; Partitioned' : '');
    }

    private function with(string $field, $value): self
    {
        $this->fields[$field] = $value;
        return $this;
    }

    private static function blank(bool $encode): array
    {
        return [
            'name' => '', 'value' => '', 'path' => '', 'domain' => '', 'sameSite' => '', 'priority' => '',
            'encode' => $encode, 'expires' => 0, 'secure' => false, 'httpOnly' => false, 'partitioned' => false,
        ];
    }

    /**
     * @throws \Error always, as in the extension
     */
    public function __clone()
    {
        throw new \Error('Trying to clone an uncloneable object of class ' . static::class);
    }

    /**
     * @throws \Exception always, as in the extension
     */
    public function __serialize(): array
    {
        throw new \Exception("Serialization of '" . static::class . "' is not allowed");
    }

    /**
     * What print_r() and var_dump() show, as the extension.
     */
    public function __debugInfo(): array
    {
        return [];
    }
}
