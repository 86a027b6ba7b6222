"""The desk in a real browser: played by keyboard, read by axe, narrow, dark, hostile, and without an answer."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.made import day, week
from tests.player.conftest import OpenDesk, sample
from tests.talks import BADLY, BEST, friday
from tillit.engine.desk import replay
from tillit.engine.parameters import published
from tillit.engine.play import Act
from tillit.engine.scenario import Scenario
from tillit.engine.value import found_out
from tillit.player.session import Session
from tillit.storage import PlayFile

pytestmark = pytest.mark.browser

VIEWS = ("start", "play", "talking", "talk_ended", "advised", "refused", "handed_in", "debrief", "debrief_rewound")


# --- how a test acts, and what it looks at ----------------------------------------------------------------------


def key(page: Page) -> str | None:
    """What has the focus, by its key; None if it has been lost to the page."""
    return page.evaluate("document.activeElement.dataset.key ?? null")


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until the focus is there. That it can be reached is half of what is tested."""
    for _ in range(120):
        if key(page) == wanted:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {wanted}")


def press(page: Page, wanted: str, how: str = "Enter") -> None:
    tab_to(page, wanted)
    page.keyboard.press(how)


def focus_comes_to(page: Page, wanted: str) -> None:
    page.wait_for_function("wanted => document.activeElement.dataset.key === wanted", arg=wanted)


def click(page: Page, wanted: str) -> None:
    page.locator(f'[data-key="{wanted}"]').click()


def sent(page: Page) -> list[Any]:
    return page.evaluate("window.sent")


def live(page: Page) -> str:
    """What the live region says, once it has said something."""
    page.wait_for_function("document.querySelector('[data-live]').textContent !== ''")
    return page.locator("[data-live]").inner_text()


def hears(page: Page, words: str) -> None:
    """Wait until the live region has said these words."""
    page.wait_for_function("words => document.querySelector('[data-live]').textContent.includes(words)", arg=words)


def background(page: Page) -> str:
    return page.evaluate("getComputedStyle(document.querySelector('.tillit')).backgroundColor")


LIGHT, DARK = "rgb(241, 239, 232)", "rgb(22, 23, 21)"


# --- playing ----------------------------------------------------------------------------------------------------


def test_a_day_can_be_played_by_keyboard_alone(open_desk: OpenDesk) -> None:
    page = open_desk("start")
    press(page, "next")
    focus_comes_to(page, "case:floor")
    press(page, "act:floor:open")
    focus_comes_to(page, "file:floor")
    press(page, "strike:floor:3", "Space")
    press(page, "strike:floor:5", "Enter")
    expect(page.locator('[data-key="strike:floor:3"]')).to_have_attribute("aria-pressed", "true")
    press(page, "tell:floor", "Space")
    press(page, "act:floor:review")
    focus_comes_to(page, "outcome:floor")
    assert sent(page) == [
        {"type": "act", "act": {"case": "floor", "do": "open"}},
        {"type": "act", "act": {"case": "floor", "do": "review", "strikes": [3, 5], "tell": True}},
    ]
    for case in ("card", "stairs", "taxi"):
        press(page, "next")
        focus_comes_to(page, f"case:{case}")
        press(page, f"act:{case}:leave")
        focus_comes_to(page, f"outcome:{case}")
    press(page, "next")
    press(page, "commit:cabin:person")
    focus_comes_to(page, "advice:cabin")
    assert sent(page)[-1] == {"type": "act", "act": {"case": "cabin", "do": "commit", "call": "person"}}
    press(page, "end-day")
    focus_comes_to(page, "confirm")
    press(page, "confirm-yes")
    focus_comes_to(page, "end")
    assert sent(page)[-1] == {"type": "act", "act": {"do": "end_day"}}
    press(page, "rewind-to:cabin")
    focus_comes_to(page, "rewind-act")
    page.keyboard.press("ArrowUp")
    press(page, "rewind-go")
    focus_comes_to(page, "rewind-result")
    assert sent(page)[-1]["type"] == "rewind" and sent(page)[-1]["case"] == "cabin"


