"""Steps of kind command: the attempt's own process, its files bound by their content."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from artisan_tui.steps.runbooks.job import StepJob, launch
from artisan_tui.steps.runbooks.protocol import StepRefused, Until
from support.postgres_server import binaries, postgres_server
from support.step_runs import carried_out, resolved, result_of, started

EXIT = ("exit == 0",)


def test_without_a_capture_it_is_the_attempt_itself(tmp_path: Path) -> None:
    act = resolved("command", {"run": ("/bin/sh", "-c", "echo $ARTISAN_STEP; exit 3")}, expect=EXIT, folder=tmp_path)
    job = StepJob("act", act)
    attempt = started(job, tmp_path / "a")
    found = result_of(job, attempt)
    assert (found.outcome, found.exit) == ("failed", 3)
    assert "exit == 0 does not hold: 3" in found.why
    assert attempt.output() == "the_step\n"
    assert launch(job, tmp_path, {}).argv == ("/bin/sh", "-c", "echo $ARTISAN_STEP; exit 3")


def test_a_capture_is_from_standard_output_only(tmp_path: Path) -> None:
    code = "import sys; print('noise', file=sys.stderr); print('{\"rev\": \"abc123\"}')"
    capture = {"rev": "body.rev", "by": 'stdout ~ "rev": "([a-z]+)', "all": "stdout"}
    act = resolved("command", {"run": (sys.executable, "-c", code)}, expect=EXIT, folder=tmp_path, capture=capture)
    job = StepJob("act", act)
    found = result_of(job, started(job, tmp_path / "a"))
    assert found.outcome == "ok"
    assert found.captures == {"rev": '"abc123"', "by": '"abc"', "all": '"{\\"rev\\": \\"abc123\\"}"'}


@pytest.mark.parametrize("capture", [{}, {"x": "exit"}])
def test_a_condition_can_be_about_how_long_it_took(tmp_path: Path, capture: dict[str, str]) -> None:
    for name, expect, outcome in (("a", "latency < 60s", "ok"), ("b", "latency > 60s", "failed")):
        act = resolved("command", {"run": ("true",)}, expect=(expect,), folder=tmp_path, capture=capture)
        job = StepJob("act", act)
        assert result_of(job, started(job, tmp_path / name)).outcome == outcome


def test_stdin_and_secret_variables_reach_it_and_the_disk_does_not_have_them(tmp_path: Path) -> None:
    body = {
        "run": ("/bin/sh", "-c", 'read line; echo "$line $TOKEN"'),
        "stdin": "hello\n",
        "env": {"TOKEN": "env:SECRET_OF_TEST"},
    }
    job = StepJob("act", resolved("command", body, expect=EXIT, folder=tmp_path))
    attempt = started(job, tmp_path / "a", {"SECRET_OF_TEST": "s3cr3t-s3cr3t"})
    assert result_of(job, attempt).outcome == "ok"
    assert attempt.output().startswith("hello ")
    assert not any(b"s3cr3t-s3cr3t" in file.read_bytes() for file in (tmp_path / "a").iterdir())


def test_exec_case_32_a_script_that_changed_since_it_was_resolved_is_not_started(tmp_path: Path) -> None:
    script = tmp_path / "fix.sh"
    script.write_text("echo fine")
    for body in ({"run": ("sh", "fix.sh")}, {"shell": "sh ./fix.sh && true"}, {"run": ("sh", "-c", "sh fix.sh; true")}):
        script.write_text("echo fine")
        act = resolved("command", body, expect=EXIT, folder=tmp_path)
        assert str(script) in [str(Path(each)) for each in act.files]
        before = act.digest
        script.write_text("rm -rf /")
        with pytest.raises(StepRefused, match="changed since"):
            launch(StepJob("act", act), tmp_path / "a", {})
        assert resolved("command", body, expect=EXIT, folder=tmp_path).digest != before
        asked = resolved("command", body, expect=EXIT, folder=tmp_path, capture={"x": "stdout"})
        script.write_text("echo other")
        assert "changed since" in carried_out(asked)["why"]


def test_a_secret_is_no_argument(tmp_path: Path) -> None:
    with pytest.raises(StepRefused, match="put it into env"):
        resolved("command", {"run": ("curl", "-H", "⟦env:TOKEN⟧")}, folder=tmp_path)


def test_exec_case_22_a_relative_downgrade_is_refused_and_an_old_image_gets_its_mend(tmp_path: Path) -> None:
    for body in ({"run": ("alembic", "downgrade", "-1")}, {"shell": "alembic downgrade -2"}):
        with pytest.raises(StepRefused, match="name the revision that was captured"):
            resolved("command", body, folder=tmp_path)
    resolved("command", {"run": ("alembic", "downgrade", "4f2a")}, folder=tmp_path)
    old = {"run": ("sh", "-c", "echo \"Can't locate revision identified by '4f2a'\"; exit 255")}
    job = StepJob("act", resolved("command", old, expect=EXIT, folder=tmp_path))
    found = result_of(job, started(job, tmp_path / "a"))
    assert found.outcome == "failed"
    assert "downgrade with the new image, then roll the image back" in found.why


def test_exec_case_23_a_dump_with_one_bad_line_fails_and_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text("CREATE TABLE a (n int);\nINSERT INTO a VALUES (1);\nINSERT INTO nowhere VALUES (1);\n")
    with pytest.raises(StepRefused, match="ON_ERROR_STOP=1 --single-transaction"):
        resolved("command", {"shell": f"cat {dump} | psql postgres"}, folder=tmp_path)
    with postgres_server() as server:
        where = ["-h", "127.0.0.1", "-p", str(server.port), "-U", "artisan", "postgres"]
        argv = (
            str(binaries() / "psql"),
            "-X",
            *where,
            "-v",
            "ON_ERROR_STOP=1",
            "--single-transaction",
            "-f",
            str(dump),
        )
        act = resolved("command", {"run": argv}, expect=EXIT, folder=tmp_path)
        assert str(dump) in act.files
        job = StepJob("act", act)
        found = result_of(job, started(job, tmp_path / "a"))
        assert (found.outcome, found.exit) == ("failed", 3)
        assert server.sql("SELECT count(*) FROM pg_tables WHERE tablename = 'a'") == "0"


def test_verify_repeats_it_until_it_is_met_and_says_why_not(tmp_path: Path) -> None:
    count = tmp_path / "n"
    line = f"echo x >> {count}; test $(wc -l < {count}) -ge 3"
    act = resolved("command", {"shell": line}, expect=EXIT, folder=tmp_path, until=Until(10.0, 0.01), part="verify")
    job = StepJob("verify", act)
    assert result_of(job, started(job, tmp_path / "a")).outcome == "ok"
    assert count.read_text() == "x\n" * 3
    never = resolved("command", {"run": ("false",)}, expect=EXIT, folder=tmp_path, until=Until(0.2, 0.05))
    found = carried_out(never, does="verify")
    assert found["state"] == "failed"
    assert "not met within 0.2 s" in found["why"]


def test_preflight_names_what_is_missing(tmp_path: Path) -> None:
    act = resolved("command", {"run": ("no-such-program-here",)}, folder=tmp_path)
    found = carried_out(act, does="preflight")
    assert found["state"] == "failed"
    assert found["findings"][0]["what"] == "no-such-program-here is not installed, or may not be executed"
    assert carried_out(resolved("command", {"run": ("true",)}, folder=tmp_path), does="preflight")["state"] == "ok"
