"""A real S3 server on this machine, with one bucket, for whoever keeps evidence in one."""

import atexit
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import boto3  # type: ignore[import-untyped]
import httpx

from tests.stack.office import free_port, until

NAME = "evidence"
KEY_ID, SECRET = "AKIDUBAN", "tief-geheim"


class Bucket:
    """The bucket, as who administers the store sees it."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._store = boto3.client(
            "s3", endpoint_url=endpoint, aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET, region_name="us-east-1"
        )
        self._store.create_bucket(Bucket=NAME)

    @property
    def surroundings(self) -> dict[str, str]:
        """What an office sets to keep its evidence there."""
        return {
            "DUBAN_EVIDENCE_STORE": f"s3://{NAME}/office",
            "DUBAN_EVIDENCE_ENDPOINT": self.endpoint,
            "DUBAN_EVIDENCE_KEY_ID": KEY_ID,
            "DUBAN_EVIDENCE_SECRET_KEY": SECRET,
        }

    def contents(self) -> dict[str, bytes]:
        """All that lies in it, by its key."""
        listed = self._store.list_objects_v2(Bucket=NAME).get("Contents", [])
        return {one["Key"]: self._store.get_object(Bucket=NAME, Key=one["Key"])["Body"].read() for one in listed}

    def put(self, key: str, data: bytes) -> None:
        """Put another content in the place of one."""
        self._store.put_object(Bucket=NAME, Key=key, Body=data)

    def delete(self, key: str) -> None:
        """Take a content away."""
        self._store.delete_object(Bucket=NAME, Key=key)


@lru_cache
def _endpoint() -> str:
    """A server in a process of its own until the tests end: within ours it may wait for what waits for it."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    atexit.register(server.kill)
    endpoint = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return httpx.get(f"{endpoint}/moto-api/", trust_env=False).is_success
        except httpx.TransportError:
            return False

    until("the server of buckets", answers)
    return endpoint


@contextmanager
def a_bucket() -> Iterator[Bucket]:
    """An empty bucket."""
    endpoint = _endpoint()
    httpx.post(f"{endpoint}/moto-api/reset", trust_env=False).raise_for_status()
    yield Bucket(endpoint)
