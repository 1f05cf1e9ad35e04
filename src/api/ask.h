// A question as its handler sees it: who asks, about which device, with which parameters, and what answers are made of.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "api/cursor_seal.h"
#include "api/parameters.h"
#include "app/access/identify.h"
#include "app/devices/device_directory.h"
#include "app/questions/live_positions.h"
#include "core/walk/analysis_rules.h"
#include "http/blocking_pool.h"
#include "http/exchange.h"
#include "http/failed_log_ins.h"
#include "ports/clock.h"
#include "ports/message_reader.h"
#include "ports/query_store.h"

namespace packwalk {

/// An error for which a request is answered 5xx.
struct AnswerFault {
  const Request& request;
  std::string_view pattern;  // of its route
  const Error& error;
};

/// What the answers are made of; main owns all of it, and it outlives every request.
struct ApiParts {
  DeviceDirectory& directory;
  const LivePositions& positions;
  QueryStore& store;
  MessageReader& messages;
  BlockingPool& pool;
  Clock& clock;
  const AdminToken& admin_token;
  AnalysisRules rules;                     // by which tracks and outliers are made
  std::chrono::seconds query_max{20};      // from a question's arrival to its answer
  FailedLogIns* failed_log_ins = nullptr;  // none: no limit, and nobody counts
  /// Called with every error of the store behind an answer 5xx, from any thread. Not called with exceptions, which the
  /// pool reports, nor if work was cancelled or had no room.
  std::function<void(const AnswerFault&)> failed = [](const AnswerFault&) {};

  Identify identify() const { return Identify(directory, &admin_token); }
};

/// Caller and device are settled before the handler runs: the caller may do with the device what the endpoint needs.
struct Ask {
  const ApiParts& parts;
  const Request& request;
  const Caller& caller;
  Action action;  // what the endpoint needs
  const RegisteredDevice*
      device;      // of an endpoint whose path has {device}, or that has a parameter `device`; else null
  Parameters& in;  // whose cursor is open
  const CursorSeal& seal;

  /// The cursor for the page behind `place`; "" where there is none.
  std::string next_cursor(std::string_view place) const { return place.empty() ? "" : seal.seal(place); }
  Sight sight() const { return sight_of(caller, action); }
};

enum class MayBlock { no, yes };
struct FoundDevice {
  std::optional<RegisteredDevice> device;
  Problem refusal{};  // without a device: unknown_device also of one that the caller cannot see, or forbidden
};
/// The device of this id, if the caller may do with it what the endpoint needs. Where it may block, it also finds a
/// device that another process has made a moment ago. Errors are the registry's.
Result<FoundDevice> find_device(const Ask& ask, std::string_view id, MayBlock may_block);
/// The sentence for such a refusal.
std::string_view detail_of(Problem refusal);

/// The id of a device that stands in a row, which may be removed since; blocks.
std::string_view id_in_row(const Ask& ask, DeviceNumber device);

/// 200, with a Link header where there is a next page.
Response page(AnswerForm form, std::string body, const Request& request, std::string_view cursor);
/// The same with an ETag: for tracks, activity and walks, which pages request again and again and which seldom change.
/// Not for answers with an age, which change every second.
Response page_with_etag(AnswerForm form, std::string body, const Request& request, std::string_view cursor);

}  // namespace packwalk
