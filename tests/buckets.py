"""A real S3 server on this machine, with one bucket, for whoever keeps evidence in one."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import boto3  # type: ignore[import-untyped]
import httpx
from moto.server import ThreadedMotoServer

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


@contextmanager
def a_bucket() -> Iterator[Bucket]:
    """An empty bucket of a server of its own."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        endpoint = "http://{}:{}".format(*server.get_host_and_port())
        httpx.post(f"{endpoint}/moto-api/reset").raise_for_status()  # servers of one process share what they keep
        yield Bucket(endpoint)
    finally:
        server.stop()
