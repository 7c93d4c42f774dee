<?php

declare(strict_types=1);

namespace FpmBridge\Compat;

use FpmBridge\GatewayWorker;

/**
 * What GatewayWorker\Lib\Gateway asks. A list is what was there while it was made; inside of an event it does not know
 * what the same event has asked for.
 */
trait GatewayQueries
{
    /**
     * @return int 1 or 0
     */
    public static function isUidOnline($uid)
    {
        return (int) (self::getClientIdByUid($uid) !== []);
    }

    /**
     * @return array<array-key, int> uid => 1 or 0
     */
    public static function isUidsOnline(array $uids)
    {
        return array_map('intval', array_map('boolval', self::batchGetClientIdByUid($uids)));
    }

    /**
     * @return int 1 or 0
     */
    public static function isOnline($client_id)
    {
        $fd = GatewayCall::fd($client_id);
        return (int) ($fd !== 0 && GatewayCall::ask(static function ($bridge) use ($fd) {
            $info = $bridge->info($fd);
            return $info !== null && $info['connection']['status'] < 4;
        }));
    }

    /**
     * getAllClientSessions() by its old name.
     */
    public static function getAllClientInfo($group = '')
    {
        return self::getAllClientSessions($group);
    }

    /**
     * getClientSessionsByGroup() by its old name.
     */
    public static function getClientInfoByGroup($group)
    {
        return self::getClientSessionsByGroup($group);
    }

    /**
     * @return int
     */
    public static function getAllClientIdCount()
    {
        return self::getClientIdCountByGroup();
    }

    /**
     * @return int
     */
    public static function getAllClientCount()
    {
        return self::getClientIdCountByGroup();
    }

    /**
     * @param string|int $group '': all connections
     * @return int
     */
    public static function getClientIdCountByGroup($group = '')
    {
        return GatewayCall::ask(static function ($bridge) use ($group) {
            return (string) $group === '' ? $bridge->countConnections() : $bridge->countInGroup($group);
        });
    }

    /**
     * @return int
     */
    public static function getClientCountByGroup($group = '')
    {
        return self::getClientIdCountByGroup($group);
    }

    /**
     * @param array|string|int $group
     * @return array<string, string> client_id => client_id
     */
    public static function getClientIdListByGroup($group)
    {
        $list = [];
        foreach (GatewayCall::names($group, 'group') as $name) {
            $list += GatewayCall::ids(GatewayCall::all(static function ($bridge, $after) use ($name) {
                return $bridge->fdsInGroup($name, $after);
            }));
        }
        return $list;
    }

    /**
     * @return array<string, string> client_id => client_id
     */
    public static function getAllClientIdList()
    {
        return GatewayCall::ids(GatewayCall::all(static function ($bridge, $after) {
            return $bridge->fds($after);
        }));
    }

    /**
     * @return list<string> client_ids
     */
    public static function getClientIdByUid($uid)
    {
        $uids = GatewayCall::names($uid, 'uid');
        $fds = $uids === [] ? [] : GatewayCall::ask(static function ($bridge) use ($uids) {
            return $bridge->fdsOfUid($uids[0]);
        });
        return array_values(GatewayCall::ids($fds));
    }

    /**
     * @param array $uids
     * @return array<array-key, list<string>> uid => client_ids, without those who are not there
     */
    public static function getClientIdByUids($uids)
    {
        return array_filter(self::batchGetClientIdByUid((array) $uids));
    }

    /**
     * @return array<array-key, list<string>> uid => client_ids
     */
    public static function batchGetClientIdByUid(array $uids)
    {
        $lists = $names = [];
        foreach ($uids as $uid) {
            $lists[$uid] = [];
            foreach (GatewayCall::names($uid, 'uid') as $name) {
                $names[$uid] = $names[$uid] ?? $name;
            }
        }
        $found = $names === [] ? [] : GatewayCall::ask(static function ($bridge) use ($names) {
            return $bridge->fdsOfUids($names);
        });
        foreach ($names as $uid => $name) {
            $lists[$uid] = array_values(GatewayCall::ids($found[$name] ?? []));
        }
        return $lists;
    }

    /**
     * @param array|string|int $group
     * @return array<array-key, array-key> uid => uid
     */
    public static function getUidListByGroup($group)
    {
        $list = [];
        foreach (GatewayCall::names($group, 'group') as $name) {
            $list += GatewayCall::keys(static function ($bridge, $after) use ($name) {
                return $bridge->uidsInGroup($name, $after);
            });
        }
        return $list;
    }

    /**
     * @return int
     */
    public static function getUidCountByGroup($group)
    {
        return count(self::getUidListByGroup($group));
    }

    /**
     * @return array<array-key, array-key> uid => uid
     */
    public static function getAllUidList()
    {
        return GatewayCall::keys(static function ($bridge, $after) {
            return $bridge->uids($after);
        });
    }

    /**
     * @return int
     */
    public static function getAllUidCount()
    {
        return GatewayCall::ask(static function ($bridge) {
            return $bridge->countUids();
        });
    }

    /**
     * @return string|null
     */
    public static function getUidByClientId($client_id)
    {
        $fd = GatewayCall::fd($client_id);
        return $fd === 0 ? null : GatewayCall::ask(static function ($bridge) use ($fd) {
            return $bridge->info($fd)['uid'] ?? null;
        });
    }

    /**
     * @return array<array-key, array-key> group => group
     */
    public static function getAllGroupIdList()
    {
        return GatewayCall::keys(static function ($bridge, $after) {
            return $bridge->groups($after);
        });
    }

    /**
     * @return array<array-key, int> group => how many users are in it
     */
    public static function getAllGroupUidCount()
    {
        return array_map('count', self::getAllGroupUidList());
    }

    /**
     * @return array<array-key, array<array-key, array-key>> group => uid => uid; groups without a user are not there
     */
    public static function getAllGroupUidList()
    {
        $groups = [];
        foreach (GatewayCall::members('') as $member) {
            foreach ($member['uid'] === null ? [] : $member['groups'] as $group) {
                $groups[$group][$member['uid']] = $member['uid'];
            }
        }
        return $groups;
    }

    /**
     * @return array<array-key, array<string, string>> group => client_id => client_id
     */
    public static function getAllGroupClientIdList()
    {
        $groups = [];
        foreach (GatewayCall::members('') as $member) {
            $id = GatewayWorker::clientId($member['fd']);
            foreach ($member['groups'] as $group) {
                $groups[$group][$id] = $id;
            }
        }
        return $groups;
    }

    /**
     * @return array<array-key, int> group => how many connections are in it
     */
    public static function getAllGroupClientIdCount()
    {
        return GatewayCall::counts(static function ($bridge, $after) {
            return $bridge->groups($after);
        });
    }

    /**
     * The sessions of all connections, or of those in a group.
     *
     * @param string|int $group '': all connections
     * @return array<string, array> client_id => session
     */
    public static function getAllClientSessions($group = '')
    {
        $sessions = [];
        foreach (GatewayCall::members((string) $group, true) as $member) {
            $sessions[GatewayWorker::clientId($member['fd'])] = $member['attributes'];
        }
        return $sessions;
    }

    /**
     * @param string|int $group
     * @return array<string, array> client_id => session
     */
    public static function getClientSessionsByGroup($group)
    {
        return GatewayCall::names($group, 'group') === [] ? [] : self::getAllClientSessions($group);
    }
}
