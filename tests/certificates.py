"""An authority of a test's own, and what it certifies."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lamplighter.insight.spread import cluster


def make(folder: Path) -> cluster.Seal:
    """Write an authority's certificate, and a member's with its key."""
    folder.mkdir()
    authority_key, member_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _certificate("authority", authority_key, signed_by=("authority", authority_key))
    member = _certificate("member", member_key, signed_by=("authority", authority_key))
    key = member_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    for name, content in (("ca.pem", authority), ("cert.pem", member), ("key.pem", key)):
        (folder / name).write_bytes(content)
    return cluster.Seal(
        authority_file=str(folder / "ca.pem"),
        certificate_file=str(folder / "cert.pem"),
        key_file=str(folder / "key.pem"),
    )


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    *,
    signed_by: tuple[str, ec.EllipticCurvePrivateKey],
) -> bytes:
    now = datetime.now(UTC)
    issuer, issuer_key = signed_by
    built = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=name == issuer, path_length=None), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM)
