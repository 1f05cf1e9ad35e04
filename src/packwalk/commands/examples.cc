#include "packwalk/commands/examples.h"

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <string_view>

#include "packwalk/commands/option_text.h"

namespace packwalk {
namespace {

const std::map<std::string_view, std::string_view>& examples() {
  static const std::map<std::string_view, std::string_view> all = {
      {"",
       "  packwalk serve --data data\n"
       "  packwalk device add rex --data data\n"
       "  packwalk help device add"},
      {"serve",
       "  packwalk serve --data /var/lib/packwalk --listen 0.0.0.0:8080\n"
       "  packwalk serve --print-config > packwalk.toml"},
      {"gateway", "  packwalk gateway --data /var/lib/gateway --config /etc/packwalk.toml"},
      {"ingest", "  packwalk ingest --data /var/lib/ingest --config /etc/packwalk.toml"},
      {"analysis", "  packwalk analysis --data /var/lib/analysis --config /etc/packwalk.toml"},
      {"api", "  packwalk api --data /var/lib/api --config /etc/packwalk.toml"},
      {"device",
       "  packwalk device add rex\n"
       "  packwalk device list --json"},
      {"device add",
       "  packwalk device add rex --data /var/lib/packwalk\n"
       "  packwalk device add --count 100 --prefix SN- > tokens.csv\n"
       "  cut -d, -f1 serials.csv | packwalk device add --from - > tokens.csv"},
      {"device list",
       "  packwalk device list\n"
       "  packwalk device list --json | jq -r '.[] | select(.last_refusal) | .device'"},
      {"device rotate-token", "  packwalk device rotate-token rex"},
      {"device remove", "  packwalk device remove rex"},
      {"device erase", "  packwalk device erase rex --yes"},
      {"check", "  packwalk check --data /var/lib/packwalk"},
      {"doctor",
       "  packwalk doctor --data /var/lib/packwalk\n"
       "  packwalk doctor --json | jq '.findings[] | select(.severity == \"fault\")'"},
      {"analyse",
       "  packwalk analyse fixes.csv --tracks tracks.csv --joint-walks walks.csv\n"
       "  packwalk analyse cats.csv --set near=20 --set bridge=300 --contacts contacts.csv"},
      {"export",
       "  packwalk export rex --from 2026-01-01T00:00:00Z --out rex-2026\n"
       "  packwalk export rex --what fixes --format gpx --out rex.gpx\n"
       "  packwalk export rex --what fixes --out - | gzip > rex.csv.gz"},
      {"replay",
       "  packwalk replay walk.gpx --data data --speed max\n"
       "  packwalk replay fixes.csv --url http://127.0.0.1:8080 --tokens tokens.csv --duplicate 5%"},
      {"simulate",
       "  packwalk simulate --city 52.52,13.40 --dogs 50 --hours 24 --out town\n"
       "  packwalk simulate --city 52.52,13.40 --live --data data"},
      {"queue", "  packwalk queue status --data /var/lib/packwalk"},
      {"archive", "  packwalk archive verify --from 2026-01-01"},
      {"import-embedded", "  packwalk import-embedded /var/lib/packwalk --config /etc/packwalk.toml"},
      {"migrate", "  packwalk migrate --config /etc/packwalk.toml"},
      {"completion", "  packwalk completion bash > /etc/bash_completion.d/packwalk"},
      {"man", "  packwalk man | man -l -"},
  };
  return all;
}

void add_to(CLI::App& command) {
  const auto found = examples().find(path_of(command));
  if (found != examples().end()) command.footer("Examples:\n" + std::string(found->second));
  for (CLI::App* each : command.get_subcommands([](CLI::App*) { return true; })) add_to(*each);
}

}  // namespace

void add_examples(CLI::App& app) { add_to(app); }

}  // namespace packwalk
