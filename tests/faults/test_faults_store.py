"""A person at 03:00 whose store cannot be used: the board opens, watches, and says what is not written down and why."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from support.processes import with_us
from support.rows import Rows
from support.servers import require, until
from support.services import Service, config_text, http_check, service
from support.terminal import Terminal

PROGRAM = [sys.executable, "-m", "artisan_tui"]
#: A user that no machine knows.
STRANGER = 54321
ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not ROOT, reason="only root can mount, and give files away")
NOT_WRITTEN = "NOT SAVED"


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that other users may look into; what pytest makes is its user's alone."""
    folder = Path(tempfile.mkdtemp(prefix="artisan-faults-"))
    folder.chmod(0o755)
    (folder / "state").mkdir(mode=0o700)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def watching(
    home: Path,
    *,
    command: Sequence[str] = PROGRAM,
    state: bool = True,
    env: Mapping[str, str | None] | None = None,
    size: tuple[int, int] = (120, 30),
) -> Iterator[tuple[Terminal, Service]]:
    """The board on one service that is well and one that never answers; how it was left is checked at the end.

    While the first is up the second must never be: what was not seen is not green.
    """
    mute = threading.Event()
    with service() as well, service(delay=mute) as silent:
        text = config_text(http_check("well", well.url, fall=1, rise=1), http_check("mute", silent.url, fall=1))
        (home / "artisan.toml").write_text(text, "utf-8")
        arguments = ["--config", str(home / "artisan.toml")]
        arguments += ["--state", str(home / "state")] if state else []
        forked = command[: len(PROGRAM)] == PROGRAM
        words = [*command, *arguments][len(PROGRAM) if forked else 0 :]
        with Terminal(words, size=size, env=env, cwd=home, forked=forked) as terminal:
            rows = Rows(terminal, "well", "mute")
            terminal.wait_for(lambda: rows.states() == {"mute": "DOWN"}, 20)
            terminal.press("enter")  # the service, with what is well in it
            terminal.wait_for(lambda: rows.states() == {"well": "up", "mute": "DOWN"}, 20)
            yield terminal, well
            assert "up" not in rows.said["mute"]
            terminal.press("q")
            assert terminal.wait_exit(15) == 0, terminal.screen_text()
            assert not terminal.left_behind()
            assert b"Traceback" not in terminal.raw()


def watches_on(terminal: Terminal, well: Service, said: str) -> None:
    """It is live, an outage is seen, and that it is not written down is said beside it."""
    terminal.wait_for(NOT_WRITTEN, 20)
    terminal.wait_for(lambda: said in " ".join(notice(terminal).split()), 5)
    well.status = 503
    terminal.wait_for("s.well DOWN: status 503")
    terminal.wait_for("not saved")
    well.status = 200
    terminal.wait_for("s.well up again")


def notice(terminal: Terminal) -> str:
    """The lines of what is wrong with ourselves, joined."""
    lines = terminal.screen_text().split("\n")
    start = next((index for index, line in enumerate(lines) if NOT_WRITTEN in line), None)
    return "" if start is None else " ".join(line.strip() for line in lines[start : start + 3])


def path_of(home: Path) -> Path:
    return home / "state" / "artisan.db"


def begun(home: Path) -> Path:
    """A store that an earlier session wrote to, closed."""
    with watching(home):
        until(lambda: has_begun(path_of(home)))
    return path_of(home)


def has_begun(path: Path) -> bool:
    """Whether a session has written that it began; the board folds such entries."""
    try:
        return any(kind == "session.start" for _, kind, _ in events(path))
    except sqlite3.OperationalError:
        return False


def events(path: Path) -> list[tuple[int, str, str]]:
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
        return raw.execute("SELECT seq, kind, body FROM event ORDER BY seq").fetchall()


# -- where nothing can be written ------------------------------------------------------


