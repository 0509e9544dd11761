"""marconi-server and MongoDB over TLS."""

import os
import shutil
import subprocess
import uuid

import marconi_server
import mongodb_server
import pytest
import tls_proxy

GROUPS = ('drivers:message_store:mongodb.', 'drivers:management_store:mongodb.')


@pytest.fixture(scope='module')
def certificates(tmp_path_factory):
    directory = tmp_path_factory.mktemp('certificates')
    tls_proxy.make_certificates(directory)
    return directory


@pytest.fixture(scope='module')
def uri(certificates):
    with mongodb_server.MongodbServer() as server:
        with tls_proxy.TlsProxy(server.uri, certificates) as proxy:
            yield proxy.uri + '&serverSelectionTimeoutMS=2000&connectTimeoutMS=1000'


@pytest.fixture
def server(uri, certificates):
    """Makes a server with these options of TLS, files being those in the directory."""
    def make(**options):
        everything = marconi_server.mongodb_options(uri, 'test_' + uuid.uuid4().hex[:12])
        for group in GROUPS:
            for name, value in options.items():
                path = os.path.join(certificates, value)
                everything[group + name] = path if os.path.exists(path) else value
        return marconi_server.Server(options=everything, with_store=False)
    return make


@pytest.fixture(scope='module')
def both(certificates):
    """Certificate and key in one file."""
    path = certificates / 'both.pem'
    with open(path, 'wb') as out:
        for name in ('client.pem', 'client.key'):
            with open(certificates / name, 'rb') as source:
                shutil.copyfileobj(source, out)
    return path.name


def assert_starts(server):
    with server:
        pass


def assert_refused(server, words):
    with pytest.raises(RuntimeError, match=words):
        with server:
            pass


def test_certificate_and_key_may_be_two_files(server):
    assert_starts(server(ssl_certfile='client.pem', ssl_keyfile='client.key',
                         ssl_ca_certs='ca.pem'))


def test_or_one(server, both):
    assert_starts(server(ssl_certfile=both, ssl_ca_certs='ca.pem'))


def test_an_authority_that_nobody_knows_is_refused_unless_nobody_asks(server, both):
    assert_refused(server(ssl_certfile=both), 'TLS')
    assert_starts(server(ssl_certfile=both, ssl_cert_reqs='CERT_NONE'))


def test_a_server_that_asks_for_a_certificate_refuses_callers_without(server):
    assert_refused(server(ssl_ca_certs='ca.pem'), 'No suitable servers')


def test_a_key_of_another_certificate(server):
    assert_refused(server(ssl_certfile='client.pem', ssl_keyfile='server.key',
                          ssl_ca_certs='ca.pem'), "ssl_keyfile: .* not the certificate's")


def test_a_key_with_a_passphrase(server, certificates):
    subprocess.run(['openssl', 'pkey', '-in', 'client.key', '-aes256', '-passout', 'pass:hunter2',
                    '-out', 'locked.key'], cwd=certificates, check=True)
    assert_refused(server(ssl_certfile='client.pem', ssl_keyfile='locked.key',
                          ssl_ca_certs='ca.pem'), 'ssl_keyfile: .* passphrase')


def test_a_key_without_a_certificate_and_a_certificate_without_a_key(server):
    assert_refused(server(ssl_keyfile='client.key'), 'ssl_keyfile is given without')
    assert_refused(server(ssl_certfile='client.pem'), "ssl_certfile: the file has no 'PRIVATE KEY")
