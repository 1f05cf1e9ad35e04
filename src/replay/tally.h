// The packets that a replay sent, the answers, and the server's verdicts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/recording.h"

namespace packwalk::replay {

/// How many messages of a device got which verdict, as GET /v1/devices/{device} says.
struct Judged {
  std::int64_t accepted = 0;
  std::int64_t duplicate = 0;
  std::int64_t conflict = 0;
  std::int64_t invalid = 0;

  std::int64_t sum() const { return accepted + duplicate + conflict + invalid; }
  Judged& operator+=(const Judged& other);
  friend Judged operator-(const Judged& after, const Judged& before);
  friend bool operator==(const Judged&, const Judged&) = default;
};

/// The `messages` of GET /v1/devices/{device}; nothing when it is not that.
std::optional<Judged> judged_from(std::string_view json);

/// What 202 says of a request.
struct Taken {
  std::int64_t taken = 0;
  std::int64_t invalid = 0;
};
std::optional<Taken> taken_from(std::string_view json);

/// All in packets.
struct Tally {
  std::int64_t rows = 0;         // of the file
  std::int64_t scheduled = 0;    // rows, and again for those that are sent twice
  std::int64_t sent = 0;         // in requests that were answered 2xx
  std::int64_t taken = 0;        // as those answers say
  std::int64_t invalid = 0;      // likewise
  std::int64_t refused = 0;      // in requests with an answer that asks for no repetition
  std::int64_t given_up = 0;     // in requests that got no answer for too long
  std::int64_t unsure = 0;       // in attempts without an answer: the server may have them or not
  std::optional<Judged> judged;  // since the beginning

  Tally& operator+=(const Tally& other);

  /// All of the schedule was sent, the answers cover it, and the server's verdicts tally for every packet: exactly,
  /// but for those that it may have got in attempts without an answer.
  bool closes() const { return sent == scheduled && balances(); }
  /// The same of what was sent, were it all or not.
  bool balances() const;
};

struct DeviceTally {
  std::string device;
  std::string name;  // in the file
  Tally tally;
};

struct ReplayTally {
  std::string file;
  std::vector<DeviceTally> devices;
  std::vector<UnreadableRow> unreadable;
  std::int64_t requests = 0;
  std::int64_t busy_answers = 0;      // 503 and the like: repeated
  std::int64_t lost_answers = 0;      // connections that broke or were silent: repeated
  std::vector<std::string> troubles;  // why packets were refused or given up, each once
  bool interrupted = false;

  Tally total() const;
  bool closes() const;
  bool balances() const;
};

/// A table and some sentences, for people. No more than `devices_max` devices.
std::string text_of(const ReplayTally& tally, std::size_t devices_max);
std::string json_of(const ReplayTally& tally);

}  // namespace packwalk::replay
