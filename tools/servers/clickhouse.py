"""ClickHouse, of which tests use only the HTTP interface."""
import urllib.error
import urllib.parse
import urllib.request

from .server import Server

CONFIG = """<?xml version="1.0"?>
<yandex>
  <logger><console>1</console><level>warning</level></logger>
  <listen_host>127.0.0.1</listen_host>
  <http_port>{http}</http_port>
  <path>{folder}/data/</path>
  <tmp_path>{folder}/tmp/</tmp_path>
  <users_config>{folder}/users.xml</users_config>
  <mark_cache_size>67108864</mark_cache_size>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
</yandex>
"""

USERS = """<?xml version="1.0"?>
<yandex>
  <profiles><default><max_memory_usage>1000000000</max_memory_usage></default></profiles>
  <users>
    <packwalk>
      <password>{password}</password>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
    </packwalk>
  </users>
  <quotas><default></default></quotas>
</yandex>
"""


class ClickHouse(Server):
    name = "ClickHouse"
    variable = "PACKWALK_TEST_CLICKHOUSE"
    password = "archive+secret"

    @property
    def url(self):
        return f"http://packwalk:{urllib.parse.quote_plus(self.password)}@127.0.0.1:{self.port}/default"

    def prepare(self):
        (self.folder / "config.xml").write_text(CONFIG.format(http=self.port, folder=self.folder))
        (self.folder / "users.xml").write_text(USERS.format(password=self.password))

    def command(self):
        return ["/usr/sbin/clickhouse-server", f"--config-file={self.folder}/config.xml"]

    def is_ready(self):
        try:
            return self.ask("SELECT 1") == "1\n"
        except OSError:
            return False

    def ask(self, statement):
        """What it answers to one statement."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/", statement.encode(), {
            "X-ClickHouse-User": "packwalk", "X-ClickHouse-Key": self.password})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode(errors="replace")) from None