def as_stranger() -> list[str]:
    """The program as somebody who owns nothing here, and whom no password file knows."""
    before = [require("setpriv"), f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups"]
    tried = subprocess.run([*before, *PROGRAM, "--version"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"another user cannot run this Python: {tried.stderr.strip()[-200:]}")
    return [*before, *PROGRAM]


def test_a_folder_that_may_not_be_written(home: Path) -> None:
    (home / "state").chmod(0o500)
    if ROOT:
        os.chown(home / "state", STRANGER, STRANGER)
    with watching(home, command=as_stranger() if ROOT else PROGRAM) as (terminal, well):
        watches_on(terminal, well, "cannot be written (Permission denied); check its permissions or use another")
    assert list((home / "state").iterdir()) == []


@needs_root
def test_a_folder_of_another_user(home: Path) -> None:
    os.chown(home / "state", STRANGER, STRANGER)
    with watching(home) as (terminal, well):
        watches_on(terminal, well, f"it is owned by user {STRANGER} and you are 0; run as its owner or use another")
    assert list((home / "state").iterdir()) == []


@needs_root
def test_nobody_s_home(home: Path) -> None:
    """No HOME, no entry in the password file, no --state: there is no place at all."""
    env = {"HOME": None, "XDG_STATE_HOME": None, "XDG_CONFIG_HOME": None, "ARTISAN_STATE": None}
    with watching(home, command=as_stranger(), state=False, env=env) as (terminal, well):
        watches_on(terminal, well, "--state")
    assert not (home / "~").exists()


def test_a_home_that_is_not_there(home: Path) -> None:
    with watching(home, state=False, env={"HOME": str(home / "gone"), "XDG_STATE_HOME": None}) as (terminal, well):
        watches_on(terminal, well, "does not exist; create it, or mount its disk")
    assert not (home / "gone").exists()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda home: path_of(home).symlink_to(home / "elsewhere.db"), "it is a symbolic link; set the real path"),
        (lambda home: path_of(home).mkdir(), "it is not a plain file; move it away"),
        (lambda home: os.mkfifo(path_of(home), 0o600), "it is not a plain file; move it away"),
        (lambda home: (home / "state").chmod(0o777), "every user can write it; fix it with: chmod o-w"),
    ],
    ids=["link", "folder", "pipe", "open to all"],
)
def test_a_place_that_is_not_safe(home: Path, spoil: Callable[[Path], None], said: str) -> None:
    spoil(home)
    with watching(home) as (terminal, well):
        watches_on(terminal, well, said)
    assert not (home / "elsewhere.db").exists()


# -- file systems ----------------------------------------------------------------------


@needs_root
@pytest.mark.parametrize("kind", ["nfs4", "cifs", "9p"])
def test_a_network_drive(home: Path, kind: str) -> None:
    """The kernel's list of mounts, as this process sees it, says so: an NFS server is not at hand everywhere."""
    (home / "mounts").write_text(f"/dev/vda / ext4 rw 0 0\nfiler:/home {home}/state {kind} rw 0 0\n")
    inside = f'mount --bind {home}/mounts /proc/$$/mounts && exec "$@"'
    command = [require("unshare"), "-m", "sh", "-c", inside, "sh"]
    tried = subprocess.run([*command, "cat", "/proc/self/mounts"], capture_output=True, text=True, check=False)
    if kind not in tried.stdout:
        pytest.skip(f"mounts cannot be changed here: {tried.stderr.strip()}")
    with watching(home, command=[*command, *PROGRAM]) as (terminal, well):
        watches_on(terminal, well, f"is on a network file system ({kind}), where SQLite loses data")
    assert list((home / "state").iterdir()) == []


@pytest.fixture
def hung(home: Path) -> Iterator[Path]:
    """A network drive whose server is gone: whoever asks for anything on it stands still. FUSE, with nobody behind it."""
    if not ROOT:
        pytest.skip("only root can mount")
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        device = os.open("/dev/fuse", os.O_RDWR)
    except OSError as error:
        pytest.skip(f"no FUSE here: {error}")
    folder = home / "state"
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
    if libc.mount(b"filer", os.fsencode(folder), b"fuse.sshfs", 6, options):
        os.close(device)
        pytest.skip(f"FUSE may not be mounted here: {os.strerror(ctypes.get_errno())}")
    yield folder
    os.close(device)  # whoever stands still goes on with an error
    libc.umount2(os.fsencode(folder), 2)


def test_a_network_drive_that_hangs_holds_nobody(home: Path, hung: Path) -> None:
    with watching(home) as (terminal, well):
        watches_on(terminal, well, "is on a network file system (fuse.sshfs)")


