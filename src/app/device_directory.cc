#include "app/device_directory.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstring>
#include <deque>
#include <mutex>
#include <shared_mutex>

namespace packwalk {
namespace {

/// Half of the hash is enough to find a token by: 2^128 of them are beyond anyone's guessing.
using TokenKey = std::array<std::uint8_t, 16>;

TokenKey key_of(const TokenHash& hash) {
  TokenKey key{};
  std::copy_n(hash.begin(), key.size(), key.begin());
  return key;
}

struct Entry {
  RegisteredDevice device;
  TokenHash token{};
  std::uint16_t revision = 0;
};
using Slot = std::uint32_t;

/// Hashes and compares slots by what stands in them, and by the bare key, so that no key is kept twice.
template <class KeyOf>
struct BySlot {
  using is_transparent = void;
  const std::deque<Entry>* entries;

  const auto& key(Slot slot) const { return KeyOf{}((*entries)[slot]); }
  template <class Key>
  const Key& key(const Key& bare) const {
    return bare;
  }
  template <class A>
  std::size_t operator()(const A& a) const {
    return KeyOf{}.hash(key(a));
  }
  template <class A, class B>
  bool operator()(const A& a, const B& b) const {
    return key(a) == key(b);
  }
};

struct IdOf {
  const std::string& operator()(const Entry& entry) const { return entry.device.id.text(); }
  std::size_t hash(std::string_view id) const { return std::hash<std::string_view>{}(id); }
};
struct NumberOf {
  const DeviceNumber& operator()(const Entry& entry) const { return entry.device.number; }
  std::size_t hash(DeviceNumber number) const { return std::hash<DeviceNumber>{}(number); }
};

template <class KeyOf>
using SlotSet = boost::unordered_flat_set<Slot, BySlot<KeyOf>, BySlot<KeyOf>>;

struct TokenKeyHash {
  std::size_t operator()(const TokenKey& key) const {
    std::size_t hash = 0;
    std::memcpy(&hash, key.data(), sizeof hash);
    return hash;
  }
};
/// Counts only while `revision` is its device's: each record of a device names all tokens that still do.
struct TokenEntry {
  Slot slot;
  std::uint16_t revision;
  bool replaced;
};

}  // namespace

class DeviceDirectory::Table {
 public:
  explicit Table(std::unique_ptr<DeviceRegistry> registry) : registry_(std::move(registry)) {}

  TokenLookup by_token(const TokenHash& hash) const {
    const std::shared_lock lock(mutex_);
    const auto found = tokens_.find(key_of(hash));
    if (found == tokens_.end()) return {};
    const Entry& entry = entries_[found->second.slot];
    if (entry.device.removed_at || found->second.revision != entry.revision) return {};
    if (found->second.replaced) return {TokenStanding::replaced, entry.device.number};
    if (!equal_in_constant_time(entry.token, hash)) return {};
    return {TokenStanding::valid, entry.device.number};
  }

  std::optional<RegisteredDevice> find(std::string_view id) const {
    const std::shared_lock lock(mutex_);
    const auto found = ids_.find(id);
    if (found == ids_.end()) return std::nullopt;
    return entries_[*found].device;
  }

  std::optional<DeviceNumber> by_id(std::string_view id) const {
    const std::shared_lock lock(mutex_);
    const auto found = ids_.find(id);
    if (found == ids_.end()) return std::nullopt;
    return entries_[*found].device.number;
  }

  std::string id_of(DeviceNumber device) const {
    const std::shared_lock lock(mutex_);
    const auto found = numbers_.find(device);
    if (found == numbers_.end() || entries_[*found].device.removed_at) return {};
    return entries_[*found].device.id.text();
  }

  std::size_t size() const {
    const std::shared_lock lock(mutex_);
    return entries_.size();
  }

  Result<void> refresh(std::chrono::steady_clock::time_point since) {
    const std::lock_guard one_at_a_time(refresh_mutex_);
    if (refreshed_at_ > since) return {};
    const auto started = std::chrono::steady_clock::now();
    const auto revision = registry_->changes_since(revision_, [this](const DeviceRecord& record) {
      const std::unique_lock lock(mutex_);
      take(record);
    });
    if (!revision) return tl::unexpected(revision.error());
    revision_ = *revision;
    refreshed_at_ = started;
    return {};
  }

 private:
  void take(const DeviceRecord& record) {
    const auto known = numbers_.find(record.device.number);
    const Slot slot = known == numbers_.end() ? static_cast<Slot>(entries_.size()) : *known;
    if (known == numbers_.end()) {
      entries_.push_back({record.device});
      numbers_.insert(slot);
      ids_.insert(slot);
    }
    Entry& entry = entries_[slot];
    entry.device = record.device;
    entry.token = record.token.value_or(TokenHash{});
    ++entry.revision;
    for (const TokenHash& hash : record.replaced_tokens) put_token(hash, {slot, entry.revision, true});
    if (record.token) put_token(*record.token, {slot, entry.revision, false});
  }

  void put_token(const TokenHash& hash, TokenEntry token) { tokens_.insert_or_assign(key_of(hash), token); }

  std::unique_ptr<DeviceRegistry> registry_;  // guarded by refresh_mutex_, like the two below
  std::int64_t revision_ = 0;
  std::chrono::steady_clock::time_point refreshed_at_{};
  std::mutex refresh_mutex_;

  mutable std::shared_mutex mutex_;
  std::deque<Entry> entries_;  // guarded by mutex_, like all below; a slot never moves
  SlotSet<IdOf> ids_{0, BySlot<IdOf>{&entries_}, BySlot<IdOf>{&entries_}};
  SlotSet<NumberOf> numbers_{0, BySlot<NumberOf>{&entries_}, BySlot<NumberOf>{&entries_}};
  boost::unordered_flat_map<TokenKey, TokenEntry, TokenKeyHash> tokens_;
};

DeviceDirectory::DeviceDirectory(std::unique_ptr<DeviceRegistry> registry)
    : table_(std::make_unique<Table>(std::move(registry))) {}
DeviceDirectory::~DeviceDirectory() = default;

TokenLookup DeviceDirectory::by_token(std::string_view token) const { return table_->by_token(hash_of_token(token)); }
std::optional<DeviceNumber> DeviceDirectory::by_id(std::string_view id) const { return table_->by_id(id); }
std::string DeviceDirectory::id_of(DeviceNumber device) const { return table_->id_of(device); }
std::optional<RegisteredDevice> DeviceDirectory::find(std::string_view id) const { return table_->find(id); }
std::size_t DeviceDirectory::size() const { return table_->size(); }
Result<void> DeviceDirectory::refresh(std::chrono::steady_clock::time_point since) { return table_->refresh(since); }

}  // namespace packwalk
