"""Replays of recorded tracks into an installation with many programs."""
from replay_test import ReplayTest
from spine import SpineTest


class SpineReplayTest(ReplayTest, SpineTest):
    def start_all(self, gateways, apis, *others):
        """And a balancer before them, to which `replay` sends."""
        programs = [*gateways, *apis, *others]
        for program in programs:
            program.start()
        self.until_ready(*programs)
        self.url, self.admin = self.balance(gateways, apis), apis[0].data / "admin.token"
        self.tokens = self.folder / "tokens"

    def target(self):
        return "--url", self.url, "--tokens", self.tokens, "--admin-token", self.admin

    def rows_of(self, statement):
        return self.database_rows(statement)
