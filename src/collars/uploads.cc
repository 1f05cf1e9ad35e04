#include "collars/uploads.h"

#include <algorithm>
#include <utility>

namespace packwalk {
namespace {

constexpr std::chrono::milliseconds first_pause{250};
constexpr std::chrono::milliseconds pause_max{5000};
constexpr std::chrono::seconds busy_pause{1};

bool asks_to_come_again(int status) { return status == 408 || status == 429 || status >= 500; }

std::string sentence_of(const CollarAnswer& answer) {
  constexpr std::size_t shown_max = 300;
  return "the server answers " + std::to_string(answer.status) + ": " + answer.body.substr(0, shown_max);
}

}  // namespace

struct CollarUploads::Upload {
  CollarRequest request;
  UploadEnded ended;
  Clock::time_point until;
  std::chrono::milliseconds pause = first_pause;  // after the next attempt without an answer
  UploadOutcome outcome;
};

void CollarUploads::send(CollarRequest request, UploadEnded ended) {
  ++under_way_;
  attempt(std::make_shared<Upload>(Upload{std::move(request), std::move(ended), Clock::now() + give_up_}));
}

void CollarUploads::work_until(Clock::time_point until) {
  const std::size_t ended_before = ended_;
  while (ended_ == ended_before) {
    const auto now = Clock::now();
    while (!again_.empty() && again_.begin()->first <= now) {
      const UploadPointer upload = again_.begin()->second;
      again_.erase(again_.begin());
      attempt(upload);
    }
    client_.work_until(again_.empty() ? until : std::min(until, again_.begin()->first));
    if (Clock::now() >= until) return;
  }
}

void CollarUploads::stop() {
  stopped_ = true;
  for (const auto& [time, upload] : std::exchange(again_, {})) end(*upload, UploadOutcome::Ending::given_up);
}

void CollarUploads::attempt(const UploadPointer& upload) {
  client_.post(upload->request,
               [this, upload](Result<CollarAnswer> answer) { take_answer(upload, std::move(answer)); });
}

void CollarUploads::take_answer(const UploadPointer& upload, Result<CollarAnswer> answer) {
  UploadOutcome& outcome = upload->outcome;
  if (!answer) {
    ++outcome.lost_answers;
    outcome.trouble = "no answer: " + answer.error().detail;
    return send_again(upload, std::exchange(upload->pause, std::min(upload->pause * 2, pause_max)));
  }
  if (answer->status >= 200 && answer->status < 300) {
    outcome.trouble.clear();
    outcome.body = std::move(answer->body);
    return end(*upload, UploadOutcome::Ending::answered);
  }
  outcome.trouble = sentence_of(*answer);
  if (!asks_to_come_again(answer->status)) return end(*upload, UploadOutcome::Ending::refused);
  ++outcome.busy_answers;
  send_again(upload, answer->retry_after.value_or(busy_pause));
}

void CollarUploads::send_again(const UploadPointer& upload, std::chrono::milliseconds pause) {
  const auto at = Clock::now() + pause;
  if (stopped_ || at > upload->until) return end(*upload, UploadOutcome::Ending::given_up);
  again_.emplace(at, upload);
}

void CollarUploads::end(Upload& upload, UploadOutcome::Ending ending) {
  --under_way_;
  ++ended_;
  upload.outcome.ending = ending;
  upload.ended(upload.outcome);
}

}  // namespace packwalk
