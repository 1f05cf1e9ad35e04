// Requests of collars that are sent until they are answered for good.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "collars/collar_client.h"

namespace packwalk {

/// What became of a request.
struct UploadOutcome {
  enum class Ending {
    answered,  // 2xx
    refused,   // an answer after which the same request is of no use
    given_up,  // the server could not take it for too long, or it was told to stop
  };
  Ending ending = Ending::given_up;
  std::string body;               // of the answer
  std::string trouble;            // a sentence, unless it was answered 2xx
  std::int64_t busy_answers = 0;  // "come again later"
  std::int64_t lost_answers = 0;  // attempts without an answer: the server may have got the request
};

/// Called once, within work_until() or stop().
using UploadEnded = std::function<void(const UploadOutcome&)>;

/// A request that the server cannot take now (429, 500 and above) is sent again after its Retry-After; one without an
/// answer soon, then less and less often. One thread.
class CollarUploads {
 public:
  using Clock = std::chrono::steady_clock;

  /// `give_up` counts from a request's first attempt.
  CollarUploads(CollarClient& client, std::chrono::seconds give_up) : client_(client), give_up_(give_up) {}

  void send(CollarRequest request, UploadEnded ended);

  /// Requests that have not ended.
  std::size_t under_way() const { return under_way_; }

  /// Works until a request has ended or it is `until`.
  void work_until(Clock::time_point until);

  /// Gives up what waits to be sent again; what is on its way is still answered.
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
