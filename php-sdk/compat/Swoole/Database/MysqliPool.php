<?php

namespace Swoole\Database;

use Swoole\ConnectionPool;

/**
 * mysqli connections that the coroutines of an event share.
 */
class MysqliPool extends ConnectionPool
{
    /** @var MysqliConfig */
    protected $config;

    public function __construct(MysqliConfig $config, int $size = self::DEFAULT_SIZE)
    {
        $this->config = $config;
        parent::__construct(static function () use ($config) {
            $mysqli = new \mysqli();
            foreach ($config->getOptions() as $option => $value) {
                $mysqli->options($option, $value);
            }
            $mysqli->real_connect(
                $config->getHost(),
                $config->getUsername(),
                $config->getPassword(),
                $config->getDbname(),
                $config->getPort(),
                $config->getUnixSocket()
            );
            $mysqli->set_charset($config->getCharset());
            return $mysqli;
        }, $size);
    }
}
