"""A certificate for the tests' host, signed by an authority that only the tests trust."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Authority:
    """Who signs: a key and the certificate that clients trust."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def create(cls) -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("django-user-options tests")
        certificate = _builder(name, name, key, key).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        return cls(key, certificate.add_extension(_SIGNS, critical=True).sign(key, hashes.SHA256()))

    def issue(self, names: Sequence[str], folder: Path) -> tuple[Path, ssl.SSLContext]:
        """Write the authority's certificate and return its path and a server's TLS context."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(names[0])
        certificate = _builder(subject, self.certificate.subject, key, self.key).add_extension(
            x509.SubjectAlternativeName([*map(x509.DNSName, names), x509.IPAddress(_LOOPBACK)]),
            critical=False,
        )
        chain = folder / "server.pem"
        signed = certificate.sign(self.key, hashes.SHA256())
        chain.write_bytes(_pem(key) + signed.public_bytes(serialization.Encoding.PEM))
        trusted = folder / "authority.pem"
        trusted.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        return trusted, context


_LOOPBACK = ip_address("127.0.0.1")
_SIGNS = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        # Newer Pythons refuse a chain without these two.
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issued_by, critical=False)
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
