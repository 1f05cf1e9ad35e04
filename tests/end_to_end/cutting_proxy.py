"""A TCP proxy that cuts and stalls connections in mid-transfer, at random bytes of a seed."""
import asyncio
import contextlib
import random
import socket
import struct
import threading

PIECE_BYTES = 65_536


def reset(writer):
    """Ends a connection as a host does that forgot it."""
    with contextlib.suppress(OSError, AttributeError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class CuttingProxy:
    """Listens on a free loopback port. `target` says to which port a new connection goes.

    While it is wild, one connection in `one_in` is cut after so many bytes, or stalls there for a while first.
    """

    def __init__(self, name, target, seed, one_in=2, bytes_max=100_000, stall_seconds_max=3):
        self.name, self.target, self.random = name, target, random.Random(f"{seed} {name}")
        self.one_in, self.bytes_max, self.stall_seconds_max = one_in, bytes_max, stall_seconds_max
        self.wild = False
        self.cuts = self.stalls = 0
        self.stalled = set()  # a future of each connection that stalls
        self.loop = asyncio.new_event_loop()
        self.server = self.loop.run_until_complete(asyncio.start_server(self.serve, "127.0.0.1", 0))
        self.port = self.server.sockets[0].getsockname()[1]
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.server.close()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    def calm(self):
        """Cuts what stalls, and lets all else pass from now on. Returns when nothing is held back in it any more."""
        async def cut_stalled():
            self.wild = False
            stalled = list(self.stalled)
            for one in stalled:
                one.cancel()
            await asyncio.gather(*stalled, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(cut_stalled(), self.loop).result()

    async def serve(self, client, to_client):
        try:
            server, to_server = await asyncio.open_connection("127.0.0.1", self.target())
        except OSError:
            reset(to_client)
            return
        doomed = self.random.randrange(self.one_in) == 0
        left = self.random.randrange(self.bytes_max) if doomed else None
        fate = {"left": left, "stalls": self.random.random() < 0.3}
        ways = [asyncio.ensure_future(self.carry(client, to_server, fate)),
                asyncio.ensure_future(self.carry(server, to_client, fate))]
        try:
            with contextlib.suppress(asyncio.CancelledError):  # the proxy ends
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            reset(to_client)
            reset(to_server)

    async def carry(self, reader, writer, fate):
        with contextlib.suppress(OSError):
            while data := await reader.read(PIECE_BYTES):
                if self.wild and fate["left"] is not None and fate["left"] < len(data):
                    writer.write(data[:fate["left"]])
                    await writer.drain()
                    await self.happen(fate)
                    return
                if fate["left"] is not None:
                    fate["left"] = max(0, fate["left"] - len(data))
                writer.write(data)
                await writer.drain()
            await asyncio.sleep(0.05)  # what goes the other way may still arrive

    async def happen(self, fate):
        if fate["stalls"]:
            self.stalls += 1
            stall = asyncio.ensure_future(asyncio.sleep(self.random.uniform(0, self.stall_seconds_max)))
            self.stalled.add(stall)
            await asyncio.wait([stall])
            self.stalled.discard(stall)
        self.cuts += 1
