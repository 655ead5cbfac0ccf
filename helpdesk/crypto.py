"""Encrypted columns, keyed digests and the key ring that both use."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Dialect, Engine, LargeBinary, Text, TypeDecorator
from sqlalchemy.orm import Session

from helpdesk.domain.errors import ConfigurationError
from helpdesk.domain.folding import storable

DIGEST_BYTES = 16
"""Length of a look-up digest: too long to collide, short enough to index."""


def _fernet(key: str) -> Fernet:
    """Take a Fernet key as it is; derive one from any other secret of at least 16 characters."""
    try:
        return Fernet(key)
    except ValueError:
        if len(key) < 16:
            raise ConfigurationError("HELPDESK_ENCRYPTION_KEYS: a key has fewer than 16 characters") from None
    derived = HKDF(SHA256(), 32, salt=b"helpdesk", info=b"encryption").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


class KeyRing:
    """Encrypts with the newest key, decrypts with any; digests with data keys that never rotate.

    Look-up digests and the audit chain must stay comparable when encryption keys rotate, so their keys are
    random, kept in the database (table data_keys) and themselves encrypted (ADR 0009).
    """

    def __init__(
        self, encryption_keys: Iterable[str], *, index_key: bytes = b"", chain_key: bytes = b""
    ) -> None:
        self._fernet = MultiFernet([_fernet(key) for key in encryption_keys])
        self.index_key = index_key
        self.chain_key = chain_key

    def encrypt(self, plain: bytes) -> bytes:
        """Return an authenticated ciphertext under the newest key."""
        return self._fernet.encrypt(plain)

    def decrypt(self, token: bytes) -> bytes:
        """Return the plaintext. Raises ConfigurationError when no key of the ring fits."""
        try:
            return self._fernet.decrypt(token)
        except InvalidToken:
            raise ConfigurationError(
                "stored data cannot be decrypted: an encryption key is missing"
            ) from None

    def rotate(self, token: bytes) -> bytes:
        """Return the same plaintext encrypted under the newest key."""
        return self._fernet.rotate(token)

    def digest(self, purpose: str, value: str) -> bytes:
        """Return the look-up digest of `value`; equal values give equal digests within one purpose."""
        return hmac.digest(_present(self.index_key), f"{purpose}\0{value}".encode(), "sha256")[:DIGEST_BYTES]

    def seal(self, value: bytes) -> bytes:
        """Return the keyed digest that the audit chain stores instead of the plaintext (32 bytes)."""
        return hmac.digest(_present(self.chain_key), value, "sha256")


def _present(key: bytes) -> bytes:
    if not key:
        raise ConfigurationError("data keys are not loaded: run `helpdesk db upgrade` first")
    return key


def new_data_key() -> bytes:
    """Return 32 random bytes."""
    return secrets.token_bytes(32)


def attach_key_ring(engine: Engine, ring: KeyRing) -> None:
    """Give the encrypted column types of this engine their keys."""
    engine.dialect.helpdesk_key_ring = ring  # type: ignore[attr-defined]


def _ring(dialect: Dialect) -> KeyRing:
    ring = getattr(dialect, "helpdesk_key_ring", None)
    if not isinstance(ring, KeyRing):
        raise ConfigurationError("no key ring is attached to the database engine")
    return ring


def keys_of(session: Session) -> KeyRing:
    """Return the key ring of the session's database."""
    return _ring(session.get_bind().dialect)


class EncryptedText(TypeDecorator[str]):
    """Text that lies encrypted in the database. It cannot be compared or sorted there: store a digest for that."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Encrypt on the way in, without what no database takes."""
        if value is None:
            return None
        return _ring(dialect).encrypt(storable(value).encode()).decode("ascii")

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """Decrypt on the way out."""
        return None if value is None else _ring(dialect).decrypt(value.encode("ascii")).decode()


class EncryptedBytes(TypeDecorator[bytes]):
    """Bytes that lie encrypted in the database."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Encrypt on the way in."""
        return None if value is None else _ring(dialect).encrypt(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:
        """Decrypt on the way out."""
        return None if value is None else _ring(dialect).decrypt(bytes(value))


class EncryptedJson(TypeDecorator[Any]):
    """A JSON value that lies encrypted in the database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Encrypt the canonical form on the way in."""
        return None if value is None else _ring(dialect).encrypt(canonical_json(value)).decode("ascii")

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Decrypt on the way out."""
        return None if value is None else json.loads(_ring(dialect).decrypt(value.encode("ascii")))


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical_json(value: Any) -> bytes:
    """Return one byte string for equal values: sorted keys, no spaces, UTF-8."""
    return _CANONICAL.encode(value).encode("utf-8", "replace")


def token_hash(token: str) -> str:
    """Return the stored form of a random API or session token (no key needed: it has 256 random bits)."""
    return hashlib.sha256(token.encode()).hexdigest()
