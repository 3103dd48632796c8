from handlers.get_search_status import GetSearchStatus
from ports.action import Caller
from ports.search_upkeep import SearchStatus
from service.testing import Trial


async def test_it_tells_which_engine_searches() -> None:
    assert await Trial().run(GetSearchStatus) == SearchStatus(engine="postgres", answers=True)


def test_it_is_for_operators_and_changes_nothing() -> None:
    assert GetSearchStatus.readonly
    assert not Caller(actor="ada").may(GetSearchStatus.permission, operator=GetSearchStatus.operator)
