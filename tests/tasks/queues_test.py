"""The queues of our pool come in their order, however they were, and what waited in one that was taken away goes on."""

from itertools import permutations

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolCreate

from tasks.queues import QUEUES, ensure_queues
from tests.tasks.conftest import ask

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect")]
POOL = "a-pool-of-its-own"


@pytest.fixture
def _pool() -> None:
    async def begin(client: PrefectClient) -> None:
        if POOL in [one.name for one in await client.read_work_pools()]:
            await client.delete_work_pool(POOL)
        await client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))

    ask(begin)


async def _order(client: PrefectClient) -> list[str]:
    queues = await client.read_work_queues(work_pool_name=POOL)
    assert len({queue.priority for queue in queues}) == len(queues)
    return [queue.name for queue in sorted(queues, key=lambda queue: queue.priority)]


@pytest.mark.usefixtures("_pool")
class TestOrder:
    """Against a real server."""

    def test_in_a_new_pool_they_come_before_the_queue_that_prefect_makes(self) -> None:
        async def story(client: PrefectClient) -> list[str]:
            await ensure_queues(client, POOL)
            return await _order(client)

        assert ask(story) == [*QUEUES, "default"]

    @pytest.mark.parametrize("before", [one for one in permutations(QUEUES) if one != tuple(QUEUES)][::4])
    def test_however_they_were_they_come_in_their_order(self, before: tuple[str, ...]) -> None:
        async def story(client: PrefectClient) -> list[str]:
            await ensure_queues(client, POOL)
            ids = {queue.name: queue.id for queue in await client.read_work_queues(work_pool_name=POOL)}
            for priority, name in enumerate(before, 11):
                await client.update_work_queue(ids[name], priority=priority)
            assert await _order(client) == ["default", *before]
            await ensure_queues(client, POOL)
            return await _order(client)

        assert ask(story) == [*QUEUES, "default"]
