<?php

/**
 * What is not there yet: id => what it belongs to. Empty before a release. To land one, delete its line, and name its
 * test in works.php if none of the `*` there does; or say in differs.php what differs.
 */

declare(strict_types=1);

return [
];
