#include "packwalk/commands/examples.h"

#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "packwalk/commands/option_text.h"
#include "packwalk/roles/role_set.h"

namespace packwalk {
namespace {

std::string example_of_role(const std::string& role) {
  return "  packwalk " + role + " --data /var/lib/" + role + " --config /etc/packwalk.toml";
}

std::map<std::string, std::string> all_examples() {
  std::map<std::string, std::string> all = {
      {"",
       "  packwalk serve --data data\n"
       "  packwalk device add rex --data data\n"
       "  packwalk help device add"},
      {"serve",
       "  packwalk serve --data /var/lib/packwalk --listen 0.0.0.0:8080\n"
       "  packwalk serve --print-config > packwalk.toml"},
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
       "  packwalk replay walk.gpx --data data --speed max --device rex --tokens rex.csv\n"
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
  for (const RoleCommand& each : role_commands) all.emplace(each.name, example_of_role(each.name));
  return all;
}

void add_to(CLI::App& command, const std::map<std::string, std::string>& examples) {
  const auto found = examples.find(path_of(command));
  if (found != examples.end()) command.footer("Examples:\n" + found->second);
  for (CLI::App* each : command.get_subcommands([](CLI::App*) { return true; })) add_to(*each, examples);
}

}  // namespace

void add_examples(CLI::App& app) { add_to(app, all_examples()); }

}  // namespace packwalk
