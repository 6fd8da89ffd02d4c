"""A channel URL may lie in a Prefect Secret block."""

import asyncio
from collections.abc import Iterator

import pytest
from prefect.blocks.system import Secret
from prefect.testing.utilities import prefect_test_harness
from pydantic import SecretStr

from tasks.channels import resolve_channel


@pytest.fixture(scope="module")
def prefect_server() -> Iterator[None]:
    """A real Prefect server with an empty database."""
    with prefect_test_harness(server_startup_timeout=120):
        Secret(value="json://127.0.0.1/x").save("duban-mail")  # type: ignore[call-overload, unused-ignore]
        yield


def test_a_plain_url_needs_no_prefect() -> None:
    assert resolve_channel(SecretStr("json://h/x")).get_secret_value() == "json://h/x"


async def _resolve_in_a_loop() -> str:
    return resolve_channel(SecretStr("prefect:duban-mail")).get_secret_value()


@pytest.mark.prefect
@pytest.mark.usefixtures("prefect_server")
def test_a_prefect_block_gives_its_url_with_and_without_a_running_loop() -> None:
    assert resolve_channel(SecretStr("prefect:duban-mail")).get_secret_value() == "json://127.0.0.1/x"
    assert asyncio.run(_resolve_in_a_loop()) == "json://127.0.0.1/x"


@pytest.mark.prefect
@pytest.mark.usefixtures("prefect_server")
def test_a_missing_block_is_named_in_one_line() -> None:
    with pytest.raises(ValueError, match=r"^Prefect 中没有名为 no-such 的保密块") as caught:
        resolve_channel(SecretStr("prefect:no-such"))
    assert caught.value.__context__ is None
