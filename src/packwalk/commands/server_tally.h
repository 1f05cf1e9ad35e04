// What a server made of the packets of a replay: it is asked before and after.
#pragma once

#include <string>
#include <vector>

#include "collars/collar_client.h"
#include "replay/recording.h"
#include "replay/tally.h"

namespace packwalk {

/// One thread. The recording and the client outlive it.
class ServerTally {
 public:
  /// `data` is the folder of the server, if it is on this machine; else "".
  ServerTally(const replay::Recording& recording, CollarClient& client, std::string admin_token, std::string data);

  /// Remembers what the server has judged before the replay.
  Result<void> note_before();

  /// Queries the server until the tally closes, or until nothing has changed for a while: where a queue is between
  /// several programs nobody knows when all is judged.
  Result<void> settle(replay::ReplayTally& tally) const;

 private:
  Result<std::vector<replay::Judged>> judged_so_far() const;
  void wait_until_judged() const;

  const replay::Recording& recording_;
  CollarClient& client_;
  const std::string admin_token_;
  const std::string data_;
  std::vector<replay::Judged> before_;
};

}  // namespace packwalk
