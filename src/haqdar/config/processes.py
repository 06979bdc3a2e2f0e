"""Child processes of `haqdar run`: they end when their parent does, however it ends."""

import errno
import os
import signal
import socket
import subprocess
import sys
import threading

from haqdar.base.refusal import Refusal

PARENT_PIPE = "HAQDARPARENT_PIPE"


class PortTaken(Refusal):
    """Another program listens on the address."""

    en = "Another program listens on {bind}:{port}; stop it, or choose another port with HAQDAR_PORT=8001."
    hi = "{bind}:{port} पर दूसरा प्रोग्राम चल रहा है; उसे रोकें, या HAQDAR_PORT=8001 से दूसरा पोर्ट चुनें।"


class AddressNotUsable(Refusal):
    """The address cannot be listened on."""

    en = "The address {bind}:{port} cannot be listened on: {why}. Check HAQDAR_BIND and HAQDAR_PORT."
    hi = "{bind}:{port} पते पर सेवा नहीं दी जा सकती: {why}। HAQDAR_BIND और HAQDAR_PORT जाँचें।"


class Children:
    """The processes that a run has started; `stop` ends them in order."""

    def __init__(self) -> None:
        # Nobody writes to the pipe: its end tells the children that their parent is gone, kill -9 included.
        self._read, self._write = os.pipe()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._environments: dict[str, dict[str, str]] = {}

    def start(self, command: str, **environment: str) -> None:
        """Start `haqdar <command>` in the background; the command may have arguments."""
        self._environments[command] = environment
        self._running[command] = subprocess.Popen(
            [sys.executable, "-m", "haqdar.config.cli", *command.split()],
            env={**os.environ, **environment, PARENT_PIPE: str(self._read)},
            pass_fds=(self._read,),
            stdin=subprocess.DEVNULL,
            # Ctrl-C in the terminal reaches the parent alone, which ends everything in order.
            start_new_session=True,
        )

    def restart(self, command: str) -> None:
        """End the command in order and start it anew."""
        _ask(self._running[command])
        _end(self._running[command], 30.0)
        self.start(command, **self._environments[command])

    def ended(self) -> tuple[str, int] | None:
        """Name and exit status of a child that has ended, if any."""
        for name, process in self._running.items():
            status = process.poll()
            if status is not None:
                return name, status
        return None

    def stop(self, patience: float = 30.0) -> None:
        """Ask all children to end, wait up to `patience` seconds, then kill those that did not."""
        for process in self._running.values():
            _ask(process)
        for process in self._running.values():
            _end(process, patience)
        self._running.clear()


def _ask(process: "subprocess.Popen[bytes]") -> None:
    """Ask a process to end, once: a second signal would break into the orderly end that the first one began."""
    if process.poll() is None:
        process.terminate()


def _end(process: "subprocess.Popen[bytes]", patience: float) -> None:
    """Wait up to `patience` seconds for a process that was asked to end, then kill it."""
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def end_with_parent() -> None:
    """End this process in order (SIGTERM) when the `haqdar run` that started it is gone."""
    pipe = os.environ.pop(PARENT_PIPE, "")
    if not pipe:
        return
    pid = os.getpid()

    def watch() -> None:
        os.read(int(pipe), 1)
        os.kill(pid, signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def free_port(bind: str, port: int, chosen: bool) -> int:
    """`port` if nobody listens there; else, unless it was `chosen` by the operator, the next free one.

    Raises `PortTaken` or `AddressNotUsable`.
    """
    for candidate in [port] if chosen else range(port, min(port + 20, 65536)):
        family = socket.AF_INET6 if ":" in bind else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((bind, candidate))
            except PermissionError as error:
                raise AddressNotUsable(bind=bind, port=candidate, why=error.strerror) from error
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise AddressNotUsable(bind=bind, port=candidate, why=error.strerror) from error
            else:
                return candidate
    raise PortTaken(bind=bind, port=port)
