<?php

namespace Swoole\Database;

use Swoole\ConnectionPool;

/**
 * Redis connections (ext-redis) that the coroutines of an event share.
 */
class RedisPool extends ConnectionPool
{
    /** @var RedisConfig */
    protected $config;

    public function __construct(RedisConfig $config, int $size = self::DEFAULT_SIZE)
    {
        $this->config = $config;
        parent::__construct(static function () use ($config) {
            $redis = new \Redis();
            $redis->connect($config->getHost(), $config->getPort(), $config->getTimeout());
            if ($config->getAuth() !== '') {
                $redis->auth($config->getAuth());
            }
            if ($config->getDbIndex() !== 0) {
                $redis->select($config->getDbIndex());
            }
            foreach ($config->getOptions() as $option => $value) {
                $redis->setOption($option, $value);
            }
            return $redis;
        }, $size);
    }
}
