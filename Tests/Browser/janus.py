"""Janus as a process of its own, with the configuration that is shipped, on free ports of loopback."""

import pathlib
import socket
import subprocess
import time

from conftest import ROOT


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def own_address() -> str:
    """An address of this machine that is not loopback: Janus takes no other."""
    addresses = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True).stdout.split()
    return next(address for address in addresses if "." in address)


class Janus:
    def __init__(self, folder: pathlib.Path, rtp: str = "23000-23199"):
        self.port = free_port()
        self.folder = folder
        self.log = folder / "janus.log"
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([ROOT / "packaging" / "janus" / "prepare.sh", folder / "etc", own_address(), str(self.port), rtp],
                       check=True, stdout=subprocess.DEVNULL)
        self.secrets = folder / "etc" / "hub.secrets"
        self.url = f"ws://127.0.0.1:{self.port}/"
        self.process = None

    def start(self):
        etc = self.folder / "etc"
        self.process = subprocess.Popen(
            ["janus", "-F", etc, "-C", etc / "janus.jcfg"], cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=open(self.log, "a"), stderr=subprocess.STDOUT)
        for _ in range(600):
            assert self.process.poll() is None, self.log.read_text()
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None
