#include "adapters/redis/redis_seen_keys.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "adapters/redis/client.h"

namespace packwalk {
namespace {

constexpr std::chrono::seconds pause{5};
constexpr std::uint64_t bits = std::uint64_t{1} << 27;
constexpr std::size_t command_keys_max = 5000;
constexpr const char* field_seconds = "7200";

std::string bit_of(const PacketKey& key) {
  const std::array<std::int64_t, 3> parts = {key.device.value, static_cast<std::int64_t>(key.family),
                                             seconds_since_1970(key.timestamp)};
  return std::to_string(hash_of_bytes({reinterpret_cast<const char*>(parts.data()), sizeof parts}) % bits);
}

class RedisSeenKeys final : public SeenKeys {
 public:
  RedisSeenKeys(redis::Address address, std::string name, std::chrono::milliseconds answer_max)
      : address_(std::move(address)), name_(std::move(name)), answer_max_(answer_max) {}

  std::vector<bool> guess(std::span<const PacketKey> keys) override {
    std::vector<bool> seen(keys.size());
    const std::int64_t hour = hour_now();
    for (std::size_t from = 0; from < keys.size(); from += command_keys_max) {
      const std::size_t until = std::min(keys.size(), from + command_keys_max);
      std::vector<std::string> offsets;
      for (std::size_t i = from; i < until; ++i) offsets.push_back(bit_of(keys[i]));
      for (const std::int64_t field : {hour, hour - 1}) {
        const std::string field_name = name_of_field(field);
        std::vector<std::string_view> command = {"BITFIELD_RO", field_name};
        for (const std::string& offset : offsets) command.insert(command.end(), {"GET", "u1", offset});
        const auto answer = ask(command);
        if (!answer) return seen;
        mark(seen, from, *answer);
      }
    }
    return seen;
  }

  void remember(std::span<const PacketKey> keys) override {
    const std::string field_name = name_of_field(hour_now());
    for (std::size_t from = 0; from < keys.size(); from += command_keys_max) {
      std::vector<std::string> offsets;
      for (const PacketKey& key : keys.subspan(from, std::min(command_keys_max, keys.size() - from))) {
        offsets.push_back(bit_of(key));
      }
      std::vector<std::string_view> command = {"BITFIELD", field_name};
      for (const std::string& offset : offsets) command.insert(command.end(), {"SET", "u1", offset, "1"});
      if (!ask(command)) return;
    }
    ask({"EXPIRE", field_name, field_seconds});
  }

 private:
  static std::int64_t hour_now() {
    return std::chrono::floor<std::chrono::hours>(std::chrono::system_clock::now()).time_since_epoch().count();
  }
  std::string name_of_field(std::int64_t hour) const { return name_ + "." + std::to_string(hour); }

  /// One line of the reply per key, from `from` on.
  static void mark(std::vector<bool>& seen, std::size_t from, std::string_view lines) {
    for (std::size_t i = from; i < seen.size() && !lines.empty(); ++i) {
      if (lines.front() == '1') seen[i] = true;
      lines.remove_prefix(std::min(lines.find('\n'), lines.size() - 1) + 1);
    }
  }

  std::optional<std::string> ask(const std::vector<std::string_view>& command) {
    if (std::chrono::steady_clock::now() < left_alone_until_) return std::nullopt;
    if (!client_) {
      auto opened = redis::Client::open(address_, answer_max_);
      if (opened) client_ = *std::move(opened);
    }
    if (client_) {
      auto answer = client_->ask(command);
      if (answer) return *std::move(answer);
      client_.reset();
    }
    left_alone_until_ = std::chrono::steady_clock::now() + pause;
    return std::nullopt;
  }

  const redis::Address address_;
  const std::string name_;
  const std::chrono::milliseconds answer_max_;
  std::optional<redis::Client> client_;
  std::chrono::steady_clock::time_point left_alone_until_;
};

}  // namespace

Result<std::unique_ptr<SeenKeys>> make_redis_seen_keys(const CacheOptions& options) {
  auto address = redis::address_from(options.url, options.ca_file);
  if (!address) return address.failure();
  return std::make_unique<RedisSeenKeys>(*std::move(address), options.name, options.answer_max);
}

}  // namespace packwalk
