"""All that deciding a shard takes, loaded by being imported; see `insight.spread.engines.started`.

For the process that a night's workers are forked from: it can be told what to load in no other way.
It holds nothing that must be put away, so it ends at once: taking down what it loaded took longer
than the night's last step.
"""

import atexit
import gc
import os

from lamplighter.findings.night import worker
from lamplighter.insight.spread import engines

gc.disable()  # nothing that is loaded is let go: looking for what is took a seventh of the loading
engines.without_pandas()
worker.prepare()
gc.freeze()  # nor need workers look through it
gc.enable()
atexit.register(os._exit, os.EX_OK)
