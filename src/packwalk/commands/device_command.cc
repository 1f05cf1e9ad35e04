#include "packwalk/commands/device_command.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>
#include <memory>

#include "adapters/system/system_clock.h"
#include "base/text.h"
#include "base/token.h"
#include "packwalk/commands/device_add.h"
#include "packwalk/commands/device_erase.h"
#include "packwalk/commands/device_list.h"
#include "packwalk/commands/reading_options.h"

namespace packwalk {
namespace {

int with_registry(const DeviceOptions& options, const std::function<Result<void>(DeviceRegistry&)>& use) {
  auto installation = Installation::open(options);
  if (!installation) return complain(installation.error().detail);
  const auto registry = installation->device_registry();
  if (!registry) return complain(registry.error().detail);
  const auto used = use(**registry);
  return used ? exit_success : complain(used.error().detail);
}

ServerTime now() { return make_system_clock()->now(); }

int print_list(const DeviceOptions& options) { return list_devices(options, options.json); }

/// "no device bello", or when it was removed.
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
  return with_registry(options, [&](DeviceRegistry& registry) -> Result<void> {
    auto replaced = changed(registry.replace_token(*id, hash_of_token(token), now()), registry, *id);
    if (!replaced) return replaced;
    std::cout << token << '\n' << std::flush;
    std::cerr << "packwalk: from now on, the old token is answered 503, so that " << id->text()
              << " keeps its packets until it has the new token\n";
    return {};
  });
}

int remove(const DeviceOptions& options) {
  const auto id = DeviceId::from_text(options.id);
  if (!id) return complain_of_usage(printable(options.id) + ": " + id.error().detail);
  return with_registry(options, [&](DeviceRegistry& registry) -> Result<void> {
    if (auto removed = changed(registry.remove(*id, now()), registry, *id); !removed) return removed;
    std::cerr << "packwalk: " << id->text() << " is removed and its token is invalid. Its data stays until "
              << "`packwalk device erase " << id->text() << "`\n";
    return {};
  });
}

}  // namespace

void add_device(CLI::App& app, Chosen& chosen) {
  CLI::App* device = app.add_subcommand("device", "Add, list, remove and erase devices, and rotate their tokens");
  device->require_subcommand(1);
  auto options = std::make_shared<DeviceOptions>();
  const auto action = [&](const char* name, const char* help, int (*act)(const DeviceOptions&)) {
    CLI::App* command = device->add_subcommand(name, help);
    options->add_to(*command, "Folder of the database");
    command->callback([options, act, &chosen] { chosen = [options, act] { return act(*options); }; });
    return command;
  };
  CLI::App* adding = action("add",
                            "Add a device and print its token, which cannot be printed again. If the device was "
                            "removed, it comes back with its data. If it was erased, the id belongs to a new device",
                            add_devices);
  adding->add_option("id", options->ids,
                     "1 to 64 characters of A-Z, a-z, 0-9, _ and -; for several, prints one line id,token per device");
  adding
      ->add_option("--from", options->from,
                   "A file with one id per line, or - for standard input. A first line `id` or `device` is a heading")
      ->check(input_path);
  adding->add_option("--count", options->count, "Add this many devices and print one line id,token per device")
      ->check(CLI::Range(std::size_t{1}, devices_at_once_max));
  adding->add_option("--prefix", options->prefix, "Prefix of the ids, before a number")->capture_default_str();
  action("list",
         "Print one line per device: the time when it was last seen, the number of its fixes, and its last refusal",
         print_list)
      ->add_flag("--json", options->json, "Print JSON");
  action("rotate-token",
         "Give a device a new token and print it. Requests with the old token are answered 503, so that the device "
         "keeps its packets until it has the new token",
         rotate_token)
      ->add_option("id", options->id, "The device")
      ->required();
  action("remove", "Remove a device: its token becomes invalid, but its data stays", remove)
      ->add_option("id", options->id, "The device")
      ->required();
  CLI::App* erasing = action("erase",
                             "Erase a device and all its data from the store and the archive, and count the remaining "
                             "rows. If it was interrupted, run it again",
                             erase_device);
  erasing->add_option("id", options->id, "The device")->required();
  erasing->add_flag("--yes", options->yes, "Do not ask for confirmation");
}

}  // namespace packwalk
