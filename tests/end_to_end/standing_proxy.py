"""A TCP proxy with small buffers that can stop reading: a path on which little fits, and a peer that stands still."""
import contextlib
import socket
import threading

PIECE_BYTES = 4096


class StandingProxy:
    """Listens on a free loopback port, and carries to `port`. While it stands still it reads nothing of anybody, and new connections
    are opened by the kernel alone."""

    def __init__(self, port):
        self.target = port
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.ended = False
        self.sockets = []
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PIECE_BYTES)  # each connection has the same
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen()
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def stand_still(self):
        self.goes_on.clear()

    def go_on(self):
        self.goes_on.set()

    def close(self):
        self.ended = True
        self.goes_on.set()
        for each in (self.listener, *self.sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def accept(self):
        while not self.ended:
            try:
                client, _ = self.listener.accept()
                self.goes_on.wait()
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                continue
            self.sockets += [client, server]
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self.carry, args=(source, sink), daemon=True).start()

    def carry(self, source, sink):
        with contextlib.suppress(OSError):
            while True:
                self.goes_on.wait()
                data = source.recv(PIECE_BYTES)
                if not data:
                    break
                self.goes_on.wait()
                sink.sendall(data)
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
