#include "packwalk/commands/device_add.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <set>
#include <string_view>
#include <utility>

#include "adapters/system/system_clock.h"
#include "base/text.h"
#include "base/token.h"
#include "packwalk/commands/ids_file.h"
#include "packwalk/commands/option_text.h"
#include "packwalk/commands/subcommand.h"

namespace packwalk {
namespace {

/// dog-0001 and so on, all of one width.
std::vector<std::string> numbered_ids(const std::string& prefix, std::size_t count) {
  const std::size_t width = std::max<std::size_t>(4, std::to_string(count).size());
  std::vector<std::string> ids;
  ids.reserve(count);
  for (std::size_t i = 1; i <= count; ++i) ids.push_back(numbered(prefix, i, width));
  return ids;
}

/// Warns a user who forgot or mistyped --data: the server would not know the device.
void tell_when_new(const Installation& installation) {
  const std::string database = installation.path_of("packwalk.db");
  if (std::filesystem::exists(database)) return;
  std::cerr << "packwalk: no server has used this folder yet. Creating " << database
            << "; check that --data names the folder of your server\n";
}

Result<std::vector<std::string>> ids_to_add(const DeviceOptions& options) {
  const int ways = (options.count > 0 ? 1 : 0) + (options.ids.empty() ? 0 : 1) + (options.from.empty() ? 0 : 1);
  if (ways != 1) return fail(Errc::invalid_input, "no device is named. Give ID.., --from FILE or --count N");
  const auto begins_so = [](const std::string& id) { return id.size() > 1 && id.front() == '-'; };
  if (options.count > 0 && options.prefix.starts_with('-')) {
    return fail(Errc::invalid_input,
                "a prefix may not begin with -: commands would read the ids as options. Use another prefix");
  }
  if (options.count > 0) return numbered_ids(options.prefix, options.count);
  if (!options.from.empty()) return ids_in(options.from, devices_at_once_max);
  if (std::set<std::string_view>(options.ids.begin(), options.ids.end()).size() < options.ids.size()) {
    return fail(Errc::invalid_input, "the command line gives an id twice. Give each id once");
  }
  if (options.ids.front() == "-") {
    return fail(Errc::invalid_input, "- is not an id. Read ids from standard input with `--from -`");
  }
  const auto option = std::find_if(options.ids.begin(), options.ids.end(), begins_so);
  if (option != options.ids.end()) {
    return fail(
        Errc::invalid_input,
        printable(*option) +
            " begins with - and looks like an option. Put options before `--`, and begin ids with another character");
  }
  return options.ids;
}

/// Tells the user that a removed device has a history.
Result<void> tell_who_comes_back(DeviceRegistry& registry, const std::vector<NewDevice>& devices) {
  for (const NewDevice& device : devices) {
    const auto found = registry.find(device.id);
    if (!found) return found.failure();
    if (!*found || !(*found)->device.removed_at) continue;
    const std::string& id = device.id.text();
    std::cerr << "packwalk: " << id << " was removed on " << time_text(*(*found)->device.removed_at)
              << " and comes back with its data; `packwalk device erase " << id << "` ends its history\n";
  }
  return {};
}

/// The exit code is that of misuse, unless the error is in a file.
int complain_of_ids(const DeviceOptions& options, const std::string& sentence) {
  return options.from.empty() ? complain_of_usage(sentence) : complain(sentence);
}

Result<void> add_to_registry(const DeviceOptions& options, const std::vector<NewDevice>& devices) {
  auto installation = Installation::make(options);
  if (!installation) return installation.failure();
  if (installation->config().store.is_embedded()) tell_when_new(*installation);
  const auto registry = installation->device_registry();
  if (!registry) return registry.failure();
  if (options.count == 0) {
    if (auto told = tell_who_comes_back(**registry, devices); !told) return told;
  }
  return (*registry)->add(devices, make_system_clock()->now());
}

}  // namespace

int add_devices(const DeviceOptions& options) {
  const auto ids = ids_to_add(options);
  if (!ids && ids.error().code == Errc::invalid_input) return complain_of_usage(ids.error().detail);
  if (!ids) return complain(ids.error().detail);
  const bool is_list = options.count > 0 || !options.from.empty() || ids->size() > 1;
  std::vector<NewDevice> devices;
  std::vector<std::string> tokens;
  for (const std::string& text : *ids) {
    auto id = DeviceId::from_text(text);
    if (!id) return complain_of_ids(options, printable(text) + ": " + id.error().detail);
    tokens.push_back(make_token());
    devices.push_back({*std::move(id), hash_of_token(tokens.back())});
  }
  const auto added = add_to_registry(options, devices);
  if (!added) return complain(added.error().detail);
  for (std::size_t i = 0; i < devices.size(); ++i) {
    if (is_list) std::cout << devices[i].id.text() << ',';
    std::cout << tokens[i] << '\n';
  }
  return exit_success;
}

}  // namespace packwalk
