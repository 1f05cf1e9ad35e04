#include "packwalk/commands/device_command.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/system/system_clock.h"
#include "app/devices/erase_device.h"
#include "base/text.h"
#include "base/time_text.h"
#include "packwalk/commands/device_list.h"
#include "packwalk/commands/device_tokens.h"
#include "packwalk/commands/ids_file.h"
#include "packwalk/commands/journal_command.h"
#include "packwalk/commands/progress_bar.h"
#include "packwalk/commands/reading_options.h"
#include "packwalk/installation/config.h"
#include "packwalk/installation/installation.h"
#include "packwalk/installation/open_store.h"

namespace packwalk {
namespace {

constexpr std::size_t devices_at_once_max = 10'000'000;

struct DeviceOptions : Installation {
  std::string id;
  std::vector<std::string> ids;  // to add
  std::string from;
  bool json = false;
  std::size_t count = 0;
  std::string prefix = "dog-";
  bool yes = false;
};

/// dog-0001 and so on, all of one width.
std::vector<std::string> numbered_ids(const std::string& prefix, std::size_t count) {
  const std::size_t width = std::max<std::size_t>(4, std::to_string(count).size());
  std::vector<std::string> ids;
  ids.reserve(count);
  for (std::size_t i = 1; i <= count; ++i) ids.push_back(numbered(prefix, i, width));
  return ids;
}

/// So that somebody who forgot --data, or mistyped it, sees why the server does not know the device.
void tell_when_new(const DataDirectory& directory) {
  const std::string database = directory.file("packwalk.db");
  if (std::filesystem::exists(database)) return;
  std::cerr << "packwalk: no server has used this folder yet, so " << database
            << " is made: is --data the one of your server?\n";
}

int with_registry(const DataDirectory& directory, const DeviceOptions& options, StoreUse store_use,
                  const std::function<Result<void>(DeviceRegistry&)>& use) {
  const auto config = options.read_config();
  if (!config) return complain(config.error().detail);
  if (store_use == StoreUse::make && config->store_url.empty()) tell_when_new(directory);
  const auto store = open_store(directory, *config, store_use);
  if (!store) return complain(store.error().detail);
  auto registry = (*store)->device_registry();
  if (!registry) return complain(registry.error().detail);
  const auto used = use(**registry);
  return used ? exit_success : complain(used.error().detail);
}

int with_existing_registry(const DeviceOptions& options, const std::function<Result<void>(DeviceRegistry&)>& use) {
  return with_registry(DataDirectory::existing(options.data), options, StoreUse::existing, use);
}

ServerTime now() { return make_system_clock()->now(); }

std::string time_text(ServerTime time) { return iso_text(std::chrono::floor<std::chrono::seconds>(time)); }

Result<std::vector<std::string>> ids_to_add(const DeviceOptions& options) {
  const int ways = (options.count > 0 ? 1 : 0) + (options.ids.empty() ? 0 : 1) + (options.from.empty() ? 0 : 1);
  if (ways != 1) return fail(Errc::invalid_input, "give ID.., or --from FILE, or --count N");
  const auto begins_so = [](const std::string& id) { return id.size() > 1 && id.front() == '-'; };
  if (options.count > 0 && options.prefix.starts_with('-')) {
    return fail(Errc::invalid_input, "a prefix may not begin with -: every command would take the ids for options");
  }
  if (options.count > 0) return numbered_ids(options.prefix, options.count);
  if (!options.from.empty()) return ids_in(options.from, devices_at_once_max);
  if (std::set<std::string_view>(options.ids.begin(), options.ids.end()).size() < options.ids.size()) {
    return fail(Errc::invalid_input, "an id is given twice");
  }
  if (options.ids.front() == "-") {
    return fail(Errc::invalid_input, "- is no id; `--from -` reads ids from standard input");
  }
  const auto option = std::find_if(options.ids.begin(), options.ids.end(), begins_so);
  if (option != options.ids.end()) {
    return fail(Errc::invalid_input, printable(*option) +
                                         " begins with - and looks like an option: options stand before `--`, and a "
                                         "new id begins with another character");
  }
  return options.ids;
}

/// So that nobody is surprised by the history of a device of that name.
Result<void> tell_who_comes_back(DeviceRegistry& registry, const std::vector<NewDevice>& devices) {
  for (const NewDevice& device : devices) {
    const auto found = registry.find(device.id);
    if (!found) return found.failure();
    if (!*found || !(*found)->device.removed_at) continue;
    const std::string& id = device.id.text();
    std::cerr << "packwalk: " << id << " was removed on " << time_text(*(*found)->device.removed_at)
              << " and comes back with what it sent; `packwalk device erase " << id << "` ends its history\n";
  }
  return {};
}

/// The exit code is that of the command line, unless a file is wrong that it names.
int complain_of_ids(const DeviceOptions& options, const std::string& sentence) {
  return options.from.empty() ? complain_of_usage(sentence) : complain(sentence);
}

int add(const DeviceOptions& options) {
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
  const auto directory = DataDirectory::open(options.data);
  if (!directory) return complain(directory.error().detail);
  return with_registry(*directory, options, StoreUse::make, [&](DeviceRegistry& registry) -> Result<void> {
    if (options.count == 0) {
      if (auto told = tell_who_comes_back(registry, devices); !told) return told;
    }
    if (auto added = registry.add(devices, now()); !added) return added;
    for (std::size_t i = 0; i < devices.size(); ++i) {
      if (is_list) std::cout << devices[i].id.text() << ',';
      std::cout << tokens[i] << '\n';
    }
    return {};
  });
}

int list(const DeviceOptions& options) { return list_devices(options, options.json); }

/// "no device bello", or since when there is none.
Result<void> changed(Result<void> done, DeviceRegistry& registry, const DeviceId& id) {
  if (done || done.error().code != Errc::not_found) return done;
  const auto found = registry.find(id);
  if (!found || !*found || !(*found)->device.removed_at) return done;
  return fail(Errc::not_found,
              id.text() + " was removed on " + time_text(*(*found)->device.removed_at) + ": `packwalk device add " +
                  id.text() + "` gives it a new token, `packwalk device erase " + id.text() + "` ends its history");
}

int rotate_token(const DeviceOptions& options) {
  const auto id = DeviceId::from_text(options.id);
  if (!id) return complain_of_usage(printable(options.id) + ": " + id.error().detail);
  const std::string token = make_token();
  return with_existing_registry(options, [&](DeviceRegistry& registry) -> Result<void> {
    auto replaced = changed(registry.replace_token(*id, hash_of_token(token), now()), registry, *id);
    if (!replaced) return replaced;
    std::cout << token << '\n' << std::flush;
    std::cerr << "packwalk: the token before is answered 503 from now on, so that " << id->text()
              << " keeps its packets until it has this one\n";
    return {};
  });
}

int remove(const DeviceOptions& options) {
  const auto id = DeviceId::from_text(options.id);
  if (!id) return complain_of_usage(printable(options.id) + ": " + id.error().detail);
  return with_existing_registry(options, [&](DeviceRegistry& registry) -> Result<void> {
    if (auto removed = changed(registry.remove(*id, now()), registry, *id); !removed) return removed;
    std::cerr << "packwalk: " << id->text() << " is removed and its token is worth nothing; what it sent stays until "
              << "`packwalk device erase " << id->text() << "`\n";
    return {};
  });
}

/// Asked on a terminal, unless it was said already.
bool is_sure(const DeviceOptions& options, std::int64_t rows) {
  if (options.yes) return true;
  if (isatty(STDIN_FILENO) != 1) return false;
  std::cerr << "Erase " << options.id << " and all that came from it, " << counted(rows, "row")
            << ", for ever? Type its id to go on: " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == options.id;
}

/// What the operator must see to himself.
std::string what_is_out_of_reach(const Config& config) {
  if (config.store_url.empty()) {
    return ", not in the database's log either. Backups and copies of this folder that are older still have it, and "
           "bring "
           "it back when they are restored: delete them, or erase the device again then.";
  }
  return " in any table. PostgreSQL overwrites its bytes with VACUUM, and its write-ahead log has them until old "
         "segments "
         "are recycled. Backups, replicas that are behind and an archive of the write-ahead log still have it, and "
         "bring it "
         "back when they are restored: let them expire, or erase the device again then.";
}

/// Prints how much was erased and what is left where, and says what to do about it.
int show_what_is_left(const DeviceOptions& options, DeviceNumber device, std::int64_t before,
                      const std::vector<RowCount>& left, const Config& config) {
  const std::int64_t rows = sum_of(left);
  const std::int64_t erased = std::max<std::int64_t>(before - rows, 0);
  std::cout << counted(erased, "row of ", "rows of ") << options.id << (erased == 1 ? " was" : " were") << " erased.\n"
            << counted(rows, "row is", "rows are") << " left in " << left.size() << " tables"
            << (config.archive.url.empty() ? "" : ", the archive's included") << (rows == 0 ? ".\n" : ":\n");
  for (const RowCount& each : left) {
    if (each.rows > 0) std::cout << "  " << each.place << ": " << each.rows << '\n';
  }
  if (rows == 0) {
    std::cout << options.id << " is erased: nothing of it is left" << what_is_out_of_reach(config) << '\n';
    return exit_success;
  }
  std::cout << "Some of it is left. Tables that were put aside are yours: delete there what has the device "
            << device.value << ", or drop them. Then run this again.\n";
  return exit_failure;
}

int erase(const DeviceOptions& options) {
  const auto id = DeviceId::from_text(options.id);
  if (!id) return complain_of_usage(printable(options.id) + ": " + id.error().detail);
  const auto directory = DataDirectory::existing(options.data);
  const auto config = options.read_config();
  if (!config) return complain(config.error().detail);
  const auto store = open_store(directory, *config, StoreUse::existing);
  if (!store) return complain(store.error().detail);
  const auto eraser = (*store)->device_eraser();
  if (!eraser) return complain(eraser.error().detail);
  ErasureSides sides{**eraser};
  std::unique_ptr<AuditStore> audit;
  ArchiveParts archive;
  if (!config->archive.url.empty()) {
    auto opened = open_archive(*config);
    if (!opened) return complain(opened.error().detail);
    archive = *std::move(opened);
    auto audited = (*store)->audit_store();
    if (!audited) return complain(audited.error().detail);
    audit = *std::move(audited);
    sides.store = audit.get();
    sides.source = archive.source.get();
    sides.archive = archive.archive.get();
  }
  sides.queue = [&](DeviceNumber device) { return erase_from_journal(options.data, *config, device); };
  const auto device = (*eraser)->find(*id);
  if (!device) return complain(device.error().detail);
  const auto before = count_rows(*device, sides);
  if (!before) return complain(before.error().detail);
  const std::int64_t rows = sum_of(*before);
  if (!is_sure(options, rows)) return complain("nothing was erased: say --yes, or type the id of the device");
  if (auto forgotten = forget_made_token(directory, *id); !forgotten) return complain(forgotten.error().detail);
  ProgressBar bar("rows");
  const bool on_terminal = isatty(STDERR_FILENO) == 1;
  const auto left = erase_device(*device, now(), sides, [&](std::int64_t done) {
    if (on_terminal) bar.show(static_cast<std::size_t>(done), static_cast<std::size_t>(std::max(rows, done)));
  });
  bar.end();
  if (!left) return complain(left.error().detail + "; run it again");
  return show_what_is_left(options, *device, rows, *left, *config);
}

}  // namespace

void add_device(CLI::App& app, Chosen& chosen) {
  CLI::App* device = app.add_subcommand("device", "Add, list, remove and erase devices, and renew their tokens");
  device->require_subcommand(1);
  auto options = std::make_shared<DeviceOptions>();
  const auto action = [&](const char* name, const char* help, int (*act)(const DeviceOptions&)) {
    CLI::App* command = device->add_subcommand(name, help);
    options->add_to(*command, "Folder of the database");
    command->callback([options, act, &chosen] { chosen = [options, act] { return act(*options); }; });
    return command;
  };
  CLI::App* adding = action("add",
                            "Add a device and print its token, which is shown this once. A removed device comes back "
                            "with what it sent; an id that was erased begins anew, as another device",
                            add);
  adding->add_option("id", options->ids,
                     "1 to 64 characters of A-Z, a-z, 0-9, _ and -; of several, a line id,token each");
  adding
      ->add_option(
          "--from", options->from,
          "A file with an id on each line, or - for standard input; a first line `id` or `device` is a heading")
      ->check(input_path);
  adding->add_option("--count", options->count, "Add so many and print a line id,token for each")
      ->check(CLI::Range(std::size_t{1}, devices_at_once_max));
  adding->add_option("--prefix", options->prefix, "What their ids begin with, before a number")->capture_default_str();
  action("list", "Print a line for each device: when it was last seen, its fixes, what was refused of it", list)
      ->add_flag("--json", options->json, "As JSON");
  action("rotate-token",
         "Give a device a new token and print it. Requests with the old one are answered 503, so that the device keeps "
         "its packets until it has the new token",
         rotate_token)
      ->add_option("id", options->id, "The device")
      ->required();
  action("remove", "End a device's token; what it sent stays", remove)
      ->add_option("id", options->id, "The device")
      ->required();
  CLI::App* erasing = action("erase",
                             "Erase a device and all that came from it, here and in the archive, and count what is "
                             "left; run it again if it was interrupted",
                             erase);
  erasing->add_option("id", options->id, "The device")->required();
  erasing->add_flag("--yes", options->yes, "Do not ask");
}

}  // namespace packwalk