def test_the_real_engine_is_played_to_the_debrief_and_rewound(open_desk: OpenDesk, tmp_path: Path) -> None:
    """The views of the engine, not only the samples, can be drawn, and every message is one it takes."""
    scenario = day(people=3, minutes=60)
    session = Session(scenario, PlayFile(tmp_path / "a.play", scenario))
    page = open_desk(engine=session)
    click(page, "next")
    for turn in range(20):
        page.wait_for_selector(".t-case")
        act = page.locator('.t-act:not([aria-disabled="true"])').nth(turn % 2)
        act.click()
        if page.locator(".t-sentence").count():
            page.locator(".t-sentence").first.click()
            page.locator('.t-act[data-key$=":review"]').click()
        page.wait_for_selector(".t-outcome")
        assert session.view()["notice"] is None
        last = session.view()["phase"] == "debrief"
        click(page, "next")
        if last:
            break
    expect(page.locator('[data-key="end"]')).to_have_text("How the day went")
    click(page, "rewind-go")
    focus_comes_to(page, "rewind-result")
    assert not axe(page)
    click(page, "restart")
    click(page, "confirm-yes")
    focus_comes_to(page, "setting")
    expect(page.locator(".t-notice")).to_contain_text("A new play begins")


def test_a_debrief_that_is_worked_out_says_how_far_it_has_come_and_then_stands_in_its_place(
    open_desk: OpenDesk,
) -> None:
    page = open_desk("debrief", width=390)
    show = "view => window.host.show(view)"
    page.evaluate(show, {**sample("debrief"), "debrief": None, "debrief_done": 0.4})
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "0.4")
    assert page.locator(".t-chapter").count() == 0
    assert not axe(page)
    page.locator('[data-key="end"]').focus()
    page.evaluate(show, sample("debrief"))
    assert page.get_by_role("progressbar").count() == 0
    assert page.locator(".t-chapter").count() > 3
    focus_comes_to(page, "end")
    hears(page, sample("debrief")["debrief"]["score"]["words"])


def long_day(tmp_path: Path) -> Session:
    scenario = day(people=20, cases_each=1, minutes=120)
    return Session(scenario, PlayFile(tmp_path / "long.play", scenario))


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_a_long_inbox_scrolls_on_its_own_and_shows_the_message_that_is_read(
    open_desk: OpenDesk, tmp_path: Path, width: int
) -> None:
    page = open_desk(engine=long_day(tmp_path), width=width)
    inbox = page.locator(".t-inbox-list")
    assert inbox.evaluate("list => list.clientHeight < 700 && list.scrollHeight > list.clientHeight")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    tab_to(page, "inbox:p19-0")
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-key="case:p19-0"]')
    assert inbox.locator("[aria-current]").evaluate("""item => {
        const [list, one] = [item.closest("ol").getBoundingClientRect(), item.getBoundingClientRect()];
        return one.top >= list.top - 1 && one.bottom <= list.bottom + 1;
    }""")


def test_the_debrief_of_a_long_day_shows_what_matters_most_and_folds_the_rest(
    open_desk: OpenDesk, tmp_path: Path
) -> None:
    session = long_day(tmp_path)
    for n in range(12):
        session.handle({"type": "act", "act": {"do": "open", "case": f"p{n}-0"}})
        session.handle({"type": "act", "act": {"do": "review", "case": f"p{n}-0", "strikes": []}})
    session.handle({"type": "act", "act": {"do": "end_day"}})
    (*_, debriefed) = session.rest()
    reviewed = debriefed["debrief"]["review"]["opened"]
    assert reviewed >= 8
    page = open_desk(engine=session, width=390)
    if page.locator(".t-debrief").count() == 0:
        click(page, "next")
    people = page.locator(".t-multiple")
    assert people.count() == 20
    assert sum(one.is_visible() for one in people.all()) == 6
    page.get_by_text("The other 14 people").click()
    assert sum(one.is_visible() for one in people.all()) == 20
    early, later = page.locator(".t-counts table").last.locator("tbody tr").all()
    assert int(early.locator("td").first.inner_text()) + int(later.locator("td").first.inner_text()) == reviewed
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert not axe(page)


