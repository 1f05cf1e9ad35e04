// A device in the directory, and sets of devices by id, number and token, without copies of keys.
#pragma once

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/token.h"
#include "base/units.h"

namespace packwalk {

/// Half of the hash suffices to identify a token: 2^128 values cannot be guessed.
using TokenKey = std::array<std::uint8_t, 16>;

inline TokenKey key_of(const TokenHash& hash) {
  TokenKey key{};
  std::copy_n(hash.begin(), key.size(), key.begin());
  return key;
}

/// Texts that never move, in as many bytes as they have characters.
class Texts {
 public:
  std::string_view keep(std::string_view text) {
    if (chunks_.empty() || chunks_.back().size() + text.size() > chunk_size) chunks_.emplace_back().reserve(chunk_size);
    std::vector<char>& chunk = chunks_.back();
    chunk.insert(chunk.end(), text.begin(), text.end());
    return {chunk.data() + chunk.size() - text.size(), text.size()};
  }

 private:
  static constexpr std::size_t chunk_size = 16UL * 1024;
  std::vector<std::vector<char>> chunks_;
};

/// A device in about 60 bytes.
struct Entry {
  std::string_view id;
  DeviceNumber number;
  ServerTime created_at;
  ServerTime removed_at;  // 1970: not removed
  TokenKey token;         // zeros: no token

  bool is_removed() const { return removed_at != ServerTime(); }
};
using Slot = std::uint32_t;

/// Hashes and compares slots by their content, and plain keys, so that no key is stored twice.
template <class KeyOf>
struct BySlot {
  using is_transparent = void;
  const std::deque<Entry>* entries;

  auto key(Slot slot) const { return KeyOf{}((*entries)[slot]); }
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
    return KeyOf{}.equal(key(a), key(b));
  }
};

struct EntryId {
  std::string_view operator()(const Entry& entry) const { return entry.id; }
  std::size_t hash(std::string_view id) const { return std::hash<std::string_view>{}(id); }
  bool equal(std::string_view a, std::string_view b) const { return a == b; }
};
struct EntryNumber {
  DeviceNumber operator()(const Entry& entry) const { return entry.number; }
  std::size_t hash(DeviceNumber number) const { return std::hash<DeviceNumber>{}(number); }
  bool equal(DeviceNumber a, DeviceNumber b) const { return a == b; }
};
struct EntryToken {
  TokenKey operator()(const Entry& entry) const { return entry.token; }
  std::size_t hash(const TokenKey& key) const {
    std::size_t hash = 0;
    std::memcpy(&hash, key.data(), sizeof hash);
    return hash;
  }
  bool equal(const TokenKey& a, const TokenKey& b) const { return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }
};

struct TokenKeyHash {
  std::size_t operator()(const TokenKey& key) const { return EntryToken{}.hash(key); }
};

template <class KeyOf>
using SlotSet = boost::unordered_flat_set<Slot, BySlot<KeyOf>, BySlot<KeyOf>>;

}  // namespace packwalk
