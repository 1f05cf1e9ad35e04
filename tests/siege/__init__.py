"""Attacks on a running server, each beside the bound that it must not exceed."""
