"""Read by a worker when it starts (`dask worker --preload`): it takes itself for an older release."""

from psephos.executor import cluster

cluster.RELEASE = "0.0.1 with core 0.0.1"