def test_a_conversation_is_held_by_keyboard_a_turn_taken_again_and_both_versions_read(
    open_desk: OpenDesk, tmp_path: Path
) -> None:
    scenario = friday()
    session = Session(scenario, PlayFile(tmp_path / "a.play", scenario))
    page = open_desk(engine=session)
    press(page, "inbox:mainsail")
    press(page, "act:mainsail:step_in")
    focus_comes_to(page, "talk:mainsail")
    for turn, line in enumerate(BADLY[:3], start=1):
        press(page, f"line:mainsail:{line}")
        focus_comes_to(page, f"turn:mainsail:{turn}")
    hears(page, "A plain question from somebody who wanted to know.")
    assert live(page).startswith("Ragna Hovde: ‘You go up in the harness")
    press(page, f"line:mainsail:{BADLY[3]}")
    focus_comes_to(page, "ended:mainsail")
    hears(page, "The conversation is over.")
    press(page, "again:mainsail:4")
    focus_comes_to(page, "say:mainsail")
    assert page.locator(".t-versions").count() == 0
    for turn, line in enumerate(BEST[3:-1], start=4):
        press(page, f"line:mainsail:{line}")
        focus_comes_to(page, f"turn:mainsail:{turn}")
    press(page, f"line:mainsail:{BEST[-1]}")
    focus_comes_to(page, "ended:mainsail")
    stands, taken_back = page.locator(".t-version").all()
    expect(stands).to_contain_text("breaks the thread between two fingers")
    expect(taken_back).to_contain_text("it told her that her question was no question")
    assert "You wrote that you had looked" not in stands.inner_text()  # the turns that are the same are not repeated
    assert not axe(page)
    press(page, "close:mainsail")
    focus_comes_to(page, "outcome:mainsail")
    expect(page.locator(".t-outcome .t-reaction")).to_contain_text("breaks the thread")


def test_nobody_else_is_dealt_with_during_a_conversation_and_breaking_it_off_is_asked_for(open_desk: OpenDesk) -> None:
    page = open_desk("talking")
    click(page, "inbox:invoice")
    press(page, "act:invoice:rely")
    assert live(page) == "You are in conversation with Ragna Hovde."
    assert sent(page) == []
    click(page, "inbox:mainsail")
    press(page, "break-off:mainsail")
    focus_comes_to(page, "confirm")
    page.keyboard.press("Escape")
    focus_comes_to(page, "break-off:mainsail")
    page.evaluate("window.host.mute = true")
    press(page, "break-off:mainsail")
    press(page, "confirm-yes")
    assert sent(page) == [{"type": "act", "act": {"case": "mainsail", "do": "close"}}]


def test_the_reaction_is_read_before_the_debrief(open_desk: OpenDesk) -> None:
    page = open_desk("play")
    for case in ("floor", "stairs", "taxi", "cabin", "ferry", "oven"):
        click(page, f"inbox:{case}")
        if case == "cabin":
            click(page, "commit:cabin:routine")
        click(page, f"act:{case}:leave")
        focus_comes_to(page, f"outcome:{case}")
    expect(page.locator(".t-reaction")).to_be_visible()
    expect(page.locator('[data-key="next"]')).to_have_text("See how the day went")
    click(page, "next")
    focus_comes_to(page, "end")


def test_the_live_region_says_reaction_minutes_and_news(open_desk: OpenDesk) -> None:
    page = open_desk("start")
    assert page.locator("[data-live]").get_attribute("aria-live") == "polite"
    click(page, "inbox:floor")
    click(page, "act:floor:rely")
    said = live(page)
    assert "You sent the draft as it was." in said
    assert "I sent it the week after the funeral." in said
    assert "74 minutes left." in said
    page.evaluate("""() => {
      const view = structuredClone(window.host.view);
      view.inbox.push({ ...view.inbox[0], case: "floor2", subject: "One thing more", state: "waiting" });
      view.cases.floor2 = { ...structuredClone(view.cases.oven), id: "floor2", subject: "One thing more" };
      window.host.show(view);
    }""")
    expect(page.locator("[data-live]")).to_contain_text("A new message from Solveig Brekke")
    expect(page.locator('[data-key="inbox:floor2"]')).to_contain_text("new")


