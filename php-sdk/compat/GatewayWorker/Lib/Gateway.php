<?php

namespace GatewayWorker\Lib;

use FpmBridge\Compat\GatewayCall;
use FpmBridge\Compat\GatewayQueries;
use FpmBridge\GatewayWorker;
use FpmBridge\Target;
use FpmBridge\Unsupported;

/**
 * GatewayWorker's and GatewayClient's class, for their callers. docs/gatewayworker.md says what differs.
 *
 * Inside of an event it writes instructions of the event's answer, which are carried out in order when the event is
 * over. Elsewhere it reaches the bridge as FpmBridge\Client does, and throws FpmBridge\ClientException when it cannot.
 *
 * A $client_id is 20 hexadecimal digits; a connection's number (fd), an int or its digits, is taken for it, too. Names
 * of groups and users are not empty, and not '0'. What is wrong with them is a warning, and false, or an empty array.
 */
class Gateway
{
    use GatewayQueries;

    /**
     * The bridge's api.listen: `host:port`, `tcp:host:port`, `unix:/path` or `http://...`; of a list the first that can
     * be reached. As long as it is the default, the variable FPMBRIDGE_API counts if it is there.
     *
     * @var string|list<string>
     */
    public static $registerAddress = '127.0.0.1:1236';

    /** @var string one of api.keys; while it is empty, FPMBRIDGE_KEY */
    public static $secretKey = '';

    /** @var float|int seconds */
    public static $connectTimeout = 3;

    /** @var bool whether a connection to the bridge is kept after the script's end */
    public static $persistentConnection = true;

    /** @var bool there are no addresses to be remembered */
    public static $addressesCacheDisable = false;

    /**
     * @param mixed $message
     * @param array|null $client_id_array only these; null: all
     * @param array|string|int|null $exclude_client_id
     * @return bool whether somebody gets it; inside of an event true
     */
    public static function sendToAll($message, $client_id_array = null, $exclude_client_id = null, $raw = false)
    {
        $except = GatewayCall::fds($exclude_client_id);
        if (is_array($client_id_array)) {
            $fds = array_diff(GatewayCall::fds($client_id_array), $except);
            return $fds !== [] && self::send(Target::fds($fds), $message, $raw);
        }
        if ($client_id_array) {
            return GatewayCall::wrong('$client_id_array is no array');
        }
        return self::send(Target::all()->exceptFds($except), $message, $raw);
    }

    /**
     * @return bool as sendToAll()
     */
    public static function sendToClient($client_id, $message, $raw = false)
    {
        $fd = GatewayCall::fd($client_id);
        return $fd !== 0 && self::send(Target::fds($fd), $message, $raw);
    }

    /**
     * @return bool true
     * @throws \LogicException outside of an event
     */
    public static function sendToCurrentClient($message, $raw = false)
    {
        return self::send(Target::fds(GatewayCall::current(__METHOD__)), $message, $raw);
    }

    /**
     * @param array|string|int $uid
     * @return bool as sendToAll()
     */
    public static function sendToUid($uid, $message, $raw = false)
    {
        $uids = GatewayCall::names($uid, 'uid');
        return $uids !== [] && self::send(Target::uids($uids), $message, $raw);
    }

    /**
     * @param array|string|int $group a connection that is in several of them gets one message
     * @param array|string|int|null $exclude_client_id
     * @return bool as sendToAll()
     */
    public static function sendToGroup($group, $message, $exclude_client_id = null, $raw = false)
    {
        $groups = GatewayCall::names($group, 'group');
        $except = GatewayCall::fds($exclude_client_id);
        return $groups !== [] && self::send(Target::groups($groups)->exceptFds($except), $message, $raw);
    }

    /**
     * Sends a last message, if there is one, and closes with 1000.
     *
     * @return bool whether the connection was there; inside of an event true
     */
    public static function closeClient($client_id, $message = null)
    {
        $fd = GatewayCall::fd($client_id);
        return $fd !== 0 && self::close($fd, $message);
    }

    /**
     * @return bool true
     * @throws \LogicException outside of an event
     */
    public static function closeCurrentClient($message = null)
    {
        return self::close(GatewayCall::current(__METHOD__), $message);
    }

    /**
     * closeClient() without a message. What was sent before still goes out.
     *
     * @return bool as closeClient()
     */
    public static function destoryClient($client_id)
    {
        return self::closeClient($client_id);
    }

    /**
     * @return bool true
     * @throws \LogicException outside of an event
     */
    public static function destoryCurrentClient()
    {
        return self::close(GatewayCall::current(__METHOD__), null);
    }

    /**
     * destoryClient(), spelt right.
     */
    public static function destroyClient($client_id)
    {
        return self::closeClient($client_id);
    }

