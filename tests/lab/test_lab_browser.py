"""The page in a real Chromium: clicks, keys, narrow screens, mistakes, and a file opened from disk."""

import re
import shutil

import numpy as np
import pytest
import yaml

import sim
from sim.commands.cli import main
from tests.helpers.labs import open_lab

playwright = pytest.importorskip("playwright.sync_api", reason="the extra 'browser' is not installed")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (Debian: apt-get install chromium)"),
]


@pytest.fixture(scope="module")
def lab():
    with open_lab() as lab:
        yield lab


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Screen:
    """A tab and what its console complained about."""

    def __init__(self, browser, address, **options):
        self.context = browser.new_context(viewport={"width": 1280, "height": 720}, accept_downloads=True, **options)
        self.complaints = []
        self.address = address
        self.tab = self.open()

    def open(self, link=""):
        tab = self.context.new_page()
        tab.set_default_timeout(20_000)
        tab.on("console", lambda line: self.complaints.append(line.text) if line.type in ("error", "warning") else None)
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        tab.goto(self.address + link)
        tab.wait_for_selector("html[data-ready]", state="attached")
        tab.wait_for_selector('html[data-work="complete"]', state="attached")
        return tab

    def text(self, selector):
        return self.tab.locator(selector).first.inner_text()

    def problem(self):
        return self.text("#problem p") if self.tab.locator("#problem").is_visible() else ""

    def settle(self):
        """Wait until everything asked for is drawn, and the link is kept."""
        self.tab.wait_for_selector('html[data-work="complete"]', state="attached")
        self.tab.wait_for_timeout(20)

    def slide(self, name, value):
        """Move a slider as a hand does: many inputs, one after another."""
        place = self.tab.locator(f"#{name}")
        place.scroll_into_view_if_needed()
        place.evaluate("(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})); }", str(value))
        self.settle()

    def inked(self, selector):
        """Count the pixels of a canvas that are drawn on."""
        return self.tab.locator(selector).first.evaluate(
            "c => c.getContext('2d').getImageData(0, 0, c.width, c.height)"
            ".data.filter((value, place) => place % 4 === 3 && value).length"
        )


@pytest.fixture
def screen(browser, lab):
    screen = Screen(browser, lab.address)
    yield screen
    screen.context.close()
    assert screen.complaints == []


def test_it_opens_with_two_living_pictures(screen):
    assert screen.tab.title() == "The partnership lab"
    for plan in ("a", "b"):
        assert screen.inked(f".plan-{plan} canvas") > 5000
    assert screen.text(".plan-b .what") == "The coordinators leave"
    assert screen.tab.evaluate("document.activeElement.id") == "play"
    assert screen.text("#story .now").startswith("Now: joint output")
    assert "the same so far, to the last bit" in screen.text("#story")


def test_everything_of_a_lesson_is_seen_at_once_on_a_projector(screen):
    for selector in (".plan-a", ".plan-b", "#play", "#week", ".chart >> nth=5", "#story .now", "#tabs"):
        box = screen.tab.locator(selector).first.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 720, selector
        assert box["x"] + box["width"] <= 1280, selector


def test_playing_stepping_and_scrubbing(screen):
    screen.tab.click("#play")
    screen.tab.wait_for_timeout(900)
    screen.tab.click("#play")
    week = int(screen.tab.input_value("#week"))
    assert 1 <= week <= 40
    screen.tab.click("#step")
    screen.tab.click("#step")
    screen.tab.click("#back")
    assert int(screen.tab.input_value("#week")) == week + 1
    screen.slide("week", 130)
    assert "the coordinators leave" in screen.text("#story")
    screen.slide("week", 140)
    assert screen.text("#week-name") == "Week 140 of 260"
    assert "until week 129; in week 130 they parted" in screen.text("#story")
    assert "more than luck" in screen.text("#story") or "within luck" in screen.text("#story")


def test_a_slider_changes_its_plan_only_and_the_label_says_custom(screen):
    screen.slide("week", 260)
    before = screen.text("#story .now")
    screen.slide("B-conflict_handling", 0.95)
    assert screen.text(".plan-b .what") == "Custom, from: The coordinators leave"
    assert screen.text(".plan-a .what") == "As it was"
    after = screen.text("#story .now")
    assert after != before
    assert after.split(" in A")[0] == before.split(" in A")[0]
    assert "B.enabling.conflict_handling=0.95" in screen.tab.url
    screen.tab.click("#preset-back")
    screen.settle()
    assert screen.text(".plan-b .what") == "The coordinators leave"
    assert screen.text("#story .now") == before


