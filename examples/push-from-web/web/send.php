<?php

// An ordinary page of PHP-FPM: a form whose text goes to the open pages of a user, or to all.

declare(strict_types=1);

use FpmBridge\Client;
use FpmBridge\ClientException;

require __DIR__ . '/../../../php-sdk/client.php';

$said = '';
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    $bridge = new Client($_SERVER['FPMBRIDGE_API'] ?? 'unix:/run/fpmbridge/api.sock', $_SERVER['FPMBRIDGE_KEY'] ?? '');
    $text = $_POST['text'] ?? '';
    $user = $_POST['user'] ?? '';
    if (!is_string($text) || !is_string($user)) { // text[]=...
        http_response_code(400);
        exit('text and user are strings');
    }
    try {
        $result = $user === '' ? $bridge->pushToGroup('news', $text) : $bridge->pushToUid($user, $text);
        $said = "queued for {$result->done} page(s)";
    } catch (InvalidArgumentException $e) {
        // No UTF-8, or a name of more than 255 bytes.
        http_response_code(400);
        $said = $e->getMessage();
    } catch (ClientException $e) {
        http_response_code(503);
        error_log($e->getMessage());
        $said = 'nobody can be reached right now';
    }
}
?>
<!doctype html>
<title>Push</title>
<form method="post">
  <input name="user" placeholder="user, or nobody for all">
  <input name="text" placeholder="text">
  <button>Push</button>
</form>
<p><?= htmlspecialchars($said) ?></p>
