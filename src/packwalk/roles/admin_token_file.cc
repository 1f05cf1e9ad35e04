#include "packwalk/roles/admin_token_file.h"

#include <array>
#include <chrono>
#include <filesystem>
#include <utility>

#include "packwalk/installation/log.h"

namespace packwalk {
namespace {

/// A restored backup may contain only the database.
bool has_served(const DataDirectory& directory) {
  for (const char* name : {"packwalk.lock", "packwalk.db"}) {
    if (std::filesystem::exists(directory.file(name))) return true;
  }
  return false;
}

}  // namespace

AdminTokenFile::AdminTokenFile(const DataDirectory& directory)
    : directory_(directory), is_used_(has_served(directory)) {}

Result<const AdminToken*> AdminTokenFile::read() {
  const auto read = text();
  if (!read) return read.failure();
  is_used_ = true;
  return &token_.emplace(*read);
}

void AdminTokenFile::follow() {
  ticker_ = std::make_unique<Ticker>(std::chrono::seconds(1), Ticker::First::later, [this] { look(); });
}

Result<std::string> AdminTokenFile::text() const {
  const auto before = directory_.read_admin_token();
  if (before || before.error().code != Errc::not_found) return before;
  auto made = directory_.admin_token();
  if (made && is_used_) {
    log_info("admin_token_made", {{"path", directory_.file("admin.token")}, {"reason", "the file was missing"}});
  }
  return made;
}

void AdminTokenFile::look() {
  const auto read = text();
  if (read && token_->replace(*read)) log_info("admin_token_replaced");
  std::string now = read ? "" : read.error().detail;
  if (now != trouble_ && !now.empty()) log_warning("admin_token_unusable", {{"reason", now}});
  trouble_ = std::move(now);
}

}  // namespace packwalk
