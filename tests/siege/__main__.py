"""Attacks a server of its own in every way that is known, and prints what was measured beside its bound.

Ends with exit code 1 when a bound does not hold. Figures in seconds depend on how busy the machine is.
"""
import argparse
import os
import sys

from . import askers, proxies, strangers, token_holder
from .descriptions import DESCRIPTIONS
from .field import Field

MODULES = (strangers, token_holder, askers)


def attacks():
    return [(module, attack) for module in MODULES for attack in module.ATTACKS]


def run(module, attack, size, proxy=None):
    """The figures of one attack."""
    with Field(module.SETTINGS.get(attack), proxy) as field:
        attack(field, size)
        return field.figures


def main():
    parser = argparse.ArgumentParser(prog="script/siege", description=__doc__)
    parser.add_argument("--only", metavar="NAME", help="attacks whose name contains NAME")
    parser.add_argument("--behind", choices=sorted(proxies.PROXIES), help="put this proxy before the server")
    parser.add_argument("--size", type=int, default=5, help="how much of everything is sent [5]; script/test sends 1")
    parser.add_argument("--list", action="store_true", help="print the attacks, and end")
    options = parser.parse_args()
    chosen = [(module, attack) for module, attack in attacks() if not options.only or options.only in attack.__name__]
    if options.list or not chosen:
        print("\n".join(f"{attack.__name__:29} {DESCRIPTIONS[attack.__name__]}" for _, attack in chosen) or f"no attack is called {options.only}")
        return 0 if chosen else 2
    over = 0
    for module, attack in chosen:
        print(f"== {attack.__name__.replace('_', ' ')}", flush=True)
        for figure in run(module, attack, options.size, proxies.PROXIES.get(options.behind)):
            print("  ", figure, flush=True)
            over += not figure.holds
    print(f"{over} bounds do not hold" if over else "All bounds hold.")
    return 1 if over else 0


if __name__ == "__main__":
    os.environ.setdefault("PACKWALK_SLOWNESS", "2")
    sys.exit(main())
