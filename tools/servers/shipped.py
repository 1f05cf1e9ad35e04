"""Configuration that is shipped in deploy/, changed where a test needs it."""
import pathlib
import re

DEPLOY = pathlib.Path(__file__).parents[2] / "deploy"


def shipped(path, changes):
    """The text of deploy/`path`. Each of `changes`, {pattern: text that replaces it}, must be found there once."""
    text = (DEPLOY / path).read_text()
    for pattern, ours in changes.items():
        text, count = re.subn(pattern, lambda _, ours=ours: ours, text)
        if count != 1:
            raise RuntimeError(f"deploy/{path} has {count} times what a test must replace: {pattern}")
    return text
