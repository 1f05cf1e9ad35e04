// What all questions have in common: who may ask, which parameters there are, on which thread an answer is made.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/answers.h"
#include "app/access/admin_token.h"
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

/// What the answers are made of; main owns all of it, and it outlives every request.
struct QueryParts {
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
};

/// One question: the parameters that it knows, and what makes its answer.
struct Question {
  std::vector<std::string_view> parameters;
  std::function<Response(const QueryParts&, const Request&)> answer;  // may block when it runs on the pool
};

using SharedParts = std::shared_ptr<const QueryParts>;
/// The response to whoever does not show the administrator's token.
std::optional<Response> not_admin(const QueryParts& parts, const Request& head);

/// From memory, at once. Asks for the administrator's token, like the next one.
Handler at_once(const SharedParts& parts, Question question);
/// From the store, on the pool. 503 when it takes longer than `query_max`; given up when its caller is gone: what
/// `answer` returns after work_must_end() (base/work_limits.h) said so is thrown away.
Handler from_store(const SharedParts& parts, Question question);

/// Errc::not_found. One that is not known may have been made by another process a moment ago: blocks then.
Result<RegisteredDevice> device_of(const QueryParts& parts, const Request& request, std::string_view id);
/// The id of a device that stands in a row, which may be removed since; blocks like device_of().
std::string_view id_in_row(const QueryParts& parts, const Request& request, DeviceNumber device);

/// 200, with a Link header where there is a next page.
Response page(AnswerForm form, std::string body, const Request& request, std::string_view cursor);

}  // namespace packwalk