def test_what_is_not_yet_sent_survives_a_new_view(open_desk: OpenDesk) -> None:
    page = open_desk("play")
    click(page, "inbox:floor")
    click(page, "strike:floor:3")
    page.locator('[data-key="tell:floor"]').check()
    page.locator('[data-key="strike:floor:5"]').focus()
    page.evaluate("window.host.show(window.host.view)")
    expect(page.locator('[data-key="strike:floor:3"]')).to_have_attribute("aria-pressed", "true")
    expect(page.locator('[data-key="tell:floor"]')).to_be_checked()
    expect(page.locator("[data-struck]")).to_have_text("Sentence 3 struck.")
    assert key(page) == "strike:floor:5"
    click(page, "strike:floor:3")
    click(page, "act:floor:review")
    expect(page.locator("[data-live]")).to_contain_text("17 minutes left.")
    assert sent(page)[-1]["act"] == {"case": "floor", "do": "review", "strikes": [], "tell": True}


def test_what_has_not_changed_stays_in_its_place(open_desk: OpenDesk) -> None:
    """Laying out text is most of what an answer costs, so the message that was read is not put there anew."""
    page = open_desk("play")
    click(page, "inbox:oven")
    page.evaluate("document.querySelector('.t-message').seen = true")
    click(page, "act:oven:leave")
    focus_comes_to(page, "outcome:oven")
    assert page.evaluate("document.querySelector('.t-message').seen")
    click(page, "inbox:card")
    expect(page.locator(".t-message")).to_contain_text(sample("play")["cases"]["card"]["message"][0])
    assert page.locator(".t-message").count() == 1


def test_the_card_says_what_ai_had_to_do_with_the_person_before_today(open_desk: OpenDesk) -> None:
    page = open_desk("play")
    click(page, "inbox:oven")
    expect(page.locator(".t-past")).to_have_text(sample("play")["people"][0]["past"])
    click(page, "inbox:card")
    expect(page.locator(".t-past")).to_have_count(0)


def test_whoever_asks_is_told_and_whoever_knows_is_not_told_again(open_desk: OpenDesk) -> None:
    page = open_desk("play")
    click(page, "inbox:taxi")
    expect(page.locator(".t-tell")).to_have_text("Amir has asked: the answer says that AI helped.")
    click(page, "act:taxi:rely")
    assert sent(page)[-1]["act"] == {"case": "taxi", "do": "rely", "tell": True}
    click(page, "inbox:ferry")
    expect(page.locator(".t-tell")).to_have_text("Tore knows already that AI helps.")
    click(page, "act:ferry:rely")
    assert sent(page)[-1]["act"] == {"case": "ferry", "do": "rely", "tell": False}


def test_an_act_out_of_reach_says_why_and_sends_nothing(open_desk: OpenDesk) -> None:
    page = open_desk("play")
    click(page, "inbox:stairs")
    act = page.locator('[data-key="act:stairs:step_in"]')
    expect(act).to_have_attribute("aria-disabled", "true")
    expect(act).to_contain_text("That takes 25 minutes and 17 are left.")
    act.click(force=True)
    assert live(page) == "That takes 25 minutes and 17 are left."
    assert sent(page) == []


def test_own_call_comes_before_everything_else(open_desk: OpenDesk) -> None:
    page = open_desk("play")
    click(page, "inbox:cabin")
    assert page.locator(".t-act").count() == 0
    click(page, "commit:cabin:routine")
    expect(page.locator(".t-advice")).to_contain_text("The AI calls it routine")
    assert page.locator(".t-act").count() > 0


def test_a_refusal_is_seen_heard_and_keeps_the_focus(open_desk: OpenDesk) -> None:
    page = open_desk("play")
    click(page, "inbox:floor")
    page.evaluate("window.host.mute = true")
    press(page, "act:floor:hand_over")
    notice = {"kind": "refused", "text": "Nobody is there."}
    page.evaluate("notice => window.host.show({ ...window.host.view, notice })", notice)
    expect(page.locator(".t-notice")).to_have_text("Nobody is there.")
    assert live(page) == "Nobody is there."
    assert key(page) == "act:floor:hand_over"


def test_the_end_of_the_day_is_asked_for_once_and_in_the_page(open_desk: OpenDesk) -> None:
    page = open_desk("play")
    page.on("dialog", lambda dialog: pytest.fail("a window asked, not the page"))
    press(page, "end-day")
    expect(page.locator(".t-confirm")).to_contain_text("Six messages will wait until tomorrow")
    page.keyboard.press("Escape")
    assert key(page) == "end-day" and sent(page) == []
    press(page, "end-day")
    press(page, "confirm-yes")
    focus_comes_to(page, "end")
    assert sent(page) == [{"type": "act", "act": {"do": "end_day"}}]


