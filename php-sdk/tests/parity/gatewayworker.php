<?php

/**
 * What becomes of each part of GatewayWorker\Lib\Gateway: works => the test that shows it; differs => [the difference,
 * the test]; throws => what it says.
 */

declare(strict_types=1);

$e2e = 'e2e TestGatewayWorkerEvents';
$unit = 'GatewayWorkerTest::testInsideOfAnEvent';
$outside = 'GatewayWorkerTest::testOutside';
$close = 'The client gets a close frame with 1000 behind what was sent to it before, not a bare end of the connection.';
$session = 'The session is JSON of at most 4,096 bytes: no objects, and strings are UTF-8. An'
    . ' `InvalidArgumentException` says so.';

return [
    'works' => [
        'isUidOnline()' => $e2e,
        'isUidsOnline()' => $e2e,
        'isOnline()' => $e2e,
        'getAllClientInfo()' => $unit,
        'getAllClientSessions()' => $e2e,
        'getClientInfoByGroup()' => $unit,
        'getClientSessionsByGroup()' => $e2e,
        'getAllClientIdCount()' => $e2e,
        'getAllClientCount()' => $unit,
        'getClientIdCountByGroup()' => $e2e,
        'getClientCountByGroup()' => $unit,
        'getClientIdListByGroup()' => $unit,
        'getAllClientIdList()' => $e2e,
        'getClientIdByUid()' => $e2e,
        'getClientIdByUids()' => $e2e,
        'batchGetClientIdByUid()' => $e2e,
        'getUidListByGroup()' => $e2e,
        'getUidCountByGroup()' => $unit,
        'getAllUidList()' => $e2e,
        'getAllUidCount()' => $unit,
        'getUidByClientId()' => $e2e,
        'getAllGroupIdList()' => $e2e,
        'getAllGroupUidCount()' => $e2e,
        'getAllGroupUidList()' => $e2e,
        'getAllGroupClientIdList()' => $e2e,
        'getAllGroupClientIdCount()' => $e2e,
        'bindUid()' => $e2e,
        'unbindUid()' => $unit,
        'joinGroup()' => $e2e,
        'leaveGroup()' => $unit,
        'ungroup()' => $unit,
        'getSession()' => $e2e,
        '$connectTimeout' => $outside,
        '$persistentConnection' => $outside,
    ],
    'differs' => [
        'sendToAll()' => [
            '`$raw` throws `FpmBridge\Unsupported`: the bridge makes the frames of WebSockets itself. A message that is'
                . ' not UTF-8 goes out as a binary one.',
            $e2e,
        ],
        'sendToCurrentClient()' => ['As sendToAll().', $e2e],
        'sendToClient()' => ['As sendToAll(). Outside of events it returns whether the client was there.', $e2e],
        'sendToUid()' => ['As sendToAll(). Outside of events it returns whether one of them was there.', $e2e],
        'sendToGroup()' => ['As sendToUid(). A connection that is in several of the groups gets one message.', $unit],
        'closeClient()' => [$close, $e2e],
        'closeCurrentClient()' => [$close, $unit],
        'destoryClient()' => [$close, $unit],
        'destoryCurrentClient()' => [$close, $unit],
        'setSession()' => [$session, $e2e],
        'setSocketSession()' => ["It takes a serialized array. $session", $unit],
        'updateSession()' => [
            "$session `null` takes a key away, and lists are replaced, not mixed (RFC 7396).",
            $e2e,
        ],
        '$registerAddress' => [
            "The bridge's `api.listen` instead of the register's address; of a list the first that can be reached. As"
                . ' long as it is the default, the variable `FPMBRIDGE_API` counts, if it is there.',
            $outside,
        ],
        '$secretKey' => [
            'One of `api.keys`. As long as it is empty, `FPMBRIDGE_KEY` counts beside `FPMBRIDGE_API`.',
            $outside,
        ],
        '$addressesCacheDisable' => ['There are no addresses to remember: it changes nothing.', $outside],
    ],
    'throws' => [
        'setBusinessWorker()' => 'there is no BusinessWorker under fpmbridge',
    ],
];
