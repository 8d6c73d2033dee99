"""Days of 96 points for a sample of metering points."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from lamplighter.town.chance import stream
from lamplighter.town.life import Life
from lamplighter.town.profiles import HOMES

POINTS = 96
NAMES = tuple(f"P{n + 1}" for n in range(POINTS))


class CurveFile:
    """A Parquet file of one row a point and day, its 96 columns in kWh."""

    def __init__(self, *, path: Path) -> None:
        fields = [("计量点编号", pa.string()), ("日期", pa.string())]
        schema = pa.schema([*fields, *((name, pa.float64()) for name in NAMES)])
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")
        self._schema = schema
        self.rows = 0

    def add(
        self,
        *,
        life: Life,
        low: int,
        wh: npt.NDArray[np.int32],
        present: npt.NDArray[np.bool_],
    ) -> None:
        """Add the sampled points of a block for the last days; each day adds up to its reading."""
        rng = stream(seed=life.seed, concern="curves", part=low)
        count = max(1, round(len(wh) * life.plan.curve_share))
        rows = np.sort(rng.permutation(len(wh))[:count])
        first = max(0, len(life.days) - life.plan.curve_days)
        row, day = np.nonzero(present[rows, first:])
        total = wh[rows[row], first + day].astype(np.float64)
        is_home = life.people.profile[low + rows[row]] < len(HOMES)
        shape = _shapes(rng, is_home=is_home, is_off=life.days.is_off[first + day])
        edges = np.rint(np.cumsum(shape, axis=1) * total[:, None])
        kwh = np.diff(edges, axis=1, prepend=0.0) / 1000
        names = [f"JLD{low + int(rows[r]) + 1:09d}" for r in row]
        dates = [f"{life.days.dates[first + d]:%Y-%m-%d}" for d in day]
        columns = [pa.array(names), pa.array(dates), *(pa.array(kwh[:, n]) for n in range(POINTS))]
        self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema))
        self.rows += len(row)

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()


def _shapes(
    rng: np.random.Generator,
    *,
    is_home: npt.NDArray[np.bool_],
    is_off: npt.NDArray[np.bool_],
) -> npt.NDArray[np.float64]:
    """Return the share of each quarter of an hour: evenings at home, working hours elsewhere."""
    hour = (np.arange(POINTS) + 0.5) / 4

    def hump(centre: float, width: float) -> npt.NDArray[np.float64]:
        return np.exp(-0.5 * ((hour - centre) / width) ** 2)

    home = 0.35 + 0.7 * hump(7.2, 0.9) + 0.6 * hump(12.0, 1.0) + 1.7 * hump(20.0, 1.9)
    lazy = 0.40 + 0.5 * hump(9.0, 1.6) + 0.8 * hump(12.5, 1.5) + 1.5 * hump(20.2, 2.2)
    work = 0.25 + 1.5 / (1 + np.exp(-(hour - 8.0) * 3)) / (1 + np.exp((hour - 18.0) * 2.5))
    base = np.where(is_home[:, None], np.where(is_off[:, None], lazy, home), work)
    shape = base * rng.gamma(5.0, 0.2, base.shape)
    return np.asarray(shape / shape.sum(axis=1, keepdims=True))