def test_starting_again_is_asked_for(open_desk: OpenDesk) -> None:
    page = open_desk("debrief")
    press(page, "restart")
    press(page, "confirm-no")
    assert key(page) == "restart" and sent(page) == []
    press(page, "restart")
    press(page, "confirm-yes")
    focus_comes_to(page, "setting")
    assert sent(page) == [{"type": "restart"}]


def test_an_assessment_ends_with_the_play_file_and_without_reactions(open_desk: OpenDesk) -> None:
    page = open_desk("handed_in")
    expect(page.locator('[data-key="end"]')).to_have_text("Everything has been handled")
    expect(page.locator(".t-path")).to_have_text("plays/a-wednesday-at-lerke.play.json")
    assert page.locator(".t-reaction, .t-debrief, [data-key=restart]").count() == 0


def test_a_week_in_assessment_ends_with_what_was_done_on_each_day(open_desk: OpenDesk, tmp_path: Path) -> None:
    scenario = week(seed=2, people=4, days=3, use="assessment")
    kept = PlayFile(tmp_path / "a.play", scenario)
    for case in scenario.cases:
        kept.append(Act("leave", case.id))
    page = open_desk(engine=Session(scenario, kept))
    expect(page.locator(".t-small-title")).to_have_text([f"What you did on {day.name}" for day in scenario.days])
    for number, shown in enumerate(page.locator(".t-handled").all(), start=1):
        expect(shown.locator("li")).to_have_count(len(scenario.cases_of_day(number)))


def test_a_day_that_is_followed_by_another(open_desk: OpenDesk) -> None:
    """The case of yesterday may be gone from the view: the focus is not."""
    page = open_desk("play")
    click(page, "inbox:oven")
    page.evaluate("window.host.mute = true")
    press(page, "act:oven:leave")
    page.evaluate("""() => {
      const view = structuredClone(window.host.view);
      delete view.cases.oven;
      view.inbox = view.inbox.filter(({ case: id }) => id !== "oven");
      const evening = { after: "Tuesday", left: 1, comes_to_light: false, found_out: [] };
      const day = { number: 2, of: 2, name: "Wednesday" };
      window.host.show({ ...view, evening, day, minutes: { left: 60, of: 60 } });
    }""")
    focus_comes_to(page, "setting")
    assert "A new day: Wednesday." in live(page)
    expect(page.locator(".t-evening")).to_contain_text("The day is over, and 1 minute was left of it.")


def test_two_days_are_played_with_an_evening_between_them(open_desk: OpenDesk, tmp_path: Path) -> None:
    """Everything goes out as it is on the first day; whoever finds out says so in the evening."""
    scenario = week(seed=2, people=6, days=2)
    kept = PlayFile(tmp_path / "a.play", scenario, seed=_a_seed_that_brings_something_to_light(scenario))
    session = Session(scenario, kept)
    page = open_desk(engine=session)
    click(page, "next")
    while session.view()["day"]["number"] == 1:
        page.wait_for_selector(".t-case")
        page.locator('.t-act[data-key$=":rely"]').click()
        page.wait_for_selector(".t-outcome")
        click(page, "next")
    focus_comes_to(page, "setting")
    expect(page.locator('[data-key="setting"]')).to_have_text("After Day 1")
    found = session.view()["evening"]["found_out"]
    assert found and page.locator(".t-found-out").count() == len(found)
    expect(page.locator(".t-evening")).to_contain_text("found out since that AI had written to them")
    page.wait_for_function("document.querySelector('[aria-live]').textContent.includes('found out by')")
    expect(page.locator(".t-found-out").first).to_contain_text(f"HIDDEN found out by {found[0]['person']}")
    assert not axe(page)
    click(page, "end-day")
    click(page, "confirm-yes")
    focus_comes_to(page, "end")
    expect(page.locator('[data-key="end"]')).to_have_text("How the days went")
    expect(page.locator(".t-of-day")).to_have_count(2)
    assert not axe(page)
    click(page, "rewind-go")
    focus_comes_to(page, "rewind-result")


