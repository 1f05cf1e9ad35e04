// The server's verdicts on the packets of a replay, from queries before and after it.
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
  /// `data` is the data folder of a server on this machine; otherwise "".
  ServerTally(const replay::Recording& recording, CollarClient& client, std::string admin_token, std::string data);

  /// Records the verdicts before the replay.
  Result<void> note_before();

  /// Queries the server until the tally closes, or until nothing has changed for a while: with a queue between several
  /// processes, the end of ingest is unknown.
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
