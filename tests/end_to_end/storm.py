"""A storm: every part of an installation is killed, paused and restarted at random, and its connections are cut."""
import concurrent.futures
import contextlib
import itertools
import pathlib
import random
import signal
import socket
import subprocess
import threading
import time

import load

STARTS_MAX = 5
START_SECONDS = 120
MESSAGES = pathlib.Path(__file__).with_name("messages.py")


class Victim:
    """Something that can be killed, paused and started; `start` returns when it is there again."""

    def __init__(self, name, has, kill, pause, resume, start, stop, calm_seconds):
        self.name, self.kill, self.pause, self.resume, self.start, self.stop = name, kill, pause, resume, start, stop
        self.has = has  # what has its `process`
        self.calm_seconds = calm_seconds  # at most, between two blows


def of_server(server, calm_seconds):
    """A server of tools/servers."""
    def start():
        """Retries, as a supervisor does: another process may still have its port."""
        for _ in range(STARTS_MAX):
            server.start()
            try:
                return server.wait(START_SECONDS)
            except RuntimeError as error:
                failure = error
                server.kill()
        raise RuntimeError(f"{failure}: {server.log.read_text(errors='replace')[-2000:]}")

    return Victim(server.name, server, server.kill, server.pause, server.resume, start, server.stop, calm_seconds)


def of_role(role, calm_seconds):
    """A program of ours; its orderly end must be one, however the others are."""
    def stop():
        code = role.stop(90)
        if code != 0:
            raise AssertionError(f"{role.data.name} ended with {code}: {role.log()[-2000:]}")

    return Victim(role.data.name, role, role.kill, lambda: role.process.send_signal(signal.SIGSTOP),
                  lambda: role.process.send_signal(signal.SIGCONT), role.start, stop, calm_seconds)


class Storm:
    """Each victim has a hand of its own and random numbers of its own, so that a seed says what happens to it."""

    def __init__(self, victims, proxies, seed, pause_seconds_max):
        self.victims, self.proxies, self.seed, self.pause_seconds_max = victims, proxies, seed, pause_seconds_max
        self.began = time.monotonic()
        self.log, self.failures = [], []
        self.over = threading.Event()
        # Its threads outlive the storm: a program ends with the thread that started it.
        self.hands = concurrent.futures.ThreadPoolExecutor(len(victims))

    def tell(self, name, what):
        self.log.append(f"{time.monotonic() - self.began:8.2f} s  {name}: {what}")

    def rage(self, seconds):
        """Returns when everything is up again."""
        for proxy in self.proxies:
            proxy.wild = True
        torments = [self.hands.submit(self.torment, victim) for victim in self.victims]
        self.over.wait(seconds)
        self.over.set()
        concurrent.futures.wait(torments)
        for proxy in self.proxies:
            proxy.calm()
            self.tell(proxy.name, f"{proxy.cuts} connections were cut, {proxy.stalls} of them stalled first")
        self.tell("all", "up again")
        if self.failures:
            raise self.failures[0]

    def torment(self, victim):
        chance = random.Random(f"{self.seed} {victim.name}")
        try:
            while not self.over.wait(chance.uniform(0, victim.calm_seconds)):
                ended = victim.has.process.poll()
                if ended is not None:
                    raise AssertionError(f"{victim.name} ended by itself with {ended}")
                blow = chance.choice((self.kill, self.pause, self.restart))
                blow(victim, chance)
        except Exception as failure:  # the end of a thread is nobody's failure otherwise
            self.tell(victim.name, f"FAILED: {failure!r}")
            self.failures.append(failure)
            self.over.set()

    def kill(self, victim, chance):
        self.tell(victim.name, "killed")
        victim.kill()
        self.over.wait(chance.uniform(0, 3))
        victim.start()
        self.tell(victim.name, "is there again")

    def pause(self, victim, chance):
        self.tell(victim.name, "paused")
        victim.pause()
        self.over.wait(chance.uniform(0, self.pause_seconds_max))
        victim.resume()
        self.tell(victim.name, "goes on")

    def restart(self, victim, chance):
        self.tell(victim.name, "told to end")
        victim.stop()
        self.tell(victim.name, "ended")
        self.over.wait(chance.uniform(0, 1))
        victim.start()
        self.tell(victim.name, "is there again")


class Collar(load.Sender):
    """A sender that comes back after every failure, and sends again what was not answered 2xx, as a collar does."""

    def __init__(self, ports, tally, seed, pause_seconds_max):
        super().__init__(None, tally, seed, threading.Event())
        self.ports, self.pause_seconds_max = ports, pause_seconds_max
        self.leave = threading.Event()
        self.last_answer = time.monotonic()  # the last 2xx
        self.doing = "nothing yet"  # for who looks into a failure

    def run(self):
        while not self.leave.is_set() and self.bad is None:
            self.device, self.token = self.random.choice(self.tally.devices)
            self.recent = [request for request in self.recent if request.keys[0][0] == self.device]
            with contextlib.suppress(OSError):
                self.converse(self.random.choice(self.ports))
            self.leave.wait(self.random.uniform(0, 0.3))

    def converse(self, port):
        self.doing = f"connects to {port}"
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            self.doing = f"is connected to {port}"
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for _ in range(100):
                if self.leave.wait(self.random.uniform(0, self.pause_seconds_max)):
                    return
                if not self.send(connection):
                    return

    def send(self, connection):
        """Whether the connection goes on."""
        request = self.lost_request() or self.request()
        self.tally.sent(request.keys)
        status = None
        try:
            connection.sendall(request.bytes(self.token))
            status = self.answer(connection)
            self.doing = f"heard {status}"
        except OSError as error:
            self.doing = f"met {error!r}"
            raise
        finally:
            if status != 202:
                with self.tally.lock:
                    self.tally.unanswered.append(request)
        if status == 202:
            self.tally.answered(request.keys)
            self.recent = self.recent[-9:] + [request]
            self.last_answer = time.monotonic()
            self.first_answer.set()
        elif status != 503:
            self.bad = status
        return status == 202


class Poisoner(threading.Thread):
    """Puts messages that nobody can read into the queue, and knows which the broker has confirmed."""

    def __init__(self, url, queue):
        super().__init__()
        self.url, self.queue = url, queue
        self.sent, self.confirmed = set(), set()
        self.leave = threading.Event()

    def run(self):
        for number in itertools.count():
            if self.leave.wait(1):
                return
            poison = f"poison {number}"
            self.sent.add(poison)
            published = subprocess.run([MESSAGES, "publish", self.url, self.queue], input=poison + "\n", text=True,
                                       capture_output=True)
            self.confirmed |= set(published.stdout.splitlines())


def messages_in(url, queue):
    """The texts of all messages of a queue, which stay there."""
    read = subprocess.run([MESSAGES, "read", url, queue], capture_output=True, text=True, check=True)
    return set(read.stdout.splitlines())
