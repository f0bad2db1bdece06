"""The unit for `watch`: what it starts, how paths are escaped, and what is left to do."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from artisan_tui.engine.launch import GlobalOptions
from artisan_tui.engine.user_unit import UnitRefused, install, unit_text

TEXT = """
[metrics]
prometheus = "http://127.0.0.1:9090"
bearer_token = "env:PROM_TOKEN"
[[service]]
id = "here"
[[service.check]]
id = "memory"
kind = "memory"
"""


def unit(config: str = "/etc/a.toml", state: str = "/var/a") -> str:
    return unit_text(
        ("/usr/bin/artisan-tui",), Path(config), Path(state), Path("/home/a/.config/artisan-tui/environment")
    )


def test_it_starts_watch_with_the_files_of_this_session() -> None:
    assert "ExecStart=/usr/bin/artisan-tui --config /etc/a.toml --state /var/a watch\n" in unit()
    assert "EnvironmentFile=-/home/a/.config/artisan-tui/environment\n" in unit()
    assert "Restart=always\n" in unit()


def test_paths_are_words_and_no_specifiers() -> None:
    text = unit('/etc/a b/100%/"x"/$HOME/art.toml')
    assert '--config "/etc/a b/100%%/\\"x\\"/$$HOME/art.toml" --state' in text
    with pytest.raises(UnitRefused, match="control characters"):
        unit("/etc/a\nExecStartPre=/bin/rm.toml")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_it(tmp_path: Path) -> None:
    program = shutil.which("true")
    assert program is not None
    file = tmp_path / "artisan-tui.service"
    file.write_text(unit_text((program,), tmp_path / 'a b%"$x.toml', tmp_path, tmp_path / "environment"))
    done = subprocess.run(["systemd-analyze", "verify", "--user", file], capture_output=True, text=True, check=False)
    assert "artisan-tui.service:" not in done.stderr, done.stderr


def test_it_is_written_once_and_names_the_variables(tmp_path: Path) -> None:
    (tmp_path / "artisan.toml").write_text(TEXT)
    asked = GlobalOptions(config=tmp_path / "artisan.toml", state=tmp_path / "state")
    first = install(asked, {"HOME": str(tmp_path)})
    assert first.changed
    assert first.path == tmp_path / ".config" / "systemd" / "user" / "artisan-tui.service"
    assert first.variables == ("PROM_TOKEN",)
    assert not install(asked, {"HOME": str(tmp_path)}).changed
    assert [file.name for file in first.path.parent.iterdir()] == ["artisan-tui.service"]


def test_the_command_line_says_what_is_left_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from artisan_tui.cli.app import app

    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    (tmp_path / "artisan.toml").write_text(TEXT)
    command = ["--config", str(tmp_path / "artisan.toml"), "watch", "--install"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert "enable --now artisan-tui.service" in done.output
    assert "loginctl enable-linger" in done.output
    assert "PROM_TOKEN" in done.output
    assert not (tmp_path / "state").exists()
    (tmp_path / "artisan.toml").write_text("[[service]]\n")
    assert CliRunner().invoke(app, command).exit_code != 0
