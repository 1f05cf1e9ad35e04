"""Attacks of those who may ask: dear questions, and callers who do not wait for the answer."""
import json
import os
import time

from .field import bearer, in_parallel


def walks_together(field, walks):
    """All dogs walk together again and again, so that questions about pack walks have much to do."""
    for walk in range(walks):
        for number, id in enumerate(field.tokens):
            packets = [{"type": "track", "status": 1, "timestamp": 1_600_000_000 + walk * 7200 + second, "accuracy": 4,
                        "lat": 48.7 + second * 1e-5 + number * 1e-5, "lon": 44.5} for second in range(0, 1200, 30)]
            field.post(id, json.dumps(packets))
    field.settle()


def dear_question(field):
    return (f"GET /v1/pack-walks?device={field.evil}&limit=10000 HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Bearer {field.server.admin_token}\r\n\r\n").encode()


def callers_who_hang_up(field, size):
    walks_together(field, 30 * size)
    admin = bearer(field.server.admin_token)
    began = time.monotonic()
    field.request("GET", f"/v1/pack-walks?device={field.evil}&limit=10000", headers=admin)
    one = time.monotonic() - began
    for _ in range(60):
        field.connect().sendall(dear_question(field))
    field.hang_up()
    began = time.monotonic()
    status, _ = field.request("GET", f"/v1/devices/{field.honest}", headers=admin)
    field.figure(f"the question after 60 of {one:.2f} s whose callers hung up", time.monotonic() - began, 0.1, "s", timed=True)
    field.figure("the question after 60 whose callers hung up: refused", int(status != 200), 0)


def pages_that_nobody_reads(field, size):
    for _ in range(20 * size):
        field.post(field.evil, os.urandom(65_000), "application/json")
    admin = field.server.admin_token
    page = (f"GET /v1/devices/{field.evil}/messages?verdict=invalid&limit=10000 HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: Bearer {admin}\r\n\r\n").encode()
    with field.watch_memory() as memory:
        for _ in range(8 * size):
            field.connect(receive_bytes=4096).sendall(page)
        time.sleep(2)
    field.memory_figure("pages of messages that nobody reads", memory.peak, 8 * size)


def links_of_others(field, _size):
    admin = bearer(field.server.admin_token)
    taken = 0
    for query in ("limit=1&limit=>;rel=x,<http://evil/>", "limit=1&%6cimit=2", "cursor=0&%63ursor=1"):
        taken += field.request("GET", "/v1/positions?" + query.replace(" ", "%20"), headers=admin)[0] != 400
    field.figure("double parameters that are taken", taken, 0)


def many_askers(field, size):
    """One caller's questions do not fill the places of the look-ups that devices need."""
    walks_together(field, 10 * size)
    admin, done = bearer(field.server.admin_token), []

    def ask(_number):
        while not done:
            field.request("GET", f"/v1/pack-walks?device={field.evil}&limit=10000", headers=admin)

    threads = in_parallel(16, ask)
    time.sleep(0.5)
    added = field.server.add_device("newcomer")
    field.tokens["newcomer"] = added
    answers = [field.post("newcomer", b'{"type":"track","status":1,"timestamp":%d,"lat":1,"lon":2}' % (1_600_000_000 + i))[0]
               for i in range(5)]
    done.append(True)
    for thread in threads:
        thread.join()
    field.figure("a new device beside 16 askers: packets refused", len([code for code in answers if code != 202]), 0)


ATTACKS = [callers_who_hang_up, pages_that_nobody_reads, links_of_others, many_askers]
SETTINGS = {}
