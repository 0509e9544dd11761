"""Tests that need a MongoDB-compatible server."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support',
                                'mongodb'))
