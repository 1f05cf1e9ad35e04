#include "app/devices/device_directory.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <shared_mutex>
#include <string>

#include "app/devices/device_entry.h"
#include "base/work_limits.h"

namespace packwalk {

class DeviceDirectory::Table {
 public:
  explicit Table(std::unique_ptr<DeviceRegistry> registry) : registry_(std::move(registry)) {}

  TokenLookup by_token(const TokenHash& hash) const {
    const std::shared_lock lock(mutex_);
    const TokenKey key = key_of(hash);
    if (const auto valid = tokens_.find(key); valid != tokens_.end()) {
      return {TokenStanding::valid, entries_[*valid].number};
    }
    const auto replaced = replaced_tokens_.find(key);
    if (replaced == replaced_tokens_.end()) return {};
    return {TokenStanding::replaced, entries_[replaced->second].number};
  }

  std::optional<RegisteredDevice> find(std::string_view id) const {
    const std::shared_lock lock(mutex_);
    const auto found = ids_.find(id);
    if (found == ids_.end()) return std::nullopt;
    const Entry& entry = entries_[*found];
    RegisteredDevice device{entry.number, DeviceId::from_text(entry.id).value(), entry.created_at, std::nullopt};
    if (entry.is_removed()) device.removed_at = entry.removed_at;
    return device;
  }

  std::optional<DeviceNumber> by_id(std::string_view id) const {
    const std::shared_lock lock(mutex_);
    const auto found = ids_.find(id);
    if (found == ids_.end()) return std::nullopt;
    return entries_[*found].number;
  }

  std::string_view id_of(DeviceNumber device, bool also_removed) const {
    const std::shared_lock lock(mutex_);
    return locked_id_of(device, also_removed);
  }

  std::vector<std::string_view> ids_of(std::span<const DevicePosition> positions) const {
    std::vector<std::string_view> ids;
    ids.reserve(positions.size());
    const std::shared_lock lock(mutex_);
    for (const DevicePosition& position : positions) ids.push_back(locked_id_of(position.device, false));
    return ids;
  }

  std::size_t size() const {
    const std::shared_lock lock(mutex_);
    return entries_.size();
  }

  /// One refresh at a time. Callers that came before it began share its result, even a failure, so that they do not
  /// wait one after another for a registry that hangs.
  Result<void> refresh(std::chrono::steady_clock::time_point since) {
    std::unique_lock lock(refresh_mutex_);
    while (last_.began <= since) {
      if (!refreshing_) return refresh_now(lock);
      const WorkLimits& limits = work_limits();
      const auto ended = [&] { return !refreshing_ || last_.began > since; };
      if (limits.deadline == std::chrono::steady_clock::time_point::max()) {
        refreshed_.wait(lock, limits.gone, ended);
      } else {
        refreshed_.wait_until(lock, limits.gone, limits.deadline, ended);
      }
      if (work_must_end()) return Failure(work_ended());
    }
    return last_.outcome;
  }

 private:
  std::string_view locked_id_of(DeviceNumber device, bool also_removed) const {
    const auto found = numbers_.find(device);
    if (found == numbers_.end() || (entries_[*found].is_removed() && !also_removed)) return {};
    return entries_[*found].id;
  }

  struct Refresh {
    std::chrono::steady_clock::time_point began{};
    Result<void> outcome;
  };

  Result<void> refresh_now(std::unique_lock<std::mutex>& lock) {
    refreshing_ = true;
    lock.unlock();
    Refresh refresh{std::chrono::steady_clock::now(), fail(Errc::unavailable, "the registry could not be read")};
    try {
      const LimitedWork of_all(
          {.deadline =
               work_limits().deadline});  // other callers wait for it too, so it continues if this caller is gone
      refresh.outcome = learn_changes();
    } catch (const std::exception& error) {
      refresh.outcome = fail(Errc::unavailable, std::string("the registry could not be read: ") + error.what());
    }
    lock.lock();
    refreshing_ = false;
    last_ = refresh;
    refreshed_.notify_all();
    return refresh.outcome;
  }

  /// For the refreshing thread.
  Result<void> learn_changes() {
    const auto revision = registry_->changes_since(
        revision_,
        [this](const DeviceRecord& record) {
          const std::unique_lock lock(mutex_);
          take(record);
        },
        [this](DeviceNumber device) {
          const std::unique_lock lock(mutex_);
          forget(device);
        });
    if (!revision) return revision.failure();
    revision_ = *revision;
    return {};
  }

