"""What all servers that tests start have in common: a folder, a free loopback port, and a process that ends with the test."""
import contextlib
import os
import pathlib
import pwd
import random
import signal
import socket
import subprocess
import time

READY_SECONDS = 180  # only reached when something is broken


held_ports = []  # until this process ends


def free_port():
    """Below those that the system gives to connections that are opened: one of these could take it before the server does,
    or while the server is down. No two that ask, here or in another process, get the same one: the name of a socket in
    Linux's abstract namespace says that it is taken, until the process ends."""
    lowest_of_the_system = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    chance = random.SystemRandom()
    while True:
        port = chance.randrange(10_000, max(lowest_of_the_system, 20_000))
        name = socket.socket(socket.AF_UNIX)
        with socket.socket() as one, contextlib.suppress(OSError):
            name.bind(f"\0packwalk-test-port-{port}")
            one.bind(("127.0.0.1", port))
            held_ports.append(name)
            return port
        name.close()


def answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def as_user(name):
    """What stands before a command that must not run as root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid", name, "--regid", name, "--init-groups"]


def give_to(path, user):
    """Makes a file or folder the user's, where we are root and a server is not."""
    if os.geteuid() == 0:
        account = pwd.getpwnam(user)
        os.chown(path, account.pw_uid, account.pw_gid)


def tell_family(pid, number):
    """Sends a signal to a process and its children, which may have left its group; first it must make no more of them.
    Returns them all."""
    family = [pid]
    with contextlib.suppress(ProcessLookupError, FileNotFoundError):
        os.kill(pid, signal.SIGSTOP)
        for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            family += tell_family(int(child), number)
        os.kill(pid, number)
    return family


def is_there(pid):
    """Neither gone nor waiting for its parent to look."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


class Server:
    """One process group. Its files outlive kill(), so that start() continues with them.

    A server says how it is made: prepare() writes its files once, command() and environment() tell what runs, and
    is_ready() when it can be used.
    """

    name = "a server"
    variable = None  # of the environment, under which tests find its url
    stop_signal = signal.SIGTERM

    def __init__(self, folder, port=None):
        self.folder, self.port = folder, port or free_port()
        self.log = folder.with_name(folder.name + ".log")
        self.process, self.prepared = None, False

    @property
    def url(self):
        raise NotImplementedError

    def prepare(self):
        pass

    def command(self):
        raise NotImplementedError

    def environment(self):
        return dict(os.environ)

    def is_ready(self):
        return answers(self.port)

    def start(self):
        """Starts it, the first time and again; does not wait."""
        if not self.prepared:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.prepare()
            self.prepared = True
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen([str(part) for part in self.command()], env=self.environment(),
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)

    def wait(self, seconds=READY_SECONDS):
        end = time.monotonic() + seconds
        while not self.is_ready():
            if self.process.poll() is not None:
                last = self.log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{self.name} ended with {self.process.returncode}: {last}")
            if time.monotonic() > end:
                raise RuntimeError(f"{self.name} is not ready after {seconds} s")
            time.sleep(0.05)

    def run(self, command, **options):
        """A tool of this server, to its end; what it prints goes to the log."""
        with open(self.log, "ab") as out:
            subprocess.run([str(part) for part in command], check=True, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                           **options)

    def signal(self, number):
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def kill(self):
        self.signal(signal.SIGKILL)
        if self.process:
            self.process.wait()

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def stop(self):
        """Lets it end in order, and kills it if it does not."""
        if not self.process or self.process.poll() is not None:
            return
        self.resume()
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
