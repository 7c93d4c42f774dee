<?php

// Prepended: what the SDK sees of the extension. It asks for extensions with an unqualified name.

namespace FpmBridge {
    function get_loaded_extensions(): array
    {
        return array_merge(\get_loaded_extensions(), ['swoole']);
    }
}

namespace Swoole {
    class Server
    {
    }
}