@pytest.mark.parametrize("use", ["practice", "assessment"])
def test_what_somebody_wrote_on_an_earlier_day_is_on_the_card_with_what_became_of_it(
    open_desk: OpenDesk, tmp_path: Path, use: str
) -> None:
    scenario = week(seed=2, people=4, days=2, use=use)
    first = scenario.cases_of_day(1)[0]
    again = next(case for case in scenario.cases_of_day(2) if case.person == first.person)
    kept = PlayFile(tmp_path / "a.play", scenario)
    for case in scenario.cases_of_day(1):
        kept.append(Act("rely", case.id))
    page = open_desk(engine=Session(scenario, kept), width=390)
    page.locator(f'[data-key="inbox:{again.id}"]').click()
    fold = page.locator(".t-card details")
    expect(fold).to_have_count(1)
    expect(fold.locator(".t-letter").first).not_to_be_visible()
    press(page, f"fold:before:{again.id}:{first.id}")
    expect(fold.locator("summary")).to_have_text(f"Day 1, {first.time}: {first.subject}")
    expect(fold.locator(".t-letter").first).to_have_text("".join(first.message))
    expect(fold).to_contain_text("You sent the draft as it was.")
    expect(fold.locator(".t-letter").last).to_contain_text(first.draft[0])
    assert ("HIDDEN" in fold.inner_text()) == (use == "practice")  # the reaction, where there is one to see
    assert not axe(page)


def _a_seed_that_brings_something_to_light(scenario: Scenario) -> int:
    relied = [Act("rely", case.id) for case in scenario.cases_of_day(1)]
    desk = replay(scenario, relied).desk
    return next(seed for seed in range(99) if found_out(published().values, desk, seed))


# --- waiting ----------------------------------------------------------------------------------------------------


def test_a_second_act_waits_for_the_answer_to_the_first(open_desk: OpenDesk) -> None:
    page = open_desk("play", delay="600")
    click(page, "inbox:oven")
    click(page, "act:oven:rely")
    expect(page.locator('[data-key="act:oven:rely"]')).to_contain_text("Rely …")
    assert key(page) == "act:oven:rely"
    page.locator('[data-key="act:oven:leave"]').click(force=True)
    focus_comes_to(page, "outcome:oven")
    assert len(sent(page)) == 1


def test_a_kernel_that_does_not_answer_is_said_after_four_seconds(open_desk: OpenDesk) -> None:
    page = open_desk("play", mute="1", before=lambda page: page.clock.install(time=0))
    page.clock.pause_at("1970-01-02")  # from here on time passes only when told to
    click(page, "inbox:oven")
    click(page, "act:oven:rely")
    page.clock.run_for(3900)
    assert page.locator(".t-notice").count() == 0
    page.clock.run_for(200)
    expect(page.locator(".t-notice")).to_have_text(
        "The notebook's kernel is not answering. Nothing you have done is lost: run the cell again to continue."
    )
    page.clock.run_for(100)
    assert "kernel is not answering" in live(page)
    assert key(page) == "act:oven:rely"
    page.evaluate("window.host.show(window.host.view)")
    assert page.locator(".t-notice").count() == 0


def test_another_host_may_wait_longer_and_say_so_in_its_own_words(open_desk: OpenDesk) -> None:
    page = open_desk("play", mute="1", before=lambda page: page.clock.install(time=0))
    page.clock.pause_at("1970-01-02")  # from here on time passes only when told to
    page.evaluate("window.host.show({ ...window.host.view, silence: { seconds: 20, text: 'Reload the page.' } })")
    click(page, "inbox:oven")
    click(page, "act:oven:rely")
    page.clock.run_for(19_000)
    assert page.locator(".t-notice").count() == 0
    page.clock.run_for(1_100)
    expect(page.locator(".t-notice")).to_have_text("Reload the page.")


# --- looks and access -------------------------------------------------------------------------------------------


def axe(page: Page, rules: str | None = None) -> str:
    """What axe-core finds by all its rules, best practice too, or by one of them."""
    only = {"runOnly": {"type": "rule", "values": [rules]}} if rules else {}
    results = Axe().run(page, options={"resultTypes": ["violations"], **only})
    return results.generate_report() if results.violations_count else ""


def every_case(page: Page) -> list[str]:
    return page.evaluate("window.host.view.inbox.map(({ case: id }) => id)")


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")


