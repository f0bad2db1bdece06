"""The program of a step: started in a session of its own, held before its first instruction until that is recorded."""

from __future__ import annotations

import contextlib
import os
import pty
import resource
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_EXEC_FAILED = 127
#: Signals whose handling would be inherited.
_RESET = (
    *(signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGPIPE, signal.SIGTERM, signal.SIGCHLD),
    *(signal.SIGUSR1, signal.SIGUSR2, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU, signal.SIGALRM),
)


@dataclass(slots=True)
class Child:
    """``output`` is what it prints. It waits until `go`. ``failed`` gives errno when it could not be executed."""

    pid: int
    output: int
    input: int | None
    _gate: int
    failed: int

    def go(self) -> None:
        """Let it run."""
        os.write(self._gate, b"g")
        os.close(self._gate)

    def error(self) -> int:
        """errno of an execution that failed, 0 when the program runs. Waits until that is known."""
        told = os.read(self.failed, 8)
        os.close(self.failed)
        return int(told or b"0")


def fork_child(
    argv: Sequence[str], environ: Mapping[str, str], cwd: str | None, *, terminal: bool, wants_input: bool
) -> Child:
    """Fork; the child waits in its own session for `Child.go`."""
    gate_out, gate_in = os.pipe()
    failed_out, failed_in = os.pipe()
    input_out, input_in = os.pipe() if wants_input else (os.open(os.devnull, os.O_RDONLY), -1)
    output_out, output_in = pty.openpty() if terminal else os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            for descriptor in (gate_in, failed_out, output_out, *([input_in] if wants_input else [])):
                os.close(descriptor)
            _become(argv, environ, cwd, gate_out, failed_in, input_out, output_in, terminal=terminal)
        finally:
            os._exit(_EXEC_FAILED)
    for descriptor in (gate_out, failed_in, output_in, input_out):
        os.close(descriptor)
    return Child(pid, output_out, input_in if wants_input else None, gate_in, failed_out)


def _become(
    argv: Sequence[str],
    environ: Mapping[str, str],
    cwd: str | None,
    gate: int,
    failed: int,
    stdin: int,
    output: int,
    *,
    terminal: bool,
) -> None:
    os.setsid()
    # The shim's end before `go` closes the gate: then nothing was executed.
    if os.read(gate, 1) != b"g":
        os._exit(_EXEC_FAILED)
    try:
        for number in _RESET:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        if terminal:
            _control_terminal(output)
        for target, source in ((0, stdin), (1, output), (2, output)):
            os.dup2(source, target)
        for descriptor in (stdin, output, gate):
            if descriptor > 2:
                os.close(descriptor)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        if cwd:
            os.chdir(cwd)
        os.execvpe(argv[0], list(argv), dict(environ))
    except OSError as error:
        os.write(failed, str(error.errno or 1).encode())
        os._exit(_EXEC_FAILED)


def _control_terminal(descriptor: int) -> None:
    import fcntl
    import termios

    with contextlib.suppress(OSError):
        fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)
    if sys.platform == "linux":
        with contextlib.suppress(termios.error):
            mode = termios.tcgetattr(descriptor)
            mode[1] &= ~termios.OPOST  # line ends as they were printed
            termios.tcsetattr(descriptor, termios.TCSANOW, mode)