  /// A record lists all valid tokens: earlier ones are no longer valid.
  void take(const DeviceRecord& record) {
    const auto known = numbers_.find(record.device.number);
    const Slot slot = known == numbers_.end() ? static_cast<Slot>(entries_.size()) : *known;
    if (known == numbers_.end()) {
      entries_.push_back({.id = texts_.keep(record.device.id.text()), .number = record.device.number});
      numbers_.insert(slot);
      ids_.insert(slot);
    } else {
      forget_tokens(slot);
    }
    Entry& entry = entries_[slot];
    entry.created_at = record.device.created_at;
    entry.removed_at = record.device.removed_at.value_or(ServerTime());
    for (const TokenHash& hash : record.replaced_tokens) replaced_tokens_.insert_or_assign(key_of(hash), slot);
    if (!record.token) return;
    give_up(key_of(*record.token));
    entry.token = key_of(*record.token);
    tokens_.insert(slot);
  }

  /// An erased device: its number stays known and unused, and a new device may get its id.
  void forget(DeviceNumber device) {
    const auto known = numbers_.find(device);
    if (known == numbers_.end()) return;
    forget_tokens(*known);
    Entry& entry = entries_[*known];
    if (!entry.is_removed()) entry.removed_at = ServerTime::max();
    const auto named = ids_.find(entry.id);
    if (named != ids_.end() && *named == *known) ids_.erase(named);
    entry.id = {};
  }

  void forget_tokens(Slot slot) {
    if (entries_[slot].token == TokenKey{})
      return;  // it has no token, and a removed device has no replaced ones either
    tokens_.erase(entries_[slot].token);
    entries_[slot].token = {};
    boost::unordered::erase_if(replaced_tokens_, [slot](const auto& each) { return each.second == slot; });
  }

  /// The device that had it before.
  void give_up(const TokenKey& key) {
    replaced_tokens_.erase(key);
    const auto holder = tokens_.find(key);
    if (holder == tokens_.end()) return;
    const Slot slot = *holder;
    tokens_.erase(holder);
    entries_[slot].token = {};
  }

  std::unique_ptr<DeviceRegistry> registry_;  // for the thread that set refreshing_, like the next
  std::int64_t revision_ = 0;
  std::mutex refresh_mutex_;
  std::condition_variable_any refreshed_;
  bool refreshing_ = false;  // guarded by refresh_mutex_, like the next
  Refresh last_;

  mutable std::shared_mutex mutex_;
  Texts texts_;                // guarded by mutex_, like all below
  std::deque<Entry> entries_;  // a slot never moves
  SlotSet<EntryId> ids_{0, BySlot<EntryId>{&entries_}, BySlot<EntryId>{&entries_}};
  SlotSet<EntryNumber> numbers_{0, BySlot<EntryNumber>{&entries_}, BySlot<EntryNumber>{&entries_}};
  SlotSet<EntryToken> tokens_{0, BySlot<EntryToken>{&entries_}, BySlot<EntryToken>{&entries_}};
  boost::unordered_flat_map<TokenKey, Slot, TokenKeyHash> replaced_tokens_;
};

DeviceDirectory::DeviceDirectory(std::unique_ptr<DeviceRegistry> registry)
    : table_(std::make_unique<Table>(std::move(registry))) {}
DeviceDirectory::~DeviceDirectory() = default;

TokenLookup DeviceDirectory::by_token(std::string_view token) const { return table_->by_token(hash_of_token(token)); }
std::optional<DeviceNumber> DeviceDirectory::by_id(std::string_view id) const { return table_->by_id(id); }
std::string_view DeviceDirectory::id_of(DeviceNumber device) const { return table_->id_of(device, false); }
std::vector<std::string_view> DeviceDirectory::ids_of(std::span<const DevicePosition> positions) const {
  return table_->ids_of(positions);
}
std::string_view DeviceDirectory::id_ever_of(DeviceNumber device) const { return table_->id_of(device, true); }
std::optional<RegisteredDevice> DeviceDirectory::find(std::string_view id) const { return table_->find(id); }
std::size_t DeviceDirectory::size() const { return table_->size(); }
Result<void> DeviceDirectory::refresh(std::chrono::steady_clock::time_point since) { return table_->refresh(since); }

}  // namespace packwalk
