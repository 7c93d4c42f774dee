<?php

declare(strict_types=1);

namespace FpmBridge\Analysis;

use ParseError;

/**
 * A file's tokens without white space, comments and attributes, as parallel lists: type, text, line, and for each
 * bracket the index of the other one. What is declared in it: functions, closures, classes.
 *
 * Names are one token of type T_STRING with their backslashes, in every version of PHP. Types of single characters are
 * 0.
 */
final class Source
{
    private const OPENING = ['(' => ')', '[' => ']', '{' => '}'];

    public string $file;

    /** @var list<int> */
    public array $types = [];
    /** @var list<string> */
    public array $texts = [];
    /** @var list<int> */
    public array $lines = [];
    /** @var array<int, int> */
    public array $match = [];
    public int $count = 0;

    /** @var list<Func> functions, methods, closures, in their order; the first one is the file's top level */
    public array $functions = [];
    /** @var array<int, Func> by the index of their `function` or `fn` */
    public array $at = [];
    /** @var array<int, int> index of `class`, `interface`, `trait`, `enum` => index of the closing brace */
    public array $classEnds = [];
    /** @var list<ClassInfo> */
    public array $classes = [];

    private function __construct(string $file)
    {
        $this->file = $file;
    }

    /**
     * @return self|null null: PHP cannot parse it
     */
    public static function parse(string $file, string $code): ?self
    {
        $source = new self($file);
        // Deprecations of the file are none of the analysis' business.
        set_error_handler(static function (): bool {
            return true;
        });
        try {
            $source->read(token_get_all($code, TOKEN_PARSE));
        } catch (ParseError $broken) {
            return null;
        } finally {
            restore_error_handler();
        }
        (new Outline($source))->read();
        return $source;
    }

    /**
     * @param array<int, array{int, string, int}|string> $tokens
     */
    private function read(array $tokens): void
    {
        $names = [T_STRING => true, T_NS_SEPARATOR => true];
        foreach (['T_NAME_QUALIFIED', 'T_NAME_FULLY_QUALIFIED', 'T_NAME_RELATIVE'] as $name) {
            if (defined($name)) {
                $names[constant($name)] = true;
            }
        }
        $skipped = [T_WHITESPACE => true, T_COMMENT => true, T_DOC_COMMENT => true, T_OPEN_TAG => true];
        $attribute = defined('T_ATTRIBUTE') ? constant('T_ATTRIBUTE') : -1;
        $open = [];
        $last = -1;
        $joins = false;
        $next = 1;
        foreach ($tokens as $token) {
            $line = $next;
            if (is_string($token)) {
                [$type, $text] = [0, $token];
            } else {
                [$type, $text, $line] = $token;
                $next = $line + substr_count($text, "\n");
                if (isset($skipped[$type])) {
                    $joins = false;
                    continue;
                }
            }
            if (isset($names[$type])) {
                // PHP 7 has a token for each part of a name.
                if ($joins && ($type === T_NS_SEPARATOR || substr($this->texts[$last], -1) === '\\')) {
                    $this->texts[$last] .= $text;
                    $this->types[$last] = T_STRING;
                    continue;
                }
                $joins = true;
                $type = T_STRING;
            } else {
                $joins = $type === T_NAMESPACE;
                if ($type === T_DOLLAR_OPEN_CURLY_BRACES) {
                    $text = '{';
                } elseif ($type === T_STRING_VARNAME) {
                    [$type, $text] = [T_VARIABLE, "\$$text"];
                } elseif ($type === T_CLOSE_TAG) {
                    [$type, $text] = [0, ';'];
                } elseif ($type === T_OPEN_TAG_WITH_ECHO) {
                    $type = T_ECHO;
                } elseif ($type === $attribute) {
                    [$type, $text] = [$attribute, '['];
                }
            }
            $last++;
            $this->types[] = $type;
            $this->texts[] = $text;
            $this->lines[] = $line;
            if ($type !== T_ENCAPSED_AND_WHITESPACE && $type !== T_INLINE_HTML) {
                if (isset(self::OPENING[$text])) {
                    $open[] = $last;
                } elseif (($text === ')' || $text === ']' || $text === '}') && $open !== []) {
                    $from = array_pop($open);
                    $this->match[$from] = $last;
                    $this->match[$last] = $from;
                    if ($this->types[$from] === $attribute) {
                        for (; $last >= $from; $last--) {
                            unset($this->match[$last]);
                            array_pop($this->types);
                            array_pop($this->texts);
                            array_pop($this->lines);
                        }
                    }
                }
            }
        }
        $this->count = $last + 1;
    }

    public function isNamed(int $i): bool
    {
        return ($this->types[$i] ?? 0) === T_STRING;
    }

    public function text(int $i): string
    {
        return $this->texts[$i] ?? '';
    }

    public function type(int $i): int
    {
        return $this->types[$i] ?? -1;
    }

    /**
     * The index after the bracket that opens at $i; $i + 1 if none does.
     */
    public function after(int $i): int
    {
        return ($this->match[$i] ?? $i) + 1;
    }

    /**
     * The end of the expression that begins at $i: the index of what cannot be part of it, at most $end.
     */
    public function endOfExpression(int $i, int $end): int
    {
        while ($i < $end) {
            $text = $this->texts[$i];
            if ($text === ';' || $text === ',' || $text === ')' || $text === ']' || $text === '}') {
                return $i;
            }
            if (isset($this->at[$i])) {
                $i = $this->at[$i]->end + ($this->at[$i]->isArrow ? 0 : 1);
                continue;
            }
            if (isset(self::OPENING[$text], $this->match[$i]) && $this->match[$i] > $i) {
                $i = $this->match[$i];
            }
            $i++;
        }
        return $end;
    }
}
