#include "packwalk/commands/device_erase.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/system/system_clock.h"
#include "app/devices/erase_device.h"
#include "base/text.h"
#include "packwalk/commands/device_tokens.h"
#include "packwalk/commands/journal_command.h"
#include "packwalk/commands/progress_bar.h"
#include "packwalk/commands/subcommand.h"

namespace packwalk {
namespace {

/// Asks for confirmation on a terminal, unless --yes is given.
bool is_sure(const DeviceOptions& options, std::int64_t rows) {
  if (options.yes) return true;
  if (isatty(STDIN_FILENO) != 1) return false;
  std::cerr << "Erase " << options.id << " and all its data, " << counted(rows, "row")
            << ", forever? Type its id to continue: " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == options.id;
}

/// The copies that the operator must erase.
std::string what_is_out_of_reach(const Config& config) {
  if (config.store.is_embedded()) {
    return ", nor in the database's log. Older backups and copies of this folder still contain it, and a restore "
           "brings it back: delete them, or erase the device again after a restore.";
  }
  return " in any table. PostgreSQL overwrites its bytes with VACUUM, and its write-ahead log has them until old "
         "segments are recycled. Backups, lagging replicas and an archive of the write-ahead log still contain it, and "
         "a restore brings it back: let them expire, or erase the device again after a restore.";
}

/// Prints how many rows were erased and how many remain in which table, with the remedy.
int show_what_is_left(const DeviceOptions& options, DeviceNumber device, std::int64_t before,
                      const std::vector<RowCount>& left, const Config& config) {
  const std::int64_t rows = sum_of(left);
  const std::int64_t erased = std::max<std::int64_t>(before - rows, 0);
  std::cout << counted(erased, "row of ", "rows of ") << options.id << (erased == 1 ? " was" : " were") << " erased.\n"
            << counted(rows, "row is", "rows are") << " left in " << left.size() << " tables"
            << (config.archive.is_used() ? ", the archive's included" : "") << (rows == 0 ? ".\n" : ":\n");
  for (const RowCount& each : left) {
    if (each.rows > 0) std::cout << "  " << each.part << ": " << each.rows << '\n';
  }
  if (rows == 0) {
    std::cout << options.id << " is erased: nothing of it is left" << what_is_out_of_reach(config) << '\n';
    return exit_success;
  }
  std::cout << "Rows of it remain. Detached tables belong to you: delete the rows with the device " << device.value
            << " in them, or drop them. Then run this again.\n";
  return exit_failure;
}

/// The parts of an installation from which a device is erased.
struct OpenSides {
  std::unique_ptr<DeviceEraser> eraser;
  std::unique_ptr<AuditStore> audit;  // set if there is an archive, as the next one
  ArchiveParts archive;

  ErasureSides of(const Installation& installation) const {
    ErasureSides sides{*eraser};
    sides.store = audit.get();
    sides.source = archive.source.get();
    sides.archive = archive.archive.get();
    sides.queue = [&installation](DeviceNumber device) { return erase_from_journal(installation, device); };
    return sides;
  }
};

Result<OpenSides> open_sides(Installation& installation) {
  OpenSides sides;
  auto eraser = installation.device_eraser();
  if (!eraser) return eraser.failure();
  sides.eraser = *std::move(eraser);
  if (!installation.config().archive.is_used()) return sides;
  auto archive = installation.archive();
  if (!archive) return archive.failure();
  sides.archive = *std::move(archive);
  auto audit = installation.audit_store_without_archive();
  if (!audit) return audit.failure();
  sides.audit = *std::move(audit);
  return sides;
}

}  // namespace

int erase_device(const DeviceOptions& options) {
  const auto id = DeviceId::from_text(options.id);
  if (!id) return complain_of_usage(printable(options.id) + ": " + id.error().detail);
  auto installation = Installation::open(options);
  if (!installation) return complain(installation.error().detail);
  const auto opened = open_sides(*installation);
  if (!opened) return complain(opened.error().detail);
  const ErasureSides sides = opened->of(*installation);
  const auto device = opened->eraser->find(*id);
  if (!device) return complain(device.error().detail);
  const auto before = count_rows(*device, sides);
  if (!before) return complain(before.error().detail);
  const std::int64_t rows = sum_of(*before);
  if (!is_sure(options, rows)) return complain("nothing was erased. Give --yes, or type the id of the device");
  if (auto forgotten = forget_made_token(installation->directory(), *id); !forgotten) {
    return complain(forgotten.error().detail);
  }
  ProgressBar bar("rows");
  const bool on_terminal = isatty(STDERR_FILENO) == 1;
  const auto left = erase_device(*device, make_system_clock()->now(), sides, [&](std::int64_t done) {
    if (on_terminal) bar.show(static_cast<std::size_t>(done), static_cast<std::size_t>(std::max(rows, done)));
  });
  bar.end();
  if (!left) return complain(left.error().detail + "; run it again");
  return show_what_is_left(options, *device, rows, *left, installation->config());
}

}  // namespace packwalk
