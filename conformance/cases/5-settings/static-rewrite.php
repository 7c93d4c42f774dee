<?php
/*
 * url_rewrite_rules: files of some paths are elsewhere below document_root, by a regular expression or by how the path
 * begins. What is not there goes to onRequest, with the path that was asked for.
 *
 * GET /view/post/123
 * status 200
 * body post 123
 * GET /view/post/124
 * body PHP: /view/post/124
 * GET /article/1.html?x=1
 * status 200
 * body article 1
 * GET /article/2.html
 * body PHP: /article/2.html
 * GET /user/7
 * status 200
 * body a user
 * GET /static/user.html
 * body a user
 * GET /out/secret.txt
 * body PHP: /out/secret.txt
 */
require __DIR__ . '/conform.php';
@mkdir(__DIR__ . '/www/static/article', 0700, true);
$files = ['www/static/123.html' => 'post 123', 'www/static/article/1.html' => 'article 1', 'www/static/user.html' => 'a user',
    'secret.txt' => 'secret'];
foreach ($files as $file => $text) {
    is_file(__DIR__ . "/$file") || file_put_contents(__DIR__ . "/$file", $text);
}
$server = server([
    'enable_static_handler' => true,
    'document_root' => __DIR__ . '/www',
    'url_rewrite_rules' => [
        '~^/view/post/(\d+)$~' => '/static/$1.html',
        '/article/' => '/static/article/',
        '~^/user/(\d+)$~' => '/static/user.html?id=$1',
        '/out/' => '/../',
    ],
]);
$server->on('message', function () {
});
$server->on('request', function ($request, $response) {
    $response->end('PHP: ' . $request->server['request_uri']);
});
$server->start();
