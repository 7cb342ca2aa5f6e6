from vrrpd.api.follower import BEHIND_LIMIT, Follower


async def test_first_the_past_then_what_comes() -> None:
    """In order; and nothing when nothing comes."""
    gone: list[Follower] = []
    follower = Follower(["a", "b"], gone.append)
    follower.give("c")
    assert await follower.take(60.0) == ("a", "b", "c")
    assert await follower.take(0.001) == ()
    follower.give("d")
    assert await follower.take(60.0) == ("d",)
    follower.close()
    assert gone == [follower]


async def test_who_is_too_far_behind_is_cut_off() -> None:
    """Not by what it asked for from the past."""
    follower = Follower(["past"] * 1000, lambda _: None)
    cut = []
    for _ in range(BEHIND_LIMIT + 2):
        follower.give("now")
        cut.append(follower.cut)
    assert cut == [*[False] * BEHIND_LIMIT, True, True]
    assert await follower.take(60.0) == ()
