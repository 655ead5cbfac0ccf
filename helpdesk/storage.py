"""Attachments on disk: one encrypted file each, named at random, written whole or not at all."""

import os
import re
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from helpdesk.crypto import KeyRing
from helpdesk.domain.errors import HelpdeskError, NotFound

_KEY = re.compile(r"[0-9a-f]{32}")
_HALF = ".part"


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
        temporary = path.with_suffix(_HALF)
        with open(temporary, "wb") as file:
            file.write(self._keys.encrypt(content))
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
        return key

    @contextmanager
    def keeping(self, contents: Iterable[bytes]) -> Iterator[list[str]]:
        """Write files for the use case in the block and give it their keys; they go away when it refuses.

        Any other failure leaves them to the job drop_stray_files: the rows that name them may have been committed.
        """
        keys: list[str] = []
        try:
            for content in contents:
                keys.append(self.put(content))
            yield keys
        except (HelpdeskError, OSError):
            for key in keys:
                self.delete(key)
            raise

    def get(self, key: str) -> bytes:
        """Return the plain bytes. Raises NotFound."""
        try:
            return self._keys.decrypt(self._path(key).read_bytes())
        except FileNotFoundError:
            raise NotFound(f"no file {key}") from None

    def delete(self, key: str) -> None:
        """Remove a file, half written or whole; one that is gone already is none."""
        path = self._path(key)
        path.unlink(missing_ok=True)
        path.with_suffix(_HALF).unlink(missing_ok=True)

    def old_keys(self, *, before: datetime) -> set[str]:
        """Return the keys of files, half written ones too, that were written before this instant."""
        found = set()
        for path in self._folder.glob("??/*"):
            with suppress(FileNotFoundError):  # another process has finished or removed it meanwhile
                if _KEY.fullmatch(path.stem) and path.stat().st_mtime < before.timestamp():
                    found.add(path.stem)
        return found

    def is_writable(self) -> bool:
        """Whether a file can be written (doctor)."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return os.access(self._folder, os.W_OK)

    def _path(self, key: str) -> Path:
        if not key.isalnum():
            raise NotFound(f"no file {key!r}")
        return self._folder / key[:2] / key
