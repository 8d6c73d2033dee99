"""A folder whose files also lie in an object store, from where other hosts bring what they need.

Files of the lake, of the books and of results are written once, under names that never come again;
so a copy is right for ever, and to have one it is enough that a file of the name is there. What is
written anew under its old name, few and small files, has to be said (``again``).
"""

import os
import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pyarrow import fs

AT_ONCE = 16  # files under way between a host and the store
CONNECT_S, REQUEST_S = 10.0, 120.0
OPTIONS = ("endpoint", "region")


class StoreAddressWrong(ValueError):
    """The address of an object store is none; the text says how one is written."""


class StoreUnreachable(RuntimeError):
    """The store did not answer, or refused; the text says which file it was about."""


class NotInStore(LookupError):
    """A file is neither on this host nor in the store."""


class OutsideFolder(ValueError):
    """A path is not below the mirrored folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """A folder and where its files lie in the store. It can be handed to another process.

    Who may read and write comes from the environment (``AWS_ACCESS_KEY_ID`` and the rest of the
    usual chain), never from the address.
    """

    folder: Path
    url: str

    def bring(self, paths: Iterable[Path], *, again: bool = False) -> None:
        """Have these files on this host; those that are there are left alone, unless *again*.

        Raises
        ------
        NotInStore
            A file is nowhere.
        StoreUnreachable
            The store did not answer.
        """
        wanted = [path for path in paths if again or not path.exists()]
        self._each(self._bring, wanted)

    def differs(self, path: Path) -> bool:
        """Tell whether a file on this host is absent, or reads otherwise in the store.

        Raises
        ------
        NotInStore
            The store has no such file.
        StoreUnreachable
            The store did not answer.
        """
        store, _ = _opened(self.url)
        try:
            with store.open_input_stream(self._key(path)) as source:
                there: bytes = source.read()
        except FileNotFoundError as error:
            raise NotInStore(self._name(path)) from error
        except OSError as error:
            raise StoreUnreachable(f"{self._name(path)}: {error}") from error
        return not path.exists() or path.read_bytes() != there

    def send(self, paths: Iterable[Path]) -> None:
        """Put these files into the store, each wholly or not at all, and wait until they are.

        Raises
        ------
        StoreUnreachable
            The store did not answer.
        """
        self._each(self._send, list(paths))

    def names(self, *, below: Path) -> set[Path]:
        """Return the paths on this host of all files of the store below a folder."""
        store, root = _opened(self.url)
        selector = fs.FileSelector(self._key(below), recursive=True, allow_not_found=True)
        try:
            found = store.get_file_info(selector)
        except OSError as error:
            raise StoreUnreachable(f"listing {self._name(below)}: {error}") from error
        prefix = f"{root}/"
        return {self.folder / info.path.removeprefix(prefix) for info in found if info.is_file}

    def _each(self, what: Any, paths: list[Path]) -> None:
        if len(paths) < 2:
            for path in paths:
                what(path)
            return
        with ThreadPoolExecutor(AT_ONCE) as threads:
            for _ in threads.map(what, paths):
                pass

    def _bring(self, path: Path) -> None:
        store, _ = _opened(self.url)
        part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with store.open_input_stream(self._key(path)) as source, part.open("wb") as target:
                while block := source.read(1 << 20):
                    target.write(block)
            part.replace(path)
        except FileNotFoundError as error:
            raise NotInStore(self._name(path)) from error
        except OSError as error:
            raise StoreUnreachable(f"{self._name(path)}: {error}") from error
        finally:
            part.unlink(missing_ok=True)

    def _send(self, path: Path) -> None:
        store, _ = _opened(self.url)
        try:
            # An object is seen when its upload is complete, never a part of it.
            with store.open_output_stream(self._key(path)) as target:
                target.write(path.read_bytes())
        except OSError as error:
            raise StoreUnreachable(f"{self._name(path)}: {error}") from error

    def _name(self, path: Path) -> str:
        if not path.is_relative_to(self.folder):
            raise OutsideFolder(f"{path} is not below {self.folder}")
        return path.relative_to(self.folder).as_posix()

    def _key(self, path: Path) -> str:
        return f"{_opened(self.url)[1]}/{self._name(path)}"


def mirror(*, folder: Path, url: str) -> Mirror:
    """Return the mirror of a folder in a store, ``s3://bucket/prefix?endpoint=…&region=…``.

    Parameters
    ----------
    folder
        The folder of this host; the same path on every host that works together.
    url
        Where it lies. ``endpoint`` is the store's own address where it is not Amazon's, e.g.
        ``https://s3.example.cn``; plain ``http`` only on a network of one's own.

    Raises
    ------
    StoreAddressWrong
        The address does not read so, or holds a secret.
    """
    _parts(url)
    return Mirror(folder=folder, url=url)


def _parts(url: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.hostname:
        raise StoreAddressWrong(f"{parts.scheme}://…: write s3://bucket/prefix")
    if parts.username or parts.password:
        raise StoreAddressWrong("keys do not belong into the address: set AWS_ACCESS_KEY_ID")
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    unknown = sorted(set(options) - set(OPTIONS))
    if unknown:
        raise StoreAddressWrong(f"unknown {', '.join(unknown)}; known are {', '.join(OPTIONS)}")
    endpoint = urlsplit(options.get("endpoint", ""))
    if "endpoint" in options and (endpoint.scheme not in {"http", "https"} or not endpoint.netloc):
        raise StoreAddressWrong("the endpoint must read https://host:port")
    return f"{parts.netloc}{parts.path}".rstrip("/"), options


@cache
def _opened(url: str) -> tuple[Any, str]:
    root, options = _parts(url)
    endpoint = urlsplit(options.get("endpoint", ""))
    store = fs.S3FileSystem(
        region=options.get("region") or os.environ.get("AWS_REGION", "us-east-1"),
        endpoint_override=endpoint.netloc or None,
        scheme=endpoint.scheme or "https",
        connect_timeout=CONNECT_S,
        request_timeout=REQUEST_S,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=4),
    )
    return store, root
