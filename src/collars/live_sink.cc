#include "collars/live_sink.h"

#include <deque>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "collars/uploads.h"
#include "core/packet/json_form.h"

namespace packwalk {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t waiting_packets_max = 50'000;
constexpr std::size_t request_packets_max = 500;
// A collar keeps its packets until the server accepts them, without a deadline.
constexpr std::chrono::hours give_up{24 * 365};
constexpr std::chrono::seconds last_wait{30};

class LiveSink final : public UploadSink {
 public:
  LiveSink(const ServerAddress& address, DeviceTokens tokens)
      : tokens_(std::move(tokens)), client_(address, {}), uploads_(client_, give_up) {}

  Result<void> send(const std::string& device, std::span<const town::Packet> packets) override {
    if (waiting_packets_ + packets.size() > waiting_packets_max) {
      uploads_.work_until(Clock::now());
      if (waiting_packets_ + packets.size() > waiting_packets_max && waiting_packets_ > 0) {
        return fail(Errc::overloaded, "too many packets wait for the server");
      }
    }
    Collar& collar = collars_[device];
    collar.waiting.insert(collar.waiting.end(), packets.begin(), packets.end());
    waiting_packets_ += packets.size();
    start_upload(device, collar);
    uploads_.work_until(Clock::now());
    return {};
  }

  void wait_until(ServerTime until) override {
    const auto left = until - std::chrono::system_clock::now();
    const auto steady = Clock::now() + std::chrono::duration_cast<Clock::duration>(left);
    while (Clock::now() < steady) uploads_.work_until(steady);
  }

  Result<void> finish() override {
    const auto until = Clock::now() + last_wait;
    while (uploads_.under_way() > 0 && Clock::now() < until) uploads_.work_until(until);
    uploads_.stop();
    while (uploads_.under_way() > 0) uploads_.work_until(Clock::now() + last_wait);
    const std::size_t lost = waiting_packets_ + lost_packets_;
    if (lost == 0) return {};
    return fail(Errc::unavailable, counted(lost, "packet") + " did not arrive: " + trouble_);
  }

 private:
  struct Collar {
    std::deque<town::Packet> waiting;
    bool busy = false;
  };

  void start_upload(const std::string& device, Collar& collar) {
    if (collar.busy || collar.waiting.empty()) return;
    std::string body;
    std::size_t count = 0;
    for (; count < request_packets_max && !collar.waiting.empty(); ++count) {
      body.push_back(body.empty() ? '[' : ',');
      body.append(std::visit([](const auto& packet) { return encode_json(packet); }, collar.waiting.front()));
      collar.waiting.pop_front();
    }
    body.push_back(']');
    collar.busy = true;
    uploads_.send({.token = tokens_.at(device), .content_type = "application/json", .body = std::move(body)},
                  [this, device, &collar, count](const UploadOutcome& outcome) {
                    waiting_packets_ -= count;
                    collar.busy = false;
                    if (outcome.ending != UploadOutcome::Ending::answered) {
                      lost_packets_ += count;
                      trouble_ = outcome.trouble;
                    }
                    if (outcome.ending != UploadOutcome::Ending::given_up) start_upload(device, collar);
                  });
  }

  const DeviceTokens tokens_;
  CollarClient client_;
  CollarUploads uploads_;
  std::unordered_map<std::string, Collar> collars_;  // its elements never move
  std::size_t waiting_packets_ = 0;                  // under way included
  std::size_t lost_packets_ = 0;
  std::string trouble_;
};

}  // namespace

std::unique_ptr<UploadSink> make_live_sink(const ServerAddress& address, DeviceTokens tokens) {
  return std::make_unique<LiveSink>(address, std::move(tokens));
}

}  // namespace packwalk