@pytest.fixture
def small_disk(home: Path) -> Iterator[Path]:
    """A real file system of one megabyte, where the state is."""
    if not ROOT:
        pytest.skip("only root can mount")
    mounted = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", str(home / "state")]
    made = subprocess.run(mounted, capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"no tmpfs may be mounted here: {made.stderr.strip()}")
    yield home / "state"
    subprocess.run(["umount", "-l", str(home / "state")], check=True)


def fill(folder: Path) -> None:
    with (folder / "ballast").open("ab", buffering=0) as ballast, contextlib.suppress(OSError):
        while ballast.write(b"x" * 4096):
            pass


def test_no_room_from_the_start_and_then_room(home: Path, small_disk: Path) -> None:
    fill(small_disk)
    with watching(home) as (terminal, well):
        watches_on(terminal, well, "no disk space left for the store")
        (small_disk / "ballast").unlink()
        terminal.wait_gone(NOT_WRITTEN, 20)
        until(lambda: any(kind == "check.state" for _, kind, _ in events(path_of(home))))
    kinds = [kind for _, kind, _ in events(path_of(home))]
    assert kinds[0] == "session.start"
    assert kinds[-1] == "session.stop"
    assert kinds.count("check.state") >= 3  # of well, down and up; and mute


def test_the_disk_fills_up_under_the_board(home: Path, small_disk: Path) -> None:
    with watching(home) as (terminal, well):
        until(lambda: has_begun(path_of(home)))
        fill(small_disk)
        for _ in range(200):
            well.status = 503 if well.status == 200 else 200
            probes = well.requests
            until(lambda: well.requests > probes, 5)  # noqa: B023  it is asked in this round
            if NOT_WRITTEN in terminal.screen_text():
                break
        well.status = 200
        terminal.wait_for("s.well up again")
        watches_on(terminal, well, "no disk space left for the store")
        (small_disk / "ballast").unlink()
        terminal.wait_gone(NOT_WRITTEN, 20)
    assert [seq for seq, _, _ in events(path_of(home))] == list(range(1, len(events(path_of(home))) + 1))


@needs_root
def test_a_disk_that_became_read_only(home: Path, small_disk: Path) -> None:
    begun(home)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with watching(home) as (terminal, well):
        watches_on(terminal, well, "cannot be written")


# -- another program -------------------------------------------------------------------

