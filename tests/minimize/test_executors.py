"""What is asked of a Dask cluster, of a stand-in that answers at once and always the same."""

from concurrent.futures import Executor, Future, ThreadPoolExecutor

import pytest

from bayesopt.minimize.executors import submit, waits_behind


class Client:
    """Two workers, of one and of two threads; the calls sent to each, in no order."""

    status = "running"

    def nthreads(self):
        return {"one": 1, "two": 2}

    def processing(self):
        return {"one": ("c", "a", "b"), "two": ("f", "d", "e"), "unknown": ("g",)}


class Cluster(Executor):
    """Looks like the executor of a Dask client."""

    __module__ = "distributed.cfexecutor"

    def __init__(self, client):
        self._client = client
        self.names = []

    def submit(self, fn, /, *args, key=None, **kwargs):
        self.names.append(key)
        return Future()


class Gone(Client):
    """Its scheduler went away."""

    def processing(self):
        raise OSError("the scheduler is gone")


@pytest.mark.parametrize(
    ("name", "waits"),
    [
        ("a", False),
        ("b", True),
        ("c", True),
        ("d", False),
        ("e", False),
        ("f", True),
        ("h", False),
    ],
)
def test_a_call_waits_where_older_ones_hold_the_threads(name, waits):
    assert waits_behind(Cluster(Client()), name) is waits


def test_who_cannot_be_asked_says_no():
    assert not waits_behind(Cluster(Gone()), "b")
    with ThreadPoolExecutor(1) as threads:
        assert not waits_behind(threads, "b")


def test_calls_have_names_on_a_cluster_alone():
    cluster = Cluster(Client())
    submit(cluster, lambda: 1, "trial-7")
    assert cluster.names == ["trial-7"]
    with ThreadPoolExecutor(1) as threads:
        assert submit(threads, lambda: 1, "trial-7").result() == 1