@pytest.mark.parametrize(
    ("width", "scheme", "rules"),
    [(1280, "light", None), (360, "light", None), (1280, "dark", "color-contrast")],
)
def test_axe_finds_nothing(open_desk: OpenDesk, width: int, scheme: str, rules: str | None) -> None:
    for name in VIEWS:
        page = open_desk(name, width=width, scheme=scheme, theme=scheme)
        unfold(page)
        assert not axe(page, rules), name
    page = open_desk("play", width=width, scheme=scheme, theme=scheme)
    for case in every_case(page):
        click(page, f"inbox:{case}")
        unfold(page)
        assert not axe(page, rules), case
    page.evaluate("window.host.mute = true")
    click(page, "inbox:floor")
    click(page, "strike:floor:3")
    click(page, "end-day")
    assert not axe(page, rules), "asking"
    click(page, "confirm-yes")
    assert not axe(page, rules), "waiting"


def test_nothing_scrolls_sideways_on_a_small_phone(open_desk: OpenDesk) -> None:
    overflow = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
    for name in VIEWS:
        page = open_desk(name, width=320)
        unfold(page)
        assert page.evaluate(overflow) == 0, name
        if page.locator(".t-inbox").count():
            for case in every_case(page):
                click(page, f"inbox:{case}")
                unfold(page)
                assert page.evaluate(overflow) == 0, (name, case)


def test_the_container_decides_not_the_window(open_desk: OpenDesk) -> None:
    page = open_desk("play", width=1280)
    columns = "getComputedStyle(document.querySelector('.t-desk')).gridTemplateColumns.split(' ').length"
    assert page.evaluate(columns) == 2
    page.evaluate("document.querySelector('#player').style.width = '360px'")
    assert page.evaluate(columns) == 1


def test_any_text_is_text(open_desk: OpenDesk) -> None:
    """A picture that would run a script, put into every text of every view, is only ever read."""
    attack = '<img src=x onerror="window.hacked = true">'
    names = {"id", "case", "state", "phase", "use", "kind", "act", "tell", "do", "did", "call"}

    def poisoned(value: Any, name: str = "", ids: frozenset[str] = frozenset()) -> Any:
        if isinstance(value, dict):
            return {inner: poisoned(one, inner, ids) for inner, one in value.items()}
        if isinstance(value, list):
            return [poisoned(one, name, ids) for one in value]
        return f"{value} {attack}" if isinstance(value, str) and name not in names and value not in ids else value

    for name in VIEWS:
        view = sample(name)
        body = json.dumps(poisoned(view, ids=frozenset(person["id"] for person in view["people"])))
        page = open_desk(
            name,
            before=lambda page, name=name, body=body: page.route(
                f"**/views/{name}.json", lambda route: route.fulfill(body=body, content_type="application/json")
            ),
        )
        cases = every_case(page) if page.locator(".t-inbox").count() else [None]
        for case in cases:
            if case:
                click(page, f"inbox:{case}")
            unfold(page)
            assert attack in page.locator(".tillit").inner_text()
            assert page.locator(".tillit img").count() == 0
        assert page.evaluate("window.hacked") is None


@pytest.mark.parametrize(
    ("scheme", "query", "expected"),
    [
        ("light", {}, LIGHT),
        ("dark", {}, DARK),
        ("dark", {"jupyter": "light"}, LIGHT),
        ("light", {"jupyter": "dark"}, DARK),
        ("dark", {"theme": "light"}, LIGHT),
        ("light", {"theme": "dark"}, DARK),
        ("light", {"vscode": "1"}, DARK),
    ],
)
def test_the_host_says_whether_it_is_dark(
    open_desk: OpenDesk, scheme: str, query: dict[str, str], expected: str
) -> None:
    assert background(open_desk("play", scheme=scheme, **query)) == expected


STYLES = """() => [...document.querySelectorAll(".tillit, .tillit *")].map((one) => {
  const style = getComputedStyle(one);
  const looks = ["display", "color", "backgroundColor", "margin", "padding", "border", "font", "letterSpacing",
    "textTransform", "listStyle", "textDecoration", "borderRadius", "maxWidth", "fill"];
  return [one.tagName, one.getAttribute("class"), ...looks.map((name) => style[name])].join("; ");
})"""


