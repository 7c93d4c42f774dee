<?php

nonsense();