HOLD = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA locking_mode=EXCLUSIVE")
db.execute("BEGIN EXCLUSIVE")
db.execute("CREATE TABLE IF NOT EXISTS held (x)")
print("held", flush=True)
sys.stdin.read()
"""


def test_another_program_holds_it_from_the_start_and_lets_go(home: Path) -> None:
    path = begun(home)
    before = len(events(path))
    with subprocess.Popen(
        with_us([sys.executable, "-c", HOLD, str(path)]), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "held\n"
        try:
            with watching(home) as (terminal, well):
                watches_on(terminal, well, "another program has locked the store")
                other.send_signal(signal.SIGKILL)
                other.wait(10)
                terminal.wait_gone(NOT_WRITTEN, 30)
        finally:
            other.kill()
    kinds = [kind for _, kind, _ in events(path)][before:]
    assert kinds[0] == "session.start"
    assert kinds[-1] == "session.stop"
    assert kinds.count("check.state") >= 2


def test_the_database_of_another_program(home: Path) -> None:
    with contextlib.closing(sqlite3.connect(path_of(home))) as raw:
        raw.execute("CREATE TABLE recipe (id)")
    before = path_of(home).read_bytes()
    with watching(home) as (terminal, well):
        watches_on(terminal, well, "is the database of another program (it holds recipe); use a separate folder")
    assert path_of(home).read_bytes() == before
    assert [file.name for file in (home / "state").iterdir()] == ["artisan.db"]


def test_a_newer_program_wrote_it(home: Path) -> None:
    path = begun(home)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with watching(home) as (terminal, well):
        watches_on(terminal, well, "newer artisan-tui")
    assert path.read_bytes() == before


# -- damaged and deleted ---------------------------------------------------------------


def damage(path: Path) -> None:
    """Overwrite everything, as a disk that lies would: what is in memory does not hide it for long."""
    with contextlib.closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.write(b"\xa5" * path.stat().st_size)


def replaced(path: Path) -> dict[str, object]:
    """The first event of the journal at ``path``, which must tell of the break."""
    import json

    seq, kind, body = events(path)[0]
    assert (seq, kind) == (1, "store.replaced")
    found: dict[str, object] = json.loads(body)
    return found


def quarantined(home: Path) -> list[Path]:
    return sorted(file for file in (home / "state").iterdir() if ".quarantine-" in file.name)


@pytest.mark.parametrize("spoil", [damage, lambda path: os.truncate(path, 0)], ids=["garbage", "emptied"])
def test_a_store_that_is_damaged_at_the_start(home: Path, spoil: Callable[[Path], None]) -> None:
    path = begun(home)
    spoil(path)
    kept = path.read_bytes()
    with watching(home) as (terminal, well):
        terminal.wait_for("quarantine", 20)
        assert NOT_WRITTEN not in terminal.screen_text()
        well.status = 503
        terminal.wait_for("s.well DOWN: status 503")
    (aside,) = quarantined(home)
    assert aside.read_bytes() == kept
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    assert replaced(path)["was"] == str(aside)
    assert {"session.start", "check.state", "session.stop"} <= {kind for _, kind, _ in events(path)}


def test_a_store_that_is_damaged_under_the_board(home: Path) -> None:
    with watching(home) as (terminal, well):
        until(lambda: has_begun(path_of(home)))
        until(lambda: any(kind == "check.state" for _, kind, _ in events(path_of(home))))
        seen = events(path_of(home))
        damage(path_of(home))
        watches_on(terminal, well, "is damaged")
        terminal.wait_gone(NOT_WRITTEN, 30)
        terminal.wait_for("quarantine")
    body = replaced(path_of(home))
    assert body["why"] == "damaged"
    assert body["last_seq"] >= seen[-1][0]  # type: ignore[operator]
    assert len(str(body["last_hash"])) == 64
    states = [kind for _, kind, _ in events(path_of(home))].count("check.state")
    assert states >= 2  # down and up again, both seen while nothing could be written
    assert body["was"] in map(str, quarantined(home))


@pytest.mark.parametrize("folder", [False, True], ids=["file", "folder"])
def test_a_store_that_is_deleted_under_the_board(home: Path, folder: bool) -> None:
    with watching(home) as (terminal, well):
        until(lambda: has_begun(path_of(home)))
        until(lambda: any(kind == "check.state" for _, kind, _ in events(path_of(home))))
        shutil.rmtree(home / "state") if folder else path_of(home).unlink()
        watches_on(terminal, well, "was moved or deleted while in use")
        terminal.wait_gone(NOT_WRITTEN, 30)
        terminal.wait_for("deleted or moved")
    body = replaced(path_of(home))
    assert body["why"] == "deleted"
    assert isinstance(body["last_seq"], int)
    assert [kind for _, kind, _ in events(path_of(home))].count("check.state") >= 2


def test_leaving_before_the_new_store_is_begun_loses_nothing(home: Path) -> None:
    with watching(home) as (terminal, well):
        until(lambda: has_begun(path_of(home)))
        until(lambda: any(kind == "check.state" for _, kind, _ in events(path_of(home))))
        path_of(home).unlink()
        well.status = 503
        terminal.wait_for(NOT_WRITTEN)
        terminal.wait_for("s.well DOWN: status 503")
    assert replaced(path_of(home))["why"] == "deleted"
    assert [kind for _, kind, _ in events(path_of(home))][-2:] == ["check.state", "session.stop"]


def test_a_store_that_is_put_back_in_time_goes_on(home: Path) -> None:
    with watching(home) as (terminal, well):
        until(lambda: has_begun(path_of(home)))
        until(lambda: any(kind == "check.state" for _, kind, _ in events(path_of(home))))
        path_of(home).rename(home / "held.db")
        well.status = 503
        terminal.wait_for(NOT_WRITTEN)
        (home / "held.db").rename(path_of(home))
        terminal.wait_gone(NOT_WRITTEN, 20)
        terminal.wait_for("s.well DOWN: status 503")
    assert "store.replaced" not in [kind for _, kind, _ in events(path_of(home))]
    assert [seq for seq, _, _ in events(path_of(home))] == list(range(1, len(events(path_of(home))) + 1))


def test_read_only_touches_no_damaged_store(home: Path) -> None:
    path = begun(home)
    damage(path)
    before = path.read_bytes()
    with watching(home, command=[*PROGRAM, "--read-only"]) as (terminal, _):
        terminal.wait_for("is damaged")
    assert path.read_bytes() == before
    assert quarantined(home) == []
