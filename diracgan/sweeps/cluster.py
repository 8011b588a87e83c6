"""Several processes, on one machine or on many, that share one long run.

They meet once, at the beginning, and share nothing but the directory from then on: what happens to one does not stop
the others, whose chunks are finished, and the store is resumed for the rest.
"""

from __future__ import annotations

import jax

from diracgan.games.parameters import Parameter

PROCESSES = Parameter("processes", "N", "number of processes", 1, (1, 1 << 20), kind=int)
PROCESS = Parameter("process", "I", "number of this process, from 0", 0, (0, 1 << 20), kind=int)

Cluster = tuple[str, int, int]


def checked_cluster(coordinator: str | None, processes: float | None, process: float | None) -> Cluster:
    """The address of process 0, the number of processes and that of this one; `ValueError` unless all are admissible.

    >>> checked_cluster("localhost:9000", 2, 0)
    ('localhost:9000', 2, 0)
    """
    if coordinator is None or processes is None or process is None:
        raise ValueError("several processes need --coordinator HOST:PORT, --processes N and --process I, all three")
    host, _, port = coordinator.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise ValueError(f"the coordinator must be HOST:PORT, the address of process 0; {coordinator!r} was given")
    count, number = PROCESSES.convert(processes), PROCESS.convert(process)
    if number >= count:
        raise ValueError(f"process must be less than processes; process={number}, processes={count} was given")
    return coordinator, count, number


def join(cluster: Cluster | None = None) -> tuple[int, int]:
    """Meet the other processes: (number of this one, how many there are). Nothing may have been computed before.

    Args:
        cluster: what `checked_cluster` returns; None inside a cluster that JAX knows (SLURM, MPI, Kubernetes, TPU ...),
            whose own variables say it.

    Returns when all have come. Raises `OSError` when they cannot be reached.
    """
    try:
        jax.distributed.initialize(*(cluster or ()))
        met = jax.process_index(), jax.process_count()
        # Left at once: a member of JAX's service is aborted when another one dies, and no chunk needs the service.
        jax.distributed.shutdown()
    except (RuntimeError, ValueError) as problem:
        raise OSError(f"the processes could not be joined: {problem}") from None
    return met
