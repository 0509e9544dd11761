"""Tests that need a MongoDB-compatible server."""

import os
import sys

SUPPORT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support')
sys.path[:0] = [SUPPORT, os.path.join(SUPPORT, 'mongodb')]
