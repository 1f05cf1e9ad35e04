#include "app/ingest/find_keys.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <numeric>
#include <string_view>
#include <tuple>
#include <utility>

namespace packwalk {

Result<std::vector<bool>> find_keys(IngestTransaction& transaction, std::span<Message> messages) {
  std::vector<bool> are_there(messages.size());
  std::map<std::tuple<DeviceNumber, ServerTime, std::uint32_t>, std::string_view> met;
  std::vector<std::size_t> searching(messages.size());
  std::iota(searching.begin(), searching.end(), std::size_t{0});
  while (!searching.empty()) {
    std::vector<Message> asked_for;
    asked_for.reserve(searching.size());
    for (const std::size_t i : searching) asked_for.push_back(messages[i]);
    const auto occupants = transaction.occupants(asked_for);
    if (!occupants) return occupants.failure();
    std::vector<std::size_t> moved;
    for (std::size_t at = 0; at < searching.size(); ++at) {
      const std::size_t i = searching[at];
      Message& message = messages[i];
      Occupant occupant = (*occupants)[at];
      if (occupant == Occupant::none) {
        const auto [known, is_free] =
            met.try_emplace({message.device, message.received_at, message.ordinal}, message.original);
        if (!is_free) occupant = known->second == message.original ? Occupant::the_very_same : Occupant::another;
      }
      are_there[i] = occupant == Occupant::the_very_same;
      if (occupant != Occupant::another) continue;
      message.received_at += std::chrono::microseconds(1);
      moved.push_back(i);
    }
    searching = std::move(moved);
  }
  return are_there;
}

}  // namespace packwalk
