<?php

/**
 * The public static part of GatewayWorker\Lib\Gateway, GatewayWorker 3.0 to 4.0: names, parameters and their
 * defaults. Facts, read in the public sources of walkor/GatewayWorker and in copies of its later releases;
 * where releases differ, the
 * longer list of parameters.
 */

declare(strict_types=1);

$group = ['group' => null];
$anyGroup = ['group' => "''"];
$client = ['client_id' => null];

return [
    'properties' => [
        'registerAddress' => '127.0.0.1:1236',
        'secretKey' => '',
        'connectTimeout' => 3,
        'persistentConnection' => true,
        'addressesCacheDisable' => false,
    ],
    // Parameters: name => default as PHP code, null: it has none.
    'methods' => [
        'sendToAll' => [
            'message' => null, 'client_id_array' => 'NULL', 'exclude_client_id' => 'NULL', 'raw' => 'false',
        ],
        'sendToClient' => $client + ['message' => null, 'raw' => 'false'],
        'sendToCurrentClient' => ['message' => null, 'raw' => 'false'],
        'isUidOnline' => ['uid' => null],
        'isUidsOnline' => ['uids' => null],
        'isOnline' => $client,
        'getAllClientInfo' => $anyGroup,
        'getAllClientSessions' => $anyGroup,
        'getClientInfoByGroup' => $group,
        'getClientSessionsByGroup' => $group,
        'getAllClientIdCount' => [],
        'getAllClientCount' => [],
        'getClientIdCountByGroup' => $anyGroup,
        'getClientCountByGroup' => $anyGroup,
        'getClientIdListByGroup' => $group,
        'getAllClientIdList' => [],
        'getClientIdByUid' => ['uid' => null],
        'getClientIdByUids' => ['uids' => null],
        'batchGetClientIdByUid' => ['uids' => null],
        'getUidListByGroup' => $group,
        'getUidCountByGroup' => $group,
        'getAllUidList' => [],
        'getAllUidCount' => [],
        'getUidByClientId' => $client,
        'getAllGroupIdList' => [],
        'getAllGroupUidCount' => [],
        'getAllGroupUidList' => [],
        'getAllGroupClientIdList' => [],
        'getAllGroupClientIdCount' => [],
        'closeClient' => $client + ['message' => 'NULL'],
        'closeCurrentClient' => ['message' => 'NULL'],
        'destoryClient' => $client,
        'destoryCurrentClient' => [],
        'bindUid' => $client + ['uid' => null],
        'unbindUid' => $client + ['uid' => null],
        'joinGroup' => $client + $group,
        'leaveGroup' => $client + $group,
        'ungroup' => $group,
        'sendToUid' => ['uid' => null, 'message' => null, 'raw' => 'false'],
        'sendToGroup' => $group + ['message' => null, 'exclude_client_id' => 'NULL', 'raw' => 'false'],
        'setSocketSession' => $client + ['session_str' => null],
        'setSession' => $client + ['session' => null],
        'updateSession' => $client + ['session' => null],
        'getSession' => $client,
        'setBusinessWorker' => ['business_worker_instance' => null],
    ],
];
