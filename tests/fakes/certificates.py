"""A certification authority that is made when a test asks for it, and forgotten with it."""

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
_CENTURY = timedelta(days=36_500)


class Authority:
    """`folder` takes the keys, since Python reads them from files only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "an authority of a test")])
        constraint = x509.BasicConstraints(ca=True, path_length=None)
        made = _unsigned(self._name, self._name, self._key, _CENTURY).add_extension(constraint, critical=True)
        self._pem = made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    def trusted(self) -> ssl.SSLContext:
        """As of a client that trusts nobody else."""
        return ssl.create_default_context(cadata=self._pem)

    def server(self, *names: str, lasts: timedelta = _CENTURY) -> ssl.SSLContext:
        """As of a server whose certificate is for `names` and good from 2020 on for as long as `lasts`."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
        made = _unsigned(subject, self._name, key, lasts).add_extension(_alternatives(names), critical=False)
        return self._context(made.sign(self._key, hashes.SHA256()), key)

    def nobody(self, name: str) -> ssl.SSLContext:
        """As of a server that vouches for itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        made = _unsigned(subject, subject, key, _CENTURY).add_extension(_alternatives([name]), critical=False)
        return self._context(made.sign(key, hashes.SHA256()), key)

    def _context(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> ssl.SSLContext:
        both = self._folder / f"{certificate.serial_number}.pem"
        plain = serialization.NoEncryption()
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        both.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(both)
        return context


def _unsigned(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, lasts: timedelta
) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number())
    return made.not_valid_before(_BEGIN).not_valid_after(_BEGIN + lasts)


def _alternatives(names: Sequence[str]) -> x509.SubjectAlternativeName:
    def of(name: str) -> x509.GeneralName:
        return x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)

    return x509.SubjectAlternativeName([of(name) for name in names])
