<?php

// A ticket for whoever is logged in here, good for a minute: enough to connect with it. Libraries make them, too.

/** @param array<string, mixed> $claims */
function ticket(array $claims, string $secret): string
{
    $coded = static function (string $s): string {
        return rtrim(strtr(base64_encode($s), '+/', '-_'), '=');
    };
    $text = $coded('{"alg":"HS256","typ":"JWT"}') . '.' . $coded((string) json_encode($claims));
    return $text . '.' . $coded(hash_hmac('sha256', $text, $secret, true));
}

session_start();
if (!isset($_SESSION['name'])) {
    http_response_code(403);
    exit('Log in first.');
}
header('Content-Type: text/plain');
header('Cache-Control: no-store');
echo ticket(
    ['sub' => session_id(), 'name' => $_SESSION['name'], 'exp' => time() + 60],
    'an example, so everybody knows it: openssl rand -hex 32'
);
