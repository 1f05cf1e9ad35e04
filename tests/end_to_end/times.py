"""Times as answers and tables tell them: ISO 8601 in UTC, whole seconds of devices, six decimals of the server."""
import datetime
import re

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
OF_DEVICE = r"-?\d{4,5}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
OF_SERVER = OF_DEVICE[:-1] + r"\.\d{6}Z"


def _since_1970(text, form):
    if not re.fullmatch(form, text):
        raise AssertionError(f"{text!r} is not {form}")
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH


def iso(second):
    """The text of a second since 1970."""
    return (EPOCH + datetime.timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


def second_of(text):
    """The second since 1970 of a device's time."""
    return _since_1970(text, OF_DEVICE) // datetime.timedelta(seconds=1)


def microsecond_of(text):
    """The microsecond since 1970 of a server's time."""
    return _since_1970(text, OF_SERVER) // datetime.timedelta(microseconds=1)