def test_a_link_brings_back_the_same_page_and_back_goes_back(screen):
    screen.tab.select_option("#preset-B", "funding_cut")
    screen.settle()
    screen.tab.select_option("#case", "chrp")
    screen.settle()
    screen.slide("week", 200)
    playwright.expect(screen.tab).to_have_url(re.compile("week=200"))
    story, link = screen.text("#story"), screen.tab.url
    screen.tab.reload()
    screen.tab.wait_for_selector("html[data-ready]", state="attached")
    screen.settle()
    assert (screen.text("#story"), screen.tab.url) == (story, link)
    other = screen.open(link[link.index("#") :])
    assert other.locator(".plan-b .what").inner_text() == "The grant is halved"
    screen.tab.go_back()
    playwright.expect(screen.tab.locator("#case")).to_have_value("pccp")
    assert other.input_value("#case") == "chrp"


def test_other_luck_and_start_again(screen):
    start = screen.text("#story .now")
    screen.tab.click("#luck")
    screen.settle()
    assert screen.text("#luck") == "Luck no. 2 · try another"
    screen.slide("week", 100)
    screen.tab.click("#restart")
    screen.settle()
    assert screen.text("#story .now") == start
    assert screen.text("#luck").startswith("Luck no. 1")


def test_nothing_is_broken_by_hasty_hands(screen):
    for selector in ("#play", "#step", "#luck", "#restart", "#tab-A", "#tab-lesson", ".set-up", "#tab-B"):
        screen.tab.locator(selector).first.dblclick()
    for value in range(0, 100, 7):
        screen.tab.locator("#B-leadership").evaluate(
            "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})); }", str(value / 100)
        )
    screen.settle()
    assert screen.problem() == ""
    assert screen.tab.input_value("#B-leadership") == "1"
    assert "B.enabling.leadership=1" in screen.tab.url or "B.enabling.leadership=0.98" in screen.tab.url


@pytest.mark.parametrize(
    "link", ["#%%%", "#week=9999&luck=-4&A=nothing", "#B.enabling.leadership={", "#curve=x&language=zz&B.shocks.a"]
)
def test_a_damaged_link_opens_the_page(browser, lab, link):
    screen = Screen(browser, lab.address)
    tab = screen.open(link)
    assert tab.locator("#story .now").inner_text().startswith("Now")
    assert screen.complaints == []
    screen.context.close()


def test_a_link_with_a_wrong_value_is_told_in_its_own_place(browser, lab):
    screen = Screen(browser, lab.address)
    screen.tab.close()
    screen.tab = screen.open("#B.enabling.leadership=7")
    assert screen.problem().startswith("enabling.leadership must be a number from 0 to 1")
    assert screen.text("#story .now").startswith("Now")
    screen.tab.click("#problem button")
    assert screen.problem() == ""
    screen.context.close()


def test_a_shock_is_placed_by_hand(screen):
    screen.slide("week", 60)
    screen.tab.locator("#add-shock").scroll_into_view_if_needed()
    assert screen.text("#add-shock") == "Add a shock in week 60"
    screen.tab.click("#add-shock")
    screen.settle()
    mark = screen.tab.locator(".mark.own")
    mark.focus()
    for _ in range(3):
        screen.tab.keyboard.press("ArrowRight")
        screen.settle()
    assert '"week":63' in screen.tab.evaluate("decodeURIComponent(location.hash)")
    box, strip = mark.bounding_box(), screen.tab.locator("#marks").bounding_box()
    screen.tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + 5)
    screen.tab.mouse.down()
    screen.tab.mouse.move(strip["x"] + strip["width"] * 0.5, box["y"] + 5, steps=4)
    screen.tab.mouse.up()
    screen.settle()
    assert '"week":130' in screen.tab.evaluate("decodeURIComponent(location.hash)")
    week = screen.tab.locator(".event input").first
    week.fill("99999")
    week.press("Enter")
    screen.settle()
    assert '"week":260' in screen.tab.evaluate("decodeURIComponent(location.hash)")
    assert screen.problem() == ""


def test_keys_alone_are_enough(screen):
    press = screen.tab.keyboard.press
    press("Space")
    screen.tab.wait_for_timeout(400)
    press("Space")
    for _ in range(3):
        press("Tab")
    assert screen.tab.evaluate("document.activeElement.id") == "week"
    week = int(screen.tab.input_value("#week"))
    press("ArrowRight")
    assert int(screen.tab.input_value("#week")) == week + 1
    for _ in range(40):
        press("Shift+Tab")
        if screen.tab.evaluate("document.activeElement.className") == "seat":
            break
    assert screen.tab.locator(".tip").is_visible()
    assert "since" in screen.text(".tip")
    press("Escape")
    assert screen.tab.locator(".tip").count() == 0
    screen.tab.focus("#tab-B")
    press("ArrowRight")
    assert screen.tab.evaluate("document.activeElement.id") == "tab-lesson"
    assert screen.tab.locator(".card").count() == 3