    /**
     * destoryCurrentClient(), spelt right.
     */
    public static function destroyCurrentClient()
    {
        return self::destoryCurrentClient();
    }

    /**
     * @param string|int $uid takes the place of the one that the connection had
     * @return bool as closeClient()
     */
    public static function bindUid($client_id, $uid)
    {
        $uids = GatewayCall::names($uid, 'uid');
        return self::change($client_id, $uids, static function ($bridge, $fd) use ($uids) {
            return $bridge->bindUid($fd, $uids[0]);
        });
    }

    /**
     * @param string|int $uid does not count: a connection has one user at most
     * @return bool as closeClient()
     */
    public static function unbindUid($client_id, $uid)
    {
        return self::change($client_id, [$uid], static function ($bridge, $fd) {
            return $bridge->unbindUid($fd);
        });
    }

    /**
     * @param string|int $group
     * @return bool as closeClient()
     */
    public static function joinGroup($client_id, $group)
    {
        $groups = GatewayCall::names($group, 'group');
        return self::change($client_id, $groups, static function ($bridge, $fd) use ($groups) {
            return $bridge->join($fd, $groups);
        });
    }

    /**
     * @param string|int $group
     * @return bool as closeClient()
     */
    public static function leaveGroup($client_id, $group)
    {
        $groups = GatewayCall::names($group, 'group');
        return self::change($client_id, $groups, static function ($bridge, $fd) use ($groups) {
            return $bridge->leave($fd, $groups);
        });
    }

    /**
     * Takes everybody out of a group.
     *
     * @param string|int $group
     * @return bool whether somebody was in it; inside of an event true
     */
    public static function ungroup($group)
    {
        $groups = GatewayCall::names($group, 'group');
        return $groups !== [] && GatewayCall::done(static function ($bridge) use ($groups) {
            return $bridge->dissolve($groups);
        });
    }

    /**
     * @param string $session_str as PHP's serialize() writes an array; '' for none. Objects in it are refused.
     * @return bool as closeClient()
     */
    public static function setSocketSession($client_id, $session_str)
    {
        $session = $session_str === '' ? [] : @unserialize((string) $session_str, ['allowed_classes' => false]);
        return is_array($session)
            ? self::setSession($client_id, $session)
            : GatewayCall::wrong('$session_str is no serialized array');
    }

    /**
     * @param array $session takes the place of what was there; at most 4096 bytes as JSON, without objects
     * @return bool as closeClient()
     */
    public static function setSession($client_id, array $session)
    {
        GatewayWorker::check($session);
        return self::change($client_id, [$session], static function ($bridge, $fd) use ($session) {
            GatewayWorker::overwrite($fd, $session, false);
            return $bridge->setAttributes($fd, $session);
        });
    }

    /**
     * @param array $session its keys take the place of what was there, in arrays with keys, too; null takes a key away
     * @return bool as closeClient()
     */
    public static function updateSession($client_id, array $session)
    {
        GatewayWorker::check($session);
        return self::change($client_id, [$session], static function ($bridge, $fd) use ($session) {
            GatewayWorker::overwrite($fd, $session, true);
            return $bridge->mergeAttributes($fd, $session);
        });
    }

    /**
     * @return array|null|false null: there is no such connection; false: that is no client_id
     */
    public static function getSession($client_id)
    {
        $fd = GatewayCall::fd($client_id);
        return $fd === 0 ? false : GatewayCall::ask(static function ($bridge) use ($fd) {
            return $bridge->attributes($fd);
        });
    }

    /**
     * There is no BusinessWorker.
     *
     * @throws Unsupported always
     */
    public static function setBusinessWorker($business_worker_instance)
    {
        throw new Unsupported('there is no BusinessWorker under fpmbridge: see docs/gatewayworker.md');
    }

    /**
     * @return bool
     */
    private static function send(Target $target, $message, $raw)
    {
        if ($raw) {
            throw new Unsupported('$raw: the bridge makes the frames of WebSockets itself, pass the message');
        }
        $data = GatewayCall::message($message);
        return GatewayCall::done(static function ($bridge) use ($target, $data) {
            return $bridge->push($target, $data, preg_match('//u', $data) === 1 ? 1 : 2);
        });
    }

    /**
     * @return bool
     */
    private static function close(int $fd, $message)
    {
        if ($message !== null) {
            self::send(Target::fds($fd), $message, false);
        }
        return GatewayCall::done(static function ($bridge) use ($fd) {
            return $bridge->close($fd);
        });
    }

    /**
     * @return bool
     */
    private static function change($client_id, array $names, callable $change)
    {
        $fd = GatewayCall::fd($client_id);
        return $fd !== 0 && $names !== [] && GatewayCall::done(static function ($bridge) use ($fd, $change) {
            return $change($bridge, $fd);
        });
    }
}