@pytest.mark.parametrize("name", ["play", "debrief_rewound"])
def test_the_styles_of_a_host_do_not_reach_in(open_desk: OpenDesk, name: str) -> None:
    def look(**query: str) -> list[str]:
        page = open_desk(name, **query)
        if name == "play":
            click(page, "inbox:floor")
            page.mouse.move(0, 0)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(300)
        return page.evaluate(STYLES)

    assert look(hostile="1") == look()


def test_nothing_leaks_out(open_desk: OpenDesk) -> None:
    """Every rule of the style sheet stands under the root's class."""
    page = open_desk("start")
    selectors = page.evaluate("""() => [...document.styleSheets[0].cssRules]
      .filter((rule) => !(rule instanceof CSSKeyframesRule)).map((rule) => rule.selectorText ?? rule.cssText)""")
    assert selectors and all(selector.endswith(".tillit.tillit") for selector in selectors)


def test_reduced_motion_is_honoured(open_desk: OpenDesk) -> None:
    animation = "getComputedStyle(document.querySelector('.t-outcome')).animationName"
    page = open_desk("play", motion="no-preference")
    click(page, "inbox:card")
    assert page.evaluate(animation) == "tillit-appear"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(animation) == "none"


def test_every_figure_has_words_and_a_table(open_desk: OpenDesk) -> None:
    page = open_desk("debrief_rewound")
    figures = page.evaluate("""() => [...document.querySelectorAll("[role=img]")].map((figure) => ({
      words: figure.getAttribute("aria-labelledby").split(" ").map((id) => document.getElementById(id).textContent),
      table: Boolean(figure.closest(".t-chapter, .t-multiple, .t-rewind-result").querySelector("details table")),
    }))""")
    assert len(figures) == 8
    assert all(len(figure["words"]) == 2 and all(figure["words"]) and figure["table"] for figure in figures)
    hidden = page.locator("svg:not([role=img]):not([aria-hidden=true]):not(svg svg)").count()
    assert hidden == 0, "a figure is either an image with words or decoration"


def test_headings_are_in_order_and_regions_have_names(open_desk: OpenDesk) -> None:
    for name in VIEWS:
        page = open_desk(name)
        levels = page.evaluate("""() => [...document.querySelectorAll(".tillit :is(h2, h3, h4, h5)")]
          .map((one) => Number(one.tagName[1]))""")
        assert levels[0] == 2
        assert all(after <= before + 1 for before, after in pairwise(levels)), name
        names = page.evaluate("""() => [...document.querySelectorAll("section")].map((one) => one.ariaLabel
          ?? document.getElementById(one.getAttribute("aria-labelledby"))?.textContent)""")
        assert names and all(names), name


def test_two_players_on_a_page_do_not_share_ids_and_one_can_be_closed(open_desk: OpenDesk) -> None:
    page = open_desk("debrief_rewound")
    page.evaluate("""async () => {
      const { default: player } = await import("/src/tillit/player/static/player.mjs");
      const el = document.body.appendChild(document.createElement("div"));
      const model = { get: () => window.host.view, on() {}, send() {} };
      window.closeSecond = player.render({ model, el });
    }""")
    ids: list[str] = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    page.evaluate("window.closeSecond()")
    assert page.locator(".tillit").count() == 1
    page.evaluate("window.host.close()")
    assert page.locator(".tillit").count() == 0


def test_whatever_can_hold_the_focus_can_be_found_again_and_is_left_alone_by_jupyter(open_desk: OpenDesk) -> None:
    """Jupyter looks for the attribute on the element itself; without it `d d` on a button deletes the cell."""
    for name in VIEWS:
        page = open_desk(name)
        if name == "play":
            click(page, "inbox:floor")
        forgotten = page.locator(
            ".tillit :is(button, input, select, summary, [tabindex]):not([data-key][data-lm-suppress-shortcuts])"
        )
        assert forgotten.count() == 0, name


def test_single_keys_are_kept_from_the_notebook_and_shortcuts_are_not(open_desk: OpenDesk) -> None:
    page = open_desk("play")
    page.evaluate("""() => {
      window.heard = [];
      document.addEventListener("keydown", (event) => window.heard.push(event.key));
    }""")
    tab_to(page, "inbox:stairs")
    page.keyboard.press("d")
    page.keyboard.press("Control+s")
    assert [name for name in page.evaluate("window.heard") if name not in ("Tab", "Control")] == ["s"]