@pytest.mark.parametrize(("width", "height", "ratio"), [(390, 844, 2), (640, 360, 2), (820, 1180, 1), (1920, 1080, 1)])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_fits_the_screen(browser, lab, width, height, ratio, language):
    """A phone, a projector at 200%, a tablet, a large screen; nothing falls off the side."""
    screen = Screen(browser, lab.address, device_scale_factor=ratio)
    screen.tab.set_viewport_size({"width": width, "height": height})
    screen.tab.goto(f"{lab.address}#language={language}&week=140")
    screen.tab.wait_for_selector("html[data-ready]", state="attached")
    screen.settle()
    assert screen.tab.evaluate("document.documentElement.scrollWidth") <= width
    boxes = [screen.tab.locator(f".plan-{plan}").bounding_box() for plan in ("a", "b")]
    stacked = boxes[1]["y"] >= boxes[0]["y"] + boxes[0]["height"]
    assert stacked == (width < 700)
    assert screen.complaints == []
    screen.context.close()


def test_french_is_french(screen):
    screen.slide("week", 140)
    screen.tab.select_option("#language", "fr")
    screen.settle()
    assert screen.tab.evaluate("document.documentElement.lang") == "fr"
    assert screen.text("#story .now").startswith("Maintenant : production commune")
    assert "0,4" in screen.text("#story .now")
    shown = screen.tab.locator("body").inner_text()
    for word in ("Plan B only", "Remove", "Week", "Start again", "Joint output", "Getting to know"):
        assert word not in shown


def test_an_exercise_sets_the_page_up(screen):
    screen.tab.click("#tab-lesson")
    screen.tab.select_option("#lesson", "trust")
    screen.tab.locator("textarea").first.fill("never")
    screen.tab.locator(".set-up").first.click()
    screen.settle()
    assert screen.text("#week-name") == "Week 104 of 260"
    assert screen.tab.is_checked("#hide")
    assert screen.tab.locator(".chart.chosen button").inner_text() == "Trust"
    assert screen.text(".plan-b .what").startswith("Custom")
    assert screen.tab.locator("textarea").first.input_value() == "never"
    screen.tab.locator("aside details summary").click()
    assert "in at least 92 of 100 pairs" in screen.text("aside details")


def test_what_is_saved_is_what_was_seen(screen, tmp_path):
    screen.slide("B-leadership", 0.9)

    def saved(what):
        screen.tab.click("#save summary")
        with screen.tab.expect_download() as coming:
            screen.tab.click(f'[data-save="{what}"]')
        path = tmp_path / coming.value.suggested_filename
        coming.value.save_as(path)
        return path

    assert saved("picture").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    plan = saved("B")
    assert yaml.safe_load(plan.read_text(encoding="utf-8"))["enabling"] == {"leadership": 0.9}
    weekly = sim.run(sim.make_scenario("pccp", str(plan)), seed=1, replicates=1).weekly
    rows = [line.split(",") for line in saved("data").read_text(encoding="utf-8").splitlines()]
    ours = [float(row[rows[0].index("output")] or "nan") for row in rows[1:] if row[0] == "B"]
    assert np.array_equal(ours, weekly["output"], equal_nan=True)


def test_a_server_that_is_gone_is_told(browser, lab):
    screen = Screen(browser, lab.address)
    before = screen.text("#story .now")
    screen.context.set_offline(True)
    screen.tab.click("#luck")
    screen.settle()
    assert screen.problem() == "The lab does not answer. Is the command partnersim lab still running?"
    assert screen.text("#story .now") == before
    assert screen.text("#luck").startswith("Luck no. 1")
    screen.context.close()


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    path = tmp_path_factory.mktemp("lesson") / "lesson.html"
    assert main(["lesson", "--out", str(path), "presets=baseline,funding_cut", "seeds=1,2", "lessons=trust"]) == 0
    return path


def test_a_lesson_opens_from_disk_without_a_network(browser, lesson):
    screen = Screen(browser, lesson.as_uri(), offline=True)
    asked = []
    screen.tab.on("request", lambda request: asked.append(request.url))
    assert screen.tab.locator("#panel input[type=range]").count() == 0
    assert not screen.tab.locator("#case").is_visible()
    screen.slide("week", 200)
    assert screen.text(".plan-b .what") == "The grant is halved"
    assert "more than luck" in screen.text("#story") or "within luck" in screen.text("#story")
    screen.tab.click("#luck")
    screen.tab.click("#tab-lesson")
    screen.tab.locator(".set-up").first.click()
    screen.settle()
    assert screen.text(".plan-b .what") == "Half a year of neglect"
    assert screen.text("#week-name") == "Week 104 of 260"
    screen.tab.select_option("#language", "fr")
    assert screen.text(".plan-b .what") == "Une demi-année de négligence"
    assert asked == []
    assert screen.complaints == []
    screen.context.close()


def test_exercises_can_be_printed(browser, lesson):
    screen = Screen(browser, lesson.as_uri())
    screen.tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    screen.tab.emulate_media(media="print")
    shown = screen.tab.locator("#print").inner_text()
    assert "Half a year of neglect" in shown
    assert "What the model cannot say" in shown
    assert not screen.tab.locator("main").is_visible()
    screen.context.close()
