#include "packwalk/commands/server_tally.h"

#include <chrono>
#include <fstream>
#include <thread>
#include <utility>

#include "base/text.h"

namespace packwalk {
namespace {

constexpr std::chrono::milliseconds pause{20};

}  // namespace

ServerTally::ServerTally(const replay::Recording& recording, CollarClient& client, std::string admin_token,
                         std::string data)
    : recording_(recording), client_(client), admin_token_(std::move(admin_token)), data_(std::move(data)) {}

Result<void> ServerTally::note_before() {
  auto judged = judged_so_far();
  if (!judged) return judged.failure();
  before_ = *std::move(judged);
  return {};
}

/// A packet is safe before it has a verdict. Waits until the server in the data folder has a verdict on all packets,
/// but at most a minute. The queue of another server is unknown, so its tally is queried repeatedly.
void ServerTally::wait_until_judged() const {
  std::string text;
  if (data_.empty() || !(std::ifstream(data_ + "/ops.listen") >> text)) return;
  const auto address = server_address_from(text);
  if (!address) return;
  CollarClient client(*address, {.connections_max = 1});
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (std::chrono::steady_clock::now() < until) {
    const auto answer = client.get("/metrics", "");
    if (!answer || answer->body.find("\npackwalk_queue_messages 0\n") != std::string::npos) return;
    std::this_thread::sleep_for(pause);
  }
}

/// The server's verdicts on each device's messages so far. An unknown device has none.
Result<std::vector<replay::Judged>> ServerTally::judged_so_far() const {
  wait_until_judged();
  std::vector<replay::Judged> all;
  for (const DeviceId& device : recording_.devices) {
    const auto answer = client_.get("/v1/devices/" + device.text(), admin_token_);
    if (!answer) return answer.failure();
    if (answer->status == 404) {
      all.emplace_back();
      continue;
    }
    const auto judged = answer->status == 200 ? replay::judged_from(answer->body) : std::nullopt;
    if (!judged) {
      return fail(Errc::unavailable, "the server answers " + std::to_string(answer->status) + ": " +
                                         printable(answer->body.substr(0, 300)));
    }
    all.push_back(*judged);
  }
  return all;
}

Result<void> ServerTally::settle(replay::ReplayTally& tally) const {
  constexpr std::chrono::seconds patience{15};
  std::vector<replay::Judged> last;
  auto until = std::chrono::steady_clock::now() + patience;
  while (true) {
    auto after = judged_so_far();
    if (!after) return after.failure();
    for (std::size_t i = 0; i < before_.size(); ++i) tally.devices[i].tally.judged = (*after)[i] - before_[i];
    const auto now = std::chrono::steady_clock::now();
    if (*after != last) until = now + patience;
    if (tally.closes() || tally.interrupted || now >= until) return {};
    last = *std::move(after);
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace packwalk
