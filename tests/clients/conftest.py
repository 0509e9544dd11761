"""Other people's clients against a running server.

The server is the one at MARCONI_URL if that is set, else a freshly started one.
"""

import os
import sys
import uuid

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))

import marconi_server  # noqa: E402


@pytest.fixture(scope='session')
def url():
    given = os.environ.get('MARCONI_URL')
    if given:
        yield given.rstrip('/')
        return
    with marconi_server.Server() as server:
        yield server.url


@pytest.fixture
def project():
    return 'clients-' + uuid.uuid4().hex
