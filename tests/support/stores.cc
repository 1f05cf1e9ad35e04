#include "tests/support/stores.h"

#include "adapters/sqlite/sqlite_store.h"
#include "tests/support/temporary_folder.h"

namespace packwalk {
namespace {

class SqliteInstallation final : public Installation {
 public:
  SqliteInstallation() { static_cast<void>(device_registry()); }  // readers may be the first to come

 private:
  const Store& store() const override { return *store_; }

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_ = make_sqlite_store(folder_.file("packwalk.db"));
};

}  // namespace

std::vector<StoreAdapter> store_adapters() {
  return {{"sqlite", [] { return std::make_unique<SqliteInstallation>(); }}};
}

}  // namespace packwalk
