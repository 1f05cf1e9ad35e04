"""Attacks on a server in small: bytes, counts and order; what depends on how busy the machine is, script/siege measures."""
import pathlib
import shutil
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

sys.path.append(str(pathlib.Path(__file__).parents[1]))

from siege import askers, strangers, token_holder  # noqa: E402
from siege.descriptions import DESCRIPTIONS  # noqa: E402
from siege.field import Field  # noqa: E402
from siege.proxies import PROXIES  # noqa: E402
from servers.server import free_port  # noqa: E402


class Siege(unittest.TestCase):
    maxDiff = None

    def assert_holds(self, module, attack):
        with Field(module.SETTINGS.get(attack)) as field:
            attack(field, 1)
        self.assertTrue(field.figures, "something was measured")
        self.assertEqual([], [str(figure) for figure in field.figures if not figure.timed and not figure.holds])


class Described(unittest.TestCase):
    def test_every_attack_has_a_sentence_and_no_other_has(self):
        names = {attack.__name__ for module in (strangers, token_holder, askers) for attack in module.ATTACKS}
        self.assertEqual(names, set(DESCRIPTIONS))


class Proxies(unittest.TestCase):
    """As deploy/ configures them."""

    def test_what_goes_wrong_is_logged_without_the_token(self):
        token = "pw_" + "x" * 32
        for name, proxy in PROXIES.items():
            folder = pathlib.Path(tempfile.mkdtemp(prefix="proxy-"))
            self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
            before = proxy(folder / name, ("127.0.0.1", free_port()))
            self.addCleanup(before.kill)
            before.start()
            before.wait()
            for path in (f"/osmand/{token}?lat=1&lon=2", f"/?id={token}&lat=1&lon=2", f"/%09osmand%0a/{token}%0D",
                         f"/OsmAnd%2f{token}", f"/nowhere?id={token}"):
                with self.assertRaises(urllib.error.HTTPError) as nobody_there:
                    urllib.request.urlopen(f"http://127.0.0.1:{before.port}{path}", timeout=60)
                self.assertIn(nobody_there.exception.code, (502, 503))
            before.stop()
            logs = "".join(log.read_text() for log in folder.rglob("*.log"))
            self.assertIn("GET", logs, "the requests are logged")
            self.assertNotIn(token, logs, name)


class Strangers(Siege):
    """Those who have no token."""


class TokenHolder(Siege):
    """Those who have the token of one device."""


class Askers(Siege):
    """Those who may ask."""


for test, module in ((Strangers, strangers), (TokenHolder, token_holder), (Askers, askers)):
    for attack in module.ATTACKS:
        def holds(self, module=module, attack=attack):
            self.assert_holds(module, attack)

        setattr(test, "test_" + attack.__name__, holds)


if __name__ == "__main__":
    unittest.main()
