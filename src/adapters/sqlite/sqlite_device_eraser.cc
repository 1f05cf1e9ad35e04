#include "adapters/sqlite/sqlite_device_eraser.h"

#include <utility>

#include "adapters/sql/sql_device_eraser.h"
#include "adapters/sqlite/sqlite_wipe.h"

namespace packwalk::sql {
namespace {

class SqliteDeviceEraser final : public DeviceEraser {
 public:
  SqliteDeviceEraser(std::string path, std::unique_ptr<DeviceEraser> rows)
      : path_(std::move(path)), rows_(std::move(rows)) {}

  Result<DeviceNumber> find(const DeviceId& id) override { return rows_->find(id); }
  Result<std::vector<std::string>> unfinished() override { return rows_->unfinished(); }
  Result<void> begin(DeviceNumber device, ServerTime now) override {
    // An erasure that did not end may have failed at a flush.
    if (const auto unfinished = rows_->unfinished(); !unfinished || !unfinished->empty()) pages_ = WipedPages::all;
    return rows_->begin(device, now);
  }
  Result<std::int64_t> erase_some(DeviceNumber device, std::size_t rows_max) override {
    return rows_->erase_some(device, rows_max);
  }
  Result<std::vector<RowCount>> count(DeviceNumber device) override { return rows_->count(device); }

  /// First what came from it: while that is left the erasure has not ended, and can be run again. Then its id, too.
  Result<void> end(DeviceNumber device, ServerTime now) override {
    auto done = wipe();
    if (done) done = rows_->end(device, now);
    return done ? wipe() : done;
  }

 private:
  /// A disk that fails once is no reason to leave an id behind that no longer names a device.
  Result<void> wipe() {
    auto done = wipe_deleted(path_, pages_);
    if (!done) pages_ = WipedPages::all;
    for (int again = 0; !done && again < wipes_again; ++again) done = wipe_deleted(path_, pages_);
    return done;
  }

  static constexpr int wipes_again = 2;
  const std::string path_;
  const std::unique_ptr<DeviceEraser> rows_;
  WipedPages pages_ = WipedPages::with_remains;
};

}  // namespace

std::unique_ptr<DeviceEraser> make_sqlite_device_eraser(std::string path, std::unique_ptr<Connection> connection) {
  return std::make_unique<SqliteDeviceEraser>(std::move(path), make_sql_device_eraser(std::move(connection)));
}

}  // namespace packwalk::sql
