"""TLS between clients and proxies: one certificate, one cipher suite, one group of keys, and a look at what came of it."""

import os
import re
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .site import Site, Work

VERSION = "TLSv1.3"
SUITE = "TLS_AES_128_GCM_SHA256"
GROUP = "X25519"
CURVE = "prime256v1"

# The programs of OpenSSL that make load offer this and nothing else, so that no proxy can choose.
CLIENT = f"""\
openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = client
[client]
MinProtocol = {VERSION}
Ciphersuites = {SUITE}
Groups = {GROUP}
"""


@dataclass(frozen=True)
class Certificate:
    """Where the certificate is."""

    chain: Path
    key: Path
    both: Path
    """Both in one file."""


def certificate(folder: Path) -> Certificate:
    """The certificate of a run, for localhost, with a key of ECDSA; it is made when it is first asked for."""
    made = Certificate(folder / "tls.crt", folder / "tls.key", folder / "tls.pem")
    if not made.both.exists():
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", f"ec_paramgen_curve:{CURVE}", "-nodes",
                   "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "30",
                   "-keyout", str(made.key), "-out", str(made.chain)]
        subprocess.run(command, capture_output=True, check=True)
        # Workers of peers that change their user read it too.
        made.key.chmod(0o644)
        made.both.write_text(made.chain.read_text() + made.key.read_text())
    return made


def client_env(folder: Path) -> dict[str, str]:
    """The environment of a program that makes load."""
    config = folder / "openssl-client.cnf"
    if not config.exists():
        config.write_text(CLIENT)
    return os.environ | {"OPENSSL_CONF": str(config)}


def trusting() -> ssl.SSLContext:
    """A client that takes every certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def check(site: Site, work: Work) -> None:
    """Raises an error where a proxy does not do the TLS that the work is about."""
    session = site.folder / "session.pem"
    session.unlink(missing_ok=True)
    agreed = _connect(site, ["-sess_out", str(session)])
    for wanted in [rf"^New, {VERSION}, Cipher is {SUITE}$", r"^Peer signature type: ECDSA$",
                   rf"^Server Temp Key: {GROUP}\b", r"^Server public key is 256 bit$"]:
        if not re.search(wanted, agreed, re.MULTILINE):
            raise RuntimeError(f"TLS without {wanted}: {agreed[-600:].strip()}")
    if not work.resumption and session.exists():
        if re.search(r"^Reused, ", _connect(site, ["-sess_in", str(session)]), re.MULTILINE):
            raise RuntimeError("a session was resumed")


def _connect(site: Site, arguments: list[str]) -> str:
    """What OpenSSL tells of a connection with one request."""
    command = ["openssl", "s_client", "-connect", site.address(), "-servername", "localhost", "-ign_eof", *arguments]
    request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    done = subprocess.run(command, input=request, capture_output=True, text=True, timeout=30, env=client_env(site.folder))
    if "HTTP/1.1 200" not in done.stdout:
        raise RuntimeError(f"no answer over TLS: {done.stdout[-300:]}{done.stderr[-300:]}")
    return done.stdout
