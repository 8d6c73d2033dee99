"""A folder and its files in an object store: brought when absent, whole or not at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lamplighter.storage import mirror
from tests import objectstores


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    with objectstores.running() as url:
        yield url


def written(folder: Path, **files: bytes) -> list[Path]:
    paths = []
    for name, content in files.items():
        path = folder / "lake" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        paths.append(path)
    return paths


def test_what_one_host_sends_another_brings_byte_for_byte(store, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    big = bytes(range(256)) * 50_000  # 12.8 MB: uploaded in parts
    written(here, one=b"", two=b"2", three=big)
    names = [Path("lake") / name for name in ("one", "two", "three")]

    mirror.mirror(folder=here, url=store).send([here / name for name in names])
    mirror.mirror(folder=there, url=store).bring([there / name for name in names])

    assert [(there / name).read_bytes() for name in names] == [b"", b"2", big]
    assert objectstores.objects(there) == {str(name) for name in names}


def test_what_is_there_is_left_alone_unless_said(store, tmp_path):
    (path,) = written(tmp_path, kept=b"new")
    of = mirror.mirror(folder=tmp_path, url=store)
    of.send([path])
    path.write_bytes(b"old")

    of.bring([path])
    assert path.read_bytes() == b"old"
    of.bring([path], again=True)
    assert path.read_bytes() == b"new"


def test_names_are_those_below_a_folder(store, tmp_path):
    of = mirror.mirror(folder=tmp_path, url=store)
    paths = written(tmp_path / "lake", a=b"a", b=b"b")
    of.send(paths)

    assert of.names(below=tmp_path / "lake" / "lake") == set(paths)
    assert of.names(below=tmp_path / "nowhere") == set()


def test_what_is_nowhere_is_named_and_leaves_nothing(store, tmp_path):
    of = mirror.mirror(folder=tmp_path, url=store)

    with pytest.raises(mirror.NotInStore, match="lake/absent"):
        of.bring([tmp_path / "lake" / "absent"])

    assert objectstores.objects(tmp_path) == set()


def test_a_path_elsewhere_is_refused(store, tmp_path):
    with pytest.raises(mirror.OutsideFolder):
        mirror.mirror(folder=tmp_path / "a", url=store).send([tmp_path / "b"])


def test_a_store_that_does_not_answer_is_named(tmp_path):
    (path,) = written(tmp_path, one=b"1")
    of = mirror.mirror(folder=tmp_path, url="s3://lamp/x?endpoint=http://127.0.0.1:9")

    with pytest.raises(mirror.StoreUnreachable, match="lake/one"):
        of.send([path])


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "write s3://bucket/prefix"),
        ("file:///srv", "write s3://bucket/prefix"),
        ("s3://key:secret@bucket/x", "do not belong"),
        ("s3://bucket/x?secret=1", "unknown secret"),
        ("s3://bucket/x?endpoint=ftp://a", "https://host:port"),
    ],
)
def test_an_address_that_is_none_is_refused_and_never_repeated(url, said, tmp_path):
    with pytest.raises(mirror.StoreAddressWrong, match=said) as caught:
        mirror.mirror(folder=tmp_path, url=url)

    assert "key:secret" not in str(caught.value)
