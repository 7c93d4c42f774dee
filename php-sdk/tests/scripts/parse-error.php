<?php

// This file is broken on purpose.

$server = ;
