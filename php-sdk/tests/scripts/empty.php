<?php

// Starts nothing.
