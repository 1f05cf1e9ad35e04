#!/usr/bin/python3
"""Puts messages that nobody can read into a queue, and reads those of a queue. A line of text is a message.

messages.py publish URL QUEUE   publishes the lines of its input; prints each when the broker has confirmed it
messages.py read URL QUEUE      prints all messages that are there, and leaves them there

Runs in Debian's Python, which has Debian's pika.
"""
import sys

import pika


def publish(channel, queue):
    channel.confirm_delivery()
    for line in sys.stdin:
        text = line.rstrip("\n")
        channel.basic_publish("", queue, text.encode(), pika.BasicProperties(delivery_mode=2), mandatory=True)
        print(text, flush=True)


def read(channel, queue):
    while (got := channel.basic_get(queue))[0]:  # unacknowledged, they go back when the connection ends
        print(got[2].decode(errors="replace"))


def main(action, url, queue):
    connection = pika.BlockingConnection(pika.URLParameters(url))
    {"publish": publish, "read": read}[action](connection.channel(), queue)
    connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
