// Requests of collars that are repeated until they have a final answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "collars/collar_client.h"

namespace packwalk {

/// The outcome of a request.
struct UploadOutcome {
  enum class Ending {
    answered,  // 2xx
    refused,   // an answer after which a repetition is useless
    given_up,  // the server did not accept it for too long, or the run was stopped
  };
  Ending ending = Ending::given_up;
  std::string body;               // of the answer
  std::string trouble;            // a sentence, unless the status is 2xx
  std::int64_t busy_answers = 0;  // "come again later"
  std::int64_t lost_answers = 0;  // attempts without an answer: the server may have got the request
};

/// Called once, within work_until() or stop().
using UploadEnded = std::function<void(const UploadOutcome&)>;

/// Repeats a request that the server cannot accept now (429, 500 and above) after its Retry-After, and one without an
/// answer after growing pauses. One thread.
class CollarUploads {
 public:
  using Clock = std::chrono::steady_clock;

  /// `give_up` counts from a request's first attempt.
  CollarUploads(CollarClient& client, std::chrono::seconds give_up) : client_(client), give_up_(give_up) {}

  void send(CollarRequest request, UploadEnded ended);

  /// The number of unfinished requests.
  std::size_t under_way() const { return under_way_; }

  /// Works until a request ends, or until `until`.
  void work_until(Clock::time_point until);

  /// Gives up requests that wait for a repetition; those under way are still answered.
  void stop();

 private:
  struct Upload;
  using UploadPointer = std::shared_ptr<Upload>;

  void attempt(const UploadPointer& upload);
  void take_answer(const UploadPointer& upload, Result<CollarAnswer> answer);
  void send_again(const UploadPointer& upload, std::chrono::milliseconds pause);
  void end(Upload& upload, UploadOutcome::Ending ending);

  CollarClient& client_;
  const std::chrono::seconds give_up_;
  std::multimap<Clock::time_point, UploadPointer> again_;
  std::size_t under_way_ = 0;
  std::size_t ended_ = 0;
  bool stopped_ = false;
};

}  // namespace packwalk
