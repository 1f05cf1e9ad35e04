#include "api/fixes_stream.h"

#include <utility>

#include "api/fix_answers.h"
#include "app/questions/marked_fixes.h"
#include "base/work_limits.h"

namespace packwalk {
namespace {

constexpr std::size_t page_fixes = 1000;  // some 250 bytes each, and the id of the device

}  // namespace

FixesStream::FixesStream(const ApiParts& parts, const Request& request, FixesRange wanted)
    : parts_(parts),
      caller_(request.remote_address),
      request_id_(request.id),
      gone_(request.gone),
      wanted_(std::move(wanted)),
      now_(parts.clock.now()),
      from_(wanted_.range.from),
      track_(text_, wanted_.id, wanted_.gap) {
  if (wanted_.form == AnswerForm::gpx) {
    text_ = gpx_beginning;
  } else {
    list_.emplace(AnswerForm::geojson, "fixes");
  }
}

void FixesStream::append(const MarkedFix& marked) {
  if (marked.is_outlier && !wanted_.has_outliers) return;
  if (list_) {
    write_feature(list_->items(), {wanted_.id, marked.fix, marked.is_outlier}, now_);
  } else {
    track_.add(marked.fix, marked.is_outlier);
  }
}

Result<BodyPiece> FixesStream::read() {
  const auto fixes =
      marked_fixes(parts_.store, wanted_.device, {from_, wanted_.range.until}, page_fixes, parts_.rules.outliers());
  if (!fixes) return fixes.failure();
  for (const MarkedFix& marked : *fixes) append(marked);
  const bool is_last = fixes->size() < page_fixes;
  if (!is_last) {
    from_ = fixes->back().fix.timestamp + std::chrono::seconds(1);
    return BodyPiece{list_ ? list_->take_piece() : std::exchange(text_, {}), false};
  }
  if (list_) return BodyPiece{list_->finish(""), true};
  track_.end();
  text_.append(gpx_end);
  return BodyPiece{std::exchange(text_, {}), true};
}

void FixesStream::next(TakePiece take) {
  const Asker asker{caller_, gone_, std::chrono::steady_clock::now() + parts_.query_max, request_id_};
  const auto work = [self = shared_from_this(), take](LimitedWork& limited) {
    auto piece = self->read();
    if (!piece) limited.must_end();
    const WorkEnd end = limited.ended();
    take(end == WorkEnd::none ? std::move(piece) : Result<BodyPiece>(work_ended()));
    return end == WorkEnd::none ? JobEnd::answered : end == WorkEnd::late ? JobEnd::late : JobEnd::gone;
  };
  const auto unanswered = [take](JobEnd) { take(work_ended()); };
  if (!parts_.pool.ask(asker, work, unanswered)) take(fail(Errc::overloaded, "the pool is full"));
}

Result<Response> stream_of(const std::shared_ptr<FixesStream>& stream, AnswerForm form) {
  auto first = stream->read();
  if (!first) return first.failure();
  Response response{.content_type = std::string(media_type_of(form)), .body = std::move(first->bytes)};
  if (!first->is_last) response.body = StreamedBody{std::move(std::get<std::string>(response.body)), stream};
  return response;
}

}  // namespace packwalk
