"""Attachments on disk: one encrypted file each, named at random, written whole or not at all."""

import os
import uuid
from pathlib import Path

from helpdesk.crypto import KeyRing
from helpdesk.domain.errors import NotFound


class Storage:
    """A folder of encrypted files. A key is random and tells nothing of its file."""

    def __init__(self, folder: Path, keys: KeyRing) -> None:
        self._folder = folder
        self._keys = keys

    def put(self, content: bytes) -> str:
        """Write `content` durably and return its key."""
        key = uuid.uuid4().hex
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".part")
        with open(temporary, "wb") as file:
            file.write(self._keys.encrypt(content))
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
        return key

    def get(self, key: str) -> bytes:
        """Return the plain bytes. Raises NotFound."""
        try:
            return self._keys.decrypt(self._path(key).read_bytes())
        except FileNotFoundError:
            raise NotFound(f"no file {key}") from None

    def delete(self, key: str) -> None:
        """Remove a file; one that is gone already is none."""
        self._path(key).unlink(missing_ok=True)

    def is_writable(self) -> bool:
        """Whether a file can be written (doctor)."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return os.access(self._folder, os.W_OK)

    def _path(self, key: str) -> Path:
        if not key.isalnum():
            raise NotFound(f"no file {key!r}")
        return self._folder / key[:2] / key
