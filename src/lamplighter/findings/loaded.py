"""All that deciding a shard takes, loaded by being imported; see `insight.spread.engines.started`.

For the process that a night's workers are forked from: it can be told what to load in no other way.
"""

from lamplighter.findings import worker
from lamplighter.insight.spread import engines

engines.without_pandas()
worker.prepare()
