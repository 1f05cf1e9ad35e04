#include "senders.h"

#include <sstream>

#include "child.h"
#include "core/packet/binary_form.h"

namespace packwalk::bench {

LatLon somewhere(std::mt19937_64& random) {
  std::uniform_real_distribution<double> share(0, 1);
  return LatLon::from_degrees(share(random) * 170 - 85, share(random) * 359.9 - 179.95).value();
}

Senders::Senders(const std::string& packwalk, const std::string& folder, std::size_t count, std::int64_t first) {
  std::istringstream lines(output_of(packwalk + " device add --count " + std::to_string(count) + " --data " + folder));
  for (std::string line; std::getline(lines, line);) tokens_.push_back(line.substr(line.find(',') + 1));
  seconds_.assign(tokens_.size(), first);
}

std::string Senders::next(std::size_t packets) {
  const std::size_t device = random_() % tokens_.size();
  std::string body;
  for (std::size_t i = 0; i < packets; ++i) {
    TrackPacket packet{.status = 1, .timestamp = device_time(++seconds_[device]), .position = somewhere(random_)};
    packet.altitude = 40;
    packet.accuracy = 6;
    body += encode_binary(packet);
  }
  return post_request(tokens_[device], "application/octet-stream", body);
}

}  // namespace packwalk::bench
