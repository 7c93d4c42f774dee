<?php

// Prepended: what the SDK sees of the extension. It asks for extensions with an unqualified name.

namespace FpmBridge {
    function extension_loaded(string $name): bool
    {
        return $name === 'swoole' || \extension_loaded($name);
    }
}

namespace Swoole {
    class Server
    {
    }
}
