"""A real object store behind HTTP on the loopback interface, for as long as a test needs it."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from pyarrow import fs

ROOT = Path(__file__).parents[1]
BUCKET = "lamp"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "of-a-test"}


@contextmanager
def running(*, host: str = "127.0.0.1", before: Sequence[str] = ()) -> Iterator[str]:
    """Run the server with an empty bucket and give the address of a folder in it."""
    make = "import sys; from tests import objectstores; objectstores.make_bucket(sys.argv[1])"
    process = subprocess.Popen(
        [*before, sys.executable, "-m", "moto.server", "-H", host, "-p", "0"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    pipe = process.stderr
    reader = threading.Thread(target=lambda: [None for _ in pipe], daemon=True)
    try:
        endpoint = next(
            found.group()
            for line in pipe
            if (found := re.search(r"http://[\d.]+:\d+", line)) is not None
        )
        reader.start()
        with patch.dict(os.environ, KEYS):
            # In a process of its own, for the server may stand in another network.
            subprocess.run([*before, sys.executable, "-c", make, endpoint], cwd=ROOT, check=True)
            yield f"s3://{BUCKET}/station?endpoint={endpoint}"
    finally:
        process.kill()
        process.wait()
        if reader.ident is not None:
            reader.join()
        pipe.close()


def make_bucket(endpoint: str) -> None:
    """Make the bucket at an address."""
    fs.S3FileSystem(
        endpoint_override=endpoint.removeprefix("http://"),
        scheme="http",
        region="us-east-1",
        allow_bucket_creation=True,
    ).create_dir(BUCKET)


def objects(folder: Path) -> set[str]:
    """Return the names of the files below a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
