"""The board in a real browser: what is shown there, how soon it follows, and how it comes back by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from wcwidth import wcswidth
from yarl import URL

from support.chromium import Page, chromium, tab
from support.servers import Running, until
from support.serving import Serving, new_home, note, serving, tunnel

NOTICE = "document.getElementById('notice')"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with chromium(tmp_path_factory.mktemp("chromium")) as started:
        yield started


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(new_home(tmp_path_factory.mktemp("serve"), "production")) as started:
        yield started


async def write(server: Serving, text: str) -> None:
    await asyncio.to_thread(note, server.errors.parent, text)


async def size_of(page: Page) -> tuple[int, int]:
    columns, rows = await page.run("[shownBy.terminal.cols, shownBy.terminal.rows]")
    return columns, rows


async def test_the_browser_shows_the_board_and_follows_it(server: Serving, browser: Running) -> None:
    async with tab(browser) as page, tab(browser, size=(1280, 720)) as projector:
        await page.open(server.url)
        await page.wait_for("READ-ONLY")
        await page.wait_for("결제 창구")
        assert await page.run("document.title") == "PRODUCTION · Artisan · READ-ONLY"
        # A letter of two cells takes two: what stands behind it is where it is in a terminal.
        line = next(line for line in await page.screen() if "결제 창구" in line)
        cells = await page.run(
            "(() => { const b = shownBy.terminal.buffer.active; for (let y = 0; y < shownBy.terminal.rows; y++) {"
            "const l = b.getLine(y); for (let x = 0; x < l.length; x++) if (l.getCell(x).getChars() === '창')"
            "return [x, l.getCell(x).getWidth()]; } })()"
        )
        assert cells == [wcswidth(line.partition("창")[0]), 2]
        # All of it fits, with letters as large as they can be; the font is the one that came with the page.
        assert await page.run("document.fonts.check(\"16px 'Roboto Mono'\")")
        await projector.open(server.url)
        await projector.wait_for("결제 창구")
        for shown in (page, projector):
            columns, rows = await size_of(shown)
            assert columns >= 120
            assert 40 <= rows <= 44
        await page.resize(1000, 900)
        await page.wait_until("shownBy.terminal.rows > 44 && shownBy.terminal.cols >= 120")
        await page.wait_for("결제 창구")
        took = []
        for number in range(8):  # a busy machine delays some of them, and not each
            said = f"창고를 {number} 점검합니다"
            await write(server, said)
            took.append(await page.wait_for(said, seconds=40) + await projector.wait_for(said, seconds=40))
            if took[-1] < 2:
                break
        assert min(took) < 2, took
        # Nothing comes from elsewhere, and the token is in no address but the first.
        here = {server.origin, server.origin.replace("http", "ws")}
        assert {str(URL(each).origin()) for each in page.requests if not each.startswith("data:")} <= here
        assert [each for each in page.requests if server.token in each] == [server.url]
        assert await page.run("location.href") == f"{server.origin}/"
        assert await page.run("document.cookie") == ""
        assert page.complaints == []


async def test_the_board_comes_back_after_the_connection_was_lost(server: Serving, browser: Running) -> None:
    async with tunnel(server) as way, tab(browser) as page:
        await page.open(server.url.replace(str(server.told["port"]), str(way.port)))
        await page.wait_for("결제 창구")
        await page.press("J")  # also from another screen
        await page.wait_for("the store begins")
        await way.cut()
        await page.wait_until(f"!{NOTICE}.hidden && {NOTICE}.textContent.startsWith('NOT LIVE since ')")
        assert await page.run("document.body.classList.contains('stale')")
        await asyncio.to_thread(until, lambda: server.boards() == [], 10.0, "the end of the board")
        await write(server, "while nobody saw it")
        assert "while nobody saw it" not in "\n".join(await page.screen())
        await way.open()
        # The network may say more than once that it is back, while the page has asked already: one board is opened.
        await page.run("[1, 2, 3, 4].forEach(() => window.dispatchEvent(new Event('online')))")
        await page.wait_for("while nobody saw it")
        await page.wait_until(f"{NOTICE}.hidden")
        assert len(server.boards()) == 1
        assert await page.run(f"{NOTICE}.hidden && !document.body.classList.contains('stale')")


async def test_a_closed_board_is_opened_again_by_a_key(server: Serving, browser: Running) -> None:
    async with tab(browser) as page:
        await page.open(server.url)
        await page.wait_for("결제 창구")
        await page.press("q")
        await page.wait_until(f"{NOTICE}.textContent.startsWith('The board was closed')")
        await page.press("x")
        await page.wait_until(f"{NOTICE}.hidden")
        await page.wait_for("결제 창구")
        # A page of another origin has the cookie and does not get the board.
        await page.open(server.origin.replace("127.0.0.1", "localhost"))
        await page.wait_until("document.body.textContent.includes('This link is not complete')")
        await page.run(
            "new Promise(done => { const s = new WebSocket('" + server.origin.replace("http", "ws") + "/ws');"
            "s.onopen = () => done('open'); s.onerror = () => done('refused'); }).then(said => window.said = said)"
        )
        assert await page.run("window.said") == "refused"


async def test_a_board_that_fails_says_why_and_comes_back(tmp_path: Path, browser: Running) -> None:
    home = new_home(tmp_path)
    with serving(home) as server:
        config = (home / "artisan.toml").read_text("utf-8")
        (home / "artisan.toml").write_text(config + "naem = 1\n", "utf-8")
        async with tab(browser) as page:
            await page.open(server.url)
            await page.wait_until("document.getElementById('said').textContent.includes('naem')")
            await page.wait_until(f"{NOTICE}.textContent.startsWith('The board could not go on')")
            (home / "artisan.toml").write_text(config, "utf-8")
            await page.wait_for("결제 창구")
            await page.wait_until("document.getElementById('said').hidden")
