"""Posts: time of a seat that somebody pays for, from one week to another (docs/model/model.md, 7.0a)."""

from __future__ import annotations

from sim.core.scenario import Post
from sim.core.vocabulary import Resource, Role
from tests.reference.common import KINDS, Settings, World, members_of, prior_trust


def posts_of(settings: Settings, i: int) -> list[Post]:
    """Return the posts of the plan that name a slot."""
    return [post for post in settings["posts"] if post.seat <= i < post.seat + post.seats]


def active_post(world: World, settings: Settings, i: int, week: int) -> Post | None:
    """Return the post of a slot that is active in a week, of which there is one at most."""
    if world["state"]["is_post"][i]:
        for post in posts_of(settings, i):
            if post.from_week <= week <= post.to_week:
                return post
    return None


def is_kept_for_post(world: World, settings: Settings, i: int, week: int) -> bool:
    """Tell whether a slot has a post whose last week has not gone by."""
    return world["state"]["is_post"][i] and any(post.to_week >= week for post in posts_of(settings, i))


def is_open_at_founding(settings: Settings, role: int, i: int) -> bool:
    """Tell whether a slot is a seat from the start: a coordinator's waits where all its posts begin later."""
    starts = [post.from_week for post in posts_of(settings, i)]
    return role != Role.COORDINATOR or not starts or min(starts) <= 1


def weekly_pay(settings: Settings, post: Post) -> float:
    """Return what a post costs its payer in a week."""
    full_time = settings["parameters"]["salary"] if post.pay == -1.0 else post.pay
    return full_time * post.share


# --- opening -----------------------------------------------------------------------------------------------


def open_posts(world: World, settings: Settings, week: int) -> None:
    """Make seats of coordinators' slots whose post has come."""
    state = world["state"]
    for i in range(state["n_slots"]):
        waits = state["role"][i] == Role.COORDINATOR and not state["is_seat"][i]
        if waits and active_post(world, settings, i, week) is not None:
            state["is_seat"][i] = True
            state["is_member"][i] = False
            state["vacant_weeks"][i] = 0
            state["holdings"][i] = [0.0] * len(KINDS)
            set_new_ties(world, settings, i)


def set_new_ties(world: World, settings: Settings, i: int) -> None:
    """Set the ties between a new seat and all others: prior trust, and nothing else."""
    state = world["state"]
    for j in range(state["n_slots"]):
        if j != i and state["is_seat"][j]:
            for one, other in ((i, j), (j, i)):
                state["trust"][one][other] = prior_trust(world, settings, one, other)
                for name in ("familiarity", "balance", "use", "strain"):
                    state[name][one][other] = 0.0


# --- paying ------------------------------------------------------------------------------------------------


def price_of_posts(world: World, settings: Settings, week: int) -> float:
    """Return what the purse owes in a week to members in posts that it pays."""
    posts = [active_post(world, settings, i, week) for i in members_of(world)]
    return sum(weekly_pay(settings, post) for post in posts if post is not None and not post.seconded)


def paid_share(world: World, settings: Settings, i: int, week: int) -> float:
    """Return phi_i: the paid share of a member's time."""
    post = active_post(world, settings, i, week)
    if post is None:
        return 0.0
    return post.share if post.seconded else post.share * world["flows"]["paid"]


def remember_pay(world: World, settings: Settings, week: int) -> None:
    """Find the paid share of each member's time, and let coordinators remember how far they are paid."""
    state, length = world["state"], settings["parameters"]["pay_memory"]
    for i in members_of(world):
        share = paid_share(world, settings, i, week)
        world["flows"]["paid_share"][i] = share
        if state["role"][i] == Role.COORDINATOR:
            post = active_post(world, settings, i, week)
            paid = 0.0 if post is None else share / post.share
            state["pay"][i] += (paid - state["pay"][i]) / length


def can_be_paid(world: World, settings: Settings, i: int, week: int) -> bool:
    """Tell whether a seat has an active post that can be paid for some weeks (7.2)."""
    post = active_post(world, settings, i, week)
    if post is None:
        return False
    needed = settings["parameters"]["hire_weeks"] * weekly_pay(settings, post)
    return post.seconded or world["state"]["pool"][Resource.FUNDING] >= needed
